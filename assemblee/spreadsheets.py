"""Files for a spreadsheet, in which no cell can act as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutral(value: object) -> object:
    """Return a cell that a spreadsheet shows and never runs."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as CSV, with the byte order mark by which a spreadsheet knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([neutral(cell) for cell in header])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_plain_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as CSV byte for byte as they are: what programs read back, and hash."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as a workbook of one sheet."""
    return as_workbook({"panel": (header, rows)})


def as_workbook(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """Write a workbook of several sheets, each with its header and rows."""
    book = Workbook(write_only=True)
    for name, (header, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append([neutral(cell) for cell in header])
        for row in rows:
            sheet.append([neutral(cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    book.close()
    return content.getvalue()
