"""Answers in a table: ballots, one a line, or how many judged so, one proposal a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from assemblee.tabular import Notice, Problem, Reading, Source, UnreadableTable, open_source
from assemblee.tabular.tables import LONGEST_CELL, column_letters, split_header
from assemblee.tabular.words import SYNONYMS, alike
from assemblee.written import one_line
from votes.defaults import Default
from votes.errors import UnreadableBallots
from votes.scales import NO_OPINION_WORDS, SEVEN, bare, check_grades, fold, meaning, words

# So few rows that their cells stay in the processor's cache while their columns are counted.
BATCH = 128
MOST_PROBLEMS = 10_000
MOST_PROPOSALS = 1000
MOMENT = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b.*")
BRACKETED = re.compile(r"(?P<question>.*\S)\s*\[(?P<name>[^\[\]]+)\]")
INDEX = re.compile(r"([0-9]{1,2})[.,]0+")
COUNT = re.compile(r"[0-9]{1,31}(?:[.,]0+)?")
# Columns that programs of online forms add to the questions, as `alike` leaves their names.
OF_FORMS = frozenset(
    {
        *("horodateur", "timestamp", "horodatage", "date", "submit date", "date submitted", "submitted at"),
        *("date de soumission", "date d'envoi", "start time", "completion time", "heure de debut"),
        *("heure de fin", "heure de la derniere modification", "last modified time", "last page"),
        *("lastpage", "submitdate", "startlanguage", "start language", "langue de depart", "seed", "token"),
        *("derniere page", "adresse ip", "ip address", "duration", "duree", "score", "points"),
        *SYNONYMS["id"],
        *SYNONYMS["email"],
        *SYNONYMS["name"],
        *SYNONYMS["first name"],
        *SYNONYMS["last name"],
    }
)


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


class _Bad(Exception):  # noqa: N818 - it never leaves this module
    """Problems that were met before anything could be counted."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True)
class _Header:
    """The names of the columns that are proposals, with their places, and the width of a line."""

    line: int
    width: int
    names: tuple[str, ...]
    places: tuple[int, ...]
    notices: tuple[Notice, ...]


def read_ballots(
    path: Path, grades: Sequence[str] | None = None, selection: Selection | None = None
) -> Counts:
    """Read a table with a row for each ballot and a column for each proposal, or one of counts.

    The table is of any kind that `assemblee.tabular` knows. A cell is the name of a grade in either language,
    or its index from 0 for the worst; empty where the grade is absent. A ballot without any grade is blank,
    and is counted apart; lines without any character are passed over, and so are columns that programs of
    online forms add (a moment, an address) where no grade stands in them. Where headers are questions with
    the proposal in brackets, that is its name.

    In a table of counts the first column names the proposals, and each other one is a grade, or no opinion.

    Parameters
    ----------
    path : Path
    grades : sequence of str, optional
        The scale, worst first. Without it, cells must be names of the ready-made scale of seven, which holds
        the others; their order is the same in all three.
    selection : Selection, optional

    Raises
    ------
    UnreadableBallots
        With the first problems of the file.
    """
    scale = tuple(grades or SEVEN.french)
    check_grades(scale)
    meanings = words(scale)
    named = {word: grade for word, grade in meanings.items() if not word.isdecimal()}
    chosen = selection or Selection()
    try:
        with path.open("rb") as stream:
            source = open_source(stream, path.name, chosen.reading)
            begun = _begun(source)
            if _is_of_counts(begun.names, named):
                return _counts(begun, scale, named, is_given=grades is not None)
            return _ballots(stream, begun, scale, meanings if grades else named, chosen)
    except UnreadableTable as unreadable:
        raise UnreadableBallots([unreadable.problem]) from None
    except _Bad as bad:
        raise UnreadableBallots(bad.problems) from None


@dataclass(frozen=True)
class _Begun:
    """A table of which the header is read: its line and its names, and the lines below it."""

    source: Source
    line: int
    names: list[str]
    lines: Iterator[tuple[int, list[str]]]


