"""What a file of people would do to a pool, line by line, before anything is written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row as Fetched
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.mail.addresses import mailbox
from assemblee.pools.models import ImportDraft, Pool, Volunteer, VolunteerState
from assemblee.refusal import Refusal
from assemblee.tabular import Notice, Problem, Reading, Table, scan_table
from assemblee.tabular.tables import column_letters
from sortition.derivation import rule_of
from sortition.people import EMAIL, IDENTITY, TRAIT, Person, mapping_problems, people_of, propose
from sortition.progress import Progress, silent

EXAMPLES = 3
SHORTENED = 40
REPORTED = 500
Known = Fetched[tuple[int, str | None, str, str | None, str | None, str | None, str | None, dict[str, Any]]]


@dataclass(frozen=True)
class Choices:
    """What an organiser chose about a file that waits.

    Parameters
    ----------
    encoding, sheet : str or None
        Of a text, or of a workbook.
    columns : mapping of str to str
        What each column holds, as `sortition.people.propose` says it.
    words : mapping of str to mapping of str to str
        For each category, words that are read as others.
    without_addresses : bool
        Whether lines whose address is none are kept without one.
    """

    encoding: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    without_addresses: bool = False

    @classmethod
    def of(cls, draft: ImportDraft) -> Choices:
        """Return what was chosen about a file."""
        return cls(**draft.choices)

    def to_document(self) -> dict[str, Any]:
        """Return the choices as a JSON object."""
        return dict(vars(self))


@dataclass(frozen=True)
class Column:
    """A column of a file as its preview shows it: what it holds, and the first words in it."""

    place: int
    name: str
    meaning: str
    examples: tuple[str, ...]
    filled: int
    distinct: int

    @property
    def letters(self) -> str:
        """The letters by which a spreadsheet names the column."""
        return column_letters(self.place + 1)


@dataclass(frozen=True)
class Replacement:
    """A word that looks like a value of a category, and the lines that hold it."""

    category: str
    found: str
    wanted: str
    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """Somebody of the pool whom a line changes, with what stands there and what would stand there."""

    person: Person
    volunteer: int
    changes: tuple[tuple[str, str, str], ...]


@dataclass
class Preview:
    """What an import would do.

    Parameters
    ----------
    lines : int
        Lines below the header that hold a value: those new, changed, unchanged and refused.
    table : Table
        How the file was read.
    mapped : dict of str to str
        What each column holds.
    new, changed, unchanged : list
        What would become of the lines that can be kept.
    refused : list of Problem
        Every reason why a line or the whole file cannot be kept.
    doubts : list of Problem
        What somebody should look at, and which refuses nothing.
    absent : int
        How many volunteers of the pool are not in the file.
    """

    table: Table
    lines: int = 0
    mapped: dict[str, str] = field(default_factory=dict)
    new: list[Person] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    absent: int = 0

    @property
    def id_column(self) -> str | None:
        """The column by which people are known again; by their place without one."""
        return next((name for name, meaning in self.mapped.items() if meaning == IDENTITY), None)

    @property
    def kept(self) -> int:
        """Number of lines that would be new or changed."""
        return len(self.new) + len(self.changed)

    @property
    def refused_lines(self) -> int:
        """Number of lines that are left out."""
        return self.lines - self.kept - self.unchanged

    @property
    def is_unreadable(self) -> bool:
        """Whether the file as a whole cannot be used."""
        is_header = any(problem.line in (None, self.table.header_line) for problem in self.refused)
        return not self.table.header or is_header

    @property
    def columns(self) -> list[Column]:
        """The columns of the file, in its order."""
        return [_column(self.table, place, self.mapped) for place in range(len(self.table.header))]

    def unkept(self) -> list[Column]:
        """Return the columns with words that are not kept."""
        return [column for column in self.columns if not column.meaning and column.filled]

    def proposals(self) -> list[Replacement]:
        """Return the words that look like a value, once each, those of most lines first."""
        lines: dict[tuple[str, str, str], list[int]] = {}
        for problem in self.refused:
            if problem.proposal and problem.column and problem.line:
                key = (problem.column, problem.found, problem.proposal)
                lines.setdefault(key, []).append(problem.line)
        found = [Replacement(*key, len(numbers), tuple(numbers[:EXAMPLES])) for key, numbers in lines.items()]
        return sorted(found, key=lambda one: -one.count)


def reference_hash(pool: Pool, reference: str) -> str:
    """Return the mark by which a pool knows a reference again, even once its person is erased."""
    return hashlib.sha256(f"{pool.salt}:{reference.casefold()}".encode()).hexdigest()


def preview(session: Session, pool: Pool, draft: ImportDraft, progress: Progress = silent) -> Preview:
    """Read a file of people against a pool, and write nothing."""
    choices = Choices.of(draft)
    categories = {category.name: [value.name for value in category.values] for category in pool.categories}
    table, problems = scan_table(draft.content, draft.file_name, Reading(choices.encoding, choices.sheet))
    result = Preview(table, refused=problems, notices=list(table.notices))
    if not table.header:
        return result
    rules = {category.name: rule_of(category.rule) for category in pool.categories if category.rule}
    remembered = {**pool.columns, **choices.columns}
    result.mapped = propose(table.header, categories, remembered, rules=rules)
    result.refused += mapping_problems(table, categories, result.mapped)
    result.refused += [
        Problem(draft.file_name, table.header_line, name, "missing-column", "-", name)
        for name, meaning in choices.columns.items()
        if meaning and name not in table.header
    ]
    if not table.lines:
        result.refused.append(Problem(draft.file_name, None, None, "no-people", "-", "1"))
    # A problem of the header is one of every line, so that nothing of the file can be kept.
    if result.is_unreadable:
        return result
    result.lines = table.lines
    found = people_of(table, categories, result.mapped, replacements=choices.words, rules=rules)
    result.refused += found.problems
    result.doubts = [problem for problem in found.doubts if problem.code != "bad-email"]
    counted = _counted(found.people, progress)
    _compare(session, pool, result, counted, keeps_faulty=choices.without_addresses)
    result.refused.sort(key=lambda problem: (problem.line or 0, problem.column or ""))
    return result


def _compare(
    session: Session, pool: Pool, result: Preview, people: Iterable[Person], *, keeps_faulty: bool
) -> None:
    """Sort people by what would become of them."""
    known = _known(session, pool)
    email_column = next((name for name, meaning in result.mapped.items() if meaning == EMAIL), None)
    met = {reference_hash(pool, reference) for reference in _references(result)}
    file = result.table.file
    for person in people:
        mark = reference_hash(pool, person.reference)
        existing = known.get(mark)
        address, is_faulty = _address(person.email)
        faults = []
        if is_faulty and not keeps_faulty:
            wanted = "name@example.org"
            faults.append(Problem(file, person.line, email_column, "bad-email", person.email, wanted))
        if existing is not None and existing.state == VolunteerState.ERASED:
            reference = person.reference
            faults.append(Problem(file, person.line, result.id_column, "erased-person", reference, "-"))
        if faults:
            result.refused += faults
            continue
        kept = replace(person, email=address)
        if existing is None:
            result.new.append(kept)
        elif changes := _changes(kept, existing):
            result.changed.append(Change(kept, existing.id, changes))
        else:
            result.unchanged += 1
    result.absent = sum(
        row.state == VolunteerState.VOLUNTEER and mark not in met for mark, row in known.items()
    )
    if result.id_column is None and known:
        result.notices.append(Notice("goes-by-place"))


def _counted(people: list[Person], progress: Progress) -> Iterator[Person]:
    """Yield people, and say now and then how many of them are done."""
    for place, person in enumerate(people):
        if place % REPORTED == 0:
            progress(place, len(people), "lines")
        yield person


def _references(result: Preview) -> Iterable[str]:
    """Return by what the file names people, those of lines that are refused too."""
    if result.id_column is None:
        return (str(place) for place in range(1, result.table.lines + 1))
    place = result.table.column(result.id_column)
    return (row.values[place] for row in result.table.rows)


def _known(session: Session, pool: Pool) -> dict[str, Known]:
    rows = session.execute(
        select(
            Volunteer.id,
            Volunteer.reference_hash,
            Volunteer.state,
            Volunteer.name,
            Volunteer.email,
            Volunteer.phone,
            Volunteer.address,
            Volunteer.traits,
        ).where(Volunteer.pool_id == pool.id)
    )
    return {row.reference_hash or f"#{row.id}": row for row in rows}


def _address(text: str) -> tuple[str, bool]:
    """Return the address of a line, if it has one, and whether it has one that is none."""
    if not text.strip():
        return "", False
    try:
        return mailbox(text).address, False
    except Refusal:
        return "", True


def _changes(person: Person, row: Known) -> tuple[tuple[str, str, str], ...]:
    """Return what a line changes of a person; an empty cell takes nothing away."""
    pairs: list[tuple[str, str | None, str]] = [
        (TRAIT + category, row.traits.get(category), value) for category, value in person.traits.items()
    ]
    pairs += [
        (name, getattr(row, name), value)
        for name, value in (
            ("name", person.name),
            ("email", person.email),
            ("phone", person.phone),
            ("address", person.address),
        )
        if value
    ]
    changed = [(name, before or "", after) for name, before, after in pairs if before != after]
    if set(row.traits) - set(person.traits):
        changed += [(TRAIT + name, row.traits[name], "") for name in set(row.traits) - set(person.traits)]
    return tuple(changed)


def _column(table: Table, place: int, mapped: Mapping[str, str]) -> Column:
    counts = Counter(row.values[place] for row in table.rows)
    filled = sum(counts.values()) - counts.pop("", 0)
    examples = tuple(text[:SHORTENED] for text in list(counts)[:EXAMPLES])
    name = table.header[place]
    return Column(place, name, mapped.get(name, ""), examples, filled, len(counts))
