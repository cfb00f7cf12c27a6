"""People of a table: which column is what, and what of each line can be kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from assemblee.tabular import Problem, Row, Table
from assemblee.tabular.words import alike, column_for, column_named, proposed
from sortition.derivation import AgeBands, Districts, Rule, Underivable

IDENTITY, NAME, FIRST_NAME, LAST_NAME = "id", "name", "first name", "last name"
EMAIL, PHONE, ADDRESS = "email", "phone", "address"
TRAIT, SOURCE, UNKEPT = "trait:", "source:", ""
MEANINGS = (IDENTITY, NAME, FIRST_NAME, LAST_NAME, EMAIL, PHONE, ADDRESS)
"""What a column can hold beside the value of a category, which is :data:`TRAIT` with the category's name, and
that from which it follows by a rule, which is :data:`SOURCE` with it."""
PLAUSIBLE_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")

Categories = Mapping[str, Sequence[str]]
Mapped = Mapping[str, str]
Replacements = Mapping[str, Mapping[str, str]]
Rules = Mapping[str, Rule]
NO_RULES: Rules = MappingProxyType({})
# The words that name a column from which a value follows (`assemblee.tabular.words`).
SOURCES = {AgeBands: "birth", Districts: "postcode"}


@dataclass(frozen=True)
class Person:
    """One line of a table that holds somebody who can be kept."""

    line: int
    reference: str
    name: str
    email: str
    phone: str
    address: str
    traits: dict[str, str]
    sources: dict[str, str] = field(default_factory=dict)


@dataclass
class People:
    """Who stands in a table.

    Attributes
    ----------
    people : list of Person
        Those who can be kept.
    problems : list of Problem
        Why the other lines, or all of them, cannot be.
    doubts : list of Problem
        What somebody should look at, and which keeps nobody out: a mailbox of several people, two people of
        one name and the same answers, an address that is none.
    """

    people: list[Person] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)


def propose(
    header: Sequence[str],
    categories: Categories,
    remembered: Mapped | None = None,
    *,
    rules: Rules = NO_RULES,
) -> dict[str, str]:
    """Return what each column seems to hold, by what was said of it before or by the usual words for it.

    Examples
    --------
    >>> propose(("Réf.", "Prénom", "Nom", "genre", "Remarques"), {"Genre": ("F", "H")})
    {'Réf.': 'id', 'Prénom': 'first name', 'Nom': 'last name', 'genre': 'trait:Genre', 'Remarques': ''}
    """
    before = {alike(name): meaning for name, meaning in (remembered or {}).items()}
    mapped = dict.fromkeys(header, UNKEPT)
    left = list(header)
    traits = [TRAIT + category for category in categories]
    known = {*MEANINGS, *traits, *(SOURCE + category for category in rules)}
    for name in header:
        said = before.get(alike(name))
        is_known = said in known
        if said == UNKEPT or (said and is_known and said not in mapped.values()):
            mapped[name] = said
            left.remove(name)
    for meaning in (*(SOURCE + category for category in rules), *traits, *MEANINGS):
        category = meaning.partition(":")[2]
        if meaning in mapped.values() or SOURCE + category in mapped.values():
            continue
        if meaning.startswith(SOURCE):
            found = column_for(left, SOURCES[type(rules[category])])
        elif meaning.startswith(TRAIT):
            found = column_named(left, category)
        else:
            found = column_for(left, meaning)
        if found is not None:
            mapped[found] = meaning
            left.remove(found)
    return _one_name(mapped, set(before))


def _one_name(mapped: dict[str, str], said: set[str]) -> dict[str, str]:
    """Return columns of which either one holds the whole name, or two its parts."""
    first, last = (
        next((name for name, one in mapped.items() if one == meaning), None)
        for meaning in (FIRST_NAME, LAST_NAME)
    )
    if NAME in mapped.values():
        return mapped | {name: UNKEPT for name in (first, last) if name and alike(name) not in said}
    if last and not first and alike(last) == "nom":
        return mapped | {last: NAME}
    return mapped


def mapping_problems(table: Table, categories: Categories, mapped: Mapped) -> list[Problem]:
    """Return a problem for each category that no column holds, and for each meaning of two columns."""
    headers = ", ".join(table.header)
    meanings = Counter(meaning for meaning in mapped.values() if meaning)
    problems = [
        Problem(table.file, table.header_line, name, "missing-column", headers, name)
        for name in categories
        if not meanings[TRAIT + name] and not meanings[SOURCE + name]
    ]
    return problems + [
        Problem(
            table.file,
            table.header_line,
            None,
            "meaning-twice",
            ", ".join(name for name, one in mapped.items() if one == meaning),
            meaning.partition(":")[2] or meaning,
        )
        for meaning, count in meanings.items()
        if count > 1
    ]


def people_of(
    table: Table,
    categories: Categories,
    mapped: Mapped,
    *,
    replacements: Replacements | None = None,
    rules: Rules = NO_RULES,
) -> People:
    """Return who stands in a table, line by line.

    Parameters
    ----------
    table : Table
    categories : mapping of str to sequence of str
        The values of each category.
    mapped : mapping of str to str
        What each column holds, as :func:`propose` says.
    replacements : mapping of str to mapping of str to str, optional
        For each category, words that somebody said to read as others.
    rules : mapping of str to Rule, optional
        For each category whose value follows from something else, how.

    Returns
    -------
    People
        A line without an identifier has that one problem. Identifiers that differ by case are one. Where no
        column holds one, people are named by their places below the header, counted from 1.
    """
    found = People()
    columns = {meaning: table.column(name) for name, meaning in mapped.items() if meaning}
    words = replacements or {}
    identity = next((name for name, meaning in mapped.items() if meaning == IDENTITY), None)
    lines: dict[str, int] = {}
    same: dict[tuple[str, ...], int] = {}
    mailboxes: dict[str, int] = {}
    for row in table.rows:
        values = {meaning: row.values[place] for meaning, place in columns.items()}
        reference = values[IDENTITY] if identity is not None else str(row.place)
        problems = _identity_problems(table.file, row, identity, reference, lines)
        traits, sources = dict[str, str](), dict[str, str]()
        for category, known in categories.items() if reference else ():
            text = values.get(TRAIT + category, "")
            value = words.get(category, {}).get(text, text)
            # A category without a column is a problem of the header, said once.
            is_there = TRAIT + category in columns
            problem = _trait_problem(table.file, row, category, value, known) if is_there else None
            if SOURCE + category in columns:
                sources[category] = values[SOURCE + category]
                value, problem = _derived(table.file, row, category, sources[category], rules[category])
            traits[category] = value
            problems += [problem] if problem else []
        if problems:
            found.problems += problems
            continue
        person = Person(
            row.line,
            reference,
            values.get(NAME) or " ".join(filter(None, map(values.get, (FIRST_NAME, LAST_NAME)))),
            values.get(EMAIL, ""),
            values.get(PHONE, ""),
            values.get(ADDRESS, ""),
            traits,
            sources,
        )
        found.people.append(person)
        found.doubts += _doubts(table.file, person, same, mailboxes)
    return found


def _identity_problems(
    file: str, row: Row, column: str | None, reference: str, lines: dict[str, int]
) -> list[Problem]:
    if not reference:
        return [Problem(file, row.line, column, "empty-id", "nothing", "an id")]
    first = lines.setdefault(reference.casefold(), row.line)
    if first == row.line:
        return []
    expected = f"each id once; it stands on line {first}"
    return [Problem(file, row.line, column, "duplicate-id", reference, expected)]


def _trait_problem(file: str, row: Row, category: str, value: str, known: Sequence[str]) -> Problem | None:
    if value in known:
        return None
    code = "unknown-value" if value else "empty-value"
    return Problem(
        file, row.line, category, code, value or "nothing", ", ".join(known), proposed(value, known)
    )


def _derived(file: str, row: Row, category: str, text: str, rule: Rule) -> tuple[str, Problem | None]:
    try:
        return rule.value_of(text), None
    except Underivable as reason:
        code = str(reason.args[0])
        expected = "a year or a day of birth" if isinstance(rule, AgeBands) else "a postcode of the list"
        return "", Problem(file, row.line, category, code, text or "nothing", expected)


def _doubts(
    file: str, person: Person, same: dict[tuple[str, ...], int], mailboxes: dict[str, int]
) -> list[Problem]:
    found: list[tuple[str, str, str]] = []
    if person.email and not PLAUSIBLE_ADDRESS.fullmatch(person.email):
        found.append(("bad-email", person.email, "an address such as name@example.org"))
    elif person.email:
        first = mailboxes.setdefault(person.email.casefold(), person.line)
        if first != person.line:
            found.append(("shared-mailbox", person.email, f"also on line {first}"))
    if person.name:
        first = same.setdefault((alike(person.name), *person.traits.values()), person.line)
        if first != person.line:
            found.append(("same-person", person.name, f"also on line {first}"))
    return [Problem(file, person.line, None, code, word, wanted) for code, word, wanted in found]
