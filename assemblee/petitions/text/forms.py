"""The forms of signers and of authors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from assemblee.forms import REQUIRED, Form, WholeNumberField, normalised
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.rules.document import Rules
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.text.drafting import LONGEST_AIM, LONGEST_NAME, LONGEST_TEXT, LONGEST_TITLE, Facts

TOO_LONG = _l("At most %(max)s signs, please.")
TICK = _l("Tick the box to go on.")
LONGEST_EMAIL, LONGEST_CODE, LONGEST_REASON = 254, 60, 2_000
HOME = "home"


def _length(most: int) -> Length:
    return Length(max=most, message=TOO_LONG)


class SignForm(Form):
    """What a signer writes; `sign_form` adds where they live."""

    stamp = HiddenField()
    name = StringField(
        _l("First and last name"),
        validators=[InputRequired(REQUIRED), _length(signing.LONGEST)],
        filters=[normalised],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(REQUIRED), _length(LONGEST_EMAIL)],
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
        validators=[Optional(), _length(LONGEST_CODE)],
        filters=[normalised],
        description=_l("Only if you got a letter with one."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    # Nobody sees this one: what fills it in is a program.
    website = StringField(_l("Leave this field empty"), render_kw={"autocomplete": "off", "tabindex": "-1"})

    def facts(self) -> signing.Facts:
        """Return what the signer wrote."""
        is_district = isinstance(self[HOME], SelectField)
        return signing.Facts(
            name=self.name.data or "",
            email=self.email.data or "",
            district=self[HOME].data if is_district else "",
            place="" if is_district else self[HOME].data or "",
            is_public=self.is_public.data,
            wants_news=self.wants_news.data,
            code=self.code.data or "",
        )


def sign_form(rules: Rules) -> type[SignForm]:
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
            validators=[InputRequired(REQUIRED), _length(signing.LONGEST)],
            filters=[normalised],
            description=_l("Your town or village, or your address."),
            render_kw={"autocomplete": "address-level2"},
        )
    return type("SignForm", (SignForm,), {HOME: field})


def _title() -> StringField:
    return StringField(
        _l("Title"),
        validators=[InputRequired(REQUIRED), _length(LONGEST_TITLE)],
        filters=[normalised],
        description=_l("What you ask for, in one line that a neighbour understands."),
    )


class TitleForm(Form):
    """The first step of a petition: its title, by which similar ones are found."""

    title = _title()


class PetitionForm(Form):
    """What an author writes."""

    title = _title()
    aim = StringField(
        _l("Law or topic"),
        validators=[InputRequired(REQUIRED), _length(LONGEST_AIM)],
        filters=[normalised],
        description=_l("The law to make, to change or to keep, or what it is about."),
    )
    category = SelectField(_l("Category"), validators=[InputRequired(REQUIRED)])
    text = TextAreaField(
        _l("Your request"),
        validators=[InputRequired(REQUIRED), _length(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("What is the matter, whom it concerns, and what should change. Short sentences help."),
        render_kw={"rows": 14},
    )
    author = StringField(
        _l("Your name, as everybody will read it"),
        validators=[InputRequired(REQUIRED), _length(LONGEST_NAME)],
        filters=[normalised],
        description=_l("Yours, or that of your group."),
        render_kw={"autocomplete": "name"},
    )

    def offer(self, categories: Sequence[str]) -> None:
        """Fill the choices of the category."""
        self.category.choices = [
            SelectChoice("", gettext("Choose…")),
            *(SelectChoice(name, name) for name in categories),
        ]

    def facts(self) -> Facts:
        """Return what the author wrote."""
        return Facts(
            title=self.title.data or "",
            aim=self.aim.data or "",
            category=self.category.data or "",
            text=self.text.data or "",
            author=self.author.data or "",
        )

    @classmethod
    def of(cls, petition: Petition) -> PetitionForm:
        """Return the form as it was filled for a draft."""
        names = ("title", "aim", "category", "text", "author")
        return cls(**{name: getattr(petition, name) for name in names})


class AttachmentForm(Form):
    """A file beside a petition."""

    file = FileField(_l("File"), validators=[FileRequired(_l("Choose a file."))])


class ReasonForm(Form):
    """Why an author gives a petition up."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(REQUIRED), _length(LONGEST_REASON)],
        filters=[normalised],
        render_kw={"rows": 4},
    )


class AppealForm(Form):
    """Why a refusal should be looked at again."""

    text = TextAreaField(
        _l("Why it should be admitted"),
        validators=[InputRequired(REQUIRED), _length(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("The other guarantors read this, beside your petition and the refusal."),
        render_kw={"rows": 8},
    )


class MergeForm(Form):
    """The petition that an author would merge theirs into."""

    into = WholeNumberField(
        _l("Number of the other petition"),
        validators=[InputRequired(REQUIRED)],
        description=_l("It stands at the end of its address and on its page."),
    )
