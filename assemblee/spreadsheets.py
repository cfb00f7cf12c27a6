"""Files for a spreadsheet, in which no cell can act as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

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


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as a workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("panel")
    sheet.append([neutral(cell) for cell in header])
    for row in rows:
        sheet.append([neutral(cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    book.close()
    return content.getvalue()
