"""The forms of draws: prepare, freeze, cosign, reveal, the round or the numbers, objections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

import sortition
from assemblee import clock
from assemblee.draws.actions import TICKETS
from assemblee.draws.freezing import Terms
from assemblee.draws.lotteries import LONGEST_SOURCE, WEEK, Schedule, day_of
from assemblee.draws.messages import RULES
from assemblee.draws.models import Draw, Publication
from assemblee.forms import (
    LONGEST_LINE,
    MOST_DIGITS,
    REQUIRED,
    Form,
    MomentField,
    WholeNumberField,
    at_most,
    normalised,
    require_moment,
)
from assemblee.i18n import day, language, marked, number
from assemblee.journal.notes import LONGEST_NOTE
from assemblee.pools.models import Pool

LONGEST_OBJECTION = 4_000


# Instead of the number of a body.
NO_BODY = 0


class PrepareForm(Form):
    """What a draw is made of; the pool gives the people, a body or the pool the quotas and the size."""

    body = RadioField(
        _l("Which body does it fill?"),
        coerce=int,
        validators=[InputRequired(REQUIRED)],
        description=_l("The people drawn for a body are invited to it by themselves."),
    )
    title = StringField(
        _l("Title, if it fills none"),
        validators=[Optional(), at_most(LONGEST_LINE)],
        filters=[normalised],
        description=_l("For instance: ordinary assembly 2026–2027."),
    )
    pool = SelectField(_l("Pool"), coerce=int, validators=[InputRequired(REQUIRED)])
    rule = RadioField(_l("Rule"), validators=[InputRequired(REQUIRED)], default="leximin")
    tickets = SelectField(_l("Tickets in the lottery"), coerce=int, validators=[InputRequired(REQUIRED)])

    def offer(self, pools: list[Pool], bodies: Sequence[tuple[int, str]]) -> None:
        """Fill the choices: the bodies that wait, the pools of the mandate, the rules that the core knows."""
        self.body.choices = [
            *(SelectChoice(number, name) for number, name in bodies),
            SelectChoice(NO_BODY, gettext("None: nobody will be invited")),
        ]
        self.pool.choices = [SelectChoice(pool.id, pool.name) for pool in pools]
        self.rule.choices = [
            SelectChoice(
                name, f"{gettext(RULES[name][0])} — {gettext(RULES[name][1])}" if name in RULES else name
            )
            for name in sortition.RULES
        ]
        self.tickets.choices = [
            SelectChoice(TICKETS[0], number(TICKETS[0])),
            SelectChoice(
                TICKETS[1], gettext("%(tickets)s, for a draw with balls", tickets=number(TICKETS[1]))
            ),
        ]


LOTTERIES = {"loto": "Loto", "euromillions": "EuroMillions"}
# What comes out at the hour that organisers choose.
OWN_HOUR = {
    "drand": marked("At an hour of your own, by drand, a public network of randomness (on the internet)"),
    "balls": marked("At an hour of your own, with three balls drawn in public (for 1,000 tickets)"),
}
# Guarantors need some days to sign; further ahead, other things will have changed.
FIRST_DAY, LAST_DAY = timedelta(days=3), timedelta(days=24)
# Guarantors sign a day before they show their secrets, by the end of a working day.
SIGNING = timedelta(days=1)
EVENING = time(18)


class FreezeForm(Form):
    """What is settled for good when a draw is frozen."""

    drawing = RadioField(
        _l("Which day is the draw?"),
        validators=[InputRequired(REQUIRED)],
        description=_l("Nobody here chooses its numbers. Only days on which they come out can be taken."),
    )
    own_moment = MomentField(
        _l("Day and hour, if they are your own"), validators=[Optional()], format="%Y-%m-%dT%H:%M"
    )
    alternates = WholeNumberField(
        _l("Alternates"),
        validators=[
            InputRequired(REQUIRED),
            NumberRange(min=0, message=_l("Write a whole number, 0 or more.")),
        ],
        default=0,
        description=_l("People drawn with the panel, who stand in for those who decline."),
    )
    publication = RadioField(
        _l("What is published of the people"),
        validators=[InputRequired(REQUIRED)],
        default=Publication.SEALED.value,
    )
    cosign_until = MomentField(
        _l("Guarantors sign until"),
        validators=[Optional()],
        format="%Y-%m-%dT%H:%M",
        description=_l("Left empty: a day before they show their secrets."),
    )
    reveal_until = MomentField(
        _l("Guarantors show their secret until"),
        validators=[Optional()],
        format="%Y-%m-%dT%H:%M",
        description=_l("Left empty: 18:00 on the day before a lottery, an hour before the others."),
    )

    def offer(self, draw: Draw, zone: str, schedules: Mapping[str, Schedule]) -> None:
        """Fill the choices: the days on which lotteries are drawn, and what comes out at any hour."""
        self.zone, self.schedules = ZoneInfo(zone), schedules
        self.publication.choices = [
            SelectChoice(
                Publication.SEALED.value,
                gettext(
                    "Sealed: answers stay hidden; only guarantors can open them, and check for the public"
                ),
            ),
            SelectChoice(
                Publication.OPEN.value,
                gettext(
                    "Open: each person's answers under a random number, so that anyone checks everything"
                ),
            ),
        ]
        today = day_of(clock.now())
        drawings = sorted(
            (moment, name)
            for name, schedule in schedules.items()
            for moment in schedule.drawings(today + FIRST_DAY, today + LAST_DAY)
        )
        balls = draw.tickets == TICKETS[1]
        self.drawing.choices = [
            *(
                SelectChoice(
                    f"{name} {day_of(moment).isoformat()}",
                    gettext(
                        "%(day)s: %(lottery)s",
                        day=day(day_of(moment), "weekday"),
                        lottery=LOTTERIES[name],
                    ),
                )
                for moment, name in drawings
            ),
            *(
                SelectChoice(name, gettext(label))
                for name, label in OWN_HOUR.items()
                if name != "balls" or balls
            ),
        ]

    def terms(self) -> Terms:
        """Return what was settled, with the hours that follow from the day."""
        beacon, _space, day_drawn = self.drawing.data.partition(" ")
        if day_drawn:
            moment = self.schedules[beacon].on(date.fromisoformat(day_drawn))
            day_begins = moment.replace(hour=0, minute=0)
            eve = datetime.combine(day_of(moment) - timedelta(days=1), EVENING, self.zone)
            reveal = min(eve, day_begins - timedelta(hours=1))
        else:
            moment = self._moment("own_moment")
            reveal = moment - timedelta(hours=1)
        reveal = self._moment("reveal_until") if self.reveal_until.data else reveal
        return Terms(
            publication=Publication(self.publication.data),
            alternates=self.alternates.data,
            beacon=beacon,
            cosign_until=self._moment("cosign_until") if self.cosign_until.data else reveal - SIGNING,
            reveal_until=reveal,
            beacon_at=moment,
        )

    def _moment(self, name: str) -> datetime:
        moment: datetime = self[name].data
        return moment.replace(tzinfo=self.zone)

    def validate_drawing(self, field: RadioField) -> None:
        """Refuse an hour of one's own that is not given."""
        if field.data in OWN_HOUR and self.own_moment.data is None:
            raise ValidationError(gettext("Give your own day and hour below."))

    def validate_cosign_until(self, field: MomentField) -> None:
        """Refuse a year that is no plan."""
        require_moment(field.data, years=1)

    validate_reveal_until = validate_own_moment = validate_cosign_until


