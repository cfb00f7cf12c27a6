"""The forms of meetings, their minutes and tables, and of the ledger."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField, TextAreaField, URLField
from wtforms.validators import InputRequired, NumberRange

from assemblee.assemblies.meetings.actions import MeetingFacts
from assemblee.assemblies.meetings.models import Meeting
from assemblee.forms import (
    LONGEST_LINE,
    LONGEST_REASON,
    LONGEST_TEXT,
    REQUIRED,
    Form,
    MomentField,
    WholeNumberField,
    at_most,
    normalised,
)

LONGEST_LINK, LONGEST_MINUTES = 2_000, 100_000
EUROS = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))?")
# What cannot be read as a number is refused by it too.
ABOVE_ZERO = NumberRange(min=1, message=_l("Write a number above zero."))
# The field of the page that shows each refusal of a meeting.
MEETING_FIELDS = {
    "meeting-title-missing": "title",
    "meeting-place-missing": "place",
    "link-invalid": "link",
    "meeting-times-crossed": "ends_at",
    "meeting-in-the-past": "starts_at",
    "meeting-outside-term": "starts_at",
}
CHANGE_FIELDS = {**MEETING_FIELDS, "meeting-reason-missing": "reason", "meeting-unchanged": "title"}


class MeetingForm(Form):
    """What members are told of a meeting."""

    title = StringField(
        _l("Title"), validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)], filters=[normalised]
    )
    starts_at = MomentField(_l("Beginning"), validators=[InputRequired(REQUIRED)])
    ends_at = MomentField(_l("End"), validators=[InputRequired(REQUIRED)])
    place = StringField(
        _l("Place"), validators=[at_most(LONGEST_LINE)], filters=[normalised], description=_l("It is public.")
    )
    link = URLField(
        _l("Link for those who follow from afar"),
        validators=[at_most(LONGEST_LINK)],
        filters=[normalised],
        description=_l("Only members see it. A place or a link is needed."),
    )
    agenda = TextAreaField(
        _l("Agenda"),
        validators=[at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("It is public."),
        render_kw={"rows": 6},
    )

    def facts(self, zone: str) -> MeetingFacts:
        """Return what was filled in, in the time zone of the mandate."""

        def here(moment: datetime) -> datetime:
            return moment.replace(tzinfo=ZoneInfo(zone))

        return MeetingFacts(
            title=self.title.data or "",
            starts_at=here(self.starts_at.data),
            ends_at=here(self.ends_at.data),
            place=self.place.data or "",
            link=self.link.data or "",
            agenda=self.agenda.data or "",
        )


class ChangeForm(MeetingForm):
    """What changes in a meeting, and why."""

    reason = TextAreaField(
        _l("Why it changes"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_REASON)],
        filters=[normalised],
        description=_l("Everybody who is called reads it."),
        render_kw={"rows": 3},
    )


def change_form(meeting: Meeting) -> ChangeForm:
    """Return the form filled with what members were told."""
    zone = ZoneInfo(meeting.term.mandate.time_zone)
    return ChangeForm(
        title=meeting.title,
        starts_at=meeting.starts_at.astimezone(zone),
        ends_at=meeting.ends_at.astimezone(zone),
        place=meeting.place,
        link=meeting.link,
        agenda=meeting.agenda,
    )


class CancelForm(Form):
    """Why a meeting is called off."""

    why = TextAreaField(
        _l("Why it is cancelled"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_REASON)],
        filters=[normalised],
        description=_l("Everybody who is called reads it."),
        render_kw={"rows": 3},
    )


class MinutesForm(Form):
    """The minutes of a meeting."""

    text = TextAreaField(
        _l("Minutes"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_MINUTES)],
        filters=[normalised],
        description=_l(
            "Members read them now; everybody, once more than half of those present approve them."
        ),
        render_kw={"rows": 14},
    )


class TablesForm(Form):
    """How people are to be seated."""

    tables = WholeNumberField(_l("Tables"), validators=[InputRequired(REQUIRED), ABOVE_ZERO], default=10)
    rounds = WholeNumberField(_l("Rounds"), validators=[InputRequired(REQUIRED), ABOVE_ZERO], default=3)


class ExpenseForm(Form):
    """Money that a member has spent."""

    amount = StringField(
        _l("Amount in euros"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
        description=_l("Euros and cents, such as 12.50."),
        render_kw={"inputmode": "decimal"},
    )
    purpose = StringField(
        _l("What for"),
        validators=[InputRequired(REQUIRED)],
        filters=[normalised],
        description=_l("Only you and the organisers read it."),
    )
    day = DateField(_l("On which day"), validators=[InputRequired(REQUIRED)])

    def cents(self) -> int:
        """Return the amount, 0 where none can be read."""
        found = EUROS.fullmatch((self.amount.data or "").replace(" ", ""))
        return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0


class RefuseForm(Form):
    """Why an expense is refused."""

    reason = StringField(
        _l("Why it is refused"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_REASON)],
        filters=[normalised],
    )
