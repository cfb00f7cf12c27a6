"""Quotas: how many panel members of each value of each category are allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from sortition.errors import Problem, UnreadableFiles
from sortition.files import Row, Table, canonical, scan_table

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
    ``name``; then ``min``, ``max`` and, if wanted, ``min_flex`` and ``max_flex``. Other columns are notes.

    Raises
    ------
    UnreadableFiles
        With every problem of the file.
    """
    quotas, problems = scan_quotas(data, file)
    if problems:
        raise UnreadableFiles(problems)
    return quotas


def scan_quotas(data: bytes, file: str, *, bounded: bool = True) -> tuple[Quotas, list[Problem]]:
    """Read a file of quotas, and return its problems beside the cells that could be read.

    Unless ``bounded``, only categories and values are read, and all bounds are nought.
    """
    table, problems = scan_table(data, file)
    if not table.header:
        return Quotas.empty(), problems
    columns = {re.sub(r"[\s_-]+", "_", name.casefold()): name for name in reversed(table.header)}
    form = next((form for form in FORMS if columns.keys() >= set(form)), None)
    wanted = [*(form or FORMS[0]), *(("min", "max") if bounded else ())]
    if bounded and columns.keys() & {"min_flex", "max_flex"}:
        wanted += ["min_flex", "max_flex"]
    headers = ", ".join(table.header)
    missing = [name for name in wanted if name not in columns]
    if missing:
        problems += [Problem(file, 1, name, "missing-column", headers, name) for name in missing]
        return Quotas.empty(), problems
    reader = _CellReader(table, [columns[name] for name in wanted], problems)
    return Quotas(tuple(reader.cells())), problems


class _CellReader:
    """Reads cells from the rows of a table, noting what is wrong with them."""

    def __init__(self, table: Table, columns: list[str], problems: list[Problem]) -> None:
        self.table = table
        self.columns = columns
        self.problems = problems

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
        for name, text in zip(self.columns[:2], texts[:2], strict=True):
            if not text:
                self._note(row, name, "empty-value", "nothing", "a name")
        if len(texts) == len(FORMS[0]):
            return None if len(self.problems) > before else Cell(texts[0], texts[1], 0, 0)
        flexible = [True, True]
        numbers = [
            self._number(row, name, text, optional=optional)
            for name, text, optional in zip(
                self.columns[2:], texts[2:], [False, False, *flexible][: len(texts) - 2], strict=True
            )
        ]
        minimum, maximum, *flex = numbers
        minimum_flex, maximum_flex = flex or (None, None)
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

    def _number(self, row: Row, name: str, text: str, *, optional: bool) -> int | None:
        if not text and optional:
            return None
        if re.fullmatch(r"\+?[0-9]{1,9}", text):
            return int(text)
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
