"""The forms of documents and of modules of training."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField, TextAreaField, URLField
from wtforms.validators import InputRequired

from assemblee.assemblies.meetings.forms import LONGEST_LINK
from assemblee.forms import (
    LONGEST_LINE,
    LONGEST_TEXT,
    REQUIRED,
    Form,
    at_most,
    normalised,
)


class DocumentForm(Form):
    """A document for the members, or for everybody."""

    file = FileField(
        _l("File"),
        validators=[FileRequired(_l("Choose a file."))],
        description=_l("PDF, office document, text or picture; 10 megabytes at most."),
    )
    is_public = BooleanField(_l("Everybody may read it"))


class ModuleForm(Form):
    """Something to learn before a vote."""

    title = StringField(
        _l("Title"), validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)], filters=[normalised]
    )
    text = TextAreaField(
        _l("Text"), validators=[at_most(LONGEST_TEXT)], filters=[normalised], render_kw={"rows": 5}
    )
    link = URLField(
        _l("Link"),
        validators=[at_most(LONGEST_LINK)],
        filters=[normalised],
        description=_l("A text or a link is needed."),
    )
