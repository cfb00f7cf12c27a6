# ruff: noqa: PLR2004  this file runs alone, from Python 3.9 on; sizes are those of the standards named
"""Recount a consultation from its archive, with Python 3.9 or later and nothing else, without network.

    python3 -I -S verify.py ARCHIVE.zip|FOLDER [--lang fr|en] [--log KEY]

What an archive holds is in ``docs/consultations.md``, *Archive*. The last line is the verdict; the exit code
is 0 if all holds, 1 if a check fails, 2 if there is no archive to read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import stat
import struct
import sys
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, islice
from math import lcm
from operator import lt
from pathlib import Path
from typing import Any
from unicodedata import is_normalized
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

MIB = 2**20
# The largest that each file may be: beyond any honest one, and little enough to be read at once.
LIMITS = {"README.txt": MIB, "ballots.csv": 512 * MIB, "checkpoint.txt": MIB // 16, "log.json": MIB}
LIMITS |= {"result.json": MIB, "roll.csv": 512 * MIB, "rules.json": 4 * MIB, "verify.py": MIB}
# Tokens and commitments are random: a file that deflates further than this is no honest one.
RATIO = 100
LARGEST = 2**53 - 1
DEEPEST = 32
BLANK = 254
MOST_COLUMNS, MOST_PROPOSALS = 500, 200
RECEIPT_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MAJORITY, YES_NO, NOMINAL, MANY = "majority-judgment", "yes-no", "nominal", "multi-criteria"
# What zipfile raises on files that are no zip, or a damaged one.
BROKEN: tuple[type[BaseException], ...] = (BadZipFile, EOFError, MemoryError, NotImplementedError, OSError)
BROKEN += (OverflowError, RuntimeError, ValueError, struct.error, zlib.error)

MOMENT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
HASH = "[0-9a-f]{64}"
# A form is a type, a pattern, a list of one form, or a dictionary of forms; `None` is left to `Archive.rules`
WORDS = [r"(?s).*\S.*"]
SCALE = {"name": WORDS, "scale": [WORDS]}
RULES: dict[str, Any] = {
    "format": "assemblee-consultation-1",
    "consultation": int,
    "mandate": str,
    "title": str,
}
RULES |= {"explanation": str, "kind": f"{MAJORITY}|{YES_NO}|{NOMINAL}|{MANY}", "mode": "secret|open"}
RULES |= {"proposals": WORDS, "scale": [WORDS], "criteria": [SCALE], "routing": None, "combination": None}
RULES |= {"default": None, "quorum": [int], "threshold": None, "opens": MOMENT, "closes": MOMENT}
RULES |= {"roll": {"size": int, "root": HASH}, "guarantors": int, "token_key": None}
ROUTING = {"name": WORDS, "options": [WORDS]}
COMBINATIONS = {"lexicographic": {"mode": str, "order": [int]}, "pareto": {"mode": str}}
DEFAULTS = {"static": {"mode": str, "grade": int}, "median": {"mode": str}, "normalized": {"mode": str}}
TOKEN_KEY = {"n": "(?:[0-9a-f]{2}){256,1024}", "e": int}
FIRST, SECOND = "assemblee-consultation-result-1", "assemblee-consultation-result-2"
RESULT: dict[str, Any] = {"format": FIRST, "consultation": int, "roll": int}
RESULT |= {"marks": int, "ballots": int, "blank": int, "quorum_met": bool, "tally": dict}
# The first form gave an order of the proposals below the quorum too.
RESULTS = {FIRST: RESULT, SECOND: {**RESULT, "format": SECOND, "needed": int}}
LOG = {"leaves": [{"position": int, "body": str, "proof": [HASH]}]}
LEAF = {"actor": str, "at": MOMENT, "data": dict, "event": str, "mandate": int}

CHECKS = "files canonical rules roll ballots receipts equality tally checkpoint log proofs".split()  # noqa: SIM905
SENTENCES = """\
ILLISIBLE — {} | UNREADABLE — {}
REFUSÉ — {} : ceci ne tient pas : « {} » ({}) | REFUSED — {}: this does not hold: “{}” ({})
{} personnes, {} émargements, {} bulletins dont {} blancs | {} people, {} marks, {} ballots, {} blank
{} personnes ont émargé sans qu’un bulletin soit arrivé. | {} people were marked and sent no ballot.
Clé du journal « {} » NON vérifiée, sans --log. | The key of the log “{}” is NOT checked, without --log.
Clé du journal « {} » vérifiée. | The key of the log “{}” was checked.
adopté | adopted
Quorum non atteint : {} sur {} nécessaires. | Quorum not reached: {} of {} needed.
non adopté | not adopted
VÉRIFIÉ — tout ce qui précède tient. | VERIFIED — all of the above holds.""".splitlines()
dump = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Refused(ValueError):  # noqa: N818 - it reads as what it says
    """Something in the archive does not hold; the message says where."""


def need(holds: object, where: str) -> None:
    """Stop unless a condition holds."""
    if not holds:
        raise Refused(where)


def shown(text: str) -> str:
    """Return a text without what would move about on a terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any document
    """Yield every text inside a document that is not a key."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def depth(text: str) -> int:
    """Return how deep the brackets of a document stand in one another, those in its strings left out."""
    open_now = deepest = 0
    for mark in re.findall(r"[][{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        open_now += 1 if mark in "[{" else -1
        deepest = max(deepest, open_now)
    return deepest


def parse(data: bytes, where: str) -> Any:  # noqa: ANN401 - `fit` says what it is
    """Read canonical JSON of integers and NFC strings (RFC 8785), and refuse every other writing of it."""

    def plain(pairs: list[tuple[str, object]]) -> dict[str, object]:
        # A key that comes twice is written once again, and compared below.
        need("".join(dict(pairs)).isascii(), where)
        return dict(pairs)

    def bare(token: str) -> int:
        need(re.fullmatch("-?[0-9]{1,16}", token) and abs(int(token)) <= LARGEST, where)
        return int(token)

    try:
        text = data.decode()
        # Where the limit of recursion was raised, a decoder that goes too deep ends the process.
        need(depth(text) <= DEEPEST, where)
        read = json.loads(
            text, object_pairs_hook=plain, parse_float=bare, parse_constant=bare, parse_int=bare
        )
        need(dump(read) == text and all(is_normalized("NFC", one) for one in texts(read)), where)
    except ValueError:
        raise Refused(where) from None
    return read


def fit(value: Any, form: Any, where: str) -> None:  # noqa: ANN401 - of any type, which is the point
    """Stop unless a value has a form; nothing is used before that."""
    if isinstance(form, dict):
        need(isinstance(value, dict) and value.keys() == form.keys(), where)
        for name, inner in form.items():
            fit(value[name], inner, f"{where}.{name}")
    elif isinstance(form, list):
        need(isinstance(value, list), where)
        for place, one in enumerate(value):
            fit(one, form[0], f"{where}[{place}]")
    elif isinstance(form, type):
        need(type(value) is form and (not isinstance(value, int) or 0 <= value <= LARGEST), where)
    elif form is not None:
        need(isinstance(value, str) and re.fullmatch(form, value), where)
        need(form is not MOMENT or is_moment(value), where)


def is_moment(text: str) -> bool:
    """Say whether there is such a day and hour."""
    try:
        return bool(datetime.fromisoformat(text[:19]))
    except ValueError:
        return False


def one_of(value: Any, forms: dict[str, Any], where: str) -> Any:  # noqa: ANN401 - a value that is fitted here
    """Return an object that has the form of its mode."""
    need(isinstance(value, dict) and isinstance(value.get("mode"), str) and value["mode"] in forms, where)
    fit(value, forms[value["mode"]], where)
    return value


# --- shared: trees and keys (equal byte for byte to the copies that tests/house/test_standalone.py names)
def sha256(*parts: bytes) -> bytes:
    """Return the SHA-256 of the parts, one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def root(hashes: list[bytes]) -> bytes:
    """Return the root of a tree over hashes of leaves (RFC 6962, section 2.1)."""
    while len(hashes) > 1:
        rest = hashes[len(hashes) & ~1 :]
        hashes = [sha256(b"\1", *pair) for pair in zip(hashes[::2], hashes[1::2])] + rest
    return hashes[0] if hashes else sha256()


