"""The forms of terms and seats: accept, leave, nominate, plan again, prepare a draw."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from assemblee.assemblies.terms.models import AnswerMeans
from assemblee.forms import (
    LONGEST_EMAIL,
    LONGEST_LINE,
    LONGEST_REASON,
    REQUIRED,
    Form,
    WholeNumberField,
    at_most,
    normalised,
)
from assemblee.pools.models import Pool

PUBLISHED = _l("It is published.")
SHOWN_NAME = _l("Name that everybody may see")


class AcceptForm(Form):
    """A yes."""

    public_name = StringField(
        SHOWN_NAME,
        filters=[normalised],
        description=_l("Leave it empty and the public sees your number in the draw, never your name."),
    )


class NameForm(Form):
    """The name that is shown."""

    public_name = StringField(
        SHOWN_NAME,
        filters=[normalised],
        description=_l("Empty it and the public sees your number in the draw again."),
    )


class NominationForm(Form):
    """A person who is nominated for what they know."""

    person = StringField(
        _l("Name"), validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)], filters=[normalised]
    )
    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_EMAIL)],
        filters=[normalised],
    )
    reason = TextAreaField(
        _l("Why this person"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_REASON)],
        filters=[normalised],
        description=_l("It is published with the name."),
        render_kw={"rows": 3},
    )


class HandForm(Form):
    """An answer that did not come through the link."""

    seat = SelectField(_l("Person"), validators=[InputRequired(REQUIRED)], coerce=int)
    answer = SelectField(
        _l("Answer"),
        validators=[InputRequired(REQUIRED)],
        choices=[
            SelectChoice("accept", _l("yes")),
            SelectChoice("decline", _l("no")),
            SelectChoice("resign", _l("gives up the seat")),
            SelectChoice("excuse", _l("cannot go on: excused")),
        ],
    )
    means = SelectField(
        _l("How it came"),
        validators=[InputRequired(REQUIRED)],
        choices=[
            SelectChoice(AnswerMeans.MAIL, _l("by e-mail")),
            SelectChoice(AnswerMeans.PHONE, _l("by telephone")),
            SelectChoice(AnswerMeans.LETTER, _l("by letter")),
            SelectChoice(AnswerMeans.COUNTER, _l("at the counter")),
        ],
    )


class PlanForm(Form):
    """A new plan, as it was shown."""

    on = DateField(
        _l("From which day"),
        validators=[InputRequired(REQUIRED)],
        description=_l("What began before that day is kept."),
    )
    shown = HiddenField()


class ExtraordinaryForm(Form):
    """An assembly on one law."""

    subject = StringField(
        _l("The law"), validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)], filters=[normalised]
    )
    size = WholeNumberField(
        _l("Members"),
        validators=[InputRequired(REQUIRED), NumberRange(min=1, message=_l("Write a number above zero."))],
        default=100,
    )
    first = DateField(_l("First day"), validators=[InputRequired(REQUIRED)])
    last = DateField(_l("Last day"), validators=[InputRequired(REQUIRED)])


class DrawForm(Form):
    """From which pool a term is drawn."""

    pool = SelectField(_l("Pool"), validators=[InputRequired(REQUIRED)], coerce=int)


def hand_form(seats: Sequence[tuple[int, str]], **values: object) -> HandForm:
    """Return the form with the people who can answer, by the number of their seat."""
    form = HandForm(**values)
    form.seat.choices = [SelectChoice(number, words) for number, words in seats]
    return form


def draw_form(pools: Sequence[Pool], **values: object) -> DrawForm:
    """Return the form with the pools of a mandate to choose from."""
    form = DrawForm(**values)
    form.pool.choices = [SelectChoice(pool.id, pool.name) for pool in pools]
    return form
