"""The words of what becomes of a petition."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "petition-answer-missing": _("Write the text: everybody will read it."),
    "petition-report-missing": _("The assembly speaks first: publish its report before the answer."),
    "petition-reported-already": _("The report is published already: it does not change any more."),
    "petition-step-answered": _("This step has its answer: it does not change any more."),
    "petition-step-not-crossed": _("This petition has not reached this step."),
}
STATES: Mapping[str, str] = {
    "task-petitions": _("what comes due in petitions: deadlines and erasures"),
}
EVENTS: Mapping[str, str] = {
    "petition-answered": _("official answer to a petition published"),
    "petition-archived": _("petition archived"),
    "petition-expired": _("time to sign a petition over"),
    "petition-reported": _("report of a petition's assembly published"),
    "petition-signatures-erased": _("signers of a petition forgotten"),
    "petition-step-answered": _("step of a petition answered by the representative"),
}

messages.enter(refusals=REFUSALS, states=STATES, events=EVENTS)
