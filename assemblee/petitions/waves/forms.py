"""The forms of waves: the round, letters, and the page of somebody who has a code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from assemblee.forms import LONGEST_EMAIL, REQUIRED, Form, at_most, normalised
from assemblee.pools.forms import volunteer_form
from assemblee.pools.models import Pool

LONGEST_CODE, LONGEST_SIGNATURE = 60, 300
ONE_LINE = {"autocomplete": "off", "spellcheck": "false"}


class RoundForm(Form):
    """The signature of the announced round, as the network published it."""

    signature = StringField(
        _l("Signature of the round"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_SIGNATURE)],
        filters=[normalised],
        description=_l("96 letters and digits, from any site that publishes drand."),
        render_kw=ONE_LINE,
    )


class InvitationCodeForm(Form):
    """The code of a letter."""

    code = StringField(
        _l("Your code"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_CODE)],
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
            validators=[at_most(LONGEST_EMAIL)],
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
