"""The words of the desk against fraud."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "fraud-already-restored": _("These signatures are restored already."),
    "fraud-changed": _(
        "What this condition describes has changed since it was shown. Nothing was set aside: look at the "
        "effect again."
    ),
    "fraud-condition-empty": _("Say which signatures are meant: fill in one field at least."),
    "fraud-condition-too-long": _("This condition is too long."),
    "fraud-nothing": _("No signature that counts fits this condition."),
    "fraud-reason-missing": _("Write why: everybody can read it."),
    "invalidation-unknown": _("Nothing was set aside under this number."),
    "review-already-said": _("You have said your word in this review already."),
    "review-closed": _("This review is closed."),
    "review-not-guarantor": _("Only the guarantors of this mandate speak in a review."),
    "review-reason-missing": _("Write your reason: everybody can read it."),
    "review-still-open": _("This review is open until its deadline, or until every guarantor has spoken."),
    "review-unknown": _("There is no such review."),
}
STATES: Mapping[str, str] = {
    "task-reviews": _("closing the reviews of petitions"),
}
EVENTS: Mapping[str, str] = {
    "petition-review-closed": _("review of an opened assembly closed"),
    "petition-review-opened": _("review of an opened assembly begun"),
    "petition-review-said": _("a guarantor spoke in a review"),
    "signatures-restored": _("signatures restored"),
    "signatures-set-aside": _("signatures set aside by a guarantor"),
}

messages.enter(refusals=REFUSALS, states=STATES, events=EVENTS)
