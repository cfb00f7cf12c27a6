"""The words of the desk of the guarantors: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "verifier-too-long": _(
        "The verifier took too long here. Download the folder and run it on your machine."
    ),
}
STATES: Mapping[str, str] = {
    "task-checkpoint-letters": _("sending the journal to the guarantors"),
}

messages.enter(refusals=REFUSALS, states=STATES)
