"""The sentences of both command lines about files: what was read otherwise, what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee.tabular.problems import Group

NOTICES: Mapping[str, str] = {
    "encoding-guessed": "this is not UTF-8; read as {found}. If words look wrong, say --encoding.",
    "encoding-read": "read as {found}.",
    "hidden-rows": "hidden rows were read too: {found}.",
    "hidden-columns": "hidden columns were read too: {found}.",
    "merged-cells": "merged or empty cells were read as the one above: {found}.",
    "other-sheets": "other sheets were not read: {found}. Say --sheet for one of them.",
    "lines-above": "{found} lines above the header were passed over.",
    "columns-passed-over": "these columns hold no grades and were passed over: {found}.",
    "values-look-alike": "Two values of one category look alike: {found}.",
    "no-identifier": "People are known by the number of their row; say --id-column {found} if it names them.",
}
# What to do about a file that cannot be used as it is.
ADVICE: Mapping[str, str] = {
    "bad-encoding": ": in a spreadsheet, save it as CSV UTF-8 or .xlsx",
    "mixed-encodings": ": in a spreadsheet, save it as CSV UTF-8 or .xlsx",
    "not-text": ": in a spreadsheet, save it as CSV UTF-8 or .xlsx",
    "old-workbook": ": open it in a spreadsheet and save it as .xlsx",
    "not-a-table": ": open it in a spreadsheet and save it as .xlsx",
    "not-a-workbook": ": open it in a spreadsheet and save it as .xlsx",
    "protected-workbook": ": save a copy without a password",
    "link": ": nothing is fetched; in the online sheet, choose File, Download, .xlsx",
    "no-grade": ": say --skip and its name if it is no proposal, or --columns",
    "bad-quoting": ": nothing of the file was read",
    "swallowed-lines": ": nothing of the file was read",
}


def said_of(group: Group) -> str:
    """Return the sentence of a kind of problem: where it stands first, how often, what was expected.

    Examples
    --------
    >>> from assemblee.tabular import Problem, grouped
    >>> said_of(grouped([Problem("p.csv", 2, "gender", "unknown-value", "Woman", "woman", "woman")])[0])
    'p.csv, line 2, column gender: found Woman; expected woman; woman? [unknown-value]'
    """
    problem = group.first
    place = ", ".join(
        part
        for part in (
            problem.file,
            f"line {problem.line}" if problem.line else "",
            f"column {problem.column}" if problem.column else "",
        )
        if part
    )
    more = f" ({group.count} lines: {_listed(group)})" if group.count > 1 else ""
    meant = f"; {problem.proposal}?" if problem.proposal else ""
    advice = ADVICE.get(problem.code, "")
    return (
        f"{place}: found {problem.found}; expected {problem.expected}{meant} [{problem.code}]{more}{advice}"
    )


def _listed(group: Group) -> str:
    shown = ", ".join(map(str, group.lines))
    return f"{shown} and {group.more} more" if group.more else shown
