"""The words of signatures on paper."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "paper-line-email-invalid": _(
        "Line %(line)s: this is no e-mail address. Leave it empty if it cannot be read."
    ),
    "paper-line-incomplete": _(
        "Line %(line)s: write the name and the place, or leave the line empty if they cannot be read."
    ),
    "paper-line-place-unknown": _("Line %(line)s: choose one of the districts of the rules."),
    "paper-sheet-empty": _("Write at least one line."),
    "paper-sheet-entered": _("Sheet %(number)s is entered already: two people have read it alike."),
    "paper-sheet-too-long": _("A sheet has %(most)s lines."),
    "paper-sheet-unknown": _(
        "No sheet of this petition has this code. It stands beside the number, at the top of the sheet."
    ),
    "paper-sheets-none": _("There is no sheet to show. Print some first."),
    "sample-already-open": _("A sample is being checked already: finish that one first."),
    "sample-closed": _("Every line of this sample is judged: its result is published."),
    "sample-dice-invalid": _("Write at least %(least)s figures, as the dice fell."),
    "sample-line-unknown": _("This line is not in the sample."),
    "sample-nothing-to-check": _("No signature on paper counts yet: there is nothing to check."),
    "sample-size-invalid": _("Choose from 1 to %(most)s lines."),
    "sample-unknown": _("There is no such sample."),
    "signature-unknown": _("There is no such signature."),
}
EVENTS: Mapping[str, str] = {
    "paper-sample-drawn": _("sample of signatures on paper drawn"),
    "paper-sample-judged": _("sample of signatures on paper judged"),
    "paper-sheet-entered": _("sheet of signatures entered by two people"),
    "paper-sheets-printed": _("sheets for signatures printed"),
}

messages.enter(refusals=REFUSALS, events=EVENTS)
