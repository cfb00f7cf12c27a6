"""Delimited text: which mark parts its values, and its records with the line on which each begins."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import BinaryIO, NamedTuple

from assemblee.tabular.problems import Problem, UnreadableTable

DELIMITERS = ";,\t|"
# Of nothing but marks and spaces nobody makes a value.
BLANKS = " \t;,|\r\n"
SAMPLE, LARGEST_SAMPLE = 2**17, 2**21
SAMPLED = 60
MOSTLY, LOOSELY = 0.9, 0.8
MOST_TITLES, LEAST_BELOW = 5, 3
SEPARATOR_LINE = re.compile(r'[ \t]*"?sep=([^\s\w"]|\t)"?[ \t;,]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
LINE_END = re.compile(r"\r\n|\r|\n")
ADDRESS = re.compile(r"(?:\[InternetShortcut\]\s*URL=)?\s*https?://\S+\s*", re.IGNORECASE)
# What a record can be before it takes all memory; a cell too long for spreadsheets is a problem of one line,
# said by the table, unless it is longer than any line could be.
LONGEST_VALUE, MOST_VALUES = 2 * 2**20, 2**17
csv.field_size_limit(LONGEST_VALUE)


def records(data: BinaryIO, encoding: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a text file with the line on which each begins, counted from 1.

    A first line ``sep=;`` of Excel is obeyed and passed over (so its mark counts whatever follows); else the
    mark is the one by which most of the first records have as many values as the header. A value may be
    quoted, as by RFC 4180, with spaces before the quotation mark.

    Raises
    ------
    UnreadableTable
        ``link``, ``bad-quoting``, ``cell-too-long``, ``too-many-columns``, or ``swallowed-lines``: a quoted
        value that holds what looks like whole lines, as where a quotation mark is left open on one line and
        closed on another.
    """
    data.seek(0)
    text = io.TextIOWrapper(data, encoding=encoding, newline="")
    try:
        yield from _records(text, file)
    finally:
        # The file is the caller's, who may have closed it.
        with suppress(ValueError):
            text.detach()


def _records(text: io.TextIOWrapper, file: str) -> Iterator[tuple[int, list[str]]]:
    sample = text.read(SAMPLE)
    # Lines may be long: a few of them tell more than one.
    while (
        len(sample) < LARGEST_SAMPLE
        and len(LINE_END.findall(sample)) < SAMPLED
        and (more := text.read(SAMPLE))
    ):
        sample += more
    if ADDRESS.fullmatch(sample):
        raise UnreadableTable(Problem(file, 1, None, "link", sample.strip()[:60], "a file of its own"))
    separator = SEPARATOR_LINE.match(sample)
    text.seek(0)
    if separator:
        text.readline()
    mark = separator[1] if separator else delimiter(sample)
    widths = _usual_widths(sample[separator.end() :] if separator else sample, mark)
    bounded = _Bounded(text, mark)
    lines = csv.reader(bounded, delimiter=mark, skipinitialspace=True, strict=True)
    start = first = 2 if separator else 1
    try:
        for values in lines:
            end = first - 1 + lines.line_num
            if end > start and any(_swallows(values, mark, width) for width in widths):
                found = f"{end - start + 1} lines in one value"
                raise UnreadableTable(
                    Problem(file, start, None, "swallowed-lines", found, "quotes opened and closed")
                )
            yield start, values
            start = end + 1
            bounded.values = 0
    except csv.Error as error:
        is_long = "field limit" in str(error) and first - 1 + lines.line_num <= start
        code = "cell-too-long" if is_long else "bad-quoting"
        wanted = f"at most {LONGEST_VALUE} characters" if is_long else "quotes opened and closed"
        raise UnreadableTable(Problem(file, start, None, code, str(error), wanted)) from None
    except _TooManyValues:
        # Marks of many lines are in an open quotation rather than between so many values.
        is_one_line = first - 1 + lines.line_num <= start
        code = "too-many-columns" if is_one_line else "bad-quoting"
        wanted = "at most 1000 columns" if is_one_line else "quotes opened and closed"
        problem = Problem(file, start, None, code, f"more than {MOST_VALUES} values", wanted)
        raise UnreadableTable(problem) from None


