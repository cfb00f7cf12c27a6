"""Files of a vote: ballots in a table of any kind, or counts in a JSON document."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from assemblee.tabular import Problem, UnreadableTable, open_source
from assemblee.tabular.tables import column_letters
from votes.answers import BadTable, Counts, Selection, begin
from votes.ballot_tables import read_ballot_table
from votes.defaults import Default
from votes.errors import BadDocument, UnreadableBallots, VotesError
from votes.poll import MOST
from votes.profile_tables import is_of_profiles, read_profiles
from votes.scales import SEVEN, check_grades, words

# With or without a byte order mark: some programs begin their files with one.
ENCODING = "utf-8-sig"
DEEPEST = 32


class UnreadableFile(VotesError):  # noqa: N818 - named after what is wrong
    """A file that is not there, or may not be read or written."""

    code = "unreadable-file"


def read(path: Path, grades: Sequence[str] | None = None, selection: Selection | None = None) -> Counts:
    """Read ballots in a table, or counts (``.json``); a file of another name is told by its first character.

    Parameters
    ----------
    path : Path
    grades : sequence of str, optional
        The scale of a file of ballots, worst first.
    selection : Selection, optional
        What of a file of ballots is read, and how.

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
        return read_ballots(path, grades, selection)
    except OSError as error:
        raise UnreadableFile(path=str(path), reason=error.strerror) from error


def _is_object(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")


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
            if source.faults:
                # A grade that a formula does not give would be an absent one, without a word.
                raise UnreadableBallots(
                    [
                        Problem(
                            path.name, line, column_letters(column), "formula-without-value", found, "a value"
                        )
                        for line, columns in source.faults.items()
                        for column, found in columns.items()
                    ]
                )
            begun = begin(source)
            if is_of_profiles(begun.names, named):
                return read_profiles(begun, scale, named, is_given=grades is not None)
            return read_ballot_table(stream, begun, scale, meanings if grades else named, chosen)
    except UnreadableTable as unreadable:
        raise UnreadableBallots([unreadable.problem]) from None
    except BadTable as bad:
        raise UnreadableBallots(bad.problems) from None


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
