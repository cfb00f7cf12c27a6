"""The words of long work: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "job-already-ended": _("This work has already ended."),
    "job-already-open": _("This work is already under way."),
    "job-not-stoppable": _("Only those who lead the mandate may stop this work, on its own page."),
    "job-unknown": _("There is no such work here."),
    "worker-name-missing": _("Give the worker a name."),
    "worker-name-taken": _(
        "A worker named %(name)s runs on this machine already: give this one another name, with --name."
    ),
}
FAILURES: Mapping[str, str] = {
    "job-crashed": _(
        "The work stopped three times without a result. The operator can read why in the worker's log."
    ),
}
STATES: Mapping[str, str] = {
    "cancelled": _("cancelled"),
    "waiting": _("waiting"),
    "running": _("under way"),
    "done": _("done"),
    "failed": _("failed"),
    "life": _("an invented mandate, lived year by year"),
    "task-sweep": _("taking over the work of workers that have ended"),
    "task-journal": _("signing the journal"),
    "task-letters": _("sending letters"),
    "task-pruning": _("forgetting old letters"),
}
PHASES: Mapping[str, str] = {
    "year": _("living a year of the mandate"),
}

messages.enter(refusals=REFUSALS, failures=FAILURES, states=STATES, phases=PHASES)
