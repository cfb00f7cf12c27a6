"""Quotas: how many panel members of each value of each category are allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from assemblee.tabular import Notice, Problem, Row, Table, in_order, scan_table
from assemblee.tabular.words import alike, column_for
from sortition.errors import UnreadableFiles
from sortition.files import canonical

WHOLE = 10_000
FORMS = (
    ("category", "feature"),
    ("category", "name"),
    ("category", "value"),
    ("feature", "value"),
    ("feature", "name"),
)
"""The pairs of headers that name a category and one of its values, in the files of the field."""


@dataclass(frozen=True)
class Cell:
    """The least and the most panel members that may have one value of one category.

    ``minimum_flex`` and ``maximum_flex`` say how far a suggestion of other quotas may go before it has to
    break them; ``None`` where the organisers have set no such bound.
    """

    category: str
    value: str
    minimum: int
    maximum: int
    minimum_flex: int | None = None
    maximum_flex: int | None = None


@dataclass(frozen=True)
class Quotas:
    """Cells in canonical order, whatever the order in which they were given."""

    cells: tuple[Cell, ...]

    def __post_init__(self) -> None:
        """Bring the cells into canonical order."""
        ordered = sorted(self.cells, key=lambda cell: (canonical(cell.category), canonical(cell.value)))
        object.__setattr__(self, "cells", tuple(ordered))

    @classmethod
    def empty(cls) -> Quotas:
        """Return the quotas of a pool that has none."""
        return cls(())

    @cached_property
    def categories(self) -> dict[str, tuple[Cell, ...]]:
        """The cells of each category."""
        groups: dict[str, list[Cell]] = {}
        for cell in self.cells:
            groups.setdefault(cell.category, []).append(cell)
        return {category: tuple(cells) for category, cells in groups.items()}


def within_flex(cell: Cell) -> Cell:
    """Return a quota whose flexible bounds are at least as wide as itself.

    Examples
    --------
    >>> within_flex(Cell("a", "x", 1, 5, 2, 4)).minimum_flex
    1
    """
    return replace(
        cell,
        minimum_flex=None if cell.minimum_flex is None else min(cell.minimum_flex, cell.minimum),
        maximum_flex=None if cell.maximum_flex is None else max(cell.maximum_flex, cell.maximum),
    )


def scaled(quotas: Quotas, size: int, to: int) -> Quotas:
    """Return the quotas of a panel of ``size`` in proportion for ``to`` people.

    Minima are rounded down and maxima up; flexible bounds are left out.

    Examples
    --------
    >>> [(cell.minimum, cell.maximum) for cell in scaled(Quotas((Cell("a", "x", 5, 7),)), 12, 6).cells]
    [(2, 4)]
    """
    return Quotas(
        tuple(
            replace(
                cell,
                minimum=cell.minimum * to // size,
                maximum=-(-cell.maximum * to // size),
                minimum_flex=None,
                maximum_flex=None,
            )
            for cell in quotas.cells
        )
    )


def read_quotas(data: bytes, file: str = "categories.csv") -> Quotas:
    """Read a file of quotas.

    The headers are ``category`` with ``feature``, ``name`` or ``value``, or ``feature`` with ``value`` or
    ``name``; then ``min``, ``max`` and, if wanted, ``min_flex`` and ``max_flex``; or their usual words in
    French (:data:`assemblee.tabular.words.SYNONYMS`). Other columns are notes.

    Raises
    ------
    UnreadableFiles
        With every problem of the file.
    """
    table, problems = scan_table(data, file)
    quotas, more, _ = quotas_of(table)
    if problems or more:
        raise UnreadableFiles(in_order([*problems, *more]))
    return quotas


def quotas_of(table: Table, *, bounded: bool = True) -> tuple[Quotas, list[Problem], list[Notice]]:
    """Return the quotas of a table, its problems, and what was read otherwise than it stands.

    A category that is left empty is that of the line above, as where its cells were merged. Unless
    ``bounded``, only categories and values are read, and all bounds are nought.
    """
    if not table.header:
        return Quotas.empty(), [], []
    columns = _columns(table, bounded=bounded)
    headers = ", ".join(table.header)
    missing = [name for name, header in columns.items() if header is None]
    if missing:
        problems = [
            Problem(table.file, table.header_line, name, "missing-column", headers, name) for name in missing
        ]
        return Quotas.empty(), problems, []
    if not table.lines:
        return (
            Quotas.empty(),
            [Problem(table.file, None, None, "no-category", "no row", "one row a value")],
            [],
        )
    reader = _CellReader(table, [header for header in columns.values() if header])
    quotas = Quotas(tuple(reader.cells()))
    notices = [Notice("merged-cells", str(reader.filled))] if reader.filled else []
    for category, cells in quotas.categories.items():
        values = [cell.value for cell in cells]
        twins = [value for value in values if [alike(one) for one in values].count(alike(value)) > 1]
        notices += [Notice("values-look-alike", f"{category}: {', '.join(twins)}")] if twins else []
    return quotas, reader.problems, notices


def _columns(table: Table, *, bounded: bool) -> dict[str, str | None]:
    """Return the header of each column that is wanted; nothing where it is missing."""
    named = {alike(name).replace(" ", "_"): name for name in reversed(table.header)}
    form = next((form for form in FORMS if named.keys() >= set(form)), None)
    if form is not None:
        columns: dict[str, str | None] = {name: named[name] for name in form}
    else:
        category = column_for(table.header, "category")
        columns = {
            "category": category,
            "feature": column_for(table.header, "value", {category} if category else ()),
        }
    if not bounded:
        return columns
    bounds = ["min", "max"]
    flexible = {name: column_for(table.header, name) for name in ("min_flex", "max_flex")}
    columns |= {name: column_for(table.header, name) for name in bounds}
    return columns | (flexible if any(flexible.values()) else {})


class _CellReader:
    """Reads cells from the rows of a table, noting what is wrong with them."""

    def __init__(self, table: Table, columns: list[str]) -> None:
        self.table = table
        self.columns = columns
        self.problems: list[Problem] = []
        self.above = ""
        self.filled = 0

    def cells(self) -> list[Cell]:
        """Return the cells of the rows without a problem."""
        lines: dict[tuple[str, str], int] = {}
        cells = []
        for row in self.table.rows:
            cell = self._cell(row)
            if cell is None:
                continue
            key = (cell.category, cell.value)
            if key in lines:
                name = f"{cell.category}, {cell.value}"
                expected = f"each value once; it stands on line {lines[key]}"
                self._note(row, self.columns[1], "duplicate-cell", name, expected)
                continue
            lines[key] = row.line
            cells.append(cell)
        return cells

    def _cell(self, row: Row) -> Cell | None:
        texts = [row.values[self.table.column(name)] for name in self.columns]
        before = len(self.problems)
        if not texts[0] and texts[1] and self.above:
            texts[0] = self.above
            self.filled += 1
        self.above = texts[0]
        for name, text in zip(self.columns[:2], texts[:2], strict=True):
            if not text:
                self._note(row, name, "empty-value", "nothing", "a name")
        if len(texts) == len(FORMS[0]):
            return None if len(self.problems) > before else Cell(texts[0], texts[1], 0, 0)
        bounds = list(zip(self.columns[2:], texts[2:], strict=True))
        minimum, maximum = (self._number(row, name, text) for name, text in bounds[:2])
        flexible = [self._number(row, name, text) if text else None for name, text in bounds[2:]]
        minimum_flex, maximum_flex = flexible or (None, None)
        if minimum is None or maximum is None or len(self.problems) > before:
            return None
        if minimum > maximum:
            self._note(row, self.columns[2], "minimum-over-maximum", str(minimum), f"at most {maximum}")
        if minimum_flex is not None and minimum_flex > minimum:
            self._note(row, self.columns[4], "flex-inside-quota", str(minimum_flex), f"at most {minimum}")
        if maximum_flex is not None and maximum_flex < maximum:
            self._note(row, self.columns[5], "flex-inside-quota", str(maximum_flex), f"at least {maximum}")
        if len(self.problems) > before:
            return None
        return Cell(texts[0], texts[1], minimum, maximum, minimum_flex, maximum_flex)

    def _number(self, row: Row, name: str, text: str) -> int | None:
        if number := re.fullmatch(r"\+?([0-9]{1,9})(?:[.,]0*)?", text):
            return int(number[1])
        code = "negative" if re.fullmatch(r"-[0-9]+", text) else "not-a-number"
        self._note(row, name, code, text or "nothing", "a whole number from 0 to 999999999")
        return None

    def _note(self, row: Row, column: str, code: str, found: str, expected: str) -> None:
        self.problems.append(Problem(self.table.file, row.line, column, code, found, expected))


def census_quotas(shares: Iterable[tuple[str, str, int]], size: int, tolerance: int = 0) -> Quotas:
    """Return the quotas that shares of a population give a panel: floor and ceiling, and so many either way.

    Parameters
    ----------
    shares : iterable of (str, str, int)
        Category, value, and how many of ten thousand people have it.

    Examples
    --------
    >>> census_quotas([("Genre", "Femmes", 5170)], 100).cells[0].maximum
    52
    """
    return Quotas(
        tuple(
            Cell(
                category,
                value,
                max(0, share * size // WHOLE - tolerance),
                min(size, -(-share * size // WHOLE) + tolerance),
            )
            for category, value, share in shares
        )
    )
