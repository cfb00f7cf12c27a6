"""The words of letters: why one was set aside."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _
from assemblee.mail.models import Reason

REFUSALS: Mapping[str, str] = {
    "letter-unknown": _("This letter is not here any more."),
}
FAILURES: Mapping[str, str] = {
    Reason.UNWRITABLE: _("No letter can be written to this address: part of it is missing or wrong."),
    Reason.UTF8_MISSING: _("This address has an accent before its @, which our mail server does not take."),
    Reason.ADDRESS_REFUSED: _("The mail server refused this address."),
    Reason.ADDRESS_SPARED: _("The mail server refused this address before. We do not write to it any more."),
    Reason.LETTER_REFUSED: _("The mail server refused this letter."),
    Reason.PUT_OFF: _("The mail server put this letter off for days. We do not try it any more."),
    Reason.EXPIRED: _("The link or the code in this letter was void before it could leave."),
}

messages.enter(refusals=REFUSALS, failures=FAILURES)
