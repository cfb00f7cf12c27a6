"""Tables of every kind, as people and programs write them."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook

from assemblee.tabular import Problem, Reading, Table, scan_table

ROOT = Path(__file__).parents[2]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Rows = Sequence[Sequence[object]]


def scanned(data: bytes, **reading: str) -> Table:
    """Read a table in which nothing is wrong."""
    table, problems = scan_table(data, "people", Reading(**reading))
    assert problems == []
    return table


def values(data: bytes, **reading: str) -> list[list[str]]:
    """Return the header and the rows of a table in which nothing is wrong."""
    table = scanned(data, **reading)
    return [list(table.header), *(list(row.values) for row in table.rows)]


def refused(data: bytes, **reading: str) -> Problem:
    """Return the one problem of a file of which nothing is read."""
    table, problems = scan_table(data, "people", Reading(**reading))
    (problem,) = problems
    assert (table.header, table.rows, table.lines) == ((), (), 0)
    return problem


def notices(data: bytes, **reading: str) -> list[tuple[str, str]]:
    return [(notice.code, notice.found) for notice in scanned(data, **reading).notices]


def workbook(sheets: Mapping[str, Rows], change: Callable[[Workbook], None] = lambda _: None) -> bytes:
    """Write a workbook by a library, which keeps no values of formulas."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    change(book)
    return saved(book)


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    """Return the parts of an archive, to write others in their place."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def relations(*told: tuple[str, str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="{one}" Type="{RELATIONS}/{kind}" Target="{to}"/>' for one, kind, to in told
    )
    return f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'


def book_parts(sheet: str, shared: str | None = None, *, base: str = "xl/") -> dict[str, str]:
    """Return the parts of a workbook as somebody writes them by hand: the rows of one sheet, S, as XML."""
    named = '<sheet name="S" sheetId="1" r:id="rId1"/>'
    sheets = f"<sheets>{named}</sheets>"
    written = {
        "_rels/.rels": relations(("rId1", "officeDocument", f"{base}workbook.xml")),
        f"{base}workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{sheets}</workbook>',
        f"{base}_rels/workbook.xml.rels": relations(("rId1", "worksheet", "worksheets/sheet1.xml")),
        f"{base}worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
    }
    return written | (
        {} if shared is None else {f"{base}sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>'}
    )


def book(cells: str, shared: str | None = None) -> bytes:
    return archive(book_parts(f"<sheetData>{cells}</sheetData>", shared))


def text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def cell(value: object = None, **attributes: object) -> str:
    """Return a cell of OpenDocument; of attributes, two lines stand for a colon and one for a dash."""
    told = {name.replace("__", ":").replace("_", "-"): str(one) for name, one in attributes.items()}
    if isinstance(value, int | float):
        told = {"office:value-type": "float", "office:value": str(value)} | told
    elif value:
        told = {"office:value-type": "string"} | told
    listed = "".join(f" {name}={quoteattr(one)}" for name, one in told.items())
    text = f"<text:p>{escape(str(value))}</text:p>" if value is not None else ""
    return f"<table:table-cell{listed}>{text}</table:table-cell>"


def row(*cells: str, **attributes: object) -> str:
    told = "".join(f' table:{name.replace("_", "-")}="{one}"' for name, one in attributes.items())
    return f"<table:table-row{told}>{''.join(cells)}</table:table-row>"


def plain(rows: Rows) -> str:
    """Return rows of OpenDocument, without anything that is peculiar to them."""
    return "".join(row(*(cell(value if value != "" else None) for value in values)) for values in rows)


def open_parts(sheets: Mapping[str, str], styles: str = "") -> dict[str, str]:
    """Return the parts of a spreadsheet of OpenDocument, with the rows of each sheet as XML."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)} table:style-name={quoteattr(name)}>{rows}</table:table>"
        for name, rows in sheets.items()
    )
    styled = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    return {
        "mimetype": SPREADSHEET,
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": (
            f"<office:document-content {NAMESPACES}>{styled}"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>"
        ),
    }


def open_document(rows: str) -> bytes:
    return archive(open_parts({"S": rows}))


def bomb(parts: Mapping[str, str], name: str, beginning: str, megabyte: bytes, times: int) -> bytes:
    """Return an archive of which one part goes on with the same megabyte as often as somebody wants.

    It is packed once, and what is packed is repeated: it takes hardly any time to make.
    """
    content = io.BytesIO(archive(parts))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(beginning.encode()) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(megabyte) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = first + again * times + packer.flush()
    check = zlib.crc32(beginning.encode())
    for _ in range(times):
        check = zlib.crc32(megabyte, check)
    with zipfile.ZipFile(content, "a") as opened:
        start = opened.start_dir
        entry = zipfile.ZipInfo(name)
        entry.compress_type, entry.header_offset, entry.CRC = zipfile.ZIP_DEFLATED, start, check
        entry.compress_size, entry.file_size = len(packed), len(beginning.encode()) + times * len(megabyte)
        opened.fp.seek(start)
        opened.fp.write(entry.FileHeader() + packed)
        opened.start_dir = opened.fp.tell()
        opened.filelist.append(entry)
        opened.NameToInfo[name] = entry
        opened._didModify = True
    return content.getvalue()


def declaring(data: bytes, name: str, size: int, check: int | None = None) -> bytes:
    """Return an archive that says another size of one of its parts, or another check, in both places."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        entry = opened.getinfo(name)
        directory = data.index(b"PK\x01\x02", opened.start_dir)
    changed = bytearray(data)
    crc = entry.CRC if check is None else check
    struct.pack_into("<I", changed, entry.header_offset + 14, crc)
    struct.pack_into("<I", changed, entry.header_offset + 22, size)
    while not changed[directory + 46 :].startswith(name.encode()):
        directory = changed.index(b"PK\x01\x02", directory + 4)
    struct.pack_into("<I", changed, directory + 16, crc)
    struct.pack_into("<I", changed, directory + 24, size)
    return bytes(changed)


@dataclass(frozen=True)
class Cost:
    """What a process of its own needed to read a file: its first problem, megabytes at most, seconds."""

    code: str
    megabytes: float
    seconds: float


# What a process began with stays in what the system says of its largest size, so that it is asked for
# the size of the program alone where the system knows it.
MEASURED = """
import json, resource, sys, time
from assemblee.tabular import scan_table
begun = time.process_time()
with open(sys.argv[1], "rb") as stream:
    _, problems = scan_table(stream, "people")
seconds = time.process_time() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
except OSError:
    pass
print(json.dumps([problems[0].code if problems else "", peak / 1024, seconds]))
"""


def cost(data: bytes, folder: Path) -> Cost:
    """Read a file in a process of its own, and return what that took."""
    path = folder / "brought"
    path.write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return Cost(*json.loads(ran.stdout))
