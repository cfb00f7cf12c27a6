"""Ballots and counts from files, read with the place of everything that is wrong with them."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from votes.defaults import Default
from votes.errors import BadDocument, Problem, UnreadableBallots, VotesError
from votes.poll import MOST
from votes.scales import NO_OPINION_WORDS, SEVEN, bare, check_grades, fold, is_name, meaning, tidy, words

if TYPE_CHECKING:
    import _csv

# So few rows that their cells stay in the processor's cache while their columns are counted.
BATCH = 128
MOST_PROBLEMS = 20
MOST_PROPOSALS = 1000
DELIMITERS = ",;\t"
# With or without a byte order mark: some spreadsheets begin their files with one.
ENCODING = "utf-8-sig"
DEEPEST = 32


class UnreadableFile(VotesError):  # noqa: N818 - named after what is wrong
    """A file that is not there, or may not be read or written."""

    code = "unreadable-file"


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
    """

    grades: tuple[str, ...]
    counts: Mapping[str, Sequence[object]]
    judges: object
    default: Default | None
    no_opinion: Mapping[str, object]
    ballots: int | None = None
    blank: int = 0


def read(path: Path, grades: Sequence[str] | None = None) -> Counts:
    """Read ballots (``.csv``) or counts (``.json``); a file of another name is told by its first character.

    Parameters
    ----------
    path : Path
    grades : sequence of str, optional
        The scale of a file of ballots, worst first.

    Raises
    ------
    UnreadableFile
        If the file cannot be opened.
    UnreadableBallots, BadDocument
        If it does not hold what it should.
    BadScale, BadName, DuplicateName, ReservedGrade
        If the scale cannot be used for ballots.
    """
    try:
        if path.suffix.lower() == ".json" or (path.suffix.lower() != ".csv" and _is_object(path)):
            return read_counts(path.read_bytes())
        return read_ballots(path, grades)
    except OSError as error:
        raise UnreadableFile(path=str(path), reason=error.strerror) from error