class LotteryForm(Form):
    """When a national lottery is drawn."""

    weekdays = SelectMultipleField(
        _l("Days"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired(_l("Choose at least one day of the week."))],
    )
    hour = TimeField(_l("Hour from which its numbers are out (Paris)"), validators=[InputRequired(REQUIRED)])
    source = StringField(
        _l("Where you found this"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_SOURCE)],
        filters=[normalised],
    )

    def offer(self) -> None:
        """Fill the choices: the days of a week."""
        names = get_day_names(locale=language())
        self.weekdays.choices = [SelectChoice(number, names[number]) for number in WEEK]

    def schedule(self) -> Schedule:
        """Return what was written down."""
        return Schedule(tuple(self.weekdays.data), self.hour.data, self.source.data)


class NoteForm(Form):
    """The lines that a guarantor's own program printed."""

    note = TextAreaField(
        _l("Lines printed by the program"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_NOTE)],
        render_kw={"rows": 9, "spellcheck": "false", "class": "code"},
    )


class SecretForm(Form):
    """The secret that a guarantor signed the hash of."""

    secret = StringField(
        _l("Your secret"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
        render_kw={"autocomplete": "off", "spellcheck": "false", "class": "code"},
        description=_l("64 letters and digits, printed by the program."),
    )


class DrandRoundForm(Form):
    """The signature of the announced round of drand."""

    signature = StringField(
        _l("Signature of the round"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
        render_kw={"autocomplete": "off", "spellcheck": "false", "class": "code"},
    )


class ObjectionForm(Form):
    """What a guarantor objects to."""

    text = TextAreaField(
        _l("Objection"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_OBJECTION)],
        filters=[normalised],
        description=_l("It stays public. The organisers have seven days to answer in public."),
        render_kw={"rows": 4},
    )


class ObjectionAnswerForm(Form):
    """The organisers' answer to an objection."""

    text = TextAreaField(
        _l("Answer"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_OBJECTION)],
        filters=[normalised],
        description=_l("It stays public, and cannot be changed."),
        render_kw={"rows": 4},
    )


class NumbersForm(Form):
    """The numbers of a public drawing; `numbers_form` adds a field for each group."""

    groups: tuple[str, ...] = ()

    def numbers(self) -> list[list[int]]:
        """Return the numbers typed, group by group; what is no number counts as none."""
        numbers = []
        for name in self.groups:
            words = str(self[name].data or "").replace(",", " ").replace(";", " ").replace("-", " ").split()
            numbers.append([int(word) for word in words if word.isdecimal() and len(word) <= MOST_DIGITS])
        return numbers


def numbers_form(announced: Mapping[str, Any]) -> NumbersForm:
    """Return the form of an announced drawing."""
    fields = {
        f"group{place}": StringField(
            group["name"],
            validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
            description=_l(
                "%(count)s from %(least)s to %(most)s, with spaces between them.",
                count=group["count"],
                least=group["least"],
                most=group["most"],
            ),
            render_kw={"inputmode": "numeric", "autocomplete": "off"},
        )
        for place, group in enumerate(announced.get("groups", ()))
    }
    made = type("AnnouncedNumbersForm", (NumbersForm,), {**fields, "groups": tuple(fields)})
    form: NumbersForm = made()
    return form
