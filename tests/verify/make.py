"""Whole bundles of invented draws, written from ``docs/verify.md`` alone: what verifiers are tried on."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sortition import Cell, Pool, Quotas, Stream, lottery

ROOT = Path(__file__).parents[2]
STANDALONE = ROOT / "assemblee" / "standalone"
ROUNDS = json.loads((ROOT / "tests" / "vectors" / "audit" / "drand_rounds.json").read_text())
QUICKNET = ROUNDS["chains"]["quicknet"]
SIGNATURES = {one["round"]: one["signature"] for one in ROUNDS["quicknet"]}
FILES = ("beacon", "draw", "log", "lottery", "result", "reveals", "signatures")

Document = dict[str, Any]


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def tagged(tag: str, *parts: str | bytes) -> bytes:
    raw = [part.encode() if isinstance(part, str) else part for part in (tag, *parts)]
    return sha256(*(len(part).to_bytes(8) + part for part in raw))


def tree(hashes: list[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256()
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\1", tree(hashes[:half]), tree(hashes[half:]))


def path(hashes: list[bytes], position: int) -> list[bytes]:
    """Give the inclusion proof of a leaf."""
    if len(hashes) < 2:
        return []
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if position < half:
        return [*path(hashes[:half], position), tree(hashes[half:])]
    return [*path(hashes[half:], position - half), tree(hashes[:half])]


@dataclass(frozen=True)
class Signer:
    """Somebody with a name and a key."""

    name: str
    secret: bytes

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def mark(self, kind: int = 1) -> bytes:
        return sha256(self.name.encode(), b"\n", bytes([kind]), self.public)[:4]

    @property
    def verifier_key(self) -> str:
        encoded = base64.b64encode(b"\1" + self.public).decode()
        return f"{self.name}+{self.mark().hex()}+{encoded}"

    def line(self, text: str) -> str:
        blob = self.mark() + self.private.sign(text.encode())
        return f"— {self.name} {base64.b64encode(blob).decode()}\n"

    def note(self, text: str) -> str:
        return f"{text}\n{self.line(text)}"

    def cosignature(self, text: str, seconds: int) -> str:
        signed = self.private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        blob = self.mark(4) + seconds.to_bytes(8) + signed
        return f"— {self.name} {base64.b64encode(blob).decode()}\n"


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Ceremony:
    """The documents of a draw, and the keys of those who made them.

    Alter a document, then take ``files()``: the journal, its checkpoint and the manifest follow, as an
    operator could make them who has the journal's key and not those of the guarantors.
    """

    draw: Document
    rows: list[Document]
    lottery: Document = field(default_factory=dict)
    notes: list[Document] = field(default_factory=list)
    reveals: list[Document] = field(default_factory=list)
    beacon: Document = field(default_factory=dict)
    result: Document = field(default_factory=dict)
    leaves: list[tuple[str, str, Document]] = field(default_factory=list)
    journal: Signer = field(default_factory=lambda: Signer("journal.example", bytes(32)))
    guarantors: list[Signer] = field(default_factory=list)
    cosigners: list[str] = field(default_factory=list)
    show_rows: bool = False

    @property
    def commit(self) -> bytes:
        return tagged("asm-draw-1/commit", canonical(self.draw))

    @property
    def lottery_hash(self) -> bytes:
        return sha256(canonical(self.lottery))

    @property
    def secrets(self) -> dict[str, bytes]:
        return {one.name: tagged("secret", one.secret) for one in self.guarantors}

    def randomness(self) -> bytes:
        if self.beacon["kind"] == "drand":
            return sha256(bytes.fromhex(self.beacon["signature"]))
        return tagged("asm-draw-1/beacon", canonical(self.beacon["numbers"]))

    def order_panels(self) -> None:
        """Bind the lottery to the commit, and put its panels in their order."""
        ids = [one["id"] for one in self.draw["pool"]]
        self.lottery["commit"] = self.commit.hex()
        self.lottery["panels"].sort(
            key=lambda panel: sha256(self.commit, canonical([ids[member] for member in panel["members"]]))
        )

    def sign(self, names: list[str]) -> None:
        """Let guarantors sign what there is."""
        self.notes = []
        for one in self.guarantors:
            if one.name in names:
                secret = tagged("asm-draw-1/guarantor", one.name, self.commit, self.secrets[one.name])
                text = (
                    f"asm-draw-1/cosign\ndraw {self.draw['draw']}\ncommit {self.commit.hex()}\n"
                    f"lottery {self.lottery_hash.hex()}\nsecret {secret.hex()}\n"
                )
                self.notes.append({"guarantor": one.name, "note": one.note(text)})

    def choose(self) -> None:
        """Compute the result that follows from everything before it."""
        shown = [part for one in self.reveals for part in (one["guarantor"], bytes.fromhex(one["secret"]))]
        seed = tagged("asm-draw-1/seed", self.commit, self.lottery_hash, *shown, self.randomness())
        ticket = Stream(seed, "panel").below(self.draw["tickets"])
        panels = self.lottery["panels"]
        place = bisect_right(list(accumulate(panel["tickets"] for panel in panels)), ticket)
        members = panels[place]["members"]
        away = {*members, *self.lottery["excluded"]}
        left = [person for person in range(len(self.rows)) if person not in away]
        order, stream = [], Stream(seed, "alternates")
        while left:
            order.append(left.pop(stream.below(len(left))))
        wanted, caps = self.draw["alternates"], {}
        for place_of, category in enumerate(self.draw["quotas"]):
            for cell in category["cells"]:
                caps[place_of, cell["value"]] = ceil(Fraction(cell["max"] * wanted, self.draw["size"]))
        taken: list[int] = []
        for person in order:
            cells = list(enumerate(self.rows[person]["traits"]))
            fits = all(
                sum(self.rows[other]["traits"][column] == value for other in taken) < caps[column, value]
                for column, value in cells
            )
            if fits and len(taken) < wanted:
                taken.append(person)
        taken = [*taken, *(person for person in order if person not in taken)][:wanted]
        ids = [one["id"] for one in self.rows]
        self.result = {
            "seed": seed.hex(),
            "ticket": ticket,
            "panel": place,
            "members": [ids[member] for member in members],
            "alternates": [ids[person] for person in taken],
            "counts": counts(self.draw["quotas"], [self.rows[member]["traits"] for member in members]),
        }

    def tell(self, noise: int = 0) -> None:
        """Write down the leaves that the documents call for, with others between them."""
        ends = {name: datetime.fromisoformat(end) for name, end in self.draw["deadlines"].items()}
        pool = tree([sha256(b"\0", canonical(one)) for one in self.draw["pool"]])
        lottery_hash = self.lottery_hash.hex()
        start = ends["cosign"] - timedelta(days=1)
        told = [(start, "draw-frozen", {"commit": self.commit.hex(), "pool_root": pool.hex()})]
        told.append((start + timedelta(minutes=5), "lottery-published", {"lottery": lottery_hash}))
        for one in self.notes:
            data = {"guarantor": one["guarantor"], "note": sha256(one["note"].encode()).hex()}
            told.append((ends["cosign"], "draw-cosigned", data))
        if noise:
            told.append((ends["cosign"], "draw-signature-refused", {"guarantor": "nobody"}))
        told.extend((ends["reveal"], "draw-revealed", one) for one in self.reveals)
        for name in self.beacon.get("witnesses", []):
            data = {"guarantor": name, "numbers": self.beacon["numbers"]}
            told.append((ends["beacon"], "beacon-typed", data))
        told.append((ends["beacon"], "draw-beacon", {"beacon": self.randomness().hex()}))
        held = {
            "lottery": lottery_hash,
            "seed": self.result["seed"],
            "ticket": self.result["ticket"],
            "result": sha256(canonical(self.result)).hex(),
        }
        told.append((ends["beacon"] + timedelta(seconds=9), "draw-held", held))
        self.leaves = [(moment(at), event, dict(data)) for at, event, data in told]

    def files(self) -> dict[str, bytes]:
        """Give every file of the bundle."""
        bodies: list[bytes] = []
        places: list[int] = []
        for at, event, data in self.leaves:
            # Other draws leave their lines in the same journal.
            for _ in range(len(places) % 3):
                other = {
                    "actor": "worker",
                    "at": at,
                    "data": {"pool": 1},
                    "event": "pool-closed",
                    "mandate": 1,
                }
                bodies.append(canonical(other))
            told = {"draw": self.draw["draw"], "previous": places[-1] if places else None, **data}
            leaf = {"actor": "account-1", "at": at, "data": told, "event": event, "mandate": 1}
            places.append(len(bodies))
            bodies.append(canonical(leaf))
        hashes = [sha256(b"\0", body) for body in bodies]
        leaves = [
            {
                "position": place,
                "body": bodies[place].decode(),
                "proof": [one.hex() for one in path(hashes, place)],
            }
            for place in places
        ]
        text = f"{self.journal.name}\n{len(hashes)}\n{base64.b64encode(tree(hashes)).decode()}\n"
        cosigned = [
            one.cosignature(text, 1796148000) for one in self.guarantors if one.name in self.cosigners
        ]
        files = {
            "draw.json": canonical(self.draw),
            "lottery.json": canonical(self.lottery),
            "signatures.json": canonical({"notes": self.notes}),
            "reveals.json": canonical({"reveals": self.reveals}),
            "beacon.json": canonical(self.beacon),
            "result.json": canonical(self.result),
            "log.json": canonical({"leaves": leaves}),
            "checkpoint.txt": (self.journal.note(text) + "".join(cosigned)).encode(),
            "README.txt": b"Read docs/verify.md.\n",
            "verify.py": (STANDALONE / "verify.py").read_bytes(),
            "pairing.py": b"# not in this test\n",
        }
        if self.show_rows:
            shown = [{"id": one["id"], "salt": one["salt"], "traits": one["traits"]} for one in self.rows]
            return self.listed(files) | {"rows.json": canonical({"rows": shown})}
        return self.listed(files)

    def listed(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """Add the manifest."""
        lines = "".join(f"{sha256(files[name]).hex()}  {name}\n" for name in sorted(files))
        text = f"asm-draw-1/bundle\ndraw {self.draw['draw']}\n{lines}"
        return {**files, "manifest.txt": self.journal.note(text).encode()}


def counts(quotas: list[Document], traits: list[list[str]]) -> list[list[int]]:
    return [
        [sum(row[place] == cell["value"] for row in traits) for cell in category["cells"]]
        for place, category in enumerate(quotas)
    ]


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def variant(seed: int) -> Ceremony:
    """Give the ceremony of a number: sizes, rules, publication and beacon all vary with it."""
    chance = random.Random(seed)  # noqa: S311 - invented people
    return ceremony(
        seed,
        people=chance.randint(6, 40),
        rule=("leximin", "maximin", "uniform")[seed % 3],
        publication="open" if seed % 4 < 2 else "sealed",
        show_rows=seed % 4 == 3,
        beacon=("drand", "lottery", "balls")[seed // 3 % 3],
        categories=seed // 2 % 4,
        alternates=chance.choice([0, 1, 5]),
        guarantors=chance.randint(2, 4),
    )


def ceremony(
    seed: int,
    *,
    people: int = 18,
    rule: str = "leximin",
    publication: str = "open",
    show_rows: bool = False,
    beacon: str = "drand",
    categories: int = 2,
    alternates: int = 2,
    guarantors: int = 3,
) -> Ceremony:
    """Make the documents of a whole draw of invented people."""
    chance = random.Random(f"ceremony {seed}")  # noqa: S311 - invented people
    size = chance.randint(1, max(1, people // 2))
    signers = [
        Signer(f"garant·e-{place}/é", tagged("key", str(seed), str(place))) for place in range(guarantors)
    ]
    signers.sort(key=lambda one: one.name.encode())
    values = [[f"{'é' * column}v{value}" for value in range(2 + column % 3)] for column in range(categories)]
    ids = sorted(tagged("id", str(seed), str(place)).hex()[:12] for place in range(people))
    rows = [
        {
            "id": name,
            "salt": tagged("salt", str(seed), name).hex(),
            "traits": [chance.choice(choices) for choices in values],
        }
        for name in ids
    ]
    panel = chance.sample([one["traits"] for one in rows], size)
    quotas = [
        {"category": f"category {column}", "cells": [quota(value, column, panel, rule) for value in choices]}
        for column, choices in enumerate(values)
    ]
    if categories and rule != "uniform" and seed % 5 == 0:
        # Somebody whom no panel can hold.
        quotas[0]["cells"].append({"value": "nowhere", "min": 0, "max": 0})
        outside = next((one for one in rows if one["traits"] not in panel), None)
        if outside is not None:
            outside["traits"] = ["nowhere", *outside["traits"][1:]]
    source, shown, end = BEACONS[beacon](seed, signers)
    draw = {
        "protocol": "asm-draw-1",
        "draw": seed + 1,
        "title": f"Tirage d’essai n° {seed} « é »",
        "publication": publication,
        "pool": [{"id": one["id"], "traits": one["traits"]} for one in rows]
        if publication == "open"
        else [
            {
                "id": one["id"],
                "row": tagged("asm-draw-1/row", bytes.fromhex(one["salt"]), canonical(one["traits"])).hex(),
            }
            for one in rows
        ],
        "counts": counts(quotas, [one["traits"] for one in rows]),
        "quotas": quotas,
        "size": size,
        "alternates": min(alternates, people - size),
        "rule": rule,
        "tickets": 1000 if beacon == "balls" else chance.choice([1000, 5040, 1_000_000]),
        "solver": [{"name": "highs", "version": "1", "options": {"threads": 1, "presolve": "on"}}],
        "code": {"name": "assemblee", "version": "0.1.0"},
        "guarantors": [{"name": one.name, "key": one.verifier_key} for one in signers],
        "threshold": max(1, guarantors - 1),
        "log": "",
        "beacon": source,
        "deadlines": {
            "cosign": moment(end - timedelta(days=2)),
            "reveal": moment(end - timedelta(days=1)),
            "beacon": moment(end),
        },
        "earlier": {"held": 0, "cancelled": seed % 2, "lapsed": 0},
    }
    made = Ceremony(draw, rows, guarantors=signers, show_rows=show_rows and publication == "sealed")
    made.journal = Signer("journal.example/assemblee", tagged("journal", str(seed)))
    draw["log"] = made.journal.verifier_key
    made.beacon = shown
    made.lottery = published(draw, rows, seed)
    made.order_panels()
    names = [one.name for one in signers]
    made.sign(names[seed % 2 :] if guarantors > 1 else names)
    signed = [one["guarantor"] for one in made.notes]
    made.reveals = [
        {"guarantor": name, "secret": made.secrets[name].hex()} for name in signed[: len(signed) - seed % 3]
    ]
    made.cosigners = names[: seed % (guarantors + 1)]
    made.choose()
    made.tell(seed % 2)
    return made


def quota(value: str, column: int, panel: list[list[str]], rule: str) -> Document:
    """Give bounds that at least one panel is within."""
    if rule == "uniform":
        return {"value": value, "min": 0, "max": len(panel)}
    held = sum(traits[column] == value for traits in panel)
    return {"value": value, "min": max(0, held - column), "max": min(len(panel), held + 1)}


def published(draw: Document, rows: list[Document], seed: int) -> Document:
    """Compute the lottery of a draw and write it as `lottery.json`, with an honest certificate."""
    quotas = Quotas(
        tuple(
            Cell(category["category"], cell["value"], cell["min"], cell["max"])
            for category in draw["quotas"]
            for cell in category["cells"]
        )
    )
    names = [category["category"] for category in draw["quotas"]]
    pool = Pool.from_rows(
        [one["id"] for one in rows], [dict(zip(names, one["traits"], strict=True)) for one in rows], quotas
    )
    made = lottery(draw["rule"], pool, quotas, draw["size"], tickets=draw["tickets"])
    fractions = sorted(set(made.exact))
    errors = [
        abs(held - draw["tickets"] * chance) for held, chance in zip(made.chances, made.exact, strict=True)
    ]
    excluded = [place for place, chance in enumerate(made.exact) if chance == 0]
    return {
        "format": "asm-draw-1/lottery",
        "commit": "",
        "panels": [{"tickets": panel.tickets, "members": list(panel.members)} for panel in made.panels],
        "chances": {
            "fractions": [[str(one.numerator), str(one.denominator)] for one in fractions],
            "people": [fractions.index(chance) for chance in made.exact],
        },
        "rounding": ceil(max(errors)),
        "excluded": excluded,
        "certificate": certificate(draw, rows, excluded, min(one for one in fractions if one), seed),
    }


def certificate(
    draw: Document, rows: list[Document], excluded: list[int], minimum: Fraction, seed: int
) -> Document:
    """Write any dual solution: the better the multipliers, the tighter the bound, and every bound holds."""
    weights = [0 if place in excluded else 1 for place in range(len(rows))]
    cells = [
        (place, cell["value"], cell["min"], cell["max"])
        for place, category in enumerate(draw["quotas"])
        for cell in category["cells"]
    ]
    prices = [(place % 2 * (seed % 3), (place + seed) % 2) for place in range(len(cells))]
    per_size = 1 - seed % 2
    value = draw["size"] * per_size
    for (_, _, low, high), (above, under) in zip(cells, prices, strict=True):
        value += high * above - low * under
    for weight, row in zip(weights, rows, strict=True):
        own = [
            above - under
            for (place, name, _, _), (above, under) in zip(cells, prices, strict=True)
            if row["traits"][place] == name
        ]
        value += max(0, weight - per_size - sum(own))
    bound = Fraction(value, sum(weights))
    return {
        "denominator": str(sum(weights)),
        "size": str(per_size),
        "quotas": [[str(above), str(under)] for above, under in prices],
        "weights": [str(weight) for weight in weights],
        "bound": [str(bound.numerator), str(bound.denominator)],
        "minimum": [str(minimum.numerator), str(minimum.denominator)],
        "proved": bound == minimum,
    }


def drand(seed: int, signers: list[Signer]) -> tuple[Document, Document, datetime]:
    number = sorted(SIGNATURES)[seed % len(SIGNATURES)]
    source = {
        "kind": "drand",
        "network": "quicknet",
        "chain": QUICKNET["chain_hash"],
        "key": QUICKNET["public_key"],
        "genesis": QUICKNET["genesis_time"],
        "period": QUICKNET["period_s"],
        "round": number,
    }
    end = datetime.fromtimestamp(QUICKNET["genesis_time"] + (number - 1) * QUICKNET["period_s"], UTC)
    return source, {"kind": "drand", "round": number, "signature": SIGNATURES[number]}, end


def typed(kind: str, groups: list[Document], numbers: list[list[int]], signers: list[Signer]) -> Any:  # noqa: ANN401
    source = {
        "kind": kind,
        "source": "Un tirage télévisé",
        "date": "2026-12-02",
        "groups": groups,
        "witnesses": 2,
    }
    shown = {"kind": kind, "numbers": numbers, "witnesses": [one.name for one in signers[:2]]}
    return source, shown, datetime(2026, 12, 2, 20, tzinfo=UTC)


def national(seed: int, signers: list[Signer]) -> tuple[Document, Document, datetime]:
    chance = random.Random(f"lottery {seed}")  # noqa: S311 - an invented lottery
    groups = [
        {"name": "numéros", "count": 5, "least": 1, "most": 49},
        {"name": "chance", "count": 1, "least": 1, "most": 10},
    ]
    numbers = [sorted(chance.sample(range(1, 50), 5)), [chance.randint(1, 10)]]
    return typed("lottery", groups, numbers, signers)


def balls(seed: int, signers: list[Signer]) -> tuple[Document, Document, datetime]:
    chance = random.Random(f"balls {seed}")  # noqa: S311 - invented balls
    groups = [{"name": f"boule {place}", "count": 1, "least": 0, "most": 9} for place in range(3)]
    return typed("balls", groups, [[chance.randint(0, 9)] for _ in groups], signers)


BEACONS = {"drand": drand, "lottery": national, "balls": balls}
