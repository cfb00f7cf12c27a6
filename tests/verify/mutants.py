"""Bundles that were tampered with, by somebody outside or by an operator who holds the journal's key."""

from __future__ import annotations

import base64
import copy
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from tests.verify import make
from tests.verify.make import Ceremony, Document

Mutant = tuple[str, dict[str, bytes]]
WEIRD: tuple[Any, ...] = (
    None,
    True,
    False,
    -1,
    0,
    1,
    2**53 - 1,
    "",
    "0",
    "é",
    "a\u0000b",
    "\n",
    "../..",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"__proto__": 1},
)
DOCUMENTS = ("draw", "lottery", "signatures", "reveals", "beacon", "result", "log")
RAW = (
    b"",
    b"\0",
    b"null",
    b"[]",
    b"{}",
    b"true",
    b'"text"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"1" * 20_000,
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b'{"a":1.5}',
    b'{"a":1,"a":1}',
    b'{"a":9007199254740992}',
    '{"é":1}'.encode(),
    '{"a":"e\u0301"}'.encode(),
    b'{"a":"\\ud800"}',
    b'{"a":-0}',
    b'{"b":1,"a":2}',
    b"{} ",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """Give the path of every value inside a document, but not of the document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in inside:
        yield (*path, name)
        yield from places(inner, (*path, name))


def alter(document: Any, chance: random.Random, path: tuple[Any, ...]) -> str:  # noqa: ANN401, C901, PLR0912
    """Change one value of a document in place, and say how."""
    holder = document
    for name in path[:-1]:
        holder = holder[name]
    last, value = path[-1], holder[path[-1]]
    ways = ["weird", "drop"]
    if isinstance(value, bool):
        ways.append("turn")
    elif isinstance(value, int):
        ways += ["add", "text", "text"]
    elif isinstance(value, str):
        ways += ["cut", "flip", "flip", "number", "longer"]
    elif isinstance(value, list) and value:
        ways += ["reverse", "twice", "cut", "swap", "wrap"]
    elif isinstance(value, dict):
        ways += ["member", "rename", "wrap"]
    way = chance.choice(ways)
    if way == "weird":
        holder[last] = copy.deepcopy(chance.choice(WEIRD))
    elif way == "drop":
        del holder[last]
    elif way == "turn":
        holder[last] = not value
    elif way == "add":
        holder[last] = value + chance.choice([-1, 1, 2, 1000])
    elif way == "text":
        holder[last] = str(value)
    elif way == "cut":
        holder[last] = value[:-1]
    elif way == "flip" and value:
        place = chance.randrange(len(value))
        other = "0" if value[place] != "0" else "1"
        holder[last] = value[:place] + other + value[place + 1 :]
    elif way == "number":
        holder[last] = len(value)
    elif way == "longer":
        holder[last] = value + chance.choice([" ", "0", "\n", "+"])
    elif way == "reverse":
        holder[last] = value[::-1]
    elif way == "twice":
        holder[last] = [*value, copy.deepcopy(chance.choice(value))]
    elif way == "swap":
        one, two = chance.randrange(len(value)), chance.randrange(len(value))
        value[one], value[two] = value[two], value[one]
    elif way == "wrap":
        holder[last] = [value]
    elif way == "member":
        value["more"] = 1
    elif way == "rename" and value:
        value["other"] = value.pop(chance.choice(sorted(value)))
    return f"{way} {'.'.join(map(str, path))}"


def altered(document: Any, chance: random.Random, number: int) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Give copies of a document, each with one change."""
    known = list(places(document))
    # Every member of the document itself, then a sample of what is inside.
    chosen = [path for path in known if len(path) == 1]
    chosen += [chance.choice(known) for _ in range(max(0, number - len(chosen)))] if known else []
    for path in chosen[:number]:
        changed = copy.deepcopy(document)
        how = alter(changed, chance, path)
        if make.canonical(changed) != make.canonical(document):
            yield how, changed


def outsiders(made: Ceremony, seed: int, each: int = 8) -> Iterator[Mutant]:  # noqa: C901 - a list of ways
    """Alter the files of a bundle, as anybody can who holds a copy."""
    chance = random.Random(f"outsider {seed}")  # noqa: S311 - the same mutants every time
    files = made.files()
    for name in sorted(files):
        if name == "rows.json":
            continue
        yield f"outsider: delete {name}", {one: data for one, data in files.items() if one != name}
        flips = [chance.randrange(len(files[name])) for _ in range(2)]
        for place in flips:
            changed = bytearray(files[name])
            changed[place] ^= 1 << chance.randrange(8)
            yield f"outsider: flip {name} {place}", {**files, name: bytes(changed)}
        yield f"outsider: cut {name}", {**files, name: files[name][:-1]}
        yield f"outsider: append {name}", {**files, name: files[name] + b"\n"}
        raw = chance.choice(RAW)
        if raw != files[name]:
            yield f"outsider: replace {name} by {raw[:12]!r}", {**files, name: raw}
    for name in DOCUMENTS:
        for how, document in altered(json.loads(files[f"{name}.json"]), chance, each):
            yield f"outsider: {name} {how}", {**files, f"{name}.json": make.canonical(document)}
    for name in ("checkpoint.txt", "manifest.txt"):
        lines = files[name].decode().splitlines(keepends=True)
        for place in range(len(lines)):
            for changed in ([*lines[:place], *lines[place + 1 :]], [*lines[: place + 1], *lines[place:]]):
                if not (name == "checkpoint.txt" and legitimate(lines, changed)):
                    yield f"outsider: line {place} of {name}", {**files, name: "".join(changed).encode()}


def legitimate(before: list[str], after: list[str]) -> bool:
    """Say whether only a cosignature was left out: the checkpoint is then still one."""
    return "".join(after).startswith("".join(before[:5])) and len(after) < len(before)


def insiders(made: Ceremony, seed: int, each: int = 8) -> Iterator[Mutant]:
    """Alter a bundle as an operator can who holds the journal's key, and remake all that depends on it."""
    chance = random.Random(f"insider {seed}")  # noqa: S311 - the same mutants every time
    files = made.files()
    # The manifest follows, and nothing else.
    for name in DOCUMENTS:
        for how, document in altered(json.loads(files[f"{name}.json"]), chance, each):
            yield f"manifest remade: {name} {how}", relisted(made, {f"{name}.json": make.canonical(document)})
        yield f"manifest remade: {name}", relisted(made, {f"{name}.json": chance.choice(RAW)})
    open_to_all = made.draw["publication"] == "open" or made.show_rows
    # The journal follows too.
    for name in ("draw", "lottery", "beacon", "result"):
        for how, document in altered(getattr(made, name), chance, each):
            unchecked = name == "result" and not open_to_all and ("counts" in how or "alternates" in how)
            if not unchecked:
                changed = again(made, **{name: document})
                with suppress(Exception):
                    changed.tell()
                    yield f"journal remade: {name} {how}", changed.files()
    # So do the order of the panels, the seed and the result.
    for name in ("draw", "lottery"):
        for how, document in altered(getattr(made, name), chance, each):
            changed = again(made, **{name: document})
            # A change that the factory itself stumbles over is none that an operator could carry through.
            with suppress(Exception):
                changed.order_panels()
                changed.choose()
                changed.tell()
                if changed.draw != made.draw or changed.lottery != made.lottery:
                    yield f"result remade: {name} {how}", changed.files()
    yield from forged_lotteries(made, chance)
    yield from forged_notes(made)
    yield from forged_leaves(made)
    yield from forged_heads(made)


def again(made: Ceremony, **changes: Any) -> Ceremony:  # noqa: ANN401
    """Copy a ceremony with other documents."""
    changed = copy.deepcopy(made)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def relisted(made: Ceremony, changes: dict[str, bytes]) -> dict[str, bytes]:
    """Give files with some changed and the manifest remade."""
    files = {**made.files(), **changes}
    rows = {name: files.pop(name) for name in ("rows.json",) if name in files}
    del files["manifest.txt"]
    return made.listed(files) | rows


def forged_lotteries(made: Ceremony, chance: random.Random) -> Iterator[Mutant]:  # noqa: C901 - a list of ways
    """Publish a false lottery that every guarantor signs: only what it says can betray it."""
    people, signed = range(len(made.rows)), [one["guarantor"] for one in made.notes]
    open_to_all = made.draw["publication"] == "open" or made.show_rows

    def colluded(how: str, lottery: Document, draw: Document | None = None) -> Iterator[Mutant]:
        changed = again(made, lottery=lottery, draw=draw or made.draw)
        changed.order_panels()
        changed.sign(signed)
        changed.choose()
        changed.tell()
        yield f"all collude: {how}", changed.files()

    for place, panel in enumerate(made.lottery["panels"][:4]):
        others = [person for person in people if person not in panel["members"]]
        if others:
            lottery = copy.deepcopy(made.lottery)
            members = {*panel["members"], chance.choice(others)} - {chance.choice(panel["members"])}
            lottery["panels"][place]["members"] = sorted(members)
            yield from colluded("another member", lottery)
            lottery = copy.deepcopy(made.lottery)
            lottery["panels"][place]["members"] = sorted([*panel["members"], others[0]])
            yield from colluded("a member more", lottery)
        lottery = copy.deepcopy(made.lottery)
        lottery["panels"][place]["tickets"] += 1
        yield from colluded("a ticket more", lottery)
        lottery = copy.deepcopy(made.lottery)
        lottery["panels"].append(copy.deepcopy(panel))
        yield from colluded("a panel twice", lottery)
    for name in ("rounding", "excluded", "chances"):
        for how, value in altered({name: made.lottery[name]}, chance, 6):
            if value.keys() == {name}:
                with suppress(Exception):
                    yield from colluded(how, {**copy.deepcopy(made.lottery), **value})
    if not open_to_all:
        return
    for how, value in altered(made.lottery["certificate"], chance, 12):
        # Other multipliers may give the same bound, and are then as good.
        if how.split()[0] not in ("swap", "reverse", "flip"):
            yield from colluded(f"certificate {how}", {**copy.deepcopy(made.lottery), "certificate": value})
    for place, category in enumerate(made.draw["quotas"]):
        for cell, bounds in enumerate(category["cells"]):
            held = made.result["counts"][place][cell]
            draw = copy.deepcopy(made.draw)
            draw["quotas"][place]["cells"][cell] = {
                **bounds,
                "min": held + 1,
                "max": max(held + 1, bounds["max"]),
            }
            yield from colluded("quotas that the panel drawn breaks", copy.deepcopy(made.lottery), draw)
            draw = copy.deepcopy(made.draw)
            draw["counts"][place][cell] += 1
            yield from colluded("other counts", copy.deepcopy(made.lottery), draw)


def forged_notes(made: Ceremony) -> Iterator[Mutant]:
    """Forge signatures and reveals."""
    stranger = make.Signer(made.guarantors[0].name, bytes(range(32)))
    few = again(made, notes=made.notes[: made.draw["threshold"] - 1], reveals=[])
    few.choose()
    few.tell()
    yield "too few notes", few.files()
    for place, one in enumerate(made.notes):
        text = one["note"].rpartition("\n\n")[0] + "\n"
        signer = next(signer for signer in made.guarantors if signer.name == one["guarantor"])
        other = make.Signer(one["guarantor"], bytes(range(32)))
        for how, note in (
            ("a stranger's", other.note(text)),
            ("the journal's", made.journal.note(text)),
            ("signed twice", one["note"] + signer.line(text)),
            ("another text", signer.note(text.replace("asm-draw-1/cosign", "asm-draw-1/cancel"))),
            ("another draw", signer.note(text.replace("\ndraw ", "\ndraw 1"))),
            ("another secret", signer.note(text[:-2] + ("0" if text[-2] != "0" else "1") + "\n")),
            ("a line more", signer.note(text + "more\n")),
            ("cut", one["note"][:-1]),
        ):
            # Who signs another secret shows none, and has signed the draw all the same.
            shown = [reveal["guarantor"] for reveal in made.reveals]
            if how == "another secret" and one["guarantor"] not in shown:
                continue
            notes = [*made.notes[:place], {**one, "note": note}, *made.notes[place + 1 :]]
            changed = again(made, notes=notes)
            changed.tell()
            yield f"note {place}: {how}", changed.files()
    uninvited = again(
        made, notes=[*made.notes, {"guarantor": "~", "note": stranger.note("asm-draw-1/cosign\n")}]
    )
    uninvited.tell()
    yield "a note of nobody", uninvited.files()
    for place, one in enumerate(made.reveals):
        secret = make.sha256(one["secret"].encode()).hex()
        reveals = [*made.reveals[:place], {**one, "secret": secret}, *made.reveals[place + 1 :]]
        changed = again(made, reveals=reveals)
        changed.choose()
        changed.tell()
        yield f"reveal {place}: another secret", changed.files()
        changed = again(made, reveals=[*made.reveals[:place], *made.reveals[place + 1 :]])
        changed.tell()
        yield f"reveal {place}: left out", changed.files()
    signed = {one["guarantor"] for one in made.notes}
    for signer in made.guarantors:
        if signer.name not in signed:
            late = {"guarantor": signer.name, "secret": made.secrets[signer.name].hex()}
            changed = again(
                made, reveals=sorted([*made.reveals, late], key=lambda one: one["guarantor"].encode())
            )
            changed.choose()
            changed.tell()
            yield "a secret that nobody signed", changed.files()


def forged_leaves(made: Ceremony) -> Iterator[Mutant]:  # noqa: C901 - a list of ways
    """Rewrite the journal's leaves, with an honest tree over them."""

    def rewritten(how: str, leaves: list[tuple[str, str, Document]]) -> Mutant:
        return f"leaves: {how}", again(made, leaves=leaves).files()

    leaves, ends = made.leaves, made.draw["deadlines"]
    later = {
        name: make.moment(datetime.fromisoformat(end) + timedelta(seconds=1)) for name, end in ends.items()
    }
    early = {
        name: make.moment(datetime.fromisoformat(end) - timedelta(seconds=1)) for name, end in ends.items()
    }
    for place, (at, event, data) in enumerate(leaves):
        rest = [*leaves[:place], *leaves[place + 1 :]]
        if event != "draw-signature-refused":
            yield rewritten(f"{place} left out", rest)
            yield rewritten(f"{place} twice", [*leaves[: place + 1], *leaves[place:]])
            yield rewritten(f"{place} first", [leaves[place], *rest] if place else [*rest, leaves[place]])
            for name in data:
                for value in (None, True, "", make.sha256(b"other").hex()):
                    other = (at, event, {**data, name: value})
                    yield rewritten(f"{place} {name}", [*leaves[:place], other, *leaves[place + 1 :]])
        for how, changed in (
            ("another draw", (at, event, {**data, "draw": made.draw["draw"] + 1})),
            ("draw as a text", (at, event, {**data, "draw": str(made.draw["draw"])})),
            ("another previous", (at, event, {**data, "previous": 10_000})),
            ("not a moment", ("2026-02-30T00:00:00Z", event, data)),
            ("much later", ("9999-01-01T00:00:00Z", event, data)),
        ):
            if not (how == "much later" and event == "draw-held"):
                yield rewritten(f"{place} {how}", [*leaves[:place], changed, *leaves[place + 1 :]])
        late = {"draw-cosigned": later["cosign"], "draw-revealed": later["reveal"]}
        soon = {
            "draw-revealed": ends["cosign"],
            "draw-beacon": early["beacon"],
            "beacon-typed": early["beacon"],
        }
        for moments in (late, soon):
            if event in moments:
                changed = (moments[event], event, data)
                yield rewritten(
                    f"{place} at {moments[event]}", [*leaves[:place], changed, *leaves[place + 1 :]]
                )
    last = leaves[-1]
    yield rewritten("cancelled", [*leaves[:-1], (last[0], "draw-cancelled", {}), last])
    yield rewritten("lapsed", [*leaves[:-1], (last[0], "draw-lapsed", {}), last])
    yield rewritten("one more at the end", [*leaves, (last[0], "draw-objected", {})])
    yield rewritten("none", [])
    held = next(place for place, leaf in enumerate(leaves) if leaf[1] == "draw-beacon")
    nobody = {"guarantor": "nobody", "numbers": [[1]], "note": "", "secret": ""}
    for event in ("draw-cosigned", "draw-revealed", "beacon-typed"):
        yield rewritten(
            f"{event} by nobody", [*leaves[:held], (leaves[held][0], event, nobody), *leaves[held:]]
        )
        yield rewritten(f"{event} by no name", [*leaves[:held], (leaves[held][0], event, {}), *leaves[held:]])
    other = {"guarantor": made.guarantors[-1].name, "numbers": [[3]]}
    if made.beacon["kind"] == "drand":
        typed = (leaves[held][0], "beacon-typed", other)
        yield rewritten("numbers for drand", [*leaves[:held], typed, *leaves[held:]])


def forged_heads(made: Ceremony) -> Iterator[Mutant]:
    """Sign other checkpoints and manifests."""
    files = made.files()
    head, _, tail = files["checkpoint.txt"].decode().partition("\n\n")
    text = head + "\n"
    name, size, root = head.split("\n")
    first, others = made.journal.line(text), tail.split("\n", 1)[1]
    guarantor, stranger = made.guarantors[0], make.Signer("stranger", bytes(range(32)))
    fake = make.Signer(guarantor.name, bytes(range(32)))
    for how, written in (
        ("another origin", made.journal.note(f"other\n{size}\n{root}\n")),
        ("another size", made.journal.note(f"{name}\n{int(size) + 1}\n{root}\n")),
        ("a size too many", made.journal.note(f"{name}\n0{size}\n{root}\n")),
        ("no size", made.journal.note(f"{name}\n0\n{root}\n")),
        ("another root", made.journal.note(f"{name}\n{size}\n{base64.b64encode(bytes(32)).decode()}\n")),
        ("a short root", made.journal.note(f"{name}\n{size}\n{base64.b64encode(bytes(31)).decode()}\n")),
        ("an empty line", made.journal.note(f"{name}\n{size}\n{root}\n\nmore\n")),
        ("journal twice", f"{text}\n{first}{first}{others}"),
        ("journal last", f"{text}\n{guarantor.cosignature(text, 1)}{first}"),
        ("no journal", f"{text}\n{guarantor.cosignature(text, 1)}"),
        (
            "a guarantor twice",
            f"{text}\n{first}{guarantor.cosignature(text, 1)}{guarantor.cosignature(text, 2)}",
        ),
        ("a note's signature", f"{text}\n{first}{guarantor.line(text)}"),
        ("a stranger", f"{text}\n{first}{stranger.cosignature(text, 1)}"),
        ("a false guarantor", f"{text}\n{first}{fake.cosignature(text, 1)}"),
        ("another time", f"{text}\n{first}{shifted(guarantor.cosignature(text, 1))}"),
        ("another journal", make.Signer(made.journal.name, bytes(range(32))).note(text)),
    ):
        yield f"checkpoint: {how}", relisted(made, {"checkpoint.txt": written.encode()})
    listed = files["manifest.txt"].decode().partition("\n\n")[0] + "\n"
    lines = listed.splitlines(keepends=True)
    for how, written in (
        ("a guarantor's", guarantor.note(listed)),
        ("signed twice", made.journal.note(listed) + made.journal.line(listed)),
        ("a line less", made.journal.note("".join(lines[:-1]))),
        ("a line more", made.journal.note(listed + f"{'0' * 64}  more.txt\n")),
        ("another order", made.journal.note("".join([*lines[:2], *lines[:1:-1]]))),
        ("another draw", made.journal.note(listed.replace("\ndraw ", "\ndraw 1"))),
        ("a stranger's", make.Signer(made.journal.name, bytes(range(32))).note(listed)),
    ):
        yield f"manifest: {how}", {**files, "manifest.txt": written.encode()}


def shifted(line: str) -> str:
    """Change the time of a cosignature without signing again."""
    start, _, encoded = line.rstrip("\n").rpartition(" ")
    blob = bytearray(base64.b64decode(encoded))
    blob[11] ^= 1
    return f"{start} {base64.b64encode(blob).decode()}\n"
