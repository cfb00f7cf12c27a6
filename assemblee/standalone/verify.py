"""Replay a draw from the folder of its bundle, with Python 3.9 or later and nothing else, without network.

    python3 -I -S verify.py FOLDER [--lang fr|en] [--commit HEX] [--rows FILE]

The protocol ``asm-draw-1`` is in ``docs/verify.md``, whose sections are named. The last line is the verdict.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from json.encoder import encode_basestring
from operator import lt
from pathlib import Path
from runpy import run_path
from typing import Any
from unicodedata import is_normalized

LISTED = [f"{name}.json" for name in "beacon draw log lottery result reveals signatures".split()]
LISTED = sorted(["README.txt", "checkpoint.txt", "pairing.py", "verify.py", *LISTED])
PAIRING = Path(__file__).with_name("pairing.py")
LARGEST = 2**53 - 1

# JSON without its quotes; its words name a type or a pattern below, or are a pattern themselves.
GRAMMAR = """{
draw: {protocol: asm-draw-1, draw: whole, title: text, publication: open|sealed, pool: list, counts:
[[whole]], size: whole, alternates: whole, rule: text, quotas: [{category: text, cells: [{value: text, min:
whole, max: whole}]}], tickets: whole, solver: [{name: text, version: text, options: object}], code: {name:
text, version: text}, guarantors: [{name: text, key: text}], threshold: whole, log: text, beacon: object,
deadlines: {cosign: moment, reveal: moment, beacon: moment}, earlier: {held: whole, cancelled: whole, lapsed:
whole}}, open: [{id: text, traits: [text]}], sealed: [{id: text, row: hash}], rows: {rows: [{id: text, salt:
hash, traits: [text]}]}, source: {kind: lottery|balls, source: text, date: date, witnesses: whole, groups:
[{name: text, count: whole, least: whole, most: whole}]}, lottery: {format: asm-draw-1/lottery, commit: hash,
rounding: whole, excluded: list, panels: [{tickets: whole, members: list}], chances: {fractions: [[digits]],
people: list}, certificate: {denominator: digits, size: signed, quotas: [[digits]], weights: [digits], bound:
[signed], minimum: [digits], proved: truth}}, signatures: {notes: [{guarantor: text, note: text}]}, reveals:
{reveals: [{guarantor: text, secret: hash}]}, round: {kind: drand, round: whole, signature: point}, numbers:
{kind: text, numbers: [[whole]], witnesses: [text]}, result: {seed: hash, ticket: whole, panel: whole,
members: [text], alternates: [text], counts: [[whole]]}, log: {leaves: [{position: whole, body: text, proof:
[hash]}]}, leaf: {actor: text, at: moment, data: object, event: text, mandate: whole}}"""
FORMS = json.loads(re.sub(r"[^][{}:,\s]+", r'"\g<0>"', GRAMMAR))
TYPES: dict[str, Any] = {"text": str, "whole": int, "truth": bool, "list": list, "object": dict}
DATE, DIGITS = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[1-9][0-9]{0,3999}"
PATTERNS = {"date": DATE, "digits": f"0|{DIGITS}", "signed": f"0|-?{DIGITS}", "hash": "[0-9a-f]{64}"}
PATTERNS |= {"moment": DATE + "T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "point": "[0-9a-f]{96}"}
# SHA-256 of `beacon` with round 0: a bundle that could bring a key of its own would have a beacon of its own.
QUICKNET = "e662e4aaf8d81c06e6baad09e550d799caf324e3bf7ed3389bb948c546d4fca5"
CHECKS = "files canonical draw pool lottery quotas tickets chances certificate signatures reveals".split()
CHECKS += "beacon choice alternates log checkpoint manifest".split()
ENDED, SEALED = ("draw-cancelled", "draw-lapsed"), ("pool", "quotas", "certificate", "alternates")
WORDS = """\
NON VÉRIFIÉ : les réponses des personnes sont fermées. | NOT MADE: the people’s answers are sealed.
Le couplage BLS a été vérifié. | The BLS pairing was checked.
Le couplage BLS N’EST PAS vérifié, sans pairing.py. | The BLS pairing is NOT checked, without pairing.py.
REFUSÉ — {} : ceci ne tient pas : « {} » ({}) | REFUSED — {}: this does not hold: “{}” ({})
VÉRIFIÉ — tout ce qui précède tient. | VERIFIED — all of the above holds.""".splitlines()
NOUGHTS = bytes.maketrans(b"123456789", b"000000000")
dump = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def need(holds: object, where: str) -> None:
    """Stop unless a condition holds: every refusal is a ``ValueError`` that says where."""
    if not holds:
        raise ValueError(where)


def parse(data: bytes, where: str) -> Any:  # noqa: ANN401 - `fit` says what it is
    """Read canonical JSON (section 1), and refuse every other writing of the same value."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        need(len(dict(pairs)) == len(pairs) and "".join(dict(pairs)).isascii(), where)
        return dict(pairs)

    def bare(token: str) -> int:
        need(re.fullmatch("-?[0-9]{1,16}", token) and abs(int(token)) <= LARGEST, where)
        return int(token)

    try:
        text = data.decode()
        # A hook costs a call for each integer: only a text that may hold a large one pays for it.
        long = bare if b"0" * 16 in data.translate(NOUGHTS) else None
        read = json.loads(text, object_pairs_hook=once, parse_float=bare, parse_constant=bare, parse_int=long)
        # Quotes join with no mark, so the text is in NFC exactly if its strings are; escapes would join.
        need(dump(read) == text and is_normalized("NFC", re.sub(r"\\(?:u....|.)", '"', text)), where)
    except (ValueError, RecursionError):
        raise ValueError(where) from None
    return read


