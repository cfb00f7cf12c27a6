"""Ballots in a table: a line each, and a column for each proposal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from assemblee.tabular import Notice, Problem, Source, open_source
from assemblee.tabular.tables import LONGEST_CELL, column_letters
from assemblee.tabular.words import SYNONYMS, alike
from votes.answers import BadTable, Begun, Counts, Selection, is_silent, meaning_of

# So few rows that their cells stay in the processor's cache while their columns are counted.
BATCH = 128
MOST_PROBLEMS = 10_000
MOST_PROPOSALS = 1000
MOMENT = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b.*")
BRACKETED = re.compile(r"(?P<question>.*\S)\s*\[(?P<name>[^\[\]]+)\]")
# Columns that programs of online forms add to the questions, as `alike` leaves their names.
OF_FORMS = frozenset(
    {
        *("horodateur", "timestamp", "horodatage", "date", "submit date", "date submitted", "submitted at"),
        *("date de soumission", "date d'envoi", "start time", "completion time", "heure de debut"),
        *("heure de fin", "heure de la derniere modification", "last modified time", "last page"),
        *("lastpage", "submitdate", "startlanguage", "start language", "langue de depart", "seed"),
        *("token", "receipt"),
        *("derniere page", "adresse ip", "ip address", "duration", "duree", "score", "points"),
        *SYNONYMS["id"],
        *SYNONYMS["email"],
        *SYNONYMS["name"],
        *SYNONYMS["first name"],
        *SYNONYMS["last name"],
    }
)


@dataclass(frozen=True)
class _Header:
    """The names of the columns that are proposals, with their places, and the width of a line."""

    line: int
    width: int
    names: tuple[str, ...]
    places: tuple[int, ...]
    notices: tuple[Notice, ...]


def read_ballot_table(
    stream: BinaryIO, begun: Begun, scale: tuple[str, ...], meanings: Mapping[str, int], chosen: Selection
) -> Counts:
    """Read ballots, a line each, and a column for each proposal.

    Parameters
    ----------
    stream : binary file
        The one that the table was opened from: it is read once more to place what is wrong.
    begun : Begun
    scale : tuple of str
        The grades, worst first.
    meanings : mapping of str to int
        The grade that each word of a ballot stands for (`scales.words`).
    chosen : Selection

    Raises
    ------
    BadTable
    """
    source, lines = begun.source, begun.lines
    first = list(islice(lines, BATCH))
    header = _header(begun, first, meanings, chosen)
    count = _Count(source.file, header)
    for batch in chain([first], iter(lambda: list(islice(lines, BATCH)), [])):
        count.take(batch)
    unknown = {cell for tally in count.tallies for cell in tally if meaning_of(cell, meanings) is None}
    if unknown or count.problems:
        stream.seek(0)
        again = open_source(stream, source.file, chosen.reading)
        raise BadTable(*islice(_each_problem(again, header, meanings, scale, count.tallies), MOST_PROBLEMS))
    counts = {name: [0] * len(scale) for name in header.names}
    no_opinion = dict.fromkeys(header.names, 0)
    for name, tally in zip(header.names, count.tallies, strict=True):
        for cell, number in tally.items():
            grade = meaning_of(cell, meanings)
            if isinstance(grade, int):
                counts[name][grade] += number
            elif grade:
                no_opinion[name] += number
    notices = (*source.notices, *header.notices)
    return Counts(scale, counts, None, None, no_opinion, count.ballots, count.blank, notices)


def _header(
    begun: Begun, first: list[tuple[int, list[str]]], meanings: Mapping[str, int], chosen: Selection
) -> _Header:
    """Return which columns are proposals.

    Raises
    ------
    BadTable
        With what is wrong with their names.
    """
    file, line, names = begun.source.file, begun.line, begun.names
    if len(names) > MOST_PROPOSALS:
        given, wanted = f"{len(names)} columns", f"at most {MOST_PROPOSALS} proposals"
        raise BadTable(Problem(file, line, None, "too-many-proposals", given, wanted))
    wanted_places = _places(file, chosen.columns, len(names))
    skipped = {alike(name) for name in chosen.skip}
    if unknown := [name for name in chosen.skip if alike(name) not in map(alike, names)]:
        raise BadTable(Problem(file, line, unknown[0], "missing-column", ", ".join(names), unknown[0]))
    places: list[int] = []
    passed: list[str] = []
    for place, name in enumerate(names):
        cells = [values[place] for _, values in first if place < len(values)]
        cells = [cell for cell in cells if not is_silent(cell)]
        if alike(name) in skipped or (wanted_places and place not in wanted_places) or not (name or cells):
            continue
        if not wanted_places and cells and _is_of_form(name, cells, meanings):
            passed.append(name or column_letters(place + 1))
        else:
            places.append(place)
    problems = _name_problems(file, line, names, places)
    if problems:
        raise BadTable(*problems)
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
            raise BadTable(Problem(file, 1, None, "bad-columns", part, wanted))
        places |= set(range(first - 1, last))
    return places


def _is_of_form(name: str, cells: list[str], meanings: Mapping[str, int]) -> bool:
    """Tell whether a column is none of grades, but one that a program added."""
    if any(meaning_of(cell, meanings) is not None for cell in cells):
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
        judging = [row for row in rows if not all(map(is_silent, row))]
        for tally, column in zip(self.tallies, zip(*judging, strict=True), strict=False):
            tally.update(column)
        self.ballots += len(rows)
        self.blank += len(rows) - len(judging)

    def _fitted(self, row: list[str]) -> list[str]:
        if any(map(str.strip, row[self.width :])):
            self.problems += 1
            return []
        return row[: self.width] + [""] * (self.width - len(row))


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
        place: next(cell for cell in tally if not is_silent(cell))
        for place, tally in zip(header.places, tallies, strict=True)
        if any(not is_silent(cell) for cell in tally)
        and not any(isinstance(meaning_of(cell, meanings), int) for cell in tally)
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
            if place not in without and meaning_of(cell, meanings) is None:
                yield Problem(source.file, line, name, "unknown-grade", ascii(cell)[:60], expected)
