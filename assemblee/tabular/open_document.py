"""The layouts of spreadsheets of OpenDocument (.ods)."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping

from assemblee.tabular.layouts import MOST_CELLS, SHORT, WIDEST, Layout, Scan, TooLarge

VALUES = frozenset({"value", "string-value", "date-value", "time-value", "boolean-value"})
CELL = frozenset({"table-cell", "covered-table-cell"})
HIDDEN = frozenset({"collapse", "filter"})


class _SheetsScan(Scan):
    """The sheets of a spreadsheet (ISO/IEC 26300, part 3, section 9), which the library reads all at once."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Layout] = {}
        self.layout = Layout()
        self.row = self.column = self.rows = self.copies = 0
        # Cells that the library makes of rows before it repeats them, and those that wait for another one.
        self.made = self.waiting = self.area = 0
        self.is_inside = self.is_lacking = False
        self.value = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        if name in CELL:
            self._cell({key.rpartition(":")[2]: value for key, value in attributes.items()})
            self.is_lacking |= attributes.get("calcext:value-type") == "error"
        elif name == "s" and self.is_text:
            self.count(int(attributes.get("text:c", 1)) * self.copies)
        elif name == "table-row":
            self.rows = _times(attributes.get("table:number-rows-repeated"))
            self.column = self.waiting = 0
            if attributes.get("table:visibility") in HIDDEN:
                self.layout.below.add(self.row + 1, self.rows)
        elif name == "table-column":
            first = self.column
            self.column += _times(attributes.get("table:number-columns-repeated"))
            if attributes.get("table:visibility") in HIDDEN:
                self.layout.hidden_columns.update(range(first + 1, min(self.column, WIDEST) + 1))
        elif name == "table":
            self._sheet(attributes.get("table:name", ""))

    def _sheet(self, name: str) -> None:
        if self.is_inside or name in self.found:
            raise ValueError(f"the table {name[:SHORT]!r} inside of another one, or twice")
        self.is_inside = True
        self.layout = self.found[name] = Layout()
        self.row = self.column = 0

    def _cell(self, attributes: Mapping[str, str]) -> None:
        repeated = _times(attributes.get("number-columns-repeated"))
        is_formula = "formula" in attributes
        self.made += self.waiting
        self.waiting = 0
        self.is_text = is_formula or "value-type" in attributes or not VALUES.isdisjoint(attributes)
        if self.is_text:
            self.layout.reach(self.row + self.rows, self.column + repeated)
            self.made += repeated
            self.copies = repeated * self.rows
            self.count(len(attributes.get("string-value", "")) * self.copies)
            is_valued = not VALUES.isdisjoint(attributes) or attributes.get("value-type") == "string"
            self.is_lacking, self.value = is_formula and not is_valued, ""
            spanned = int(attributes.get("number-rows-spanned", 1))
            if spanned > 1:
                self.note()
                self.layout.spans.append((self.row, self.row + spanned - 1, self.column))
        else:
            self.waiting = repeated
        self.column += repeated
        if self.made > MOST_CELLS:
            raise TooLarge

    def hold(self, text: str) -> None:
        """Take in some text of a value."""
        self.count(len(text) * self.copies)
        self.value = (self.value + text.strip())[:SHORT]

    def end(self, name: str) -> None:
        """Take in the end of a cell, a row or a sheet."""
        if name in CELL:
            if self.is_lacking:
                self._lack()
            self.is_text = self.is_lacking = False
        elif name == "table-row":
            self.row += self.rows
        elif name == "table":
            self.is_inside = False
            self.area += self.layout.rows * self.layout.columns
            if self.area > MOST_CELLS:
                raise TooLarge

    def _lack(self) -> None:
        columns = self.copies // self.rows
        for row in range(self.row, self.row + self.rows):
            for column in range(self.column - columns, self.column):
                self.lack(self.layout, row + 1, column + 1, self.value)


def _times(told: str | None) -> int:
    times = 1 if told is None else int(told)
    if times < 1:
        raise ValueError(f"{times} times")
    return times


def open_document_layouts(archive: zipfile.ZipFile, parts: Mapping[str, str]) -> dict[str, Layout]:
    """Return the layout of each sheet of an OpenDocument spreadsheet, by its name.

    Parameters
    ----------
    archive : ZipFile
    parts : mapping of str to str
        The name of each part by its small letters.

    Raises
    ------
    LookupError, ValueError, TooLarge, expat.ExpatError
        If it is damaged, or if any sheet reaches too far: the library reads all of them.
    """
    scan = _SheetsScan()
    with archive.open(parts["content.xml"]) as stream:
        scan.read(stream)
    return scan.found
