"""What a file of people would do to a pool, line by line, before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee.mail.addresses import mailbox
from assemblee.pools.models import Pool, Volunteer, VolunteerState
from assemblee.refusal import Refusal
from sortition.files import scan_table

ID_HEADERS = ("id", "nationbuilder_id", "identifiant", "reference", "référence", "volunteer_id")
NAME_HEADERS = ("name", "nom", "full_name")
EMAIL_HEADERS = ("email", "e-mail", "courriel", "mail")


@dataclass(frozen=True)
class Person:
    """One line that can be kept."""

    line: int
    reference: str
    name: str | None
    email: str | None
    traits: dict[str, str]


@dataclass
class Preview:
    """What an import would do.

    Parameters
    ----------
    read : int
        Lines that hold a person.
    new, changed, unchanged : list
        What would become of the lines that can be kept; `changed` goes with the row that it changes.
    refused : list of sortition.Problem
        Every reason why a line or the whole file cannot be kept.
    """

    read: int = 0
    id_column: str | None = None
    new: list[Person] = field(default_factory=list)
    changed: list[tuple[Person, Volunteer]] = field(default_factory=list)
    unchanged: int = 0
    refused: list[sortition.Problem] = field(default_factory=list)

    @property
    def refused_lines(self) -> int:
        """Number of lines that are left out."""
        return len({problem.line for problem in self.refused})

    @property
    def is_unreadable(self) -> bool:
        """Whether the file as a whole cannot be used."""
        return self.read == 0 and bool(self.refused)


def reference_hash(pool: Pool, reference: str) -> str:
    """Return the mark by which a pool knows a reference again, even once its person is erased."""
    return hashlib.sha256(f"{pool.salt}:{reference.casefold()}".encode()).hexdigest()


def _first(header: tuple[str, ...], names: tuple[str, ...], taken: set[str]) -> str | None:
    return next((name for name in header if name.casefold() in names and name not in taken), None)


def preview(session: Session, pool: Pool, content: bytes, file: str, id_column: str | None) -> Preview:
    """Read a file of people against a pool, and write nothing."""
    result = Preview()
    table, problems = scan_table(content, file)
    result.refused.extend(problems)
    categories = {category.name: {value.name for value in category.values} for category in pool.categories}
    result.refused.extend(
        sortition.Problem(file, 1, name, "missing-column", "-", name)
        for name in categories
        if table.header and name not in table.header
    )
    if id_column and table.header and id_column not in table.header:
        result.refused.append(sortition.Problem(file, 1, id_column, "missing-column", "-", id_column))
    # A problem of the header is one of every line, so that nothing of the file can be kept.
    if any(problem.line in (None, 1) for problem in result.refused):
        return result
    taken = set(categories)
    result.id_column = id_column or _first(table.header, ID_HEADERS, taken)
    name_column = _first(table.header, NAME_HEADERS, taken)
    email_column = _first(table.header, EMAIL_HEADERS, taken)
    result.read = len(table.rows) + len({problem.line for problem in problems})
    known = {
        person.reference_hash: person
        for person in session.scalars(select(Volunteer).where(Volunteer.pool_id == pool.id))
    }
    seen: dict[str, int] = {}
    for number, row in enumerate(table.rows, start=1):
        cells = dict(zip(table.header, row.values, strict=True))
        reference = cells[result.id_column] if result.id_column else f"{number}"
        traits = {name: cells[name] for name in categories}
        address, faults = _address(cells, email_column, file, row.line)
        faults += [
            sortition.Problem(
                file,
                row.line,
                name,
                "unknown-value" if value else "empty-value",
                value or "-",
                ", ".join(sorted(categories[name])),
            )
            for name, value in traits.items()
            if value not in categories[name]
        ]
        if not reference:
            faults.append(sortition.Problem(file, row.line, result.id_column, "empty-id", "-", "1"))
        mark = reference_hash(pool, reference)
        if mark in seen:
            faults.append(
                sortition.Problem(
                    file, row.line, result.id_column, "duplicate-id", reference, f"≠ {seen[mark]}"
                )
            )
        seen[mark] = row.line
        existing = known.get(mark)
        if existing is not None and existing.state == VolunteerState.ERASED:
            faults.append(
                sortition.Problem(file, row.line, result.id_column, "erased-person", reference, "-")
            )
        if faults:
            result.refused.extend(faults)
            continue
        person = Person(
            row.line,
            reference,
            (cells[name_column] or None) if name_column else None,
            address,
            traits,
        )
        if existing is None:
            result.new.append(person)
        elif _differs(person, existing, bool(name_column), bool(email_column)):
            result.changed.append((person, existing))
        else:
            result.unchanged += 1
    result.refused.sort(key=lambda problem: (problem.line or 0, problem.column or ""))
    return result


def _address(
    cells: Mapping[str, str], column: str | None, file: str, line: int
) -> tuple[str | None, list[sortition.Problem]]:
    """Return the address of a line, if it has one, and what is wrong with it."""
    text = cells[column].strip() if column else ""
    try:
        return (mailbox(text).address if text else None), []
    except Refusal:
        return None, [sortition.Problem(file, line, column, "bad-email", text, "name@example.org")]


def _differs(person: Person, row: Volunteer, has_name: bool, has_email: bool) -> bool:  # noqa: FBT001 - two facts
    return (
        row.traits != person.traits
        or (has_name and row.name != person.name)
        or (has_email and row.email != person.email)
    )
