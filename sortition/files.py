"""Tables in the field's own form: delimited text with a header, read with all its problems at once."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sortition.errors import Problem, UnreadableFiles
from sortition.written import visible

DELIMITERS = ",;\t"
MOST_COLUMNS = 1000


@dataclass(frozen=True)
class Row:
    """One line of a table: the line it starts on, and its values in the order of the header."""

    line: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A header and the rows that have as many values as it."""

    file: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, name: str) -> int:
        """Return the position of a header, or -1 where the table has no such column."""
        return self.header.index(name) if name in self.header else -1


def tidy(text: str) -> str:
    """Return a text in Unicode normal form C, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def canonical(text: str) -> bytes:
    """Return the key by which names stand in canonical order: the UTF-8 bytes of their NFC form."""
    return tidy(text).encode()


def read_table(data: bytes, file: str) -> Table:
    """Read a delimited text file.

    The text is UTF-8, with or without a byte order mark; values are parted by commas, semicolons or tabs
    (whichever gives the header most columns), may be quoted, and are brought to NFC without white space
    around them and without marks that nobody sees. Lines without any value are passed over.

    Parameters
    ----------
    data : bytes
        The content of the file.
    file : str
        Its name, for the problems.

    Returns
    -------
    Table

    Raises
    ------
    UnreadableFiles
        With every problem of the file.
    """
    table, problems = scan_table(data, file)
    if problems:
        raise UnreadableFiles(problems)
    return table


def scan_table(data: bytes, file: str) -> tuple[Table, list[Problem]]:
    """Read a delimited text file, and return its problems beside what could be read."""
    empty = Table(file, (), ())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = f"byte 0x{data[error.start]:02X}"
        return empty, [Problem(file, line, None, "not-utf-8", byte, "UTF-8 text")]
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return empty, [Problem(file, line, None, "not-text", "a NUL character", "UTF-8 text")]
    problems: list[Problem] = []
    rows = list(_rows(text, file, problems))
    if not rows:
        return empty, problems or [Problem(file, None, None, "empty-file", "no line", "a header line")]
    header = rows[0]
    if len(header.values) > MOST_COLUMNS:
        given, wanted = f"{len(header.values)} columns", f"at most {MOST_COLUMNS} columns"
        problem = Problem(file, header.line, None, "too-many-columns", given, wanted)
        return Table(file, (), ()), [*problems, problem]
    for position, name in enumerate(header.values, start=1):
        if not name:
            problems.append(
                Problem(file, header.line, str(position), "empty-header", "no name", "a name for each column")
            )
        elif name in header.values[: position - 1]:
            problems.append(Problem(file, header.line, name, "duplicate-header", name, "each header once"))
    width = len(header.values)
    whole = []
    for row in rows[1:]:
        if len(row.values) == width:
            whole.append(row)
        else:
            problems.append(
                Problem(file, row.line, None, "ragged-row", f"{len(row.values)} values", f"{width} values")
            )
    return Table(file, header.values, tuple(whole)), problems


def _rows(text: str, file: str, problems: list[Problem]) -> Iterator[Row]:
    """Yield the lines that hold a value."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    start = 1
    try:
        for values in lines:
            tidied = tuple(visible(value) for value in values)
            if any(tidied):
                yield Row(start, tidied)
            start = lines.line_num + 1
    except csv.Error as error:
        problems.append(Problem(file, start, None, "bad-quoting", str(error), "quotes opened and closed"))


def _delimiter(text: str) -> str:
    """Return the delimiter that gives the first line with a value most columns."""
    first = next((line for line in text.splitlines() if line.strip(" \t,;")), "")

    def width(mark: str) -> int:
        try:
            return max(map(len, csv.reader([first], delimiter=mark)), default=0)
        except csv.Error:
            # A value too long to be read: with another mark it may be several, or else it is refused later.
            return 0

    return max(DELIMITERS, key=width)
