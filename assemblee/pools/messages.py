"""The words of registers, files and quotas: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "category-name-taken": _("This pool already has a category of this name."),
    "category-unknown": _("There is no such category here."),
    "derivation-leaves-out": _(
        "On that day %(people)s people would have no band of age. Nothing was changed: withdraw them, or "
        "choose another day."
    ),
    "derivation-unreadable": _("This line is not understood, or says twice the same: “%(line)s”."),
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
    "import-gone": _("The file was given up before it was imported. Nothing was changed."),
    "import-nothing-usable": _("Nothing in this file can be kept."),
    "pool-changed": _("People or quotas changed while they were read. The check can be started again."),
}
PROBLEMS: Mapping[str, str] = {
    "bad-columns": _("“%(found)s” names no columns: write numbers such as 2- or 2-5."),
    "bad-email": _("This is not one address to write to. Correct it, or leave the cell empty."),
    "bad-encoding": _("This is no text in the encoding chosen. Choose another one."),
    "bad-name": _("A name is missing, or cannot be shown."),
    "bad-quoting": _(
        "A quotation mark on this line is not closed, or stands where none can. Nothing of the file was "
        "read: correct this line, then send the file again."
    ),
    "birth-impossible": _("Nobody can be born then: %(found)s."),
    "cell-too-long": _("This cell is longer than a spreadsheet allows: 32,767 characters."),
    "damaged-workbook": _("This workbook is damaged: a spreadsheet would not open it either."),
    "duplicate-cell": _("This category and value stand twice in the file: %(found)s."),
    "duplicate-header": _("Two columns have the same name."),
    "duplicate-id": _("The identifier %(found)s stands twice in the file."),
    "duplicate-name": _("This name stands twice: %(found)s."),
    "empty-file": _("The file is empty; a first line with the names of the columns was expected."),
    "empty-header": _("This column holds words but has no name: write one in the first line."),
    "empty-id": _("The identifier is missing."),
    "empty-value": _("The answer is missing; one of these was expected: %(expected)s."),
    "erased-person": _("This person asked to be erased; a file does not bring them back."),
    "flex-inside-quota": _("The wider bounds are narrower than the quota itself."),
    "formula-without-value": _(
        "This cell holds a formula, and the file does not say what it gives: open it in a spreadsheet, and "
        "save it."
    ),
    "line-too-long": _("This line never ends: the file is no table."),
    "link": _(
        "This file holds a link only, and nothing is fetched from one. In the online sheet, choose File, "
        "Download, .xlsx; then send that file."
    ),
    "meaning-twice": _("Two columns would hold the same: %(found)s. Choose one of them."),
    "minimum-over-maximum": _("The minimum is above the maximum."),
    "missing-column": _("The column is missing."),
    "mixed-encodings": _(
        "Parts of this file are in two encodings, so that accents would be lost. In a spreadsheet, save it "
        "as .xlsx or “CSV UTF-8”."
    ),
    "negative": _("The number is below zero: %(found)s."),
    "no-category": _("The file has no line after the names of the columns: it would leave no category."),
    "no-grade": _("This column holds no grade at all."),
    "no-people": _("The file has no line after the names of the columns."),
    "no-proposal": _("No column is a proposal."),
    "no-sheet": _("This workbook has no sheet."),
    "not-a-birth": _("“%(found)s” is no year or day of birth. Write 1984 or 01/05/1984."),
    "not-a-number": _("A whole number is expected here."),
    "not-a-table": _("This is no table but a file of another kind: %(found)s. Send .xlsx, .ods or .csv."),
    "not-a-workbook": _("This is no workbook of a spreadsheet. Send .xlsx, .ods or .csv."),
    "not-text": _("This is not a text file. In a spreadsheet, save it as .xlsx or “CSV UTF-8”."),
    "old-workbook": _(
        "This is a workbook of before 2007 (.xls). Open it in a spreadsheet, and save it as .xlsx."
    ),
    "outside-bands": _("Of this age no band is said: %(found)s."),
    "postcode-unknown": _("This postcode is not in the list: %(found)s."),
    "protected-workbook": _("This workbook is protected by a password. Save a copy without one."),
    "ragged-row": _("This line has more values than the first line of the file has names."),
    "same-person": _("The same name and the same answers: %(found)s."),
    "shared-mailbox": _("The same address stands on another line: %(found)s."),
    "swallowed-lines": _(
        "A quotation mark is opened on this line and closed on a later one, so that whole lines would be "
        "lost. Nothing of the file was read: correct this line, then send the file again."
    ),
    "too-large-unpacked": _("This workbook is too large once it is unpacked: 256 megabytes at most."),
    "too-many-cells": _(
        "This sheet reaches too far: 1,000 columns and 3,000,000 cells at most. Delete what stands far from "
        "the table."
    ),
    "too-many-columns": _("This file has more columns than anybody can use: send the ones that matter."),
    "too-many-proposals": _("This file has more columns than anybody can use: send the ones that matter."),
    "unknown-grade": _("“%(found)s” is not one of: %(expected)s."),
    "unknown-sheet": _("The workbook has no sheet “%(found)s”, but: %(expected)s."),
    "unknown-value": _("“%(found)s” is not one of: %(expected)s."),
}
NOTICES: Mapping[str, str] = {
    "columns-passed-over": _("Columns without grades were passed over: %(found)s."),
    "encoding-guessed": _(
        "The file does not say its encoding. It was read as %(found)s: if accents look wrong, choose "
        "another one."
    ),
    "encoding-read": _("The file was read as %(found)s."),
    "goes-by-place": _(
        "No column says who is who: people are known again by the place of their line. If lines have moved "
        "since the last file, people would be taken for others. Choose a column that identifies each person."
    ),
    "hidden-columns": _("Hidden columns of the sheet were read too: %(found)s."),
    "hidden-rows": _("Hidden lines of the sheet were read too: %(found)s."),
    "lines-above": _("Lines above the names of the columns were passed over: %(found)s."),
    "merged-cells": _("Merged or empty cells were read as the one above them: %(found)s."),
    "other-sheets": _("Other sheets of the workbook were not read: %(found)s."),
    "values-look-alike": _("Two values of one category look alike: %(found)s."),
}
MEANINGS: Mapping[str, str] = {
    "id": _("Identifier, by which the person is known again"),
    "name": _("First and last name"),
    "first name": _("First name"),
    "last name": _("Last name"),
    "email": _("E-mail address"),
    "phone": _("Telephone"),
    "address": _("Postal address"),
}
STATES: Mapping[str, str] = {
    "volunteer": _("volunteer"),
    "withdrawn": _("withdrawn"),
    "erased": _("erased"),
    "people-import": _("import of a file of people"),
    "pool-check": _("check of the quotas, before a draw"),
}
PHASES: Mapping[str, str] = {
    "lines": _("lines of the file"),
}
EVENTS: Mapping[str, str] = {
    "pool-created": _("pool created"),
    "pool-opened": _("form for volunteers opened"),
    "pool-closed": _("form for volunteers closed"),
    "quotas-set": _("quotas set"),
    "category-derived": _("rule of a category set"),
    "people-imported": _("people imported"),
    "volunteer-joined": _("a person volunteered"),
    "volunteer-withdrawn": _("a person withdrew"),
    "volunteer-erased": _("a person was erased"),
}

messages.enter(refusals=REFUSALS, failures=FAILURES, states=STATES, phases=PHASES, events=EVENTS)
