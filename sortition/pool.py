"""A pool: the people who can be drawn, and their value in each category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assemblee.tabular import Notice, Problem, Table, in_order, scan_table
from assemblee.tabular.words import column_for, column_named
from sortition.errors import UnreadableFiles
from sortition.files import canonical, tidy
from sortition.people import IDENTITY, mapping_problems, people_of, propose
from sortition.quotas import Quotas, quotas_of


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
        The content of the file, of any kind that `assemblee.tabular` knows.
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
    table, problems = scan_table(data, file)
    pool, more, _ = pool_of(table, quotas, id_column)
    if problems or more:
        raise UnreadableFiles(in_order([*problems, *more]))
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
    tables = scan_table(categories, names[0]), scan_table(respondents, names[1])
    files = files_of(*tables, id_column, bounded=bounded)
    if files.problems:
        raise UnreadableFiles(files.problems)
    return files.quotas, files.pool


@dataclass(frozen=True, eq=False)
class Files:
    """What two files hold together.

    Attributes
    ----------
    quotas : Quotas
    pool : Pool
    problems : list of Problem
        If there is one, quotas and pool lack what it is about.
    doubts : list of Problem
        What somebody should look at (`people.People`).
    notices : list of Notice
        What was read otherwise than it stands.
    """

    quotas: Quotas
    pool: Pool
    problems: list[Problem]
    doubts: list[Problem]
    notices: list[Notice]


Scanned = tuple[Table, list[Problem]]


def files_of(
    categories: Scanned | None, respondents: Scanned, id_column: str | None = None, *, bounded: bool = True
) -> Files:
    """Return what two scanned tables hold; without categories there are no quotas."""
    quotas, problems, notices = Quotas.empty(), list[Problem](), list[Notice]()
    if categories is not None:
        table, found = categories
        quotas, problems, notices = quotas_of(table, bounded=bounded)
        problems = in_order([*found, *problems])
    table, found = respondents
    pool, more, doubts = pool_of(table, quotas, id_column)
    # Values of a cell that could not be read would be called unknown, though only its own line is at fault.
    told = [problem for problem in more if not (problems and problem.code == "unknown-value")]
    if id_column is None and (column := column_for(table.header, IDENTITY, quotas.categories)):
        notices = [*notices, Notice("no-identifier", repr(column))]
    return Files(quotas, pool, [*problems, *in_order([*found, *told])], doubts, notices)


def pool_of(table: Table, quotas: Quotas, id_column: str | None) -> tuple[Pool, list[Problem], list[Problem]]:
    """Return the people of a table, its problems, and what somebody should look at (`people.People`)."""
    categories = {name: tuple(cell.value for cell in cells) for name, cells in quotas.categories.items()}
    column = id_column or "id"
    if not table.header:
        return _gather([], quotas, column, table.file, []), [], []
    mapped = propose(table.header, categories)
    mapped = {name: meaning for name, meaning in mapped.items() if meaning != IDENTITY}
    problems = mapping_problems(table, categories, mapped)
    identity = column_named(table.header, tidy(id_column)) if id_column is not None else None
    if identity is not None:
        mapped[identity] = IDENTITY
    elif id_column is not None:
        headers = ", ".join(table.header)
        missing = Problem(table.file, table.header_line, id_column, "missing-column", headers, id_column)
        problems.insert(0, missing)
    if not table.lines and not problems:
        problems.append(Problem(table.file, None, None, "no-people", "no row", "one row a person"))
    found = people_of(table, categories, mapped)
    # Without a column of a category nobody has a value of it.
    records = [] if problems else [
        _Record(person.line, person.reference, tuple(person.traits[name] for name in categories))
        for person in found.people
    ]  # fmt: skip
    pool = _gather(records, quotas, column, table.file, [])
    return pool, [*problems, *found.problems], found.doubts


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
