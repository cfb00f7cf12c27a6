"""The forms of draws: prepare, freeze, cosign, reveal, the round or the numbers, objections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

import sortition
from assemblee import clock
from assemblee.draws.actions import TICKETS
from assemblee.draws.beacons import BEACONS
from assemblee.draws.freezing import Terms
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
from assemblee.i18n import marked, number
from assemblee.journal.notes import LONGEST_NOTE
from assemblee.pools.models import Pool

LONGEST_OBJECTION = 4_000


class PrepareForm(Form):
    """What a draw is made of; the pool gives the people, quotas and size."""

    title = StringField(
        _l("Title"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
        description=_l("For instance: ordinary assembly 2026–2027."),
    )
    pool = SelectField(_l("Pool"), coerce=int, validators=[InputRequired(REQUIRED)])
    rule = RadioField(_l("Rule"), validators=[InputRequired(REQUIRED)], default="leximin")
    tickets = SelectField(_l("Tickets in the lottery"), coerce=int, validators=[InputRequired(REQUIRED)])

    def offer(self, pools: list[Pool]) -> None:
        """Fill the choices: the pools of the mandate, and the rules that the core knows."""
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


BEACON_LABELS = {
    "loto": marked("Loto, the national lottery: two guarantors type the numbers drawn"),
    "euromillions": marked("EuroMillions: two guarantors type the numbers drawn"),
    "balls": marked("Three balls drawn in public (for a lottery of 1,000 tickets)"),
    "drand": marked("drand, a public network of randomness: needs the internet, nobody types anything"),
}
# Days from now and hour of the day proposed for each deadline.
PROPOSED = {"cosign_until": (3, 18), "reveal_until": (4, 18), "beacon_at": (5, 21)}


class FreezeForm(Form):
    """What is settled for good when a draw is frozen."""

    publication = RadioField(
        _l("What is published of the people"),
        validators=[InputRequired(REQUIRED)],
        default=Publication.SEALED.value,
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
    beacon = RadioField(_l("Public randomness"), validators=[InputRequired(REQUIRED)], default="loto")
    cosign_until = MomentField(
        _l("Guarantors sign until"), validators=[InputRequired(REQUIRED)], format="%Y-%m-%dT%H:%M"
    )
    reveal_until = MomentField(
        _l("Guarantors show their secret until"),
        validators=[InputRequired(REQUIRED)],
        format="%Y-%m-%dT%H:%M",
    )
    beacon_at = MomentField(
        _l("The public randomness comes out at"),
        validators=[InputRequired(REQUIRED)],
        format="%Y-%m-%dT%H:%M",
        description=_l("After the secrets. For a lottery, the hour of its drawing."),
    )

    def offer(self, draw: Draw, zone: str) -> None:
        """Fill the choices, and propose deadlines."""
        self.zone = ZoneInfo(zone)
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
        balls = draw.tickets == TICKETS[1]
        self.beacon.choices = [
            SelectChoice(name, gettext(BEACON_LABELS[name])) for name in BEACONS if name != "balls" or balls
        ]
        today = clock.now().astimezone(self.zone)
        for name, (days, hour) in PROPOSED.items():
            if not self.is_submitted():
                day = today + timedelta(days=days)
                self[name].data = day.replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None)

    def terms(self) -> Terms:
        """Return what was settled."""
        return Terms(
            publication=Publication(self.publication.data),
            alternates=self.alternates.data,
            beacon=self.beacon.data,
            cosign_until=self._moment("cosign_until"),
            reveal_until=self._moment("reveal_until"),
            beacon_at=self._moment("beacon_at"),
        )

    def _moment(self, name: str) -> datetime:
        moment: datetime = self[name].data
        return moment.replace(tzinfo=self.zone)

    def validate_cosign_until(self, field: MomentField) -> None:
        """Refuse a year that is no plan."""
        require_moment(field.data, years=1)

    validate_reveal_until = validate_beacon_at = validate_cosign_until


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