def fit(value: Any, form: Any, where: str) -> None:  # noqa: ANN401 - of any type, which is the point
    """Stop unless a value has a form; nothing is used before that."""
    if isinstance(form, dict):
        need(isinstance(value, dict) and value.keys() == form.keys(), where)
        for name, inner in form.items():
            fit(value[name], inner, f"{where}.{name}")
    elif isinstance(form, list):
        need(isinstance(value, list), where)
        for place, one in enumerate(value if form != ["text"] or set(map(type, value)) != {str} else ()):
            fit(one, form[0], f"{where}[{place}]")
    elif form in TYPES:
        need(type(value) is TYPES[form] and (form != "whole" or 0 <= value <= LARGEST), where)
    else:
        need(isinstance(value, str) and re.fullmatch(PATTERNS.get(form, form), value), where)
        need(form not in ("date", "moment") or datetime.fromisoformat(value[:19]), where)


def ascending(values: list[Any], kind: type) -> bool:
    """Say whether all values are of a type and each is above the one before; fast on long lists."""
    return set(map(type, values)) <= {kind} and all(map(lt, values, values[1:]))


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


def tagged(*parts: str | bytes) -> bytes:
    """Return ``H(tag, ...)`` of section 1."""
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    return sha256(*(len(part).to_bytes(8, "big") + part for part in raw))


def stream(seed: bytes, label: str, bounds: Iterable[int]) -> Iterator[int]:
    """Yield a number below each bound, all below 2^256, from a seed under a label (section 1)."""
    attempt, start = 0, label.encode() + b"\0"
    for bound in bounds:
        bits, number = (bound - 1).bit_length(), bound
        while number >= bound:
            block = hmac.digest(seed, start + attempt.to_bytes(8, "big") + bytes(4), "sha256")
            number = int.from_bytes(block, "big") >> (256 - bits)
            attempt += 1
        yield number


def decoded(written: str, where: str) -> bytes:
    """Return the bytes of a text in base64, and refuse every other writing of the same bytes."""
    data = base64.b64decode(written.encode())
    need(base64.b64encode(data).decode() == written, where)
    return data


