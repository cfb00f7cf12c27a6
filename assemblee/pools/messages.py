"""The words of registers, files and quotas: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "volunteer-already-in": _("This address is already among the volunteers."),
    "import-nothing-usable": _("Nothing in this file can be kept."),
    "import-drafts-too-many": _(
        "%(most)s files of this mandate wait for a yes already. Take one in or give one up first."
    ),
    "import-too-large": _("The file is too large: %(megabytes)s megabytes at most."),
    "import-unknown": _("This import is done already, or was given up."),
    "import-without-categories": _("Set the categories first: without them, people cannot be told apart."),
    "pool-closed": _("Volunteers are not taken at the moment."),
    "pool-name-missing": _("Give the pool a name."),
    "pool-name-taken": _("Another pool of this mandate has this name."),
    "pool-size-invalid": _("Write a number above zero."),
    "quota-bounds": _("%(category)s, %(value)s: the minimum cannot be above the maximum, nor below zero."),
    "quota-value-in-use": _(
        "People of this pool have “%(value)s” for %(category)s, which the new table does not know; "
        "nothing was changed."
    ),
    "suggestions-stale": _(
        "People or quotas have changed since these quotas were suggested. Nothing was changed. "
        "Check the quotas again, then read what is suggested."
    ),
    "volunteer-already-erased": _("This person is erased already."),
    "volunteer-name-missing": _("Write your name, with letters."),
    "volunteer-traits-invalid": _("Choose one of the answers offered for %(category)s."),
    "volunteer-unknown": _("There is no such person here."),
}
FAILURES: Mapping[str, str] = {
    "pool-changed": _("People or quotas changed while they were read. The check can be started again."),
}
PROBLEMS: Mapping[str, str] = {
    "not-utf-8": _("The file is not UTF-8 text. In a spreadsheet, save it as “CSV UTF-8”."),
    "not-text": _("This is not a text file. In a spreadsheet, save it as “CSV UTF-8”."),
    "empty-file": _("The file is empty; a first line with the names of the columns was expected."),
    "empty-header": _("A column has no name."),
    "duplicate-header": _("Two columns have the same name."),
    "missing-column": _("The column is missing."),
    "too-many-columns": _("This file has more columns than anybody can use: send the ones that matter."),
    "ragged-row": _("This line has more or fewer values than the first line of the file has names."),
    "bad-quoting": _("Quotation marks are not opened and closed in pairs."),
    "unknown-value": _("“%(found)s” is not one of: %(expected)s."),
    "empty-value": _("The answer is missing; one of these was expected: %(expected)s."),
    "empty-id": _("The identifier is missing."),
    "duplicate-id": _("The identifier %(found)s stands twice in the file."),
    "bad-email": _("This is not one address to write to. Correct it, or leave the cell empty."),
    "erased-person": _("This person asked to be erased; a file does not bring them back."),
    "no-people": _("The file has no line after the names of the columns."),
    "duplicate-cell": _("This category and value stand twice in the file: %(found)s."),
    "not-a-number": _("A whole number is expected here."),
    "negative": _("The number is below zero: %(found)s."),
    "minimum-over-maximum": _("The minimum is above the maximum."),
    "flex-inside-quota": _("The wider bounds are narrower than the quota itself."),
}
STATES: Mapping[str, str] = {
    "volunteer": _("volunteer"),
    "withdrawn": _("withdrawn"),
    "erased": _("erased"),
    "pool-check": _("check of the quotas, before a draw"),
}
EVENTS: Mapping[str, str] = {
    "pool-created": _("pool created"),
    "pool-opened": _("form for volunteers opened"),
    "pool-closed": _("form for volunteers closed"),
    "quotas-set": _("quotas set"),
    "people-imported": _("people imported"),
    "volunteer-joined": _("a person volunteered"),
    "volunteer-withdrawn": _("a person withdrew"),
    "volunteer-erased": _("a person was erased"),
}

messages.enter(refusals=REFUSALS, failures=FAILURES, states=STATES, events=EVENTS)
