"""A pool: the people who can be drawn, and their value in each category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sortition.errors import Problem, UnreadableFiles
from sortition.files import canonical, scan_table, tidy
from sortition.quotas import Quotas, scan_quotas


@dataclass(frozen=True, eq=False)
class Types:
    """People of identical traits, who are one variable to every rule.

    Attributes
    ----------
    traits : ndarray of int, shape (types, categories)
        Position of the value of each type in ``Pool.values``; rows in lexicographic order.
    members : tuple of tuple of int
        The people of each type, as positions in ``Pool.people``.
    """

    traits: NDArray[np.int64]
    members: tuple[tuple[int, ...], ...]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Number of people of each type, shape (types,)."""
        return np.array([len(group) for group in self.members], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Pool:
    """People in canonical order (the UTF-8 bytes of their id in NFC).

    Attributes
    ----------
    people : tuple of str
        Ids.
    categories : tuple of str
        The categories that have quotas.
    values : tuple of tuple of str
        The values of each category.
    traits : ndarray of int, shape (people, categories)
        Position of each person's value in ``values``.
    """

    people: tuple[str, ...]
    categories: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    traits: NDArray[np.int64]

    @classmethod
    def from_rows(
        cls, people: Sequence[str], rows: Sequence[Mapping[str, str]], quotas: Quotas, *, file: str = "pool"
    ) -> Pool:
        """Build a pool from ids and, beside them, mappings from category to value.

        Raises
        ------
        UnreadableFiles
            With a problem for each empty or repeated id and each missing or unknown value; ``line`` counts
            the rows from 1.
        """
        problems: list[Problem] = []
        records = [
            _Record(number, tidy(person), tuple(tidy(row.get(name, "")) for name in quotas.categories))
            for number, (person, row) in enumerate(zip(people, rows, strict=True), start=1)
        ]
        pool = _gather(records, quotas, "id", file, problems)
        if problems:
            raise UnreadableFiles(problems)
        return pool

    @cached_property
    def types(self) -> Types:
        """The people, grouped by identical traits."""
        groups: dict[tuple[int, ...], list[int]] = {}
        for person, traits in enumerate(self.traits.tolist()):
            groups.setdefault(tuple(traits), []).append(person)
        ordered = sorted(groups)
        traits = np.array(ordered, dtype=np.int64).reshape(len(ordered), len(self.categories))
        return Types(traits, tuple(tuple(groups[key]) for key in ordered))


@dataclass(frozen=True)
class _Record:
    line: int
    person: str
    values: tuple[str, ...]


def read_pool(
    data: bytes, quotas: Quotas, *, id_column: str | None = None, file: str = "respondents.csv"
) -> Pool:
    """Read a file of people: one row a person, a column for each category of the quotas.

    Parameters
    ----------
    data : bytes
        The content of the file.
    quotas : Quotas
        Whose categories and values the pool must have.
    id_column : str or None
        The column that names people; without it the number of the row is the id, counted from 1.
    file : str
        Its name, for the problems.

    Raises
    ------
    UnreadableFiles
        With every problem of the file.
    """
    pool, problems = scan_pool(data, quotas, id_column, file)
    if problems:
        raise UnreadableFiles(problems)
    return pool


def read_files(
    categories: bytes,
    respondents: bytes,
    id_column: str | None = None,
    *,
    names: tuple[str, str] = ("categories.csv", "respondents.csv"),
    bounded: bool = True,
) -> tuple[Quotas, Pool]:
    """Read quotas and pool together, so that the problems of both files come in one answer.

    Unless ``bounded``, only categories and values are read of the quotas, and all bounds are nought.

    Raises
    ------
    UnreadableFiles
        With every problem of both files.
    """
    quotas, problems = scan_quotas(categories, names[0], bounded=bounded)
    # Values of a cell that could not be read would be called unknown, though only its own line is at fault.
    pool, more = scan_pool(respondents, quotas, id_column, names[1], partial=bool(problems))
    if problems or more:
        raise UnreadableFiles([*problems, *more])
    return quotas, pool


def scan_pool(
    data: bytes, quotas: Quotas, id_column: str | None, file: str, *, partial: bool = False
) -> tuple[Pool, list[Problem]]:
    """Read a file of people, and return its problems beside the people who could be read.

    With ``partial`` the quotas are known to lack cells, so that a value they do not name is no problem.
    """
    table, problems = scan_table(data, file)
    wanted = list(quotas.categories)
    if id_column is not None:
        wanted.insert(0, tidy(id_column))
    missing = [name for name in wanted if name not in table.header] if table.header else []
    headers = ", ".join(table.header)
    problems += [Problem(file, 1, name, "missing-column", headers, name) for name in missing]
    if table.header and not table.rows and not problems:
        problems.append(Problem(file, None, None, "no-people", "no row", "one row a person"))
    places = [table.column(name) for name in quotas.categories]
    identity = table.column(tidy(id_column)) if id_column is not None else -1
    records = [
        _Record(
            row.line,
            str(number) if id_column is None else row.values[identity] if identity >= 0 else f"row {number}",
            tuple(row.values[place] if place >= 0 else "" for place in places),
        )
        for number, row in enumerate(table.rows, start=1)
    ]
    told = frozenset(missing)
    noted: list[Problem] = []
    pool = _gather(records, quotas, id_column or "id", file, noted)
    problems += [
        problem
        for problem in noted
        if problem.column not in told and not (partial and problem.code == "unknown-value")
    ]
    return pool, problems


def _gather(records: list[_Record], quotas: Quotas, column: str, file: str, problems: list[Problem]) -> Pool:
    """Order the people and look their values up."""
    categories = tuple(quotas.categories)
    values = tuple(tuple(cell.value for cell in cells) for cells in quotas.categories.values())
    places = [{value: place for place, value in enumerate(known)} for known in values]
    lines: dict[str, int] = {}
    traits: dict[str, list[int]] = {}
    for record in records:
        if not record.person:
            problems.append(Problem(file, record.line, column, "empty-id", "nothing", "an id"))
        elif record.person in lines:
            expected = f"each id once; it stands on line {lines[record.person]}"
            problems.append(Problem(file, record.line, column, "duplicate-id", record.person, expected))
        lines.setdefault(record.person, record.line)
        for category, known, place, value in zip(categories, values, places, record.values, strict=True):
            if value not in place:
                code = "unknown-value" if value else "empty-value"
                problems.append(
                    Problem(file, record.line, category, code, value or "nothing", ", ".join(known))
                )
        traits[record.person] = [
            place.get(value, 0) for place, value in zip(places, record.values, strict=True)
        ]
    people = tuple(sorted(traits, key=canonical))
    column_values = np.array([traits[person] for person in people], dtype=np.int64)
    return Pool(people, categories, values, column_values.reshape(len(people), len(categories)))
