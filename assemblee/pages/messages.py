"""The words of the public pages: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "language-unknown": _("The site speaks French and English."),
}

messages.enter(refusals=REFUSALS)