def _is_object(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")


def read_ballots(path: Path, grades: Sequence[str] | None = None) -> Counts:
    """Read a file with a row for each ballot and a column for each proposal.

    The text is UTF-8, with or without a byte order mark; values are parted by commas, semicolons or tabs. A
    cell is the name of a grade in either language, or its index from 0 for the worst; empty where the grade
    is absent. A ballot without any grade is blank, and is counted apart; lines without any character are
    passed over.

    Parameters
    ----------
    path : Path
    grades : sequence of str, optional
        The scale, worst first. Without it, cells must be names of the ready-made scale of seven, which holds
        the others; their order is the same in all three.

    Raises
    ------
    UnreadableBallots
        With the first problems of the file.
    """
    scale = tuple(grades or SEVEN.french)
    check_grades(scale)
    meanings = words(scale)
    if grades is None:
        meanings = {word: grade for word, grade in meanings.items() if not word.isdecimal()}
    try:
        header, tallies, ballots, blank = _count_cells(path)
        unknown = {cell for tally in tallies for cell in tally if _meaning(cell, meanings) is None}
    except (UnicodeDecodeError, csv.Error, _Irregular):
        unknown = {""}
    if unknown:
        raise UnreadableBallots(_problems(path, meanings, scale, named_only=grades is None))
    counts = {name: [0] * len(scale) for name in header}
    no_opinion = dict.fromkeys(header, 0)
    for name, tally in zip(header, tallies, strict=True):
        for cell, number in tally.items():
            grade = _meaning(cell, meanings)
            if isinstance(grade, int):
                counts[name][grade] += number
            elif grade:
                no_opinion[name] += number
    return Counts(scale, counts, None, None, no_opinion, ballots, blank)


class _Irregular(Exception):  # noqa: N818 - it never leaves this module
    """The fast pass met something that only a second, slower pass can place."""


def _meaning(cell: str, meanings: Mapping[str, int]) -> int | str | None:
    """Return the grade of a cell, a text where there is no grade, and nothing where it means nothing."""
    grade = meaning(cell, meanings)
    if grade is None and _is_silent(cell):
        return bare(cell)
    return grade


@lru_cache(maxsize=1024)
def _is_silent(cell: str) -> bool:
    word = fold(cell)
    return not word or bare(word) in NO_OPINION_WORDS


def _count_cells(path: Path) -> tuple[tuple[str, ...], list[Counter[str]], int, int]:
    """Count the different cells of each column, blank ballots apart: only those are looked at one by one."""
    with path.open(encoding=ENCODING, newline="") as file:
        rows = _rows(file)
        header = tuple(tidy(name) for name in next(rows, ()))
        if _header_problems("", header):
            raise _Irregular
        tallies: list[Counter[str]] = [Counter() for _ in header]
        ballots = blank = 0
        while batch := list(islice(rows, BATCH)):
            whole = batch
            if set(map(len, batch)) != {len(header)}:
                whole = [row for row in batch if row]
                if set(map(len, whole)) - {len(header)}:
                    raise _Irregular
            judging = [row for row in whole if not all(map(_is_silent, row))]
            for tally, column in zip(tallies, zip(*judging, strict=True), strict=False):
                tally.update(column)
            ballots += len(whole)
            blank += len(whole) - len(judging)
    return header, tallies, ballots, blank


def _rows(file: TextIO) -> _csv.Reader:
    """Read the values of each line, parted as the first lines are.

    That is by the mark that gives the header most columns; rather by one that gives the first ballot as many,
    and more than one, since names may hold the other marks.
    """
    lines = [next(file, ""), next(filter(str.strip, file), "")]
    file.seek(0)

    def fits(mark: str) -> tuple[bool, int]:
        try:
            header, ballot = (len(next(csv.reader([line], delimiter=mark), ())) for line in lines)
        except csv.Error:
            # A value too long to be read: with another mark it may be several, or else it is refused later.
            return False, 0
        return header > 1 and ballot in {0, header}, header

    return csv.reader(file, delimiter=max(DELIMITERS, key=fits), strict=True)


def _header_problems(file: str, header: Sequence[str]) -> list[Problem]:
    problems: list[Problem] = []
    if len(header) > MOST_PROPOSALS:
        given, wanted = f"{len(header)} columns", f"at most {MOST_PROPOSALS} proposals"
        return [Problem(file, 1, None, "too-many-proposals", given, wanted)]
    if not header:
        problems.append(Problem(file, 1, None, "no-proposal", "no header", "a name for each proposal"))
    for position, name in enumerate(header, start=1):
        if not is_name(name):
            expected = "a name for each proposal"
            problems.append(Problem(file, 1, str(position), "bad-name", ascii(name), expected))
        elif name in header[: position - 1]:
            problems.append(Problem(file, 1, name, "duplicate-name", name, "each proposal once"))
    return problems


def _problems(
    path: Path, meanings: Mapping[str, int], grades: Sequence[str], *, named_only: bool
) -> list[Problem]:
    """Return the first problems of a file that is known to have some."""
    expected = ", ".join(grades)
    if named_only:
        expected += "; say which scale it is for other names and for numbers"
    else:
        expected += f", or a number from 0 to {len(grades) - 1}"
    try:
        with path.open(encoding=ENCODING, newline="") as file:
            return list(islice(_each_problem(path.name, file, meanings, expected), MOST_PROBLEMS))
    except UnicodeDecodeError:
        with path.open("rb") as file:
            return [next(filter(None, (_not_utf8(path.name, *numbered) for numbered in enumerate(file, 1))))]


def _not_utf8(name: str, line: int, data: bytes) -> Problem | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem(name, line, None, "not-utf-8", f"byte 0x{data[error.start]:02X}", "UTF-8 text")
    return None


def _each_problem(name: str, file: TextIO, meanings: Mapping[str, int], expected: str) -> Iterator[Problem]:
    line = 1
    try:
        rows = _rows(file)
        header = tuple(tidy(value) for value in next(rows, ()))
        yield from _header_problems(name, header)
        if len(header) > MOST_PROPOSALS:
            return
        line = rows.line_num + 1
        for row in rows:
            if row and len(row) != len(header):
                given, wanted = f"{len(row)} values", f"{len(header)} values"
                yield Problem(name, line, None, "ragged-row", given, wanted)
            elif row:
                for column, cell in zip(header, row, strict=True):
                    if _meaning(cell, meanings) is None:
                        yield Problem(name, line, column, "unknown-grade", ascii(cell)[:60], expected)
            line = rows.line_num + 1
    except csv.Error as error:
        yield Problem(name, line, None, "bad-quoting", str(error), "quotes opened and closed")


def read_counts(data: bytes) -> Counts:
    """Read a JSON object of counts, passing over the members that it does not know.

    Parameters
    ----------
    data : bytes
        ``{"grades": [worst, ..., best], "proposals": {name: [counts]}}``, and optionally ``judges``,
        ``default`` and ``no_opinion``, and ``ballots`` with ``blank``. The document that a tally writes is of
        this form too.

    Raises
    ------
    BadDocument
    """
    document = _json(data)
    grades = [name for name in _list(document, "grades") if isinstance(name, str)]
    if len(grades) != len(_list(document, "grades")):
        raise BadDocument(place="grades", expected="a list of names")
    proposals = _mapping(document, "proposals")
    counts = {name: _list(proposals, name) for name in proposals}
    no_opinion = _mapping(document, "no_opinion") if "no_opinion" in document else {}
    default = _default(document)
    if not {"ballots", "blank"} <= set(document):
        return Counts(tuple(grades), counts, document.get("judges"), default, no_opinion)
    ballots, blank = (_number(document, name) for name in ("ballots", "blank"))
    if blank > ballots:
        raise BadDocument(place="blank", expected=f"at most the {ballots} ballots")
    return Counts(tuple(grades), counts, document.get("judges"), default, no_opinion, ballots, blank)


def _depth(text: str) -> int:
    """Return how deep the brackets of a document stand in one another, those in its strings left out."""
    open_now = deepest = 0
    for mark in re.findall(r"[][{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        open_now += 1 if mark in "[{" else -1
        deepest = max(deepest, open_now)
    return deepest


def _json(data: bytes) -> dict[str, object]:
    try:
        text = data.decode(ENCODING)
        # Where the limit of recursion was raised, a decoder that goes too deep ends the process.
        if _depth(text) > DEEPEST:
            raise BadDocument(place="the file", expected=f"at most {DEEPEST} brackets in one another")
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except ValueError as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise BadDocument(place="the file", expected=f"a JSON object in UTF-8 ({reason})") from error
    if type(document) is not dict:
        raise BadDocument(place="the file", expected="one JSON object")
    return document


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    known = dict(pairs)
    if len(known) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise BadDocument(place=ascii(twice), expected="each member once")
    return known


def _constant(name: str) -> object:
    raise BadDocument(place=name, expected="a number that JSON knows")


def _list(document: Mapping[str, object], name: str) -> list[object]:
    items = document.get(name)
    if not isinstance(items, list):
        raise BadDocument(place=name, expected="a list")
    return items


def _number(document: Mapping[str, object], name: str) -> int:
    number = document.get(name)
    if type(number) is not int or not 0 <= number <= MOST:
        raise BadDocument(place=name, expected="a whole number from 0 to 10**30")
    return number


def _mapping(document: Mapping[str, object], name: str) -> dict[str, object]:
    mapping = document.get(name)
    if not isinstance(mapping, dict):
        raise BadDocument(place=name, expected="an object")
    return mapping


def _default(document: Mapping[str, object]) -> Default | None:
    if document.get("default") is None:
        return None
    default = _mapping(document, "default")
    mode, grade = default.get("mode"), default.get("grade")
    if not isinstance(mode, str) or not set(default) <= {"mode", "grade"}:
        raise BadDocument(place="default", expected="a mode, and a grade for the mode static")
    if grade is not None and type(grade) is not int:
        raise BadDocument(place="default, grade", expected="the index of a grade, 0 for the worst")
    return Default(mode, grade)
