"""What the forms of petitions share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import Length

LONGEST_REASON, LONGEST_EMAIL = 2_000, 254
TOO_LONG = _l("At most %(max)s signs, please.")


def length(most: int) -> Length:
    """Return the check that a text is not too long."""
    return Length(max=most, message=TOO_LONG)
