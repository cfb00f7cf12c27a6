"""Workbooks of spreadsheets (.xlsx, .ods): one sheet as lines of text."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from assemblee.tabular.layouts import (
    LARGEST_UNPACKED,
    MOST_CELLS,
    MOST_CHARACTERS,
    PIECE,
    WIDEST,
    Layout,
    TooLarge,
    TooMuchText,
)
from assemblee.tabular.office_open import workbook_layouts
from assemblee.tabular.open_document import open_document_layouts
from assemblee.tabular.problems import Notice, Problem, UnreadableTable

MOST_PARTS = 5_000
SHOWN = 5
SHOWN_OF_REASON = 80
LARGEST_WHOLE = 10**16
LARGEST_MANIFEST = 2**20
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
OPEN_SPREADSHEET = OPEN_DOCUMENT + b"spreadsheet"
# By a part that only they have: other documents that begin as workbooks do.
OTHERS = {
    "word/document.xml": ".docx",
    "workbook.bin": ".xlsb",
    "ppt/presentation.xml": ".pptx",
    "index/document.iwa": ".numbers",
}
OPEN_OTHERS = {"text": ".odt", "presentation": ".odp", "graphics": ".odg"}
# What is raised of an archive that is none, that is cut, or that is packed in a way nobody here knows.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    ValueError,
    expat.ExpatError,
    CalamineError,
)
Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, and what is said of it."""

    name: str
    others: tuple[str, ...]
    notices: tuple[Notice, ...]
    lines: Iterator[tuple[int, list[str]]]
    faults: dict[int, dict[int, str]]


def is_packed(start: bytes) -> bool:
    """Tell whether a file begins as zip archives do, workbooks among them."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def open_sheet(data: BinaryIO, file: str, wanted: str | None = None) -> Sheet:
    """Open a sheet of a workbook: the one of a name, or the first that is seen and not empty.

    Hidden rows and columns are read as the others; cells merged downwards hold their value on each line;
    formulas are their kept value; dates are as by ISO 8601; whole numbers have no decimals.

    Raises
    ------
    UnreadableTable
        ``not-a-workbook``, ``damaged-workbook``, ``protected-workbook``, ``too-large-unpacked``,
        ``too-many-cells``, ``unknown-sheet``, ``no-sheet``.
    """
    data.seek(0)
    try:
        with zipfile.ZipFile(data) as archive:
            layouts = _layouts(archive, _parts(archive), file)
        data.seek(0)
        return _chosen(CalamineWorkbook.from_filelike(data), layouts, file, wanted)
    except TooLarge as excess:
        raise _too_large(file, excess) from None
    except BROKEN as error:
        reason = str(error)[:SHOWN_OF_REASON] or type(error).__name__
        raise UnreadableTable(
            Problem(file, None, None, "damaged-workbook", reason, "a workbook that opens")
        ) from None


def _too_large(file: str, excess: TooLarge) -> UnreadableTable:
    code, most = "too-many-cells", f"at most {WIDEST} columns and {MOST_CELLS} cells"
    if isinstance(excess, TooMuchText):
        code = "too-large-unpacked"
        most = f"at most {LARGEST_UNPACKED // 2**20} megabytes, and {MOST_CHARACTERS} characters"
    return UnreadableTable(Problem(file, None, None, code, "more", most))


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the names of the parts of an archive by their small letters, each unpacked once.

    The sizes that it declares may be wrong, and so may be what it holds.
    """
    infos = archive.infolist()
    parts = {info.filename.replace("\\", "/").lower(): info.filename for info in infos}
    if len(infos) > MOST_PARTS:
        raise TooMuchText
    # The library does not tell these apart, nor does it read the names in relations as XML is read.
    if len(parts) < len(infos) or any("&" in part for part in parts):
        raise ValueError("parts that could be taken for one another")
    left = LARGEST_UNPACKED
    for info in infos:
        size = _unpacked(archive, info, left)
        if size != info.file_size:
            raise ValueError(f"{info.filename[:SHOWN_OF_REASON]} of another size")
        left -= size
    return parts


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> int:
    """Return how large a part is, however large it says that it is: no more of it would be read otherwise."""
    whole = copy(info)
    # Where it ends its check is looked at, which says less.
    whole.file_size = most + 2 * PIECE
    size = 0
    with archive.open(whole) as part:
        while piece := part.read(PIECE):
            size += len(piece)
            if size > most:
                raise TooMuchText
    return size