def _begun(source: Source) -> _Begun:
    lines = source.lines
    first = next(((line, values) for line, values in lines if any(map(one_line, values))), None)
    if first is None:
        raise _Bad(Problem(source.file, 1, None, "no-proposal", "no header", "a name for each proposal"))
    _, header, rest = split_header(chain([first], lines))
    if header is None:
        raise _Bad(Problem(source.file, 1, None, "no-proposal", "no header", "a name for each proposal"))
    line, names = header
    return _Begun(source, line, [one_line(name) for name in names], rest)


def _ballots(
    stream: BinaryIO, begun: _Begun, scale: tuple[str, ...], meanings: Mapping[str, int], chosen: Selection
) -> Counts:
    source, lines = begun.source, begun.lines
    first = list(islice(lines, BATCH))
    header = _header(begun, first, meanings, chosen)
    count = _Count(source.file, header)
    for batch in chain([first], iter(lambda: list(islice(lines, BATCH)), [])):
        count.take(batch)
    unknown = {cell for tally in count.tallies for cell in tally if _meaning(cell, meanings) is None}
    if unknown or count.problems:
        stream.seek(0)
        again = open_source(stream, source.file, chosen.reading)
        raise _Bad(*islice(_each_problem(again, header, meanings, scale, count.tallies), MOST_PROBLEMS))
    counts = {name: [0] * len(scale) for name in header.names}
    no_opinion = dict.fromkeys(header.names, 0)
    for name, tally in zip(header.names, count.tallies, strict=True):
        for cell, number in tally.items():
            grade = _meaning(cell, meanings)
            if isinstance(grade, int):
                counts[name][grade] += number
            elif grade:
                no_opinion[name] += number
    notices = (*source.notices, *header.notices)
    return Counts(scale, counts, None, None, no_opinion, count.ballots, count.blank, notices)


def _header(
    begun: _Begun, first: list[tuple[int, list[str]]], meanings: Mapping[str, int], chosen: Selection
) -> _Header:
    """Return which columns are proposals.

    Raises
    ------
    _Bad
        With what is wrong with their names.
    """
    file, line, names = begun.source.file, begun.line, begun.names
    if len(names) > MOST_PROPOSALS:
        given, wanted = f"{len(names)} columns", f"at most {MOST_PROPOSALS} proposals"
        raise _Bad(Problem(file, line, None, "too-many-proposals", given, wanted))
    wanted_places = _places(file, chosen.columns, len(names))
    skipped = {alike(name) for name in chosen.skip}
    if unknown := [name for name in chosen.skip if alike(name) not in map(alike, names)]:
        raise _Bad(Problem(file, line, unknown[0], "missing-column", ", ".join(names), unknown[0]))
    places: list[int] = []
    passed: list[str] = []
    for place, name in enumerate(names):
        cells = [values[place] for _, values in first if place < len(values)]
        cells = [cell for cell in cells if not _is_silent(cell)]
        if alike(name) in skipped or (wanted_places and place not in wanted_places) or not (name or cells):
            continue
        if not wanted_places and cells and _is_of_form(name, cells, meanings):
            passed.append(name or column_letters(place + 1))
        else:
            places.append(place)
    problems = _name_problems(file, line, names, places)
    if problems:
        raise _Bad(*problems)
    notices = [Notice("columns-passed-over", ", ".join(passed))] if passed else []
    short = _short_names([names[place] for place in places])
    return _Header(line, len(names), short, tuple(places), tuple(notices))


