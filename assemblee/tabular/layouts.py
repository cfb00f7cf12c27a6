"""How far the sheets of a workbook reach, and what is hidden, merged or without a value in them.

Workbooks are gone through a piece at a time before any cell is read: a file of a few bytes can hold a sheet
without end. Elements are known by the ends of their names, whatever namespace stands before them, and nothing
is measured as less than what the library then makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

MOST_CELLS = 3_000_000
WIDEST = 1_000
LARGEST_UNPACKED = 256 * 2**20
# All texts of a sheet, as one text can stand in many cells.
MOST_CHARACTERS = 64_000_000
# The marks by which elements begin and end: a sheet of as many cells as are read has fewer.
MOST_MARKS = 14_000_000
# Elements inside of each other: the parser keeps each of them in mind.
DEEPEST = 200
# Merged cells and formulas of one sheet that are kept in mind.
MOST_NOTED = 200_000
# A tag, a comment or a text: the parser and the library hold each of them as a whole.
LONGEST_TOKEN = 2**20
PIECE = 2**16
FIRST_SHOWN = 5
SHORT = 60
Span = tuple[int, int, int]


class TooLarge(Exception):  # noqa: N818 - named after what is wrong
    """A sheet reaches further than anybody can use."""


class TooMuchText(TooLarge):
    """A sheet holds more text than can be read at once."""


@dataclass
class Hidden:
    """Rows that are not seen: how many, and the first of them."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, start: int, count: int = 1) -> None:
        """Note some that follow each other."""
        self.first += range(start, start + min(count, FIRST_SHOWN - len(self.first)))
        self.count += count

    def __add__(self, other: Hidden) -> Hidden:
        return Hidden(self.count + other.count, [*self.first, *other.first][:FIRST_SHOWN])


@dataclass
class Layout:
    """What is known of a sheet before its values are read.

    Attributes
    ----------
    rows, columns : int
        Number of the last row and column with a value, counted from 1.
    hidden_rows : Hidden
        Those above the last value.
    below : Hidden
        Those below it.
    hidden_columns : set of int
    spans : list of tuple
        First row, last row and column of cells merged downwards, counted from 0.
    unkept : dict
        For each row, the columns of formulas that give no value, with what stands there.
    unknown : tuple or None
        Row, column and text of an error that the library does not know, by which it refuses the whole sheet.
    excess : TooLarge or None
        Why the rest of it was not looked at.
    """

    rows: int = 0
    columns: int = 0
    hidden_rows: Hidden = field(default_factory=Hidden)
    below: Hidden = field(default_factory=Hidden)
    hidden_columns: set[int] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)
    unkept: dict[int, dict[int, str]] = field(default_factory=dict)
    unknown: tuple[int, str, str] | None = None
    excess: TooLarge | None = None

    def reach(self, row: int, column: int) -> None:
        """Note that a cell has a value."""
        if row > self.rows:
            self.rows = row
            if self.below.count:
                self.hidden_rows = self.hidden_rows + self.below
                self.below = Hidden()
        self.columns = max(self.columns, column)
        if self.rows * self.columns > MOST_CELLS or self.columns > WIDEST:
            raise TooLarge

    def spanned(self) -> list[Span]:
        """Return the merged cells of which a part lies between the first value and the last."""
        return [
            (first, last, column)
            for first, last, column in self.spans
            if first < self.rows and column < self.columns
        ]


class Scan:
    """Goes through one part of a workbook, and keeps no more of it than is asked for."""

    def __init__(self) -> None:
        self.characters = self.noted = self.depth = self.run = 0
        self.is_text = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._hold
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.buffer_text = True

    def _refuse(self, *_: object) -> None:
        # No spreadsheet writes definitions of its own.
        raise ValueError("a document type")

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.run = 0
        if self.depth > DEEPEST:
            raise ValueError("elements inside of elements without end")
        self.begin(tag.rpartition(":")[2], attributes)

    def _end(self, tag: str) -> None:
        self.depth -= 1
        self.run = 0
        self.end(tag.rpartition(":")[2])

    def _hold(self, text: str) -> None:
        self.run += len(text)
        if self.run > LONGEST_TOKEN:
            raise TooMuchText
        if self.is_text:
            self.hold(text)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of an element."""

    def end(self, name: str) -> None:
        """Take in the end of an element."""

    def hold(self, text: str) -> None:
        """Take in some text of a value."""

    def count(self, characters: int) -> None:
        """Note how long a value is."""
        self.characters += characters
        if self.characters > MOST_CHARACTERS:
            raise TooMuchText

    def note(self) -> None:
        """Note that something is kept in mind."""
        self.noted += 1
        if self.noted > MOST_NOTED:
            raise TooLarge

    def lack(self, layout: Layout, row: int, column: int, found: str) -> None:
        """Note a formula that gives no value."""
        self.note()
        layout.unkept.setdefault(row, {})[column] = found or "a formula"

    def read(self, part: IO[bytes], most: int = LARGEST_UNPACKED) -> None:
        """Go through a part, a piece at a time."""
        size = marks = 0
        while piece := part.read(PIECE):
            size += len(piece)
            marks += piece.count(b"<")
            if size > most or marks > MOST_MARKS:
                raise TooMuchText
            self.parser.Parse(piece, False)  # noqa: FBT003 - expat knows no names here
            if size - self.parser.CurrentByteIndex > LONGEST_TOKEN:
                raise TooMuchText
        self.parser.Parse(b"", True)  # noqa: FBT003 - the same
