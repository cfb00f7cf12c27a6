"""Which encoding a text file is in: told by its mark, read as UTF-8, or guessed and said so."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from assemblee.tabular.problems import Notice, Problem, UnreadableTable

CHUNK = 2**20
LONGEST_LINE = 8 * CHUNK
MOST_SAMPLED, LARGEST_SAMPLE = 400, 2**18
MOSTLY, SELDOM = 0.7, 0.1
UTF_8 = "utf-8"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets of our languages save without saying so: Windows, older Macs, and "CSV (MS-DOS)".
GUESSED = ("cp1252", "mac_roman", "cp850")
NAMES = {
    UTF_8: "UTF-8",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "cp850": "MS-DOS (850)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
}
"""The encodings that can be asked for, with the names that people see."""
# Letters of our languages, those of their neighbours, and marks: what the bytes of a name rather mean.
FRENCH, NEIGHBOURS = frozenset("éèêëàâîïôûùçœæ"), frozenset("áíóúñäöüåøãõ")
CAPITALS, PUNCTUATION = frozenset("ÉÈÊËÀÂÎÏÔÛÙÇŒÆÁÍÓÚÑÄÖÜ"), frozenset("’«»–€…°\u00a0")
# What of UTF-8 hardly anybody writes in another encoding: Latin letters, quotation marks, the euro.
TOLD = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|\xe2\x80[\x90-\xbf]|\xe2\x82\xac")


@dataclass(frozen=True)
class Encoding:
    """The encoding of a file, and what is said of how it was found."""

    name: str
    notices: tuple[Notice, ...] = ()


def find_encoding(data: BinaryIO, file: str, wanted: str | None = None) -> Encoding:
    """Return an encoding in which every byte of a file is a character.

    Parameters
    ----------
    data : binary file
        Read from its beginning to its end, a piece at a time.
    file : str
        Its name, for the problems.
    wanted : str, optional
        A key of :data:`NAMES` that somebody chose. The mark at the beginning of a file says more.

    Raises
    ------
    UnreadableTable
        ``not-text``, ``bad-encoding`` in the one that was wanted, ``mixed-encodings``, ``line-too-long``.
    """
    data.seek(0)
    start = data.read(4096)
    marked = next((name for mark, name in MARKS if start.startswith(mark)), None)
    if marked is None and wanted in NAMES and wanted != UTF_8:
        return Encoding(_checked(data, file, wanted))
    marked = marked or _wide(start)
    if marked is not None:
        is_usual = marked == "utf-8-sig" and wanted in (None, UTF_8)
        said = () if is_usual else (Notice("encoding-read", NAMES.get(marked, NAMES[UTF_8])),)
        return Encoding(_checked(data, file, marked), said)
    try:
        return Encoding(_checked(data, file, UTF_8))
    except UnreadableTable as unreadable:
        if wanted == UTF_8 or unreadable.problem.code != "bad-encoding":
            raise
    name = _guess(data, file)
    return Encoding(_checked(data, file, name), (Notice("encoding-guessed", NAMES[name]),))


def _wide(start: bytes) -> str | None:
    """Return which UTF-16 a text without a mark is in: of our letters every other byte is then nought."""
    even, odd = (start[place::2].count(0) * 2 / max(len(start), 1) for place in (0, 1))
    if odd > MOSTLY and even < SELDOM:
        return "utf-16-le"
    return "utf-16-be" if even > MOSTLY and odd < SELDOM else None


class _LineCount:
    """Counts the lines of a text that comes in pieces, whatever ends them."""

    def __init__(self) -> None:
        self.line = 1
        self.is_after_return = False

    def add(self, text: str) -> None:
        """Take in the next piece."""
        ends = text.count("\n") + text.count("\r") - text.count("\r\n")
        self.line += ends - (self.is_after_return and text.startswith("\n"))
        self.is_after_return = text.endswith("\r") if text else self.is_after_return


def _checked(data: BinaryIO, file: str, name: str) -> str:
    """Return the name of an encoding, once the whole file was read in it."""
    data.seek(0)
    decoder = codecs.getincrementaldecoder(name)()
    lines, since = _LineCount(), 0
    while True:
        chunk = data.read(CHUNK)
        before = decoder.getstate()
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            kept = before[0]
            decoder.setstate(before)
            # An encoding of several bytes keeps those of a character that is not whole yet.
            lines.add(decoder.decode(chunk[: max(error.start - len(kept), 0)]))
            found = f"byte 0x{error.object[error.start]:02X}"
            raise _bad(file, lines.line, name, found) from None
        except UnicodeError:
            raise _bad(file, 1, name, "no byte order mark") from None
        if "\0" in text:
            lines.add(text[: text.index("\0")])
            raise UnreadableTable(Problem(file, lines.line, None, "not-text", "a NUL character", "text"))
        lines.add(text)
        last = max(text.rfind("\n"), text.rfind("\r"))
        since = since + len(text) if last < 0 else len(text) - last - 1
        if since > LONGEST_LINE:
            most = f"at most {LONGEST_LINE // CHUNK} million characters"
            raise UnreadableTable(
                Problem(file, lines.line, None, "line-too-long", "a line without end", most)
            )
        if not chunk:
            return name


def _bad(file: str, line: int, name: str, found: str) -> UnreadableTable:
    return UnreadableTable(
        Problem(file, line, None, "bad-encoding", found, f"{NAMES.get(name, 'UTF-8')} text")
    )


def _guess(data: BinaryIO, file: str) -> str:
    """Return the likeliest encoding of a text that is not UTF-8.

    Raises
    ------
    UnreadableTable
        ``mixed-encodings``: some of its lines are UTF-8, so that in any other they would become other words.
    """
    sample: list[bytes] = []
    size = unicode_line = other_line = 0
    for number, line in enumerate(_lines(data), start=1):
        if line.isascii():
            continue
        if TOLD.search(line):
            unicode_line = unicode_line or number
        if not _is_unicode(line):
            other_line = other_line or number
        if unicode_line and other_line:
            found = f"line {unicode_line} in UTF-8"
            raise UnreadableTable(Problem(file, other_line, None, "mixed-encodings", found, "one encoding"))
        if len(sample) < MOST_SAMPLED and size < LARGEST_SAMPLE:
            sample.append(line[:LARGEST_SAMPLE])
            size += len(line)
    text = b"\n".join(sample)
    # A byte that the likeliest one does not know is said where it stands, rather than read in another one.
    return max(GUESSED, key=lambda name: _likelihood(text.decode(name, "replace")))


def _is_unicode(line: bytes) -> bool:
    try:
        line.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True


def _likelihood(text: str) -> int:
    """Return how much a text looks like one of our languages, by the letters that are not of ASCII."""
    found = 0
    for match in re.finditer(r"[^\x00-\x7f]", text):
        place, letter = match.start(), match[0]
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        is_odd = before.islower() or (before.isupper() and after.islower())
        if letter in FRENCH or letter in NEIGHBOURS:
            found += -2 if before.isupper() and not after.islower() else 4 if letter in FRENCH else 2
        elif letter in CAPITALS:
            # Inside of a word nobody writes a capital beside a small letter.
            found += -2 if is_odd else 3 if after.isalpha() or before.isalpha() else 1
        else:
            found += 2 if letter in PUNCTUATION else -2
    return found


def _lines(data: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, a piece at a time, whatever ends them."""
    data.seek(0)
    rest = b""
    while chunk := data.read(CHUNK):
        # A line end of two bytes may be cut by the end of the piece.
        whole = rest + chunk + (data.read(1) if chunk.endswith(b"\r") else b"")
        *lines, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        yield from lines
        # A line without end is refused where it is read in the encoding that is found.
        if len(rest) > LONGEST_LINE:
            yield rest
            rest = b""
    yield rest
