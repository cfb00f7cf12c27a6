"""The form of what is published: an answer, or a report."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from assemblee.forms import REQUIRED, Form, at_most, normalised

LONGEST_ANSWER = 50_000


class AnswerForm(Form):
    """What is published: an answer of the representative, or the report of an assembly."""

    text = TextAreaField(
        _l("Text"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_ANSWER)],
        filters=[normalised],
        description=_l("It is published at once, and mailed to those who asked for news."),
        render_kw={"rows": 14},
    )
