"""A table: a header, and rows as wide as it, without the blank rows and columns around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import BinaryIO

from assemblee.tabular.delimited import LEAST_BELOW, MOST_TITLES
from assemblee.tabular.problems import Notice, Problem, UnreadableTable
from assemblee.tabular.sources import Reading, Source, open_source
from assemblee.written import visible

MOST_COLUMNS = 1000
LONGEST_CELL = 32_767
PEEKED, MOSTLY = 25, 0.8
NEUTRALISED = tuple(f"'{mark}" for mark in "=+-@\t\r")


@dataclass(frozen=True)
class Row:
    """One line of a table: the line it starts on, and its values in the order of the header."""

    line: int
    values: tuple[str, ...]
    # Counted from 1 below the header, lines that cannot be read too: it stays when one of them is mended.
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Table:
    """A header and the rows that have as many values as it.

    Attributes
    ----------
    file : str
    header : tuple of str
    rows : tuple of Row
    lines : int
        Number of lines below the header that hold a value: those of the rows, and those with a problem.
    notices : tuple of Notice
        What was read otherwise than it stands in the file.
    encoding, sheet, sheets :
        As of the `Source`.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    lines: int = 0
    notices: tuple[Notice, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    header_line: int = 1

    def column(self, name: str) -> int:
        """Return the position of a header, or -1 where the table has no such column."""
        return self.header.index(name) if name in self.header else -1


def column_letters(place: int) -> str:
    """Return the letters by which a spreadsheet names a column, counted from 1.

    Examples
    --------
    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def scan_table(
    data: BinaryIO | bytes, file: str, reading: Reading | None = None
) -> tuple[Table, list[Problem]]:
    """Read a table, and return its problems beside what could be read.

    Values are in NFC without white space around them and without marks that nobody sees. Lines without any
    value are passed over, and columns with neither name nor value; a title on a line of its own above the
    header is passed over with a notice. Rows may be shorter or longer than the header by empty cells only.

    Returns
    -------
    Table
        Without header and rows where a problem is one of the whole file.
    list of Problem
    """
    try:
        source = open_source(data, file, reading)
        return _tabulated(source)
    except UnreadableTable as unreadable:
        return Table(file, (), ()), [unreadable.problem]


def _tabulated(source: Source) -> tuple[Table, list[Problem]]:
    file = source.file
    titles, header, lines = split_header(_filled(source))
    empty = Table(
        file,
        (),
        (),
        0,
        (*source.notices, *([Notice("lines-above", str(titles))] if titles else ())),
        source.encoding,
        source.sheet,
        source.sheets,
    )
    if header is None:
        return empty, [Problem(file, None, None, "empty-file", "no line", "a header line")]
    line, names = header
    # A header can be nothing but formulas that give no value.
    names += [""] * (max(source.faults.get(line, ()), default=0) - len(names))
    if len(names) > MOST_COLUMNS:
        given, wanted = f"{len(names)} columns", f"at most {MOST_COLUMNS} columns"
        problem = Problem(file, line, None, "too-many-columns", given, wanted)
        return empty, [problem]
    problems: list[Problem] = []
    if max(map(len, names)) > LONGEST_CELL:
        _, unfit = _fitted(file, line, names, [""] * len(names))
        return empty, [unfit] if unfit else []
    rows: list[Row] = []
    count = 0
    valued: set[int] = set()
    nameless = [place for place, name in enumerate(names) if not name]
    for number, values in lines:
        count += 1
        row, unfit = _fitted(file, number, values, names)
        valued.update(place for place in nameless if row[place])
        problems += [unfit] if unfit else []
        problems += _faults(source, number, names)
        if unfit is None and number not in source.faults:
            rows.append(Row(number, tuple(row), count))
    kept = [place for place in range(len(names)) if names[place] or place in valued]
    problems = [*_header_problems(file, line, names, kept), *_faults(source, line, names), *problems]
    if len(kept) < len(names):
        rows = [replace(row, values=tuple(row.values[place] for place in kept)) for row in rows]
    shown = tuple(names[place] for place in kept)
    return replace(empty, header=shown, rows=tuple(rows), lines=count, header_line=line), problems


def _filled(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that hold a value, without the marks that nobody sees."""
    for line, values in source.lines:
        shown = [visible(meant(value)) for value in values]
        if any(shown) or line in source.faults:
            yield line, shown


def meant(value: str) -> str:
    """Return a cell without the apostrophe by which our own files keep it from being a formula.

    Spreadsheets take it for a part of the value as well, where somebody has not typed it in them.

    Examples
    --------
    >>> meant("'+33 6 12 34 56 78"), meant("'t Hooft")
    ('+33 6 12 34 56 78', "'t Hooft")
    """
    return value[1:] if value.startswith(NEUTRALISED) else value


def split_header(
    lines: Iterator[tuple[int, list[str]]],
) -> tuple[int, tuple[int, list[str]] | None, Iterator[tuple[int, list[str]]]]:
    """Return how many titles stand above the header, the header without blanks at its end, and the rest.

    A title is one value on a line of its own, above a table of several columns.
    """
    first = list(islice(lines, PEEKED))
    if not first:
        return 0, None, lines
    is_wide = [sum(1 for value in values if value.strip()) > 1 for _, values in first]
    titles = is_wide.index(True) if True in is_wide else 0
    below = is_wide[titles:]
    is_small = len(below) < max(LEAST_BELOW, 2 * titles)
    if titles > MOST_TITLES or is_small or sum(below) < MOSTLY * len(below):
        titles = 0
    line, values = first[titles]
    width = max((place for place, value in enumerate(values, start=1) if value.strip()), default=0)
    return titles, (line, values[:width]), chain(first[titles + 1 :], lines)


def _fitted(file: str, line: int, values: list[str], names: list[str]) -> tuple[list[str], Problem | None]:
    """Return a row as wide as the header, or what keeps it from being so."""
    width = len(names)
    if any(values[width:]):
        filled = max(place for place, value in enumerate(values, start=1) if value)
        return values, Problem(file, line, None, "ragged-row", f"{filled} values", f"{width} values")
    row = values[:width] + [""] * (width - len(values))
    if max(map(len, row)) > LONGEST_CELL:
        place = next(place for place, value in enumerate(row) if len(value) > LONGEST_CELL)
        given, wanted = f"{len(row[place])} characters", f"at most {LONGEST_CELL}"
        return row, Problem(file, line, _column(names, place), "cell-too-long", given, wanted)
    return row, None


def _column(names: list[str], place: int) -> str:
    """Return the header of a column, or the letters of one that has none."""
    return (names[place] if place < len(names) else "") or column_letters(place + 1)


def _faults(source: Source, line: int, names: list[str]) -> list[Problem]:
    return [
        Problem(source.file, line, _column(names, place - 1), "formula-without-value", found, "a value")
        for place, found in source.faults.get(line, {}).items()
    ]


def _header_problems(file: str, line: int, names: list[str], kept: list[int]) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    for place in kept:
        name = names[place]
        if not name:
            problems.append(
                Problem(
                    file, line, column_letters(place + 1), "empty-header", "no name", "a name for each column"
                )
            )
        elif name in seen:
            problems.append(Problem(file, line, name, "duplicate-header", name, "each header once"))
        seen.add(name)
    return problems