def _layouts(archive: zipfile.ZipFile, parts: dict[str, str], file: str) -> dict[str, Layout]:
    kind = next((kind for end, kind in OTHERS.items() if any(part.endswith(end) for part in parts)), None)
    told = b""
    if "mimetype" in parts:
        with archive.open(parts["mimetype"]) as part:
            told = part.read(PIECE)
    if told.startswith(OPEN_SPREADSHEET):
        # The library would rather take it for the other kind.
        if "_rels/.rels" in parts:
            raise ValueError("two kinds of workbook in one")
        _refuse_protected(archive, parts, file)
        return open_document_layouts(archive, parts)
    if kind is None and any(part.endswith("workbook.xml") for part in parts):
        return workbook_layouts(archive, parts)
    kind = kind or OPEN_OTHERS.get(told[len(OPEN_DOCUMENT) :].decode("ascii", "replace"), "an archive")
    raise UnreadableTable(Problem(file, None, None, "not-a-workbook", kind, ".xlsx, .ods or .csv"))


def _refuse_protected(archive: zipfile.ZipFile, parts: dict[str, str], file: str) -> None:
    with archive.open(parts["meta-inf/manifest.xml"]) as manifest:
        if b"encryption-data" in manifest.read(LARGEST_MANIFEST):
            raise UnreadableTable(
                Problem(file, None, None, "protected-workbook", ".ods", ".xlsx, .ods or .csv")
            )


def _chosen(book: CalamineWorkbook, layouts: dict[str, Layout], file: str, wanted: str | None) -> Sheet:
    sheets = [
        sheet
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.name in layouts
    ]
    names = [sheet.name for sheet in sheets]
    filled = [name for name in names if layouts[name].rows]
    seen = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    first = next((name for name in filled if name in seen), next(iter(filled or names), None))
    name = wanted or first
    if name is None or name not in names:
        code, found = ("no-sheet", "no sheet") if name is None else ("unknown-sheet", name)
        raise UnreadableTable(Problem(file, None, None, code, found, ", ".join(names) or "a sheet"))
    layout = layouts[name]
    if layout.excess is not None:
        raise layout.excess
    if layout.unknown is not None:
        row, column, found = layout.unknown
        raise UnreadableTable(Problem(file, row, column, "formula-without-value", found, "a value"))
    others = tuple(one for one in filled if one != name)
    lines = _lines(book.get_sheet_by_name(name), layout)
    return Sheet(name, others, _notices(layout, others), lines, layout.unkept)


def _notices(layout: Layout, others: tuple[str, ...]) -> tuple[Notice, ...]:
    columns = sorted(column for column in layout.hidden_columns if column <= layout.columns)
    spans = layout.spanned()
    said = (
        ("hidden-rows", _numbers(layout.hidden_rows.first, layout.hidden_rows.count)),
        ("hidden-columns", _numbers(columns, len(columns))),
        ("merged-cells", str(len(spans)) if spans else ""),
        ("other-sheets", ", ".join(others)),
    )
    return tuple(Notice(code, found) for code, found in said if found)


def _numbers(first: list[int], count: int) -> str:
    shown = ", ".join(map(str, first[:SHOWN]))
    return shown if count <= SHOWN else f"{shown}, … ({count})"


def _lines(sheet: CalamineSheet, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    _, before = sheet.start or (0, 0)
    begun: dict[int, list[tuple[int, int]]] = {}
    for first, last, column in layout.spanned():
        begun.setdefault(first, []).append((column, last))
    filling: dict[int, tuple[int, str]] = {}
    row = 0
    for row, values in enumerate(sheet.iter_rows(), start=1):
        cells = [""] * before + [as_text(value) for value in values]
        is_blank = not any(cells)
        for column, (last, value) in list(filling.items()):
            if row > last + 1:
                del filling[column]
            elif not cells[column] and not is_blank:
                cells[column] = value
        filling |= {column: (last, cells[column]) for column, last in begun.get(row - 1, ())}
        yield row, [] if is_blank else cells
    # The library does not see formulas without a value, which can be all that stands on a line.
    yield from ((line, []) for line in range(row + 1, layout.rows + 1))


def as_text(value: Value) -> str:
    """Return a cell as somebody would type it.

    Examples
    --------
    >>> as_text(1990.0), as_text(0.5), as_text(dt.datetime(1990, 5, 1)), as_text(value=True)
    ('1990', '0.5', '1990-05-01', 'TRUE')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        # The digits that spreadsheets keep: the sum of 0.1 and 0.2 is 0.3 there.
        is_whole = value.is_integer() and abs(value) < LARGEST_WHOLE
        return str(int(value)) if is_whole else format(value, ".15g")
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time()
        return value.date().isoformat() if is_day else value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
