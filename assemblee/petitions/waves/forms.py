"""The forms of waves: the round, letters, and the page of somebody who has a code."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from assemblee.forms import REQUIRED, Form, WholeNumberField, normalised
from assemblee.petitions.paper.forms import TOO_LONG
from assemblee.petitions.signing.codes import MOST_AT_ONCE
from assemblee.pools.forms import volunteer_form
from assemblee.pools.models import Pool

LONGEST_CODE, LONGEST_SIGNATURE, LONGEST_EMAIL = 60, 300, 254
ONE_LINE = {"autocomplete": "off", "spellcheck": "false"}


class RoundForm(Form):
    """The signature of the announced round, as the network published it."""

    signature = StringField(
        _l("Signature of the round"),
        validators=[InputRequired(REQUIRED), Length(max=LONGEST_SIGNATURE, message=TOO_LONG)],
        filters=[normalised],
        description=_l("96 letters and digits, from any site that publishes drand."),
        render_kw=ONE_LINE,
    )


class LettersForm(Form):
    """How many letters to print."""

    letters = WholeNumberField(
        _l("Letters"),
        validators=[NumberRange(min=1, max=MOST_AT_ONCE, message=_l("From 1 to %(max)s letters at once."))],
        default=100,
    )


class SigningLettersForm(LettersForm):
    """How many letters to print for the inhabitants of a register."""

    register = SelectField(_l("Register"), coerce=int, validators=[InputRequired(REQUIRED)])

    def offer(self, registers: Sequence[Pool]) -> None:
        """Fill the choices."""
        self.register.choices = [SelectChoice(pool.id, pool.name) for pool in registers]


class CodeForm(Form):
    """The code of a letter."""

    code = StringField(
        _l("Your code"),
        validators=[InputRequired(REQUIRED), Length(max=LONGEST_CODE, message=TOO_LONG)],
        filters=[normalised],
        description=_l("Twelve letters and digits, from your letter."),
        render_kw={**ONE_LINE, "autocapitalize": "characters"},
    )


def answer_form(pool: Pool, known: dict[str, str]) -> type[Form]:
    """Return the form by which somebody with a code volunteers; what the register knows is filled in."""
    fields: dict[str, object] = {
        "code": HiddenField(),
        "email": EmailField(
            _l("E-mail address"),
            validators=[Length(max=LONGEST_EMAIL, message=TOO_LONG)],
            filters=[normalised],
            description=_l("Without one, you are written to by letter."),
            render_kw={"autocomplete": "email"},
        ),
    }
    for category in pool.categories:
        fields[f"category_{category.id}"] = SelectField(
            category.name,
            choices=[
                SelectChoice("", _l("Choose")),
                *(SelectChoice(value.name, value.name) for value in category.values),
            ],
            default=known.get(category.name, ""),
            validators=[InputRequired(REQUIRED)],
        )
    return type("AnswerForm", (volunteer_form(pool),), fields)
