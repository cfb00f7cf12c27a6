"""A file of any kind as the lines that stand in it, with what is said of how it was read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from assemblee.tabular.delimited import records
from assemblee.tabular.encodings import NAMES, find_encoding
from assemblee.tabular.problems import Notice, Problem, UnreadableTable
from assemblee.tabular.workbooks import is_packed, open_sheet

# How files begin that somebody may take for a table, with the name that people know them by.
OTHERS = (
    (b"%PDF", ".pdf"),
    (b"\xd0\xcf\x11\xe0", ".xls"),
    (b"{\\rtf", ".rtf"),
    (b"\x1f\x8b", ".gz"),
    (b"Rar!", ".rar"),
    (b"7z\xbc\xaf", ".7z"),
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
)
PROTECTED = "EncryptedPackage".encode("utf-16-le")
MARKUP = re.compile(
    rb"[\xef\xbb\xbf\s]*<(!doctype|!--|html|head|meta|style|body|table|div|\?xml)", re.IGNORECASE
)
PIECE = 2**20


@dataclass(frozen=True)
class Reading:
    """What somebody chose of how a file is read: the encoding of a text, the sheet of a workbook."""

    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Source:
    """The lines of a file, before anything is made of them.

    Parameters
    ----------
    file : str
    lines : iterator of (int, list of str)
        Number and values of each line that the file has, blank ones too. Going through them may raise
        :class:`UnreadableTable`.
    notices : tuple of Notice
    encoding : str or None
        The encoding of a text, a key of `encodings.NAMES` where that can be chosen; nothing for a workbook.
    sheet : str or None
        The name of the sheet that is read.
    sheets : tuple of str
        The other sheets that hold a value.
    faults : dict
        For each line, the columns (from 1) of formulas that give no value, with what stands there.
    """

    file: str
    lines: Iterator[tuple[int, list[str]]]
    notices: tuple[Notice, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    faults: dict[int, dict[int, str]] = field(default_factory=dict)


def open_source(data: BinaryIO | bytes, file: str, reading: Reading | None = None) -> Source:
    """Open a file by what it holds, whatever its name.

    Parameters
    ----------
    data : bytes or binary file
        A file can be as large as it wants where it is text: it is read a piece at a time.
    file : str
        Its name, for the problems.
    reading : Reading, optional

    Raises
    ------
    UnreadableTable
        ``not-a-table`` for a file of another kind, ``old-workbook``, ``protected-workbook``, and whatever
        `open_sheet` and `find_encoding` refuse.
    """
    chosen = reading or Reading()
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    stream.seek(0)
    start = stream.read(4096)
    if is_packed(start):
        sheet = open_sheet(stream, file, chosen.sheet)
        return Source(
            file, sheet.lines, sheet.notices, sheet=sheet.name, sheets=sheet.others, faults=sheet.faults
        )
    _refuse_others(stream, start, file)
    encoding = find_encoding(stream, file, chosen.encoding)
    name = encoding.name if encoding.name in NAMES else "utf-8"
    return Source(file, records(stream, encoding.name, file), encoding.notices, encoding=name)


def _refuse_others(stream: BinaryIO, start: bytes, file: str) -> None:
    kind = next((kind for mark, kind in OTHERS if start.startswith(mark)), None)
    code = "not-a-table"
    if kind == ".xls":
        code = "protected-workbook" if _holds(stream, PROTECTED) else "old-workbook"
    elif kind is None and MARKUP.match(start):
        kind = "HTML"
    if kind is not None:
        raise UnreadableTable(Problem(file, None, None, code, kind, ".xlsx, .ods or .csv"))


def _holds(stream: BinaryIO, mark: bytes) -> bool:
    stream.seek(0)
    rest = b""
    while piece := stream.read(PIECE):
        if mark in rest + piece:
            return True
        rest = piece[-len(mark) :]
    return False
