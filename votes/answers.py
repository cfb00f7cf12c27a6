"""A table before it is told to be ballots or profiles: its header, and what the words of its cells mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from assemblee.tabular import Notice, Problem, Reading, Source
from assemblee.tabular.tables import meant, split_header
from assemblee.written import one_line
from votes.ballots import ABSENT, NO_OPINION
from votes.defaults import Default
from votes.scales import NO_OPINION_WORDS, bare, fold, meaning

# What the ballots that a site publishes hold instead of a grade.
CODES = {str(ABSENT): "", str(NO_OPINION): NO_OPINION_WORDS[0]}
INDEX = re.compile(r"([0-9]{1,2})[.,]0+")


@dataclass(frozen=True)
class Counts:
    """What a file says, before it is checked as a poll.

    Parameters
    ----------
    grades : tuple of str
        The scale, worst first.
    counts : mapping of str to sequence
        For each proposal, how many judges gave each grade, as the file says.
    judges : object
        Number of participants, as the file says; ``None`` where it does not.
    default : Default or None
        ``None`` where the file does not say.
    no_opinion : mapping of str
        For each proposal, how many said that they have no opinion, as the file says.
    ballots : int or None
        How many ballots were read, blank ones among them; ``None`` where the file does not say.
    blank : int
        How many of them judge nothing: they are counted apart, and are no judges.
    notices : tuple of Notice
        What was read otherwise than it stands in the file, or passed over.
    """

    grades: tuple[str, ...]
    counts: Mapping[str, Sequence[object]]
    judges: object
    default: Default | None
    no_opinion: Mapping[str, object]
    ballots: int | None = None
    blank: int = 0
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What of a table is read, and how.

    Parameters
    ----------
    columns : str
        Which columns are proposals: numbers and ranges from 1, such as ``2-5,7-``; all of them if empty.
    skip : sequence of str
        Names of columns that are none.
    reading : Reading
        The encoding of a text, or the sheet of a workbook.
    """

    columns: str = ""
    skip: Sequence[str] = ()
    reading: Reading = field(default_factory=Reading)


class BadTable(Exception):  # noqa: N818 - it never leaves this package
    """Problems that were met before anything could be counted."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True)
class Begun:
    """A table of which the header is read: its line and its names, and the lines below it."""

    source: Source
    line: int
    names: list[str]
    lines: Iterator[tuple[int, list[str]]]


def begin(source: Source) -> Begun:
    """Read the header of a table.

    Raises
    ------
    BadTable
        ``no-proposal``: there is no line with a value.
    """
    lines = source.lines
    first = next(((line, values) for line, values in lines if any(map(one_line, values))), None)
    if first is None:
        raise BadTable(Problem(source.file, 1, None, "no-proposal", "no header", "a name for each proposal"))
    _, header, rest = split_header(chain([first], lines))
    line, names = header or first
    return Begun(source, line, [one_line(meant(name)) for name in names], rest)


def meaning_of(cell: str, meanings: Mapping[str, int]) -> int | str | None:
    """Return the grade of a cell, a text where there is no grade, and nothing where it means nothing."""
    grade = meaning(cell, meanings)
    if grade is None and is_silent(cell):
        return CODES.get(cell.strip(), bare(cell))
    if grade is None and (number := INDEX.fullmatch(cell.strip())):
        return meaning(number[1], meanings)
    return grade


@lru_cache(maxsize=1024)
def is_silent(cell: str) -> bool:
    """Tell whether a cell holds no grade: it is empty, or says that there is no opinion."""
    word = fold(cell)
    return not word or word in CODES or bare(word) in NO_OPINION_WORDS
