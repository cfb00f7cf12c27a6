"""The form of the guarantors' desk: the public key of their own program."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from assemblee.forms import REQUIRED, Form, at_most, normalised

LONGEST_KEY = 2_000


class WitnessKeyForm(Form):
    """The public key that a guarantor's own program printed."""

    key = TextAreaField(
        _l("Public key"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_KEY)],
        filters=[normalised],
        render_kw={"rows": 2, "spellcheck": "false", "class": "code"},
        description=_l("The line that the program printed; it holds no secret."),
    )