def _name_problems(file: str, line: int, names: list[str], places: list[int]) -> list[Problem]:
    if not places:
        return [Problem(file, line, None, "no-proposal", ", ".join(names), "a column of grades")]
    problems = []
    seen: set[str] = set()
    for place in places:
        name, letters = names[place], column_letters(place + 1)
        if len(name) > LONGEST_CELL:
            given, most = f"{len(name)} characters", f"at most {LONGEST_CELL}"
            problems.append(Problem(file, line, letters, "cell-too-long", given, most))
        elif not name:
            problems.append(
                Problem(file, line, None, "bad-name", f"column {letters}", "a name for each proposal")
            )
        elif name in seen:
            problems.append(Problem(file, line, name, "duplicate-name", name, "each proposal once"))
        seen.add(name)
    return problems


def _places(file: str, columns: str, width: int) -> set[int]:
    """Return the places, from 0, of numbers and ranges of columns."""
    places: set[int] = set()
    for part in filter(None, columns.replace(" ", "").split(",")):
        found = re.fullmatch(r"([0-9]{1,4})(-([0-9]{1,4})?)?", part)
        first = int(found[1]) if found else 0
        last = width if found and found[2] == "-" else int(found[3] or first) if found else 0
        if not 1 <= first <= last <= width:
            wanted = f"numbers from 1 to {width}, such as 2-"
            raise _Bad(Problem(file, 1, None, "bad-columns", part, wanted))
        places |= set(range(first - 1, last))
    return places


def _is_of_form(name: str, cells: list[str], meanings: Mapping[str, int]) -> bool:
    """Tell whether a column is none of grades, but one that a program added."""
    if any(_meaning(cell, meanings) is not None for cell in cells):
        return False
    return alike(name).rstrip(" :?*") in OF_FORMS or all(MOMENT.fullmatch(cell.strip()) for cell in cells)


def _short_names(names: list[str]) -> tuple[str, ...]:
    """Return the names of proposals, out of the brackets of one question where all of them stand in such."""
    parts = [BRACKETED.fullmatch(name) for name in names]
    short = tuple(part["name"].strip() for part in parts if part)
    is_one_question = len({alike(part["question"]) for part in parts if part}) == 1
    is_whole = len(short) == len(names) == len(set(short)) and len(names) > 1
    return short if is_one_question and is_whole and all(short) else tuple(names)


class _Count:
    """Counts the different cells of each column, blank ballots apart: only those are looked at one by one."""

    def __init__(self, file: str, header: _Header) -> None:
        self.file = file
        self.width = header.width
        self.places = header.places
        self.is_whole = header.places == tuple(range(header.width))
        self.tallies: list[Counter[str]] = [Counter() for _ in header.places]
        self.ballots = self.blank = self.problems = 0

    def take(self, batch: list[tuple[int, list[str]]]) -> None:
        """Count the ballots of some lines."""
        rows = [values for _, values in batch if values]
        if set(map(len, rows)) - {self.width}:
            rows = [row for row in map(self._fitted, rows) if row]
        if not self.is_whole:
            rows = [[row[place] for place in self.places] for row in rows]
        judging = [row for row in rows if not all(map(_is_silent, row))]
        for tally, column in zip(self.tallies, zip(*judging, strict=True), strict=False):
            tally.update(column)
        self.ballots += len(rows)
        self.blank += len(rows) - len(judging)

    def _fitted(self, row: list[str]) -> list[str]:
        if any(map(str.strip, row[self.width :])):
            self.problems += 1
            return []
        return row[: self.width] + [""] * (self.width - len(row))


def _meaning(cell: str, meanings: Mapping[str, int]) -> int | str | None:
    """Return the grade of a cell, a text where there is no grade, and nothing where it means nothing."""
    grade = meaning(cell, meanings)
    if grade is None and _is_silent(cell):
        return bare(cell)
    if grade is None and (number := INDEX.fullmatch(cell.strip())):
        return meaning(number[1], meanings)
    return grade


@lru_cache(maxsize=1024)
def _is_silent(cell: str) -> bool:
    word = fold(cell)
    return not word or bare(word) in NO_OPINION_WORDS


