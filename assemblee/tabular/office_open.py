"""The layouts of workbooks of Office Open XML (.xlsx, .xlsm)."""

from __future__ import annotations

import re
import zipfile
from array import array
from collections.abc import Mapping, Sequence
from string import digits

from assemblee.tabular.layouts import MOST_CELLS, SHORT, WIDEST, Layout, Scan, TooLarge, TooMuchText

LARGEST_BOOK = 4 * 2**20
REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,9})")
ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
VALUE, YES = frozenset({"v", "is"}), frozenset({"1", "true"})


class _BookScan(Scan):
    """The names of the sheets of a workbook, or where its parts are."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self.types: dict[str, str] = {}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        if name == "sheet":
            (relation,) = (value for key, value in attributes.items() if key.endswith(":id"))
            _enter(self.sheets, attributes["name"], relation)
        elif name == "Relationship":
            _enter(self.targets, attributes["Id"], attributes["Target"])
            self.types[attributes["Id"]] = attributes.get("Type", "")


def _enter(known: dict[str, str], name: str, value: str) -> None:
    # Of two by one name, the library might take the other one.
    if name in known:
        raise ValueError(f"{name[:SHORT]!r} twice")
    known[name] = value


class _TextScan(Scan):
    """The lengths of the texts that the cells of a workbook share."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths = array("I")
        self.length = 0

    def begin(self, name: str, _: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        if name == "si":
            self.length = 0
        elif name == "t":
            self.is_text = True

    def hold(self, text: str) -> None:
        """Take in some text of a value."""
        self.length += len(text)
        self.count(len(text))

    def end(self, name: str) -> None:
        """Take in the end of a text."""
        if name == "t":
            self.is_text = False
        elif name == "si":
            self.lengths.append(self.length)
            if len(self.lengths) > MOST_CELLS:
                raise TooMuchText


class _WorkbookScan(Scan):
    """A sheet of Office Open XML (ECMA-376, part 1, section 18.3)."""

    def __init__(self, lengths: Sequence[int]) -> None:
        super().__init__()
        self.layout = Layout()
        self.lengths = lengths
        self.row = self.column = self.cells = self.length = 0
        self.kind = self.value = self.reference = ""
        self.has_formula = self.has_value = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        if name in VALUE:
            self.has_value = self.is_text = True
        elif name == "c":
            self.column += 1
            if "r" in attributes:
                self.row, self.column = position(attributes["r"])
            self.reference = attributes.get("r", "")
            self.kind, self.value, self.length = attributes.get("t", "n"), "", 0
            self.has_formula = self.has_value = False
        elif name == "f":
            self.has_formula = True
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
            if attributes.get("hidden") in YES:
                self.layout.below.add(self.row)
        elif name == "col" and attributes.get("hidden") in YES:
            first, last = int(attributes["min"]), int(attributes["max"])
            self.layout.hidden_columns.update(range(max(first, 1), min(last, WIDEST) + 1))
        elif name == "mergeCell":
            corners = [position(part) for part in attributes["ref"].split(":")]
            (top, left), (bottom, _) = corners[0], corners[-1]
            if bottom > top:
                self.note()
                self.layout.spans.append((top - 1, bottom - 1, left - 1))

    def hold(self, text: str) -> None:
        """Take in some text of a value."""
        self.length += len(text)
        self.value = (self.value + text)[:SHORT]

    def end(self, name: str) -> None:
        """Take in the end of a cell or of its value."""
        if name == "c" and (self.has_value or self.has_formula):
            self._cell()
        elif name in VALUE:
            self.is_text = False

    def _cell(self) -> None:
        self.layout.reach(self.row, self.column)
        self.cells += 1
        if self.cells > MOST_CELLS:
            raise TooLarge
        self.count(self.lengths[int(self.value)] if self.kind == "s" and self.value else self.length)
        is_without = self.has_formula and not self.length and self.kind != "str"
        if is_without or self.kind == "e":
            self.lack(self.layout, self.row, self.column, self.value)
        if self.kind == "e" and self.value and self.value not in ERRORS and self.layout.unknown is None:
            self.layout.unknown = (self.row, self.reference.rstrip(digits), self.value)


def position(reference: str) -> tuple[int, int]:
    """Return the numbers of the row and the column of a cell by its name, counted from 1.

    Examples
    --------
    >>> position("A1"), position("AB12")
    ((1, 1), (12, 28))

    Raises
    ------
    ValueError
        If it is no name of a cell.
    """
    found = REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(f"cell {reference[:SHORT]!r}")
    number = 0
    for mark in found[1].upper():
        number = number * 26 + ord(mark) - 64
    return int(found[2]), number


def workbook_layouts(archive: zipfile.ZipFile, parts: Mapping[str, str]) -> dict[str, Layout]:
    """Return the layout of each sheet of an Office Open XML workbook, by its name.

    Parameters
    ----------
    archive : ZipFile
    parts : mapping of str to str
        The name of each part by its small letters: the library does not tell them apart.

    Raises
    ------
    LookupError, ValueError, TooMuchText, expat.ExpatError
        If it is damaged, or has parts that could be taken for one another.
    """
    roots = _read(archive, parts["_rels/.rels"])
    (base,) = {
        target.removeprefix("/").rpartition("/")[0]
        for relation, target in roots.targets.items()
        if roots.types[relation].endswith("/officeDocument") or target.endswith("workbook.xml")
    }
    base += "/" if base else ""
    book = _read(archive, parts[f"{base}workbook.xml".lower()])
    relations = _read(archive, parts[f"{base}_rels/workbook.xml.rels".lower()])
    texts = _TextScan()
    if (part := f"{base}sharedStrings.xml".lower()) in parts:
        with archive.open(parts[part]) as stream:
            texts.read(stream)
    known: dict[str, Layout] = {}
    for relation in book.sheets.values():
        target = relations.targets[relation]
        if target not in known:
            path = target[1:] if target.startswith("/") else f"{base}{target}"
            known[target] = _layout(archive, parts[path.lower()], texts.lengths)
    return {name: known[relations.targets[relation]] for name, relation in book.sheets.items()}


def _read(archive: zipfile.ZipFile, part: str) -> _BookScan:
    scan = _BookScan()
    with archive.open(part) as stream:
        scan.read(stream, LARGEST_BOOK)
    return scan


def _layout(archive: zipfile.ZipFile, part: str, lengths: Sequence[int]) -> Layout:
    scan = _WorkbookScan(lengths)
    try:
        with archive.open(part) as stream:
            scan.read(stream)
    except TooLarge as excess:
        scan.layout.excess = excess
    return scan.layout