class _TooManyValues(Exception):  # noqa: N818 - it never leaves this module
    """A record has more values than anybody can use."""


class _Bounded:
    """The lines of a text, as long as one record has no more values than can be held."""

    def __init__(self, text: io.TextIOWrapper, mark: str) -> None:
        self.text, self.mark = text, mark
        self.values = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.text:
            self.values += line.count(self.mark)
            if self.values > MOST_VALUES:
                raise _TooManyValues
            yield line


def _usual_widths(sample: str, mark: str) -> set[int]:
    """Return how many values most of the first records have, which the first one may not have, if injured."""
    rows = csv.reader(io.StringIO(_whole(sample), newline=""), delimiter=mark, skipinitialspace=True)
    widths = Counter(len(row) for row in rows if _holds_a_value(row))
    return {width for width, count in widths.items() if count == max(widths.values())}


def _swallows(values: list[str], mark: str, width: int) -> bool:
    """Tell whether a record of several lines holds others: what it quotes has their marks or their width."""
    parts = [LINE_END.split(value) for value in values]
    filled = max((place for place, value in enumerate(values, start=1) if value.strip(BLANKS)), default=0)
    is_unfit = len(values) < width or filled > width
    if is_unfit and any(mark in value for value, lines in zip(values, parts, strict=True) if len(lines) > 1):
        return True
    least = max(width - 1, 1)
    for place, lines in enumerate(parts):
        first, *inner = (line.count(mark) for line in lines)
        if any(count >= least for count in inner[:-1]):
            return True
        ends = (place + 1 + first, (inner or [first])[-1] + len(values) - place)
        if inner and width > 1 and ends == (width, width):
            return True
    return False


def _whole(sample: str) -> str:
    """Return a sample without its last record, which may be cut."""
    end = max(sample.rfind("\n"), sample.rfind("\r")) + 1
    return sample[:end] if end and len(sample) >= SAMPLE else sample


def delimiter(sample: str) -> str:
    r"""Return the mark that parts the values of a text, by its first records.

    Examples
    --------
    >>> delimiter('id;"name, first";age\n1;"Martin, Ana";30\n')
    ';'
    """
    cut = _whole(sample)
    fits = {mark: _fit(cut, mark) for mark in DELIMITERS}
    # A quotation mark that is never closed hides all that follows: then the text counts without any.
    unquoted = {mark: _fit(cut.replace('"', ""), mark) for mark in DELIMITERS}
    found = _best(fits) or _best(unquoted)
    return found or max(DELIMITERS, key=lambda mark: (fits[mark].narrower, fits[mark].width, cut.count(mark)))


def _best(fits: Mapping[str, _Fit]) -> str | None:
    wide = [mark for mark in DELIMITERS if fits[mark].width > 1]
    exact = [mark for mark in wide if fits[mark].same >= MOSTLY]
    loose = [mark for mark in wide if fits[mark].narrower >= LOOSELY]
    return max(exact or loose, key=lambda mark: (fits[mark].width, -fits[mark].titles), default=None)


class _Fit(NamedTuple):
    """Which share of the records is as wide as the first, which is no wider, and that width below titles."""

    same: float = 0.0
    narrower: float = 0.0
    width: int = 0
    titles: int = 0


def _holds_a_value(row: list[str]) -> bool:
    return any(value.strip(BLANKS) for value in row)


def _fit(sample: str, mark: str) -> _Fit:
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=mark, skipinitialspace=True)
    widths: list[tuple[int, list[int]]] = []
    for row in islice(filter(_holds_a_value, rows), SAMPLED):
        places = [place for place, value in enumerate(row, start=1) if value.strip(BLANKS)]
        widths.append((len(row), places))
    # A title above the header is one value on a line of its own.
    titles = next((count for count, (_, places) in enumerate(widths) if len(places) > 1), 0)
    if titles > MOST_TITLES or len(widths) < LEAST_BELOW + titles:
        titles = 0
    if not widths:
        return _Fit()
    width, others = widths[titles][0], widths[titles + 1 :]
    if not others:
        return _Fit(1.0, 1.0, width)
    same = sum(length == width for length, _ in others)
    narrower = sum(1 < places[-1] <= width for _, places in others)
    return _Fit(same / len(others), narrower / len(others), width, titles)