def _each_problem(
    source: Source,
    header: _Header,
    meanings: Mapping[str, int],
    scale: Sequence[str],
    tallies: Iterable[Counter[str]],
) -> Iterator[Problem]:
    """Yield the problems of a file that is known to have some."""
    expected = ", ".join(scale)
    if "0" not in meanings:
        expected += "; say which scale it is for other names and for numbers"
    else:
        expected += f", or a number from 0 to {len(scale) - 1}"
    empty = {
        place: next(cell for cell in tally if not _is_silent(cell))
        for place, tally in zip(header.places, tallies, strict=True)
        if any(not _is_silent(cell) for cell in tally)
        and not any(isinstance(_meaning(cell, meanings), int) for cell in tally)
    }
    # Where no column holds a grade, it is rather the scale that is another one.
    without = empty if len(empty) < len(header.places) else {}
    for place, name in zip(header.places, header.names, strict=True):
        if place in without:
            found, wanted = ascii(without[place])[:60], f"a grade in this column: {expected}"
            yield Problem(source.file, header.line, name, "no-grade", found, wanted)
    for line, row in source.lines:
        if line <= header.line or not row:
            continue
        if any(map(str.strip, row[header.width :])):
            filled = max(place for place, cell in enumerate(row, start=1) if cell.strip())
            yield Problem(source.file, line, None, "ragged-row", f"{filled} values", f"{header.width} values")
            continue
        for place, name in zip(header.places, header.names, strict=True):
            cell = row[place] if place < len(row) else ""
            if place not in without and _meaning(cell, meanings) is None:
                yield Problem(source.file, line, name, "unknown-grade", ascii(cell)[:60], expected)


def _is_of_counts(header: list[str], meanings: Mapping[str, int]) -> bool:
    """Tell whether a header is that of a table of counts: a grade in each column but the first."""
    grades = [meaning(name, meanings) for name in header[1:]]
    known = [grade for grade in grades if grade is not None]
    return len(set(known)) > 1 and all(
        grade is not None or (name and _is_silent(name))
        for grade, name in zip(grades, header[1:], strict=True)
    )


def _counts(begun: _Begun, scale: tuple[str, ...], meanings: Mapping[str, int], *, is_given: bool) -> Counts:
    """Read a table of counts; without a scale, it is that of the grades which the header names."""
    file, header = begun.source.file, begun.names
    columns = [meaning(name, meanings) for name in header]
    places = sorted({grade for grade in columns[1:] if grade is not None})
    kept = tuple(range(len(scale))) if is_given else tuple(places)
    counts: dict[str, list[object]] = {}
    no_opinion: dict[str, object] = {}
    problems = []
    if len(places) < sum(grade is not None for grade in columns[1:]):
        problems.append(Problem(file, 1, None, "duplicate-name", ", ".join(header[1:]), "each grade once"))
    for line, values in begun.lines:
        cells = [one_line(value) for value in values]
        if not any(cells):
            continue
        name = cells[0]
        if not name or name in counts:
            code = "duplicate-name" if name else "bad-name"
            problems.append(Problem(file, line, header[0], code, name or "nothing", "each proposal once"))
            continue
        numbers = {}
        for place, cell in enumerate(cells[1:], start=1):
            if place >= len(header) and not cell:
                continue
            column = header[place] if place < len(header) else column_letters(place + 1)
            if place >= len(header) or not (COUNT.fullmatch(cell) or not cell):
                problems.append(Problem(file, line, column, "not-a-number", cell, "a whole number"))
                continue
            numbers[place] = int(re.split("[.,]", cell)[0]) if cell else 0
        by_grade = {columns[place]: number for place, number in numbers.items()}
        counts[name] = [by_grade.get(grade, 0) for grade in kept]
        no_opinion[name] = by_grade.get(None, 0)
    if problems:
        raise _Bad(*problems)
    grades = tuple(scale[grade] for grade in kept)
    return Counts(grades, counts, None, None, no_opinion, notices=begun.source.notices)
