"""What becomes of tables of people as anybody writes them, held against the people of whom they were made.

Run as a program it reads many of them in a process of its own, and says what that took.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from assemblee.tabular import Problem, Reading, Table, scan_table
from sortition.people import Person, mapping_problems, people_of, propose
from tests.tabular.habits import AGE, CATEGORIES, GENDER, HEADERS, Brought
from tests.tabular.injuries import STRUCK, tables

BY_ITS_WHOLE = frozenset({"damaged-workbook", "not-a-workbook", "empty-file"})
WHOLE_FILE = BY_ITS_WHOLE | {"not-text", "bad-encoding", "mixed-encodings", "bad-quoting", "swallowed-lines"}
FEW = 6


@dataclass(frozen=True)
class Outcome:
    """What became of a table, and how many CPU seconds that took."""

    code: str
    seconds: float


def judged(brought: Brought) -> Outcome:
    """Read a table, and hold what was read against the people of whom it was made."""
    begun = time.process_time()
    table, problems = scan_table(io.BytesIO(brought.data), "people")
    people = people_of(table, CATEGORIES, propose(table.header, CATEGORIES))
    seconds = time.process_time() - begun
    is_misread = "encoding-guessed" in {one.code for one in table.notices} and not _is_meant(brought, table)
    if is_misread:
        # It is said, and somebody chooses another one.
        table, problems = scan_table(brought.data, "people", Reading(encoding=brought.plan.encoding))
        people = people_of(table, CATEGORIES, propose(table.header, CATEGORIES))
    if not table.header:
        return Outcome(_refused(brought, problems), seconds)
    is_struck = brought.plan.injury in {one.__name__ for one in STRUCK}
    unmapped = mapping_problems(table, CATEGORIES, propose(table.header, CATEGORIES))
    at_header = [one for one in problems if one.line == table.header_line]
    kept = {person.line: person for person in people.people}
    below = [one for one in (*problems, *people.problems) if one not in at_header]
    refused = {one.line for one in below}
    assert not kept.keys() & refused
    assert len(kept) + len(refused) == table.lines
    # Of hardly any line nobody tells a title or a separator; a letter can fill a blank column.
    is_other = len(table.rows) < FEW if brought.plan.injury == "truncated" else at_header
    if (brought.plan.injury and is_other) or min(brought.injured, default=brought.top + 1) <= brought.top:
        return Outcome("header" if unmapped or at_header else "read", seconds)
    assert (unmapped, at_header, table.header_line) == ([], [], brought.top)
    # A letter can stand on a line that was blank, and a text of several lines be torn.
    if brought.plan.injury != "truncated":
        assert brought.count <= table.lines <= brought.count + is_struck * len(brought.injured)
    assert all(one.column in (None, *table.header, *CATEGORIES) for one in below)
    # An identifier can become that of somebody below.
    doubled = {one.line for one in below if one.code == "duplicate-id" and is_struck}
    _compare(replace(brought, injured=brought.injured | doubled), table, kept, refused)
    if brought.plan.injury and brought.expected:
        assert {one.code for one in below} == {brought.expected}
        assert refused == brought.injured
    return Outcome(below[0].code if below else "guessed otherwise" if is_misread else "read", seconds)


def _is_meant(brought: Brought, table: Table) -> bool:
    """Tell whether a guessed encoding makes the same text as the one in which it was written."""
    decoded = {brought.data.decode(name, "replace") for name in (brought.plan.encoding, table.encoding or "")}
    return len(decoded) == 1


def _refused(brought: Brought, problems: list[Problem]) -> str:
    (problem,) = problems
    assert brought.plan.injury
    assert problem.code in ({brought.expected} if brought.expected else WHOLE_FILE)
    assert problem.found
    assert problem.expected
    assert problem.line is not None or problem.code in BY_ITS_WHOLE
    return problem.code


def _compare(brought: Brought, table: Table, kept: dict[int, Person], refused: set[int | None]) -> None:
    plan = brought.plan
    assert refused <= brought.injured
    for place, line in brought.lines.items():
        if line in brought.injured:
            continue
        person, made = kept[line], plan.people[place]
        told = {column: made[column] if column in plan.columns else "" for column in HEADERS}
        assert person.reference == made["id"]
        assert person.name == made["name"]
        found = {"email": person.email, "phone": person.phone, "address": person.address}
        assert found == {column: told[column] for column in found}
        assert person.traits == {GENDER: made[GENDER], AGE: made[AGE]}
        if "note" in plan.columns:
            note = next(row for row in table.rows if row.line == line).values[plan.columns.index("note")]
            assert note.replace("\r", "\n").replace("\n\n", "\n") == made["note"]


def peak() -> float:
    """Return how many megabytes this process took at most, without those of the one that began it."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main() -> None:
    """Read as many tables as the arguments say, and print what became of them."""
    seed, number = map(int, sys.argv[1:])
    outcomes: Counter[str] = Counter()
    injuries: Counter[str] = Counter()
    slowest = 0.0
    for place, brought in enumerate(tables(seed, number)):
        try:
            outcome = judged(brought)
        except BaseException:
            print(f"table {place} of seed {seed}: {brought.plan.injury}", file=sys.stderr)
            raise
        outcomes[outcome.code] += 1
        injuries[brought.plan.injury or f"none, {brought.plan.kind}"] += 1
        slowest = max(slowest, outcome.seconds)
    print(json.dumps({"outcomes": outcomes, "tables": injuries, "slowest": slowest, "megabytes": peak()}))


if __name__ == "__main__":
    main()
