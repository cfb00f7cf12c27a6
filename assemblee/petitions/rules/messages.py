"""The words of the rules for petitions."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "petition-rules-changed": _(
        "Somebody else has published other rules meanwhile. Open this form anew, and bring over what you "
        "wrote."
    ),
    "petition-rules-invalid": _("“%(where)s” cannot be read: expected %(expected)s."),
    "petition-rules-missing": _("The rules for petitions are not published yet."),
    "petition-rules-reason-missing": _("Say why the rules change."),
}
EVENTS: Mapping[str, str] = {
    "petition-rules-published": _("rules for petitions published"),
}

messages.enter(refusals=REFUSALS, events=EVENTS)
