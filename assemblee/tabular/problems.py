"""What cannot be read in a file, what was read otherwise than it stands, and both in few sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

FIRST_PLACES = 3


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be read in an input file.

    Parameters
    ----------
    file : str
        Name of the file, as the caller gave it.
    line : int or None
        Line of the file, counted from 1; ``None`` where the whole file is meant.
    column : str or None
        Header of the column, or ``None`` where a whole line is meant.
    code : str
        What kind of problem this is, such as ``"unknown-value"``.
    found, expected : str
        What stands there, and what would have been accepted.
    proposal : str
        The one accepted word that what stands there looks like, or nothing.
    """

    file: str
    line: int | None
    column: str | None
    code: str
    found: str
    expected: str
    proposal: str = ""

    def to_document(self) -> dict[str, object]:
        """Return the problem as a JSON object."""
        document: dict[str, object] = {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "found": self.found,
            "expected": self.expected,
        }
        return document | ({"proposal": self.proposal} if self.proposal else {})


@dataclass(frozen=True)
class Notice:
    """One thing that was read otherwise than it stands in the file, or not at all, and refuses no line.

    Parameters
    ----------
    code : str
        What kind of notice this is, such as ``"hidden-rows"``.
    found : str
        What it is about: lines, columns, the name of an encoding.
    """

    code: str
    found: str = ""


class UnreadableTable(Exception):  # noqa: N818 - named after what is wrong
    """A file from which no line can be taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass
class Group:
    """Problems of one kind: their first one, how many they are, and where the first ones stand."""

    first: Problem
    count: int = 0
    lines: list[int] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many stand elsewhere than on the first lines."""
        return self.count - len(self.lines) if self.lines else 0


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems of one file by their lines, those of the whole file first."""
    return sorted(problems, key=lambda problem: problem.line or 0)


def grouped(problems: Iterable[Problem]) -> list[Group]:
    """Return one group for each kind of problem, in the order of their first places.

    One kind are those of one file, column and code, and of one word where a file has few; what differs from
    line to line, such as an identifier, is told apart no further than its code.

    Examples
    --------
    >>> bad = [Problem("p.csv", line, "gender", "unknown-value", "Woman", "woman") for line in range(2, 8)]
    >>> [(group.count, group.lines, group.more) for group in grouped(bad)]
    [(6, [2, 3, 4], 3)]
    """
    groups: dict[tuple[str, ...], Group] = {}
    for problem in problems:
        told = problem.found if problem.code in TOLD_APART else ""
        key = (problem.file, problem.column or "", problem.code, told)
        group = groups.setdefault(key, Group(problem))
        group.count += 1
        if problem.line is not None and len(group.lines) < FIRST_PLACES and problem.line not in group.lines:
            group.lines.append(problem.line)
    return list(groups.values())


# Words of which a file has few, so that each is a kind of its own.
TOLD_APART = frozenset({"unknown-value", "unknown-grade", "missing-column", "duplicate-header", "bad-name"})
