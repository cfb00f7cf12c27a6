"""The forms of the desk against fraud: a condition, and a word in a review."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from assemblee.forms import (
    LONGEST_REASON,
    REQUIRED,
    Form,
    MomentField,
    ReasonForm,
    WholeNumberField,
    at_most,
    normalised,
)
from assemblee.petitions.desk.fraud import LONGEST, MOST_IDS, Condition
from assemblee.petitions.paper.forms import NAME_NOBODY

LONGEST_IDS = 12 * MOST_IDS
LARGEST_ID = 2**31 - 1
MOST_SECONDS = 3_600
KEEP, STOP = "keep", "stop"
OFF = {"autocomplete": "off", "spellcheck": "false"}


class ConditionForm(Form):
    """Which signatures are meant, and why they are set aside."""

    network = StringField(
        _l("Network"),
        validators=[at_most(LONGEST)],
        filters=[normalised],
        render_kw=OFF,
    )
    domain = StringField(
        _l("Domain of the e-mail address"),
        validators=[at_most(LONGEST)],
        filters=[normalised],
        description=_l("What follows the @ sign."),
        render_kw=OFF,
    )
    seconds_below = WholeNumberField(
        _l("Form filled in fewer seconds than"),
        validators=[
            Optional(),
            NumberRange(min=1, max=MOST_SECONDS, message=_l("From %(min)s to %(max)s seconds.")),
        ],
    )
    since = MomentField(_l("Counted from"), validators=[Optional()])
    until = MomentField(_l("Counted before"), validators=[Optional()])
    name_like = StringField(
        _l("Name that holds"),
        validators=[at_most(LONGEST)],
        filters=[normalised],
        render_kw=OFF,
    )
    ids = StringField(
        _l("Numbers of signatures"),
        validators=[at_most(LONGEST_IDS)],
        filters=[normalised],
        description=_l("Figures, with a space between."),
        render_kw=OFF,
    )
    shown = HiddenField()
    reason = TextAreaField(
        _l("Reason"),
        validators=[at_most(LONGEST_REASON)],
        filters=[normalised],
        description=NAME_NOBODY,
        render_kw={"rows": 4},
    )

    def validate_since(self, field: MomentField) -> None:
        """Refuse a day that nobody can mean."""
        self._check(field)

    def validate_until(self, field: MomentField) -> None:
        """Refuse a day that nobody can mean."""
        self._check(field)

    def _check(self, field: MomentField) -> None:
        if field.data is not None and not 2000 <= field.data.year <= 9000:  # noqa: PLR2004 - any year in use
            raise ValidationError(gettext("Give a day and an hour."))

    def validate_ids(self, field: StringField) -> None:
        """Refuse what is no number."""
        numbers = re.split(r"[\s,;]+", field.data or "")
        wrong = [one for one in numbers if one and not (one.isascii() and one.isdigit())]
        if wrong or len(numbers) > MOST_IDS or any(int(one) > LARGEST_ID for one in numbers if one):
            raise ValidationError(gettext("Write whole numbers, with a space between."))

    def condition(self, zone: ZoneInfo) -> Condition:
        """Return what was asked, its hours being those of the mandate."""
        return Condition(
            network=self.network.data or "",
            domain=(self.domain.data or "").removeprefix("@").lower(),
            seconds_below=self.seconds_below.data,
            since=_aware(self.since.data, zone),
            until=_aware(self.until.data, zone),
            name_like=self.name_like.data or "",
            ids=tuple(int(one) for one in re.split(r"[\s,;]+", self.ids.data or "") if one),
        )

    def show(self, condition: Condition, zone: ZoneInfo) -> None:
        """Fill the fields with a condition."""
        for name in ("network", "domain", "seconds_below", "name_like"):
            self[name].data = getattr(condition, name)
        self.ids.data = " ".join(map(str, condition.ids))
        for name in ("since", "until"):
            moment = getattr(condition, name)
            self[name].data = moment.astimezone(zone).replace(tzinfo=None) if moment else None


def _aware(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.replace(tzinfo=zone) if moment else None


class OpinionForm(ReasonForm):
    """What a guarantor says in a review, and why."""

    opinion = RadioField(
        _l("The assembly"),
        choices=[SelectChoice(KEEP, _l("goes on")), SelectChoice(STOP, _l("should be stopped"))],
        validators=[InputRequired(REQUIRED)],
    )