def climb(leaf: bytes, position: int, size: int, proof: list[bytes]) -> bytes | None:
    """Return the root to which an inclusion proof leads (RFC 6962, section 2.1.1), nothing if to none."""
    if size <= 1 or not proof:
        return leaf if size == 1 and position == 0 and not proof else None
    half = 1 << (size - 1).bit_length() - 1
    right = position >= half
    below = climb(leaf, position - half * right, size - half if right else half, proof[:-1])
    return below and sha256(b"\1", proof[-1], below) if right else below and sha256(b"\1", below, proof[-1])


def parse_key(written: str, where: str) -> tuple[str, bytes]:
    """Read a verifier key (C2SP signed-note): its name, and its type and bytes."""
    match = re.fullmatch(r"([^\s\x00-\x20\x7f-\x9f+]+)\+([0-9a-f]{8})\+(.+)", written)
    name, mark, encoded = match.groups() if match else ("", "", "")
    raw = decoded(encoded, where)
    need(len(raw) == 33 and raw[0] == 1 and sha256(name.encode(), b"\n", raw)[:4].hex() == mark, where)
    return name, raw


# --- end of shared: trees and keys
# --- shared: Ed25519 (equal byte for byte to the copies that tests/house/test_standalone.py names)
FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, FIELD) % FIELD
BASE = (4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little")


def add(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
    """Add two points in extended coordinates (RFC 8032, section 5.1.4)."""
    (x, y, z, t), (u, v, w, s) = one, two
    a, b, c, d = (y - x) * (v - u), (y + x) * (v + u), 2 * CURVE * t % FIELD * s, 2 * z * w
    e, f, g, h = (b - a) % FIELD, (d - c) % FIELD, (d + c) % FIELD, (b + a) % FIELD
    return e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD


@lru_cache(maxsize=64)
def point(data: bytes) -> tuple[int, ...]:
    """Return the point that bytes encode, nothing if they encode none (RFC 8032, section 5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & 2**255 - 1
    u, v = y * y - 1, CURVE * y * y + 1
    x = u * pow(v, 3, FIELD) * pow(u * pow(v, 7, FIELD), (FIELD - 5) // 8, FIELD) % FIELD
    x = x * (pow(2, (FIELD - 1) // 4, FIELD) if (v * x * x + u) % FIELD == 0 else 1) % FIELD
    if len(data) != 32 or y >= FIELD or (v * x * x - u) % FIELD or (x == 0 and sign):
        return ()
    x = x if x & 1 == sign else FIELD - x
    return (x, y, 1, x * y % FIELD)


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Check a signature (RFC 8032, section 5.1.7, without cofactor)."""
    key, base, scalar = point(public), point(BASE), int.from_bytes(signature[32:], "little")
    if not key or len(signature) != 64 or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    # R = S B - k A. The point is negated, not k: a point with a part of small order has another order.
    minus = (FIELD - key[0], key[1], 1, FIELD - key[3])
    sums: list[tuple[int, ...]] = [(0, 1, 1, 0), base, add(base, base), add(add(base, base), base)]
    for place in range(12):
        sums.append(add(sums[place], minus))
    total = sums[0]
    for place in range(252, -1, -2):
        twice = add(total, total)
        total = add(add(twice, twice), sums[(scalar >> place & 3) + 4 * (challenge >> place & 3)])
    x, y = (one * pow(total[2], -1, FIELD) % FIELD for one in total[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- end of shared: Ed25519


def tree(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree over the data of leaves."""
    return root([sha256(b"\0", leaf) for leaf in leaves])


def decoded(written: str, where: str) -> bytes:
    """Return the bytes of a text in base64, and refuse every other writing of the same bytes."""
    try:
        data = base64.b64decode(written.encode())
    except ValueError:
        raise Refused(where) from None
    need(base64.b64encode(data).decode() == written, where)
    return data


def parse_note(written: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Read a signed note (C2SP signed-note): its text, and the name and bytes of each signature."""
    text, _, lines = written.rpartition("\n\n")
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", written), "note")
    matches = [re.fullmatch(r"— ([^\s+]+) ([^\s]{8,})", line) for line in lines.split("\n")[:-1]]
    need(lines.endswith("\n") and len(matches) <= 100, "signatures")
    made = []
    for one in matches:
        need(one, "signatures")
        made.append((one[1], decoded(one[2], "signatures")) if one else ("", b""))
    return text + "\n", made


def middles(counts: Sequence[int], distances: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return which two judgments are removed at some distances from the middle.

    Taking the lower median away, time and again (Balinski and Laraki), takes the ordered judgments from the
    middle outwards, the one below first: of an even number ``c, c+1, c-1, c+2, ...`` with ``c`` the lower
    median, of an odd one ``c, c-1, c+1, ...``: at distance k those at ``c - k`` and ``total - 1 - c + k``.
    """
    ends = list(accumulate(counts))
    low, high = (ends[-1] - 1) // 2, ends[-1] // 2
    return tuple((bisect_right(ends, low - k), bisect_right(ends, high + k)) for k in distances)


def turns(counts: Sequence[int]) -> set[int]:
    """Return the distances from the middle at which one of the two judgments begins to be another grade."""
    ends = list(accumulate(counts))
    low, high = (ends[-1] - 1) // 2, ends[-1] // 2
    below = {low - end + 1 for end in ends if 0 < end <= low}
    return {0} | below | {end - high for end in ends if high < end < ends[-1]}


def ranked(values: Sequence[Any]) -> list[int]:
    """Return the competition rank of each value, the largest first: 1, 2, 2, 4."""
    first: dict[Any, int] = {}
    for place, value in enumerate(sorted(values, reverse=True), 1):
        first.setdefault(value, place)
    return [first[value] for value in values]


def filled(counts: list[list[int]], judges: int, default: dict[str, Any] | None) -> list[list[int]] | None:
    """Return counts with the same total for each proposal, nothing where the default cannot give them one."""
    totals = [sum(row) for row in counts]
    mode = default["mode"] if default else None
    if judges == 0 or (mode != "static" and 0 in totals):
        return None
    if mode == "normalized":
        common = lcm_of(totals)
        return [[number * (common // total) for number in row] for row, total in zip(counts, totals)]
    rows = [list(row) for row in counts]
    for row, total in zip(rows, totals):
        grade = default["grade"] if default and mode == "static" else middles(row, [0])[0][0]
        row[grade] += judges - total
    return rows


def lcm_of(numbers: Sequence[int]) -> int:
    """Return the least common multiple of numbers above 0."""
    multiple = 1
    for number in numbers:
        multiple = lcm(multiple, number)
    return multiple


def judged(columns: list[bytes], grades: int, default: dict[str, Any] | None) -> dict[str, Any]:
    """Return the tally of a majority judgment from a column of answers for each proposal."""
    judges = len(columns[0])
    counts = [[column.count(grade) for grade in range(grades)] for column in columns]
    rows = filled(counts, judges, default)
    ranking = medians = None
    if rows is not None:
        distances = sorted(set().union(*map(turns, rows)))
        profiles = [middles(row, distances) for row in rows]
        ranking, medians = ranked(profiles), [pairs[0][0] for pairs in profiles]
    absent = [judges - sum(row) for row in counts]
    named = {"judges": judges, "counts": counts, "no_opinion": absent}
    return {**named, "ranking": ranking, "majority_grade": medians}


def dominates(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Say whether no criterion ranks one behind the other, and some before it."""
    return one != other and all(a <= b for a, b in zip(one, other))


def layers(ranks: list[tuple[int, ...]]) -> list[int]:
    """Return the Pareto layer of each proposal from its ranks in the criteria."""
    layer_of, left, layer = [0] * len(ranks), set(range(len(ranks))), 0
    while left:
        layer += 1
        known = {ranks[one] for one in left}
        tops = {one for one in left if not any(dominates(other, ranks[one]) for other in known)}
        for one in tops:
            layer_of[one] = layer
        left -= tops
    return layer_of


class Archive:
    """An archive: a method for each check, by its name, whose docstring is the sentence that is printed."""

    def __init__(self, path: Path, key: tuple[str, bytes] | None) -> None:
        self.path, self.key = path, key
        need(path.is_dir() or path.is_file(), str(path))
        self.zip = None if path.is_dir() else ZipFile(path)
        self.data: dict[str, bytes] = {}

    def files(self) -> None:
        """Les huit fichiers sont là, lisibles. | The eight files are there and readable."""
        try:
            if self.zip is None:
                # The desktops of readers leave hidden files in folders; they are never read.
                names = [one.name for one in self.path.iterdir() if not one.name.startswith(".")]
                need(sorted(names) == sorted(LIMITS), "names")
                self.data = {name: self.loose(self.path / name) for name in LIMITS}
            else:
                with self.zip as archive:
                    entries = archive.infolist()
                    need(sorted(entry.orig_filename for entry in entries) == sorted(LIMITS), "names")
                    self.data = {entry.filename: self.packed(archive, entry) for entry in entries}
        except Refused:
            raise
        except BROKEN as error:
            raise Refused(type(error).__name__) from None

    @staticmethod
    def loose(path: Path) -> bytes:
        """Read a file of a folder."""
        status = path.lstat()
        need(stat.S_ISREG(status.st_mode) and status.st_size <= LIMITS[path.name], path.name)
        return path.read_bytes()

    @staticmethod
    def packed(archive: ZipFile, entry: ZipInfo) -> bytes:
        """Read a file of a zip, never more of it than is announced."""
        name, size = entry.filename, entry.file_size
        need(entry.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not entry.flag_bits & 1, name)
        need(size <= min(LIMITS[name], MIB + RATIO * entry.compress_size), name)
        with archive.open(entry) as file:
            data = file.read(size + 1)
        need(len(data) == size, name)
        return data

    def canonical(self) -> None:
        """Chaque document a son unique forme. | Each document has its one form."""
        named = [name for name in LIMITS if name.endswith(".json")]
        self.read = {name[:-5]: parse(self.data[name], name) for name in named}

    def rules(self) -> None:
        """Les règles de la consultation sont complètes et cohérentes. | The rules are complete and sound."""
        rules = self.frozen = self.read["rules"]
        fit(rules, RULES, "rules.json")
        kind, proposals, criteria = rules["kind"], rules["proposals"], rules["criteria"]
        need((kind == YES_NO) + len(proposals) >= 2 and len(proposals) <= MOST_PROPOSALS, "proposals")
        need(len(set(proposals)) == len(proposals), "proposals")
        need(bool(rules["scale"]) == (kind == MAJORITY), "scale")
        need((1 <= len(criteria) <= 5) if kind == MANY else not criteria, "criteria")
        words = [rules["scale"]] if kind == MAJORITY else [one["scale"] for one in criteria]
        pairs = [one["name"] for one in criteria]
        self.options = [len(scale) for scale in words]
        if rules["routing"] is not None:
            fit(rules["routing"], ROUTING, "routing")
            need(kind == MANY, "routing")
            pairs.append(rules["routing"]["name"])
            words.append(rules["routing"]["options"])
        for scale in words:
            need(2 <= len(scale) <= 10, "scale")
            pairs.extend(scale)
        need(all(len(pair) == 2 for pair in pairs), "names")
        self.combined(rules["combination"], len(criteria))
        self.defaulted(rules["default"])
        self.fraction(rules["quorum"], "quorum")
        if kind == YES_NO:
            need(isinstance(rules["threshold"], list) and len(rules["threshold"]) == 3, "threshold")
            self.fraction(rules["threshold"][:2], "threshold")
            need(rules["threshold"][0] and rules["threshold"][2] in ("more-than", "at-least"), "threshold")
        else:
            need(rules["threshold"] is None, "threshold")
        if rules["token_key"] is not None:
            fit(rules["token_key"], TOKEN_KEY, "token_key")
            need(rules["token_key"]["e"] == 65537, "token_key")
        need(rules["opens"] < rules["closes"], "opens, closes")
        need(rules["consultation"] >= 1 and rules["guarantors"] >= 1, "consultation, guarantors")
        units = {MAJORITY: self.options, YES_NO: [2], MANY: [len(scale) for scale in words]}
        # The options of each column of a ballot, and which columns are judgments.
        self.columns = [len(proposals)] if kind == NOMINAL else units[kind] * len(proposals)
        self.unit = 1 if kind == NOMINAL else len(units[kind])
        need(len(self.columns) <= MOST_COLUMNS, "proposals")

    def combined(self, combination: Any, criteria: int) -> None:  # noqa: ANN401 - it is fitted here
        """Check how criteria are combined."""
        if self.frozen["kind"] != MANY:
            need(combination is None, "combination")
        elif one_of(combination, COMBINATIONS, "combination")["mode"] == "lexicographic":
            need(sorted(combination["order"]) == list(range(criteria)), "combination.order")

    def defaulted(self, default: Any) -> None:  # noqa: ANN401 - it is fitted here
        """Check what absent judgments count as."""
        if default is not None:
            need(self.frozen["kind"] in (MAJORITY, MANY), "default")
            one_of(default, DEFAULTS, "default")
            need(default["mode"] != "static" or default["grade"] < min(self.options), "default.grade")

    @staticmethod
    def fraction(pair: Any, where: str) -> None:  # noqa: ANN401 - it is fitted here
        """Check a fraction from 0 to 1."""
        fit(pair, [int], where)
        need(len(pair) == 2 and pair[0] <= pair[1] and pair[1] >= 1, where)

    def lines(self, name: str, header: str, pattern: str, least: int) -> list[tuple[str | Any, ...]]:
        """Return the parts of each row of a CSV file, each of which has to fit a pattern."""
        data = self.data[name]
        # A file of empty lines would take far more room as rows than as bytes.
        need(least * data.count(b"\n") <= len(data) + least, name)
        need(data.isascii() and data.endswith(b"\n"), name)
        first, *rows = data[:-1].decode("ascii").split("\n")
        need(first == header, f"{name}: 1")
        fits = re.compile(pattern).fullmatch
        parted = []
        for place, row in enumerate(rows, 2):
            parts = fits(row)
            need(parts, f"{name}: {place}")
            parted.append(parts.groups() if parts else ())
        return parted

    @staticmethod
    def ascending(values: list[bytes], where: str) -> None:
        """Check that each value is above the one before."""
        if not all(map(lt, values, values[1:])):
            place = next(place for place in range(1, len(values)) if values[place] <= values[place - 1])
            raise Refused(f"{where}: {place + 2}")

    def roll(self) -> None:
        """Le registre est celui que les règles ont figé. | The roll is the one that the rules froze."""
        rows = self.lines("roll.csv", "commitment,marked", f"({HASH}),([01])", 67)
        people = [bytes.fromhex(commitment) for commitment, _ in rows]
        self.ascending(people, "roll.csv")
        need(len(people) == self.frozen["roll"]["size"], "size")
        need(tree(people).hex() == self.frozen["roll"]["root"], "root")
        self.marks = sum(mark == "1" for _, mark in rows)
        self.roll_root = tree(person + bytes([mark == "1"]) for person, (_, mark) in zip(people, rows))

    def ballots(self) -> None:
        """Chaque bulletin est valable, rangé par jeton. | Each ballot is valid, in the order of tokens."""
        width, symbol = len(self.columns), f"[{RECEIPT_SYMBOLS}]{{4}}"
        header = ",".join(["receipt", "token", *map(str, range(1, width + 1))])
        value = "(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-4])"
        pattern = f"({symbol}-{symbol}-{symbol}),({HASH})((?:,{value}){{{width}}})"
        rows = self.lines("ballots.csv", header, pattern, 80 + 2 * width)
        self.receipted = [receipt for receipt, _, _ in rows]
        self.tokens = [bytes.fromhex(token) for _, token, _ in rows]
        self.answers = [bytes(map(int, values[1:].split(","))) for _, _, values in rows]
        self.ascending(self.tokens, "ballots.csv")
        blank = bytes([BLANK]) * width
        self.cast = [one for one in self.answers if one != blank]
        whole = b"".join(self.cast)
        self.cells = [whole[column::width] for column in range(width)]
        strict = self.frozen["default"] is None and self.frozen["kind"] in (MAJORITY, MANY)
        for place, (cells, options) in enumerate(zip(self.cells, self.columns)):
            needed = strict and place % self.unit < len(self.options)
            allowed = {*range(options)} if needed else {*range(options), BLANK}
            need(allowed.issuperset(cells), f"ballots.csv: column {place + 1}")

    def receipts(self) -> None:
        """Chaque reçu est celui de son bulletin. | Each receipt is that of its ballot."""
        start = b"assemblee-receipt-1\n%d\n" % self.frozen["consultation"]
        for place, (receipt, token, ballot) in enumerate(zip(self.receipted, self.tokens, self.answers), 2):
            number = int.from_bytes(sha256(start, token, ballot)[:8], "big") >> 4
            signs = "".join([RECEIPT_SYMBOLS[number >> shift & 31] for shift in range(55, -1, -5)])
            need(receipt == f"{signs[:4]}-{signs[4:8]}-{signs[8:]}", f"ballots.csv: {place}")

    def equality(self) -> None:
        """Émargements et bulletins concordent. | Marks and ballots agree."""
        said, people = self.read["result"], self.frozen["roll"]["size"]
        form = str(said.get("format")) if isinstance(said, dict) else ""
        need(form in RESULTS, "result.json.format")
        fit(said, RESULTS[form], "result.json")
        need(said["consultation"] == self.frozen["consultation"], "consultation")
        need(said["roll"] == people, "roll")
        need(said["marks"] == self.marks, "marks")
        need(said["ballots"] == len(self.answers), "ballots")
        need(said["ballots"] <= said["marks"], "ballots, marks")
        need(said["blank"] == len(self.answers) - len(self.cast), "blank")
        above, below = self.frozen["quorum"]
        self.quorum = self.marks * below >= above * people
        need(form == FIRST or said["needed"] == -(-above * people // below), "needed")
        need(said["quorum_met"] is self.quorum, "quorum_met")

    def tally(self) -> None:
        """Le résultat est celui que donnent les bulletins. | The result is what the ballots give."""
        count_of = {MAJORITY: self.majority, YES_NO: self.yes_no, NOMINAL: self.nominal, MANY: self.many}
        said, counted = self.read["result"]["tally"], count_of[self.frozen["kind"]]()
        if self.read["result"]["format"] == SECOND and not self.quorum:
            for one in (counted, *counted.get("criteria", ())):
                if "ranking" in one:
                    one["ranking"] = None
        need(said.keys() == counted.keys(), "tally")
        for name, value in counted.items():
            # To Python, True equals 1.
            need(dump(said[name]) == dump(value), f"tally.{name}")

    def majority(self) -> dict[str, Any]:
        """Recount a majority judgment."""
        return judged(self.cells, self.options[0], self.frozen["default"])

    def yes_no(self) -> dict[str, Any]:
        """Recount questions of yes or no."""
        above, below, word = self.frozen["threshold"]
        counts = [[cells.count(0), cells.count(1)] for cells in self.cells]
        adopted = []
        for no, yes in counts:
            share = yes * below - above * (yes + no)
            adopted.append(
                self.quorum and yes + no > 0 and (share > 0 or (share == 0 and word == "at-least"))
            )
        absent = [cells.count(BLANK) for cells in self.cells]
        return {"counts": counts, "no_opinion": absent, "adopted": adopted}

    def nominal(self) -> dict[str, Any]:
        """Recount a choice of one proposal."""
        counts = [self.cells[0].count(option) for option in range(self.columns[0])]
        return {"counts": counts, "ranking": ranked(counts) if self.cast else None}

    def many(self) -> dict[str, Any]:
        """Recount a judgment by several criteria."""
        parts = [self.cells[place :: self.unit] for place in range(self.unit)]
        criteria = [judged(part, grades, self.frozen["default"]) for part, grades in zip(parts, self.options)]
        routing = None
        if self.frozen["routing"] is not None:
            options = range(self.columns[-1])
            counts = [[cells.count(option) for option in options] for cells in parts[-1]]
            routing = {"counts": counts, "no_opinion": [cells.count(BLANK) for cells in parts[-1]]}
        ranking = None
        if all(one["ranking"] is not None for one in criteria):
            ranks = list(zip(*[one["ranking"] for one in criteria]))
            combination = self.frozen["combination"]
            if combination["mode"] == "pareto":
                ranking = layers(ranks)
            else:
                ranking = ranked([tuple(-row[place] for place in combination["order"]) for row in ranks])
        return {"criteria": criteria, "routing": routing, "ranking": ranking}

    def checkpoint(self) -> None:
        """La tête du journal a sa forme et sa signature. | The head of the log has its form and signature."""
        try:
            text, made = parse_note(self.data["checkpoint.txt"].decode())
        except UnicodeDecodeError:
            raise Refused("checkpoint.txt") from None
        match = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n(?:[^\n]+\n)*", text)
        need(match, "checkpoint.txt")
        self.origin, size, encoded = match.groups() if match else ("", "0", "")
        self.size, self.head = int(size), decoded(encoded, "root")
        need(len(self.head) == 32, "root")
        own = [value for name, value in made if name == self.origin]
        need(own, "origin")
        if self.key is not None:
            name, raw = self.key
            mark = sha256(name.encode(), b"\n", raw)[:4]
            marked = [value for value in own if value[:4] == mark]
            need(name == self.origin and len(marked) == 1, "--log")
            need(ed25519(raw[1:], text.encode(), marked[0][4:]), "signature")

    def log(self) -> None:
        """Le journal dit ces règles et ce résultat. | The log tells these rules and this result."""
        fit(self.read["log"], LOG, "log.json")
        leaves = self.read["log"]["leaves"]
        need(len(leaves) == 2, "leaves")
        need(leaves[0]["position"] < leaves[1]["position"], "position")
        opened, counted = (parse(leaf["body"].encode(), "body") for leaf in leaves)
        for leaf, event in ((opened, "consultation-opened"), (counted, "consultation-counted")):
            fit(leaf, LEAF, event)
            need(leaf["event"] == event, event)
        need(opened["mandate"] == counted["mandate"], "mandate")
        need(opened["at"] < counted["at"], "at")
        need(counted["at"] >= self.frozen["closes"], "closes")
        number, roll = self.frozen["consultation"], self.frozen["roll"]
        self.rules_hash = sha256(self.data["rules.json"]).hex()
        self.board = tree(token + ballot for token, ballot in zip(self.tokens, self.answers))
        told: dict[str, object] = {"consultation": number, "rules": self.rules_hash, "roll": roll["root"]}
        self.tells(opened, {**told, "voters": roll["size"]})
        told = {"consultation": number, "ballots": len(self.answers), "marks": self.marks}
        told |= {"board": self.board.hex(), "roll": self.roll_root.hex()}
        self.tells(counted, {**told, "result": sha256(self.data["result.json"]).hex()})
        started = counted["data"].get("guarantors")
        need(type(started) is int and started >= self.frozen["guarantors"], "guarantors")

    @staticmethod
    def tells(leaf: dict[str, Any], told: dict[str, object]) -> None:
        """Check what a leaf says."""
        for name, value in told.items():
            need(name in leaf["data"] and dump(leaf["data"][name]) == dump(value), f"{leaf['event']}.{name}")

    def proofs(self) -> None:
        """Les deux lignes sont dans le journal signé. | The two lines are in the signed log."""
        for place, leaf in enumerate(self.read["log"]["leaves"]):
            proof = [bytes.fromhex(one) for one in islice(leaf["proof"], 64)]
            need(len(proof) == len(leaf["proof"]), f"leaves[{place}]")
            body = sha256(b"\0", leaf["body"].encode())
            need(climb(body, leaf["position"], self.size, proof) == self.head, f"leaves[{place}]")


def summary(archive: Archive, adopted: str, missed: str, rejected: str) -> Iterator[str]:
    """Yield what the archive holds, for people to compare with what was published."""
    rules, tally = archive.frozen, archive.read["result"]["tally"]
    yield f"{rules['consultation']}. {rules['title']} ({rules['kind']}, {rules['mode']})"
    if not archive.quorum:
        above, below = rules["quorum"]
        yield missed.format(archive.marks, -(-above * rules["roll"]["size"] // below))
    ranks = (
        tally["ranking"]
        if rules["kind"] != YES_NO
        else [[rejected, adopted][one] for one in tally["adopted"]]
    )
    if not archive.quorum:
        ranks = None
    for proposal, rank in zip(rules["proposals"], ranks or ["–"] * len(rules["proposals"])):
        yield f"  {rank}  {proposal}"
    yield f"rules {archive.rules_hash}"
    yield f"board {archive.board.hex()}"
    yield f"{archive.origin} {archive.size} {archive.head.hex()}"


def main(arguments: list[str] | None = None) -> int:
    """Check an archive, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description="Recompte une consultation. Recounts a consultation.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--lang", choices=("fr", "en"))
    parser.add_argument("--log", metavar="KEY")
    options = parser.parse_args(arguments)
    getattr(sys.stdout, "reconfigure", dict)(errors="replace")  # a terminal may lack some letters
    locale = options.lang or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    language = 1 if locale[:2].lower() == "en" else 0
    said = [line.split(" | ")[language] for line in SENTENCES]
    unreadable, refused, totals, missing, unchecked, checked, adopted, missed, rejected, verified = said
    try:
        key = parse_key(options.log, "--log") if options.log is not None else None
        archive = Archive(options.archive, key)
    except BROKEN as error:
        print(unreadable.format(shown(str(error) or type(error).__name__)))
        return 2
    for check in CHECKS:
        sentence = str(getattr(Archive, check).__doc__).split(" | ")[language]
        try:
            getattr(archive, check)()
        except Refused as error:
            print(refused.format(check, sentence, shown(str(error))))
            return 1
        print(f"[{check}] {sentence}")
    for line in summary(archive, adopted, missed, rejected):
        print(shown(line))
    print(totals.format(*(archive.read["result"][name] for name in ("roll", "marks", "ballots", "blank"))))
    print(missing.format(archive.marks - len(archive.answers)))
    print((unchecked if key is None else checked).format(shown(archive.origin)))
    print(verified)
    return 0


if __name__ == "__main__":
    sys.exit(main())
