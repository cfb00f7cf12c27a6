"""The words of a petition, its states and its count."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "email-disposable": _("This address is made to be thrown away. Use one that you keep."),
    "petition-is-answered": _("This petition has its official answer."),
    "petition-is-appeal": _("The guarantors are hearing an appeal about this petition."),
    "petition-is-archived": _("This petition is archived."),
    "petition-is-check": _("A guarantor is checking this petition: it cannot be signed or changed now."),
    "petition-is-draft": _("This petition is a draft: it cannot be signed yet."),
    "petition-is-expired": _("The time to sign this petition is over."),
    "petition-is-merged": _("This petition was merged into another one."),
    "petition-is-open": _("This petition is open for signatures: its text does not change any more."),
    "petition-is-reached": _(
        "This petition has reached its threshold: the assembly goes on whatever happens."
    ),
    "petition-is-refused": _("This petition was refused by the guarantors."),
    "petition-is-sponsors": _("This petition looks for sponsors: its text does not change any more."),
    "petition-is-withdrawn": _("This petition was withdrawn by its author."),
    "petition-of-somebody-else": _("Only the author of a petition can do this."),
    "petition-unknown": _("There is no such petition."),
}
STATES: Mapping[str, str] = {
    "petition-answered": _("answered"),
    "petition-appeal": _("appeal under way"),
    "petition-archived": _("archived"),
    "petition-check": _("being checked"),
    "petition-draft": _("draft"),
    "petition-expired": _("expired"),
    "petition-merged": _("merged"),
    "petition-open": _("open for signatures"),
    "petition-reached": _("threshold reached"),
    "petition-refused": _("refused by guarantors"),
    "petition-sponsors": _("looks for sponsors"),
    "petition-withdrawn": _("withdrawn by its author"),
}
EVENTS: Mapping[str, str] = {
    "petition-assembly-opened": _("assembly of a petition opened later"),
    "petition-crossed": _("petition has reached a step"),
    "signature-counted": _("signature counted"),
}

messages.enter(refusals=REFUSALS, states=STATES, events=EVENTS)
