"""The forms of authors: title, text, files, an appeal, merging."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from assemblee.forms import REQUIRED, Form, WholeNumberField, at_most, normalised
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.text.drafting import (
    LONGEST_AIM,
    LONGEST_NAME,
    LONGEST_TEXT,
    LONGEST_TITLE,
    PetitionFacts,
)


def _title() -> StringField:
    return StringField(
        _l("Title"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TITLE)],
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
        validators=[InputRequired(REQUIRED), at_most(LONGEST_AIM)],
        filters=[normalised],
        description=_l("The law to make, to change or to keep, or what it is about."),
    )
    category = SelectField(_l("Category"), validators=[InputRequired(REQUIRED)])
    text = TextAreaField(
        _l("Your request"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("What is the matter, whom it concerns, and what should change. Short sentences help."),
        render_kw={"rows": 14},
    )
    author = StringField(
        _l("Your name, as everybody will read it"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_NAME)],
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

    def facts(self) -> PetitionFacts:
        """Return what the author wrote."""
        return PetitionFacts(
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


class AppealForm(Form):
    """Why a refusal should be looked at again."""

    text = TextAreaField(
        _l("Why it should be admitted"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TEXT)],
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
