"""Merit profiles in a table: a line for each proposal, and a column for each grade with how many gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assemblee.tabular import Notice, Problem
from assemblee.tabular.tables import meant
from assemblee.tabular.words import alike
from assemblee.written import one_line
from votes.answers import BadTable, Begun, Counts, is_silent
from votes.scales import meaning

COUNT = re.compile(r"[0-9]{1,31}(?:[.,]0+)?")
NAMES_OF_PROPOSALS = frozenset({"proposition", "propositions", "proposal", "proposals", "projet", "candidat"})


def is_of_profiles(header: list[str], meanings: Mapping[str, int]) -> bool:
    """Tell whether a header is that of a table of counts: several of its columns are grades."""
    return len({meaning(name, meanings) for name in header} - {None}) > 1


def _name_column(header: list[str], columns: list[int | None]) -> int | None:
    """Return the place of the column that names the proposals: by its name, or the first that is no count."""
    others = [
        place for place, name in enumerate(header) if columns[place] is None and name and not is_silent(name)
    ]
    named = [place for place in others if alike(header[place]) in NAMES_OF_PROPOSALS]
    return next(iter(named or others), None)


def read_profiles(
    begun: Begun, scale: tuple[str, ...], meanings: Mapping[str, int], *, is_given: bool
) -> Counts:
    """Read a table of counts; without a scale, it is that of the grades which the header names.

    Columns beside the name of a proposal and the grades, such as its rank, are passed over.
    """
    file, header = begun.source.file, begun.names
    columns = [meaning(name, meanings) for name in header]
    named = _name_column(header, columns)
    if named is None:
        raise BadTable(Problem(file, begun.line, None, "no-proposal", ", ".join(header), "a column of names"))
    places = sorted({grade for grade in columns if grade is not None})
    kept = tuple(range(len(scale))) if is_given else tuple(places)
    counted = {
        place: columns[place] for place, name in enumerate(header)
        if columns[place] is not None or (name and is_silent(name))
    }  # fmt: skip
    counts: dict[str, list[object]] = {}
    no_opinion: dict[str, object] = {}
    problems = []
    if len(places) < sum(grade is not None for grade in columns):
        problems.append(
            Problem(file, begun.line, None, "duplicate-name", ", ".join(header), "each grade once")
        )
    for line, values in begun.lines:
        cells = [one_line(meant(value)) for value in values] + [""] * (len(header) - len(values))
        if not any(cells):
            continue
        name = cells[named]
        if not name or name in counts:
            code = "duplicate-name" if name else "bad-name"
            problems.append(Problem(file, line, header[named], code, name or "nothing", "each proposal once"))
            continue
        if any(cells[len(header) :]):
            given, wanted = f"{len(cells)} values", f"{len(header)} values"
            problems.append(Problem(file, line, None, "ragged-row", given, wanted))
        by_grade: dict[int | None, int] = {}
        for place, grade in counted.items():
            if cells[place] and not COUNT.fullmatch(cells[place]):
                problems.append(
                    Problem(file, line, header[place], "not-a-number", cells[place], "a whole number")
                )
            else:
                by_grade[grade] = int(re.split("[.,]", cells[place])[0] or 0)
        counts[name] = [by_grade.get(grade, 0) for grade in kept]
        no_opinion[name] = by_grade.get(None, 0)
    if problems:
        raise BadTable(*problems)
    passed = [name for place, name in enumerate(header) if name and place != named and place not in counted]
    notices = [Notice("columns-passed-over", ", ".join(passed))] if passed else []
    grades = tuple(scale[grade] for grade in kept)
    return Counts(grades, counts, None, None, no_opinion, notices=(*begun.source.notices, *notices))
