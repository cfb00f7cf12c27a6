"""The forms of signers, and of organisers who print letters for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from assemblee.forms import LONGEST_EMAIL, REQUIRED, Form, WholeNumberField, at_most, normalised
from assemblee.petitions.rules.document import PetitionRules
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.signing.codes import MOST_AT_ONCE
from assemblee.pools.models import Pool

TICK = _l("Tick the box to go on.")


LONGEST_CODE = 60


HOME = "home"


class SignForm(Form):
    """What a signer writes; `sign_form` adds where they live."""

    stamp = HiddenField()
    name = StringField(
        _l("First and last name"),
        validators=[InputRequired(REQUIRED), at_most(signing.LONGEST)],
        filters=[normalised],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_EMAIL)],
        filters=[normalised],
        description=_l("We send you a link: your signature counts once you have pressed its button."),
        render_kw={"autocomplete": "email"},
    )
    over_16 = BooleanField(_l("I live here and I am 16 or older"), validators=[InputRequired(TICK)])
    consent = BooleanField(
        _l("I agree that my signature is kept for this petition"),
        validators=[InputRequired(TICK)],
        description=_l(
            "Nobody else sees your address. What you write here is erased six months after the end."
        ),
    )
    is_public = BooleanField(_l("Show my name in the list of those who signed"))
    wants_news = BooleanField(_l("Tell me by e-mail what comes of it"))
    code = StringField(
        _l("Personal code"),
        validators=[Optional(), at_most(LONGEST_CODE)],
        filters=[normalised],
        description=_l("Only if you got a letter with one."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    # Nobody sees this one: what fills it in is a program.
    website = StringField(_l("Leave this field empty"), render_kw={"autocomplete": "off", "tabindex": "-1"})

    def facts(self) -> signing.SignerFacts:
        """Return what the signer wrote."""
        is_district = isinstance(self[HOME], SelectField)
        return signing.SignerFacts(
            name=self.name.data or "",
            email=self.email.data or "",
            district=self[HOME].data if is_district else "",
            place="" if is_district else self[HOME].data or "",
            is_public=self.is_public.data,
            wants_news=self.wants_news.data,
            code=self.code.data or "",
        )


def sign_form(rules: PetitionRules) -> type[SignForm]:
    """Return the form of a petition: a list of districts, or a line for the place."""
    return _sign_form(tuple(rules.districts))


@lru_cache(maxsize=64)
def _sign_form(districts: tuple[str, ...]) -> type[SignForm]:
    # Making a class costs more than filling it.
    if districts:
        field = SelectField(
            _l("Where you live"),
            choices=[
                SelectChoice("", _l("Choose…")),
                *(SelectChoice(name, name) for name in districts),
            ],
            validators=[InputRequired(REQUIRED)],
        )
    else:
        field = StringField(
            _l("Where you live"),
            validators=[InputRequired(REQUIRED), at_most(signing.LONGEST)],
            filters=[normalised],
            description=_l("Your town or village, or your address."),
            render_kw={"autocomplete": "address-level2"},
        )
    return type("SignForm", (SignForm,), {HOME: field})


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
