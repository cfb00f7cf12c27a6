"""Archives of invented consultations, written from ``docs/consultations.md`` alone."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import random
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.verify.make import Signer, canonical, path, sha256, tree
from tests.votes import reference
from votes import verify

PROGRAM = Path(verify.__file__)
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KINDS = ("majority-judgment", "yes-no", "nominal", "multi-criteria")
BLANK = reference.BLANK
OPENED, COUNTED = "2026-03-01T08:00:02Z", "2026-03-08T20:00:00Z"
KEY = Signer("journal.example/assemblée", hashlib.sha256(b"journal").digest())

Document = dict[str, Any]
Row = tuple[str, bytes, bytes]


def receipt(consultation: int, token: bytes, ballot: bytes) -> str:
    digest = sha256(b"assemblee-receipt-1\n", str(consultation).encode(), b"\n", token, ballot)
    number = int.from_bytes(digest) >> 196
    signs = ""
    for _ in range(12):
        number, rest = divmod(number, 32)
        signs = SYMBOLS[rest] + signs
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def merkle(leaves: list[bytes]) -> bytes:
    return tree([sha256(b"\0", leaf) for leaf in leaves])


@dataclass
class Counted:
    """A counted consultation; alter a part, then say what is made anew, and take `files`.

    `rows` and `roll` are written as they stand, so that a test can put them in any order.
    """

    rules: Document
    rows: list[Row]
    roll: list[tuple[bytes, bool]]
    result: Document = field(default_factory=dict)
    leaves: list[Document] = field(default_factory=list)
    key: Signer = KEY

    def receive(self) -> None:
        """Write the receipts anew."""
        number = self.rules["consultation"]
        self.rows = [(receipt(number, token, ballot), token, ballot) for _, token, ballot in self.rows]

    def count(self) -> None:
        """Write the result anew."""
        ballots, marks = [ballot for _, _, ballot in self.rows], sum(mark for _, mark in self.roll)
        above, below = self.rules["quorum"]
        quorum_met = marks * below >= above * len(self.roll)
        self.result = {
            "format": "assemblee-consultation-result-2",
            "consultation": self.rules["consultation"],
            "roll": len(self.roll),
            "marks": marks,
            "ballots": len(ballots),
            "blank": sum(set(one) == {BLANK} for one in ballots),
            "needed": next(
                least for least in range(len(self.roll) + 1) if least * below >= above * len(self.roll)
            ),
            "quorum_met": quorum_met,
            "tally": reference.tally(self.rules, ballots, quorum_met=quorum_met),
        }

    def settle(self) -> None:
        """Put the roll into the rules anew."""
        people = [person for person, _ in self.roll]
        self.rules["roll"] = {"size": len(people), "root": merkle(people).hex()}

    def tell(self, opened: str = OPENED, counted: str = COUNTED) -> None:
        """Write the two leaves anew."""
        number = self.rules["consultation"]
        first = {
            "consultation": number,
            "rules": sha256(canonical(self.rules)).hex(),
            "roll": self.rules["roll"]["root"],
            "voters": self.rules["roll"]["size"],
        }
        second = {
            "consultation": number,
            "ballots": len(self.rows),
            "marks": sum(mark for _, mark in self.roll),
            "board": merkle([token + ballot for _, token, ballot in self.rows]).hex(),
            "roll": merkle([person + bytes([mark]) for person, mark in self.roll]).hex(),
            "result": sha256(canonical(self.result)).hex(),
            "guarantors": self.rules["guarantors"],
        }
        self.leaves = [
            {"actor": "worker", "at": at, "data": data, "event": event, "mandate": 3}
            for at, event, data in (
                (opened, "consultation-opened", first),
                (counted, "consultation-counted", second),
            )
        ]

    def log(self, leaves: list[Document], before: int = 3) -> tuple[Document, str]:
        """Write leaves into a journal among others, and give them with their proofs, and the checkpoint."""
        other = {"actor": "worker", "at": OPENED, "data": {}, "event": "pool-closed", "mandate": 1}
        bodies, places = [canonical(other)] * before, []
        for leaf in leaves:
            places.append(len(bodies))
            bodies += [canonical(leaf), canonical(other)]
        hashes = [sha256(b"\0", body) for body in bodies]
        told = [
            {
                "position": place,
                "body": bodies[place].decode(),
                "proof": [one.hex() for one in path(hashes, place)],
            }
            for place in places
        ]
        text = f"{self.key.name}\n{len(hashes)}\n{base64.b64encode(tree(hashes)).decode()}\n"
        return {"leaves": told}, self.key.note(text)

    def files(self) -> dict[str, bytes]:
        """Give every file of the archive."""
        log, checkpoint = self.log(self.leaves)
        width = len(self.rows[0][2]) if self.rows else len(columns(self.rules))
        ballots = [",".join(["receipt", "token", *map(str, range(1, width + 1))])]
        ballots += [",".join([code, token.hex(), *map(str, ballot)]) for code, token, ballot in self.rows]
        roll = ["commitment,marked", *(f"{person.hex()},{int(mark)}" for person, mark in self.roll)]
        return {
            "rules.json": canonical(self.rules),
            "ballots.csv": ("\n".join(ballots) + "\n").encode(),
            "roll.csv": ("\n".join(roll) + "\n").encode(),
            "result.json": canonical(self.result),
            "log.json": canonical(log),
            "checkpoint.txt": checkpoint.encode(),
            "README.txt": b"Read docs/consultations.md.\n",
            "verify.py": PROGRAM.read_bytes(),
        }


def columns(rules: Document) -> list[tuple[int, bool]]:
    """Give the options of each column of a ballot, and whether it is a judgment."""
    number = len(rules["proposals"])
    if rules["kind"] == "nominal":
        return [(number, False)]
    if rules["kind"] == "yes-no":
        return [(2, False)] * number
    if rules["kind"] == "majority-judgment":
        return [(len(rules["scale"]), True)] * number
    unit = [(len(criterion["scale"]), True) for criterion in rules["criteria"]]
    if rules["routing"]:
        unit.append((len(rules["routing"]["options"]), False))
    return unit * number


def scale(number: int, name: str = "échelon") -> list[list[str]]:
    return [[f"{name} {grade}", f"grade {grade}"] for grade in range(number)]


def random_rules(seed: int) -> Document:
    """Give the rules of a number: every kind, default, combination and threshold comes up."""
    chance = random.Random(f"rules {seed}")  # noqa: S311 - an invented consultation
    kind = KINDS[seed % 4]
    judged, many = kind == "majority-judgment", kind == "multi-criteria"
    criteria = [
        {"name": [f"critère {place}", f"criterion {place}"], "scale": scale(chance.randint(2, 7))}
        for place in range(chance.randint(1, 3) if many else 0)
    ]
    order = chance.sample(range(len(criteria)), len(criteria))
    defaults: list[Document | None] = [None, {"mode": "median"}, {"mode": "normalized"}]
    defaults.append({"mode": "static", "grade": chance.randrange(2)})
    below = chance.choice([1, 2, 3, 10])
    return {
        "format": "assemblee-consultation-1",
        "consultation": seed + 1,
        "mandate": "Vallée de l’Essai",
        "title": f"Essai n° {seed} « é »",
        "explanation": "Une\nquestion",
        "kind": kind,
        "mode": chance.choice(["secret", "open"]),
        "proposals": [
            f"proposition {place}" for place in range(chance.randint(1 if kind == "yes-no" else 2, 5))
        ],
        "scale": scale(chance.randint(2, 7)) if judged else [],
        "criteria": criteria,
        "routing": {"name": ["où ?", "where?"], "options": scale(chance.randint(2, 4), "lieu")}
        if many and chance.random() < 0.6
        else None,
        "combination": chance.choice([{"mode": "pareto"}, {"mode": "lexicographic", "order": order}])
        if many
        else None,
        "default": defaults[seed // 4 % 4] if judged or many else None,
        "quorum": chance.choice([[0, 1], [1, 2], [2, 3], [1, 1]]),
        "threshold": [chance.randint(1, below), below, chance.choice(["more-than", "at-least"])]
        if kind == "yes-no"
        else None,
        "opens": "2026-03-01T08:00:00Z",
        "closes": "2026-03-08T19:00:00Z",
        "roll": {},
        "guarantors": chance.randint(1, 3),
        "token_key": chance.choice([None, {"n": "b7" * 256, "e": 65537}]),
    }


def random_ballot(rules: Document, chance: random.Random) -> bytes:
    cells = columns(rules)
    if chance.random() < 0.1:
        return bytes([BLANK]) * len(cells)
    # Some proposals are liked more than others, and some polls are close.
    tilt = chance.choice([0.0, 0.3])
    found = []
    for place, (options, judgment) in enumerate(cells):
        absent = chance.random() < 0.2 and not (judgment and rules["default"] is None)
        top = place % options if chance.random() < tilt else chance.randrange(options)
        found.append(BLANK if absent else top)
    return bytes(found)


def variant(seed: int, most: int = 14) -> Counted:
    """Give the counted consultation of a number, of up to `most` ballots; some have none."""
    chance = random.Random(f"consultation {seed}")  # noqa: S311 - an invented consultation
    rules = random_rules(seed)
    number = chance.choice([0, 1, 2, most, *[chance.randint(0, most) for _ in range(8)]])
    tokens = sorted(chance.randbytes(32) for _ in range(number))
    people = sorted(chance.randbytes(32) for _ in range(number + chance.randint(0, 6)))
    marks = chance.randint(number, len(people))
    marked = set(chance.sample(people, marks))
    made = Counted(
        rules,
        [("", token, random_ballot(rules, chance)) for token in tokens],
        [(person, person in marked) for person in people],
    )
    made.receive()
    made.settle()
    made.count()
    made.tell()
    return made


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def verdict(code: int, printed: str) -> str | None:
    """Give the check that failed, nothing if none did; the exit status has to agree."""
    assert "Traceback" not in printed
    last = printed.splitlines()[-1]
    if code == 0:
        assert last.startswith(("VÉRIFIÉ — ", "VERIFIED — "))
        return None
    if code == 2:
        assert last.startswith(("ILLISIBLE — ", "UNREADABLE — "))
        return "unreadable"
    assert code == 1
    assert last.startswith(("REFUSÉ — ", "REFUSED — "))
    check = last.split(" — ")[1].split(":")[0].strip()
    assert check in verify.CHECKS
    return check


def judge(path: Path, *arguments: str) -> str | None:
    """Ask `verify.py` in this process."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = verify.main([str(path), *arguments])
    return verdict(code, printed.getvalue())