def parse_note(written: str, where: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Read a signed note (C2SP signed-note): its text, and the name and bytes of each signature."""
    need(re.fullmatch(r"[^\x00-\t\x0b-\x1f]+\n\n(?:— [^\x00- ]+ [^\x00- ]{8,}\n)+", written), where)
    text, gap, lines = written.rpartition("\n\n")
    return text + gap[:1], [(one, decoded(two, where)) for one, two in re.findall("— (.+) (.+)\n", lines)]


def parse_checkpoint(written: str, where: str) -> tuple[str, int, bytes]:
    """Read the text of a checkpoint (C2SP tlog-checkpoint): origin, size and root."""
    match = re.fullmatch(r"(.+)\n(0|[1-9][0-9]{0,19})\n(.+)\n(?:.+\n)*", written)
    origin, size, encoded = match.groups() if match else ("", "0", "")
    need(match and int(size) < 2**64, where)
    return origin, int(size), decoded(encoded, where)


def signed(text: str, signature: tuple[str, bytes], key: tuple[str, bytes], kind: int = 1) -> bool:
    """Say whether a signature is a key's, of a note (1) or of a checkpoint (4, C2SP tlog-cosignature)."""
    (name, blob), (owner, raw) = signature, key
    mark = sha256(owner.encode(), b"\n", bytes([kind]), raw[1:])[:4]
    if kind == 4:
        text = f"cosignature/v1\ntime {int.from_bytes(blob[4:12], 'big')}\n{text}"
    return (name, blob[:4]) == (owner, mark) and ed25519(raw[1:], text.encode(), blob[4 + 8 * (kind == 4) :])


class Bundle:
    """A bundle: a method for each check, by its name, whose docstring is the sentence that is printed."""

    def __init__(self, folder: Path, rows: Path | None = None, commit: str | None = None) -> None:
        self.folder, self.rows_path, self.expected_commit = folder, rows, commit
        self.sealed = self.paired = False

    def files(self) -> None:
        """Les fichiers sont tous là et lisibles. | Every file is there and readable."""
        paths = {name: self.folder / name for name in (*LISTED, "manifest.txt")}
        if self.rows_path or os.path.lexists(self.folder / "rows.json"):
            paths["rows.json"] = self.rows_path or self.folder / "rows.json"
        for name, path in paths.items():
            need(path.is_file() and not path.is_symlink(), name)
        self.data = {name: path.read_bytes() for name, path in paths.items()}
        self.head_note = parse_note(self.data["checkpoint.txt"].decode(), "checkpoint.txt")
        self.list_note = parse_note(self.data["manifest.txt"].decode(), "manifest.txt")
        self.head = parse_checkpoint(self.head_note[0], "checkpoint.txt")
        need(len(self.head[2]) == 32, "checkpoint.txt")

    def canonical(self) -> None:
        """Chaque document a son unique forme. | Every document has its one form."""
        named = [name for name in self.data if name.endswith(".json")]
        self.read = {name[:-5]: parse(self.data[name], name) for name in named}

    def shaped(self, name: str) -> Any:  # noqa: ANN401 - its form says what it is
        """Return a document that has its form."""
        fit(self.read[name], FORMS[name], f"{name}.json")
        return self.read[name]

    def draw(self) -> None:
        """Le tirage scellé est complet et cohérent. | The frozen draw is complete and sound."""
        draw = self.frozen = self.shaped("draw")
        fit(draw["pool"], FORMS[draw["publication"]], "pool")
        self.ids = [one["id"] for one in draw["pool"]]
        need(ascending(self.ids, str), "pool")
        need(all(draw[name] >= 1 for name in ("draw", "size", "tickets", "threshold")), "draw, size, tickets")
        need(draw["alternates"] <= len(self.ids) - draw["size"], "alternates")
        quotas = draw["quotas"]
        need([len(row) for row in draw["counts"]] == [len(one["cells"]) for one in quotas], "counts")
        self.values = [(place, cell["value"]) for place, one in enumerate(quotas) for cell in one["cells"]]
        self.cells = [(cell["min"], cell["max"]) for one in quotas for cell in one["cells"]]
        need(len({one["category"] for one in quotas}) == len(quotas), "quotas: category")
        need(len(set(self.values)) == len(self.values), "quotas: value")
        need(all(low <= high for low, high in self.cells), "quotas: min, max")
        kinds = {type(value) for one in draw["solver"] for value in one["options"].values()}
        need(kinds <= {int, str}, "solver")
        self.log_key = parse_key(draw["log"], "log")
        self.keys = {one["name"]: parse_key(one["key"], "guarantors") for one in draw["guarantors"]}
        names = [one["name"] for one in draw["guarantors"]]
        need(ascending(names, str) and names == [name for name, _ in self.keys.values()], "guarantors")
        need(len({raw for _, raw in self.keys.values()}) == len(names) >= draw["threshold"], "guarantors")
        source, ends = draw["beacon"], draw["deadlines"]
        need(ends["cosign"] < ends["reveal"] < ends["beacon"], "deadlines")
        if source.get("kind") == "drand":
            need(type(source.get("round")) is int and source["round"] >= 1, "beacon.round")
            need(sha256(dump({**source, "round": 0}).encode()).hex() == QUICKNET, "beacon")
            late = datetime.fromisoformat(ends["beacon"][:19] + "+00:00").timestamp()
            need(late == source["genesis"] + (source["round"] - 1) * source["period"], "deadlines.beacon")
        else:
            fit(source, FORMS["source"], "beacon")
            need(source["kind"] == "lottery" or draw["tickets"] == 1000, "tickets")
            need(source["groups"] and 2 <= source["witnesses"] <= len(names), "beacon.witnesses")
            for one in source["groups"]:
                need(1 <= one["count"] <= one["most"] - one["least"] + 1, "beacon.groups")
        self.commit = tagged("asm-draw-1/commit", self.data["draw.json"])
        need(self.expected_commit in (None, self.commit.hex()), "--commit")

    def pool(self) -> None:
        """Les personnes correspondent aux catégories. | The people fit the categories."""
        rows = self.frozen["pool"]
        self.sealed = self.frozen["publication"] == "sealed" and "rows" not in self.read
        if self.sealed:
            return
        if self.frozen["publication"] == "sealed":
            rows = self.shaped("rows")["rows"]
            salts = [bytes.fromhex(row["salt"]) for row in rows]
            marks = [tagged("asm-draw-1/row", salt, dump(row["traits"])) for salt, row in zip(salts, rows)]
            shown = [{"id": row["id"], "row": mark.hex()} for row, mark in zip(rows, marks)]
            need(shown == self.frozen["pool"], "rows.json")
        cell_of = {value: place for place, value in enumerate(self.values)}
        known: dict[tuple[str, ...], list[int]] = {}
        self.places: list[list[int]] = []
        for row in rows:
            traits = tuple(row["traits"])
            if traits not in known:
                known[traits] = [cell_of.get(pair, -1) for pair in enumerate(traits)]
                need(len(traits) == len(self.frozen["quotas"]) and -1 not in known[traits], repr(row["id"]))
            self.places.append(known[traits])
        need(self.counted(range(len(rows))) == self.frozen["counts"], "counts")

    def counted(self, people: Iterable[int]) -> list[list[int]]:
        """Count people in the layout of `counts`."""
        held = Counter([cell for person in people for cell in self.places[person]])
        numbers = iter(range(len(self.cells)))
        return [[held[next(numbers)] for _ in row] for row in self.frozen["counts"]]

    def lottery(self) -> None:
        """La loterie a la forme annoncée. | The lottery has the form announced."""
        top = self.published = self.shaped("lottery")
        need(top["commit"] == self.commit.hex(), "commit")
        quoted, people, marks = list(map(encode_basestring, self.ids)), len(self.ids), list[bytes]()
        for place, panel in enumerate(top["panels"]):
            members, where = panel["members"], f"panels[{place}]"
            need(len(members) == self.frozen["size"] and ascending(members, int), where)
            need(0 <= members[0] and members[-1] < people and panel["tickets"] >= 1, where)
            marks.append(sha256(self.commit, f"[{','.join([quoted[one] for one in members])}]".encode()))
        need(ascending(marks, bytes), "order of panels")
        chances, certificate = top["chances"], top["certificate"]
        positions = [*chances["people"], *top["excluded"]]
        need(set(map(type, positions)) <= {int} and min(positions) >= 0, "chances.people, excluded")
        pairs = [*chances["fractions"], *certificate["quotas"], certificate["bound"], certificate["minimum"]]
        need({len(pair) for pair in pairs} == {2} and len(certificate["quotas"]) == len(self.cells), "pairs")
        need(len(chances["people"]) == people == len(certificate["weights"]), "chances.people, weights")

    def quotas(self) -> None:
        """Chaque panel respecte les quotas. | Every panel is within the quotas."""
        # One large number for each person, with a field for each cell: adding up a panel counts all its
        # cells at once, and a bit on top of each field shows who is out of bounds.
        size = self.frozen["size"]
        guard, width = 1 << size.bit_length(), size.bit_length() + 1
        fields = [1 << width * place for place in range(len(self.cells))]
        ones = [sum([fields[place] for place in places]) for places in self.places]
        floor = sum(field * (guard - min(low, size + 1)) for field, (low, _) in zip(fields, self.cells))
        ceiling = sum(field * (guard - 1 - min(high, size)) for field, (_, high) in zip(fields, self.cells))
        guards = guard * sum(fields)
        for place, panel in enumerate(self.published["panels"]):
            total = sum([ones[member] for member in panel["members"]])
            need((total + floor) & guards == guards and not (total + ceiling) & guards, f"panels[{place}]")

    def tickets(self) -> None:
        """Tous les billets y sont. | All the tickets are there."""
        need(sum(panel["tickets"] for panel in self.published["panels"]) == self.frozen["tickets"], "panels")

    def chances(self) -> None:
        """Chaque chance est celle que donnent les billets. | Each chance is what tickets give."""
        top, people, tickets = self.published, self.published["chances"]["people"], self.frozen["tickets"]
        held, written = [0] * len(self.ids), top["chances"]["fractions"]
        fractions = [Fraction(int(above), int(under) or 1) for above, under in written]  # n/0 reads n/1
        need(written == [[str(one.numerator), str(one.denominator)] for one in fractions], "chances")
        need(ascending(fractions, Fraction) and set(people) == set(range(len(fractions))), "chances")
        for panel in top["panels"]:
            number = panel["tickets"]
            for member in panel["members"]:
                held[member] += number
        self.out = [place for place, one in enumerate(people) if fractions[one] == 0]
        need(top["excluded"] == self.out and not any(held[place] for place in self.out), "excluded")
        targets = [tickets * one for one in fractions]
        rounding = -(-max(abs(own - targets[one]) for own, one in set(zip(held, people))) // 1)
        need(fractions[-1] <= 1 and rounding == top["rounding"], "rounding")
        self.least = next(pair for pair in written if pair[0] != "0")

    def certificate(self) -> None:
        """La borne des chances est démontrée. | The bound of the chances is proved."""
        top = self.published["certificate"]
        scale, size, weights = int(top["denominator"]), int(top["size"]), list(map(int, top["weights"]))
        need(sum(weights) == scale >= 1 and not any(weights[place] for place in self.out), "weights")
        prices = [(int(above), int(under)) for above, under in top["quotas"]]
        gaps = [above - under for above, under in prices]
        value = sum(high * a - low * b for (low, high), (a, b) in zip(self.cells, prices))
        for weight, places in zip(weights, self.places):
            value += max(0, weight - size - sum([gaps[place] for place in places]))
        bound = Fraction(value + self.frozen["size"] * size, scale)
        need(top["bound"] == [str(bound.numerator), str(bound.denominator)], "bound")
        need([top["minimum"], top["proved"]] == [self.least, top["bound"] == self.least], "minimum, proved")

    def signatures(self) -> None:
        """Assez de garants ont signé cette loterie. | Enough guarantors signed this lottery."""
        notes = self.shaped("signatures")["notes"]
        self.notes = {one["guarantor"]: one["note"] for one in notes}
        self.lottery_hash, self.promised = sha256(self.data["lottery.json"]), {}
        lines = f"asm-draw-1/cosign\ndraw {self.frozen['draw']}\ncommit {self.commit.hex()}\nlottery "
        need(ascending([one["guarantor"] for one in notes], str), "order")
        need(len(notes) >= self.frozen["threshold"], "threshold")
        for name, note in self.notes.items():
            text, made = parse_note(note, repr(name))
            start, _, self.promised[name] = text[:-1].rpartition("\nsecret ")
            need(start == lines + self.lottery_hash.hex(), repr(name))
            need(re.fullmatch(PATTERNS["hash"], self.promised[name]) and len(made) == 1, repr(name))
            need(name in self.keys and signed(text, made[0], self.keys[name]), repr(name))

    def reveals(self) -> None:
        """Les secrets montrés sont ceux promis. | The secrets shown are those promised."""
        shown = self.shaped("reveals")["reveals"]
        self.secrets = {one["guarantor"]: one["secret"] for one in shown}
        need(ascending([one["guarantor"] for one in shown], str), "order")
        for name, secret in self.secrets.items():
            hashed = tagged("asm-draw-1/guarantor", name, self.commit, bytes.fromhex(secret))
            need(self.promised.get(name) == hashed.hex(), repr(name))

    def beacon(self) -> None:
        """L’aléa public est bien celui annoncé. | The beacon is the one announced."""
        source, shown = self.frozen["beacon"], self.read["beacon"]
        fit(shown, FORMS["round" if source["kind"] == "drand" else "numbers"], "beacon.json")
        need(shown["kind"] == source["kind"], "kind")
        if source["kind"] == "drand":
            need(shown["round"] == source["round"], "round")
            signature, message = bytes.fromhex(shown["signature"]), sha256(source["round"].to_bytes(8, "big"))
            self.random, self.paired = sha256(signature), PAIRING.is_file()
            if self.paired:
                check = run_path(str(PAIRING))["check"]
                need(check(bytes.fromhex(source["key"]), message, signature), "pairing")
            return
        need(len(shown["numbers"]) == len(source["groups"]), "numbers")
        for row, group in zip(shown["numbers"], source["groups"]):
            need(len(row) == group["count"] and ascending(row, int), "numbers")
            need(group["least"] <= row[0] and row[-1] <= group["most"], "numbers")
        who = shown["witnesses"]
        need(ascending(who, str) and self.keys.keys() >= set(who) and len(who) >= source["witnesses"], "who")
        self.random = tagged("asm-draw-1/beacon", dump(shown["numbers"]))

    def choice(self) -> None:
        """La graine et les billets désignent ce panel. | Seed and tickets choose this panel."""
        shown, panels = self.shaped("result"), self.published["panels"]
        secrets = [part for name, secret in self.secrets.items() for part in (name, bytes.fromhex(secret))]
        self.seed = tagged("asm-draw-1/seed", self.commit, self.lottery_hash, *secrets, self.random)
        (ticket,) = stream(self.seed, "panel", [self.frozen["tickets"]])
        ends = enumerate(accumulate(panel["tickets"] for panel in panels))
        place = next(place for place, end in ends if ticket < end)
        self.members = panels[place]["members"]
        need(shown["seed"] == self.seed.hex(), "seed")
        need((shown["ticket"], shown["panel"]) == (ticket, place), "ticket, panel")
        need(shown["members"] == [self.ids[member] for member in self.members], "members")
        need([len(row) for row in shown["counts"]] == [len(row) for row in self.frozen["counts"]], "counts")
        need(self.sealed or shown["counts"] == self.counted(self.members), "counts")

    def alternates(self) -> None:
        """Les suppléants suivent de la graine. | The alternates follow from the seed."""
        shown, away = self.read["result"]["alternates"], {*self.members, *self.out}
        left = [place for place in range(len(self.ids)) if place not in away]
        wanted = min(self.frozen["alternates"], len(left))
        need(len(shown) == wanted == len({self.ids[place] for place in left} & set(shown)), "alternates")
        if self.sealed:
            return
        rooms = [-(-high * self.frozen["alternates"] // self.frozen["size"]) for _, high in self.cells]
        chosen, order = list[int](), list[int]()
        for place in stream(self.seed, "alternates", range(len(left), 0, -1)):
            if len(chosen) == wanted:
                break
            order.append(left.pop(place))
            if all(rooms[cell] > 0 for cell in self.places[order[-1]]):
                chosen.append(order.pop())
                for cell in self.places[chosen[-1]]:
                    rooms[cell] -= 1
        need(shown == [self.ids[person] for person in (chosen + order)[:wanted]], "alternates")

    def log(self) -> None:
        """Le journal raconte ce même tirage, sans trou. | The journal tells this same draw, with no gap."""
        people = dump(self.frozen["pool"])[7:-2].split('},{"id":')  # no text holds a bare quote
        pool = root([sha256(f'\0{{"id":{one}}}'.encode()) for one in people])
        cosign, reveal, last_end = (self.frozen["deadlines"][name] for name in ("cosign", "reveal", "beacon"))
        ticket = self.read["result"]["ticket"]
        result = {"result": sha256(self.data["result.json"]).hex(), "seed": self.seed.hex(), "ticket": ticket}
        told: dict[str, dict[str, object]] = {}
        told["draw-frozen"] = {"commit": self.commit.hex(), "pool_root": pool.hex()}
        told["lottery-published"] = {"lottery": self.lottery_hash.hex()}
        told["draw-beacon"] = {"beacon": self.random.hex()}
        told["draw-held"] = {**told["lottery-published"], **result}
        # From when and until when a guarantor is heard, and what is heard; "~" comes after every moment.
        spans = {"draw-cosigned": ("", cosign, "note"), "draw-revealed": (cosign + "~", reveal, "secret")}
        spans["beacon-typed"] = (last_end, "~", "numbers")
        heard: dict[str, dict[str, Any]] = {event: {} for event in spans}
        last, before, steps = None, "", 0
        for place, leaf in enumerate(self.shaped("log")["leaves"]):
            position, body, where = leaf["position"], leaf["body"].encode(), f"leaves[{place}]"
            proof = list(map(bytes.fromhex, leaf["proof"]))
            need(climb(sha256(b"\0", body), position, self.head[1], proof) == self.head[2], where)
            entry = parse(body, where)
            fit(entry, FORMS["leaf"], where)
            data, event, at = entry["data"], entry["event"], entry["at"]
            chain = [data.get("draw"), data.get("previous", "")]
            need(dump(chain) == dump([self.frozen["draw"], last]), where)  # to Python, True equals 1
            need((last is None or last < position) and before <= at and steps < len(told), where)
            need((place == 0) == (event == "draw-frozen") and event not in ENDED, where)
            last, before = position, at
            if event in told:
                need(event == list(told)[steps] and (event != "draw-beacon" or at >= last_end), where)
                need(dump({name: data.get(name) for name in told[event]}) == dump(told[event]), where)
                steps += 1
            if event in spans:
                (start, end, fact), name = spans[event], data.get("guarantor")
                need(steps == 2 and start <= at <= end and type(name) is str and name in self.keys, where)
                need(name not in heard[event], where)
                need(event != "draw-revealed" or name in heard["draw-cosigned"], where)
                heard[event][name] = data.get(fact)
        notes = {name: sha256(note.encode()).hex() for name, note in self.notes.items()}
        need(steps == len(told), "leaves")
        need(dump(heard["draw-cosigned"]) == dump(notes), "draw-cosigned")
        need(dump(heard["draw-revealed"]) == dump(self.secrets), "draw-revealed")
        typed, most = heard["beacon-typed"], self.frozen["beacon"].get("witnesses")
        said = list(map(dump, typed.values()))
        agreed = [one for place, one in enumerate(said, 1) if said[:place].count(one) == most][:1]
        need(agreed == [dump(self.read["beacon"]["numbers"])] if most else not typed, "beacon-typed")
        names = sorted(name for name, numbers in typed.items() if [dump(numbers)] == agreed)
        need(names == self.read["beacon"].get("witnesses", []), "beacon-typed")

    def checkpoint(self) -> None:
        """La tête du journal est bien signée. | The head of the journal is well signed."""
        text, (first, *others) = self.head_note
        need(self.head[0] == self.log_key[0] and signed(text, first, self.log_key), "journal")
        need(len({name for name, _ in others}) == len(others), "cosignatures")
        for one in others:
            need(one[0] in self.keys and signed(text, one, self.keys[one[0]], 4), repr(one[0]))

    def manifest(self) -> None:
        """Aucun fichier n’a été changé depuis. | No file was changed since."""
        text, made = self.list_note
        lines = [f"{sha256(self.data[name]).hex()}  {name}\n" for name in LISTED]
        need(text == "".join([f"asm-draw-1/bundle\ndraw {self.frozen['draw']}\n", *lines]), "manifest.txt")
        need(len(made) == 1 and signed(text, made[0], self.log_key), "manifest.txt")


def main(arguments: list[str] | None = None) -> int:
    """Check a folder, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description="Rejoue un tirage. Replays a draw.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lang", choices=("fr", "en"))
    parser.add_argument("--commit", metavar="HEX")
    parser.add_argument("--rows", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    getattr(sys.stdout, "reconfigure", dict)(errors="replace")  # a terminal may lack some letters
    locale = options.lang or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    place = 1 if locale[:2].lower() == "en" else 0
    sealed, paired, unpaired, refused, verified = [line.split(" | ")[place] for line in WORDS]
    bundle = Bundle(options.folder, options.rows, options.commit)
    for check in CHECKS:
        sentence = str(getattr(Bundle, check).__doc__).split(" | ")[place]
        try:
            if not (bundle.sealed and check in ("quotas", "certificate")):
                getattr(bundle, check)()
        except Exception as error:  # noqa: BLE001 - whatever a hostile folder holds, it ends as a refusal
            print(refused.format(check, sentence, error))
            return 1
        print(f"[{check}] {sealed if bundle.sealed and check in SEALED else sentence}")
    if bundle.frozen["beacon"]["kind"] == "drand":
        print(paired if bundle.paired else unpaired)
    print(f"commit {bundle.commit.hex()}")
    for name, raw in [bundle.log_key, *bundle.keys.values()]:
        print(sha256(raw[1:]).hex(), name)
    print(*bundle.head[:2], bundle.head[2].hex())
    print(verified)
    return 0


if __name__ == "__main__":
    sys.exit(main())
