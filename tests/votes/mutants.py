"""Archives that were tampered with, by somebody outside or by an operator who holds the journal's key."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.verify.make import Signer, canonical
from tests.verify.mutants import RAW, altered, places
from tests.votes import archives
from tests.votes.archives import BLANK, Counted, Document

# What was done, the files, and the check that has to name it; None where any may.
Mutant = tuple[str, dict[str, bytes], str | None]
LOOSE = ("README.txt", "verify.py")
FIRST = {"rules.json": "canonical", "result.json": "canonical", "log.json": "canonical"}
FIRST |= {"ballots.csv": "ballots", "roll.csv": "roll", "checkpoint.txt": "checkpoint"}


def outsiders(made: Counted, seed: int, each: int = 6) -> Iterator[Mutant]:
    """Alter the files of an archive, as anybody can who holds a copy."""
    chance = random.Random(f"outsider {seed}")  # noqa: S311 - the same mutants every time
    files = made.files()
    for name in sorted(files):
        rest = {one: data for one, data in files.items() if one != name}
        yield f"delete {name}", rest, "files"
        yield f"rename {name}", {**rest, name.upper(): files[name]}, "files"
        if name in LOOSE:
            continue
        for _ in range(each):
            changed = bytearray(files[name])
            place = chance.randrange(len(changed))
            changed[place] ^= 1 << chance.randrange(8)
            yield f"flip {name} {place}", {**files, name: bytes(changed)}, None
        yield f"cut {name}", {**files, name: files[name][:-1]}, FIRST[name]
        yield f"another end of {name}", {**files, name: files[name][:-1] + b"0"}, FIRST[name]
        yield f"append {name}", {**files, name: files[name] + b"\n"}, FIRST[name]
        raw = chance.choice(RAW)[:50_000]
        known = {"null", "[]", "{}", "true", '"text"'}
        check = "rules" if name == "rules.json" else "equality" if name == "result.json" else "log"
        is_canonical = name.endswith(".json") and raw.decode("latin-1") in known
        yield f"replace {name} by {raw[:12]!r}", {**files, name: raw}, check if is_canonical else FIRST[name]
    yield "a file more", {**files, "more.txt": b""}, "files"
    for name in ("rules", "result", "log"):
        for how, document in altered(json.loads(files[f"{name}.json"]), chance, 2 * each):
            yield f"{name} {how}", {**files, f"{name}.json": canonical(document)}, None
    for name in ("ballots.csv", "roll.csv", "checkpoint.txt"):
        yield from lines(files, name, chance, each)


def lines(files: dict[str, bytes], name: str, chance: random.Random, each: int) -> Iterator[Mutant]:
    """Alter whole lines of a file."""
    old = files[name].decode().splitlines(keepends=True)
    for place in chance.sample(range(len(old)), min(each, len(old))):
        other = chance.randrange(len(old))
        swapped = list(old)
        swapped[place], swapped[other] = old[other], old[place]
        for how, new in (
            ("left out", [*old[:place], *old[place + 1 :]]),
            ("twice", [*old[: place + 1], *old[place:]]),
            (f"swapped with {other}", swapped),
            ("with a space", [*old[:place], " " + old[place], *old[place + 1 :]]),
            ("with another end", [*old[:place], old[place][:-1] + "\r\n", *old[place + 1 :]]),
        ):
            if new != old:
                yield f"{name} line {place} {how}", {**files, name: "".join(new).encode()}, None


def again(made: Counted, change: Callable[[Counted], object], *remade: str) -> dict[str, bytes]:
    """Change a copy, make some of what follows anew, and give its files."""
    changed = copy.deepcopy(made)
    change(changed)
    for step in remade:
        getattr(changed, step)()
    return changed.files()


def insiders(made: Counted, seed: int, each: int = 6) -> Iterator[Mutant]:
    """Alter an archive as an operator can who holds the journal's key, and remake what follows."""
    chance = random.Random(f"insider {seed}")  # noqa: S311 - the same mutants every time
    yield from false_results(made, chance, each)
    yield from false_rules(made, chance, each)
    yield from false_rolls(made, chance)
    yield from false_leaves(made)
    yield from false_heads(made)
    if made.rows:
        yield from false_ballots(made, chance)


def put(holder: Any, name: Any, value: object) -> Callable[[Counted], None]:  # noqa: ANN401 - of any document
    """Make the change that puts a value into a document of an archive."""

    def change(one: Counted) -> None:
        getattr(one, holder)[name] = value

    return change


def false_results(made: Counted, chance: random.Random, each: int) -> Iterator[Mutant]:
    """Publish another result, with a leaf that says so."""
    for how, document in altered(made.result, chance, each):
        yield (
            f"result {how}",
            again(made, lambda one, new=document: setattr(one, "result", new), "tell"),
            None,
        )
    for how, document in altered({"tally": made.result["tally"]}, chance, 3 * each):
        if isinstance(document.get("tally"), dict):
            yield f"{how}", again(made, put("result", "tally", document["tally"]), "tell"), "tally"
    for name in ("marks", "ballots", "blank", "roll", "consultation", "needed"):
        for value in (made.result[name] + 1, made.result[name] - 1, True, str(made.result[name])):
            if type(value) is not int or value >= 0:
                yield f"result.{name} {value!r}", again(made, put("result", name, value), "tell"), "equality"
    turned = not made.result["quorum_met"]
    yield "quorum turned", again(made, put("result", "quorum_met", turned), "tell"), "equality"
    for name in sorted(made.result["tally"]):
        tally = {**made.result["tally"], name: swapped(made.result["tally"][name])}
        if tally != made.result["tally"]:
            yield f"tally.{name} turned", again(made, put("result", "tally", tally), "tell"), "tally"


def swapped(value: Any) -> Any:  # noqa: ANN401 - a part of a tally
    """Turn the first list of different values round."""
    if isinstance(value, list):
        return value[::-1]
    if isinstance(value, int):
        return value + 1
    return value and {name: swapped(inner) for name, inner in value.items()}


def false_rules(made: Counted, chance: random.Random, each: int) -> Iterator[Mutant]:
    """Change the rules: after the opening, or to what no rules may be."""
    for how, document in altered(made.rules, chance, 2 * each):
        # The journal keeps what was opened, whatever else is made anew.
        yield f"rules {how}", again(made, lambda one, new=document: setattr(one, "rules", new)), None
    for name, value in (("title", "Autre"), ("closes", "2026-03-08T19:30:00Z"), ("quorum", [1, 7])):
        opened = made.leaves[0]["data"]["rules"]

        def hide(one: Counted, name: str = name, value: object = value, opened: str = opened) -> None:
            one.rules[name] = value
            one.count()
            one.tell()
            one.leaves[0]["data"]["rules"] = opened

        yield f"rules.{name} after the opening", again(made, hide), "log"
    for name, value in impossible(made.rules):
        # The journal says them as they stand: only the rules can betray them.
        yield f"rules.{name} {value!r:.40}", again(made, put("rules", name, value), "tell"), "rules"


def impossible(rules: Document) -> Iterator[tuple[str, object]]:
    """Give values that members of rules may not have."""
    kind, proposals = rules["kind"], rules["proposals"]
    scale = archives.scale(3)
    yield from (
        ("format", "assemblee-consultation-2"),
        ("consultation", 0),
        ("guarantors", 0),
        ("mode", "other"),
    )
    yield from (
        ("kind", "other"),
        ("proposals", []),
        ("proposals", [" ", "b"]),
        ("proposals", [*proposals, 3]),
    )
    yield from (
        ("proposals", [*proposals, proposals[0]]),
        ("closes", rules["opens"]),
        ("opens", "2026-13-01T00:00:00Z"),
    )
    yield ("proposals", [f"p{place}" for place in range(201)])
    yield from (
        ("quorum", [2, 1]),
        ("quorum", [0, 0]),
        ("quorum", [1]),
        ("quorum", None),
        ("quorum", [True, 1]),
        ("quorum", [-1, 2]),
    )
    yield from (
        ("token_key", {"n": "b7", "e": 65537}),
        ("token_key", {"n": "b7" * 256, "e": 3}),
        ("token_key", 1),
    )
    if kind == "yes-no":
        for threshold in (
            None,
            [1, 2],
            [1, 2, "most"],
            [2, 1, "at-least"],
            [1, 0, "at-least"],
            [0, 1, "at-least"],
            [1, 2, []],
        ):
            yield "threshold", threshold
    else:
        yield "threshold", [1, 2, "at-least"]
        yield "proposals", proposals[:1]
    judged, many = kind == "majority-judgment", kind == "multi-criteria"
    for wrong in (
        archives.scale(1),
        archives.scale(11),
        [["un"], ["deux"]],
        [[" ", "a"], ["b", "c"]],
        [1, 2],
    ):
        yield "scale", wrong
        yield "criteria", [{"name": ["n", "n"], "scale": wrong}]
        yield "routing", {"name": ["n", "n"], "options": wrong}
    yield "scale", [] if judged else scale
    criterion = {"name": ["n", "n"], "scale": scale}
    for number in (0, 6) if many else (1,):
        yield "criteria", [criterion] * number
    if many:
        orders = [[], [0, 0], [len(rules["criteria"])], [True], None]
        for order in orders:
            yield "combination", {"mode": "lexicographic", "order": order}
        yield from (("combination", None), ("combination", {"mode": "sum"}), ("combination", {"mode": []}))
        yield "combination", {"mode": "pareto", "order": [0]}
        yield "criteria", [{"name": ["n"], "scale": scale}]
    else:
        yield from (("routing", {"name": ["n", "n"], "options": scale}), ("combination", {"mode": "pareto"}))
    if judged or many:
        for default in ({"mode": "static", "grade": 7}, {"mode": "static"}, {"mode": "mean"}, {}, 0, []):
            yield "default", default
    else:
        yield "default", {"mode": "median"}
    if many and len(archives.columns(rules)) > 2.5 * len(proposals):
        # More columns than a ballot may have.
        yield "proposals", [f"p{place}" for place in range(200)]


def false_rolls(made: Counted, chance: random.Random) -> Iterator[Mutant]:  # noqa: C901 - a list of ways
    """Change who may vote or who did."""
    stranger = chance.randbytes(32)

    def join(one: Counted) -> None:
        one.roll = sorted([*one.roll, (stranger, False)])

    yield "a person more", again(made, join, "count", "tell"), "roll"
    twice = [(stranger, True)] * 2
    yield "a person twice", again(made, lambda one: one.roll.extend(twice), "settle", "count", "tell"), "roll"
    size = {**made.rules["roll"], "size": len(made.roll) + 1}
    yield "another size", again(made, put("rules", "roll", size), "tell"), "roll"
    if len(made.roll) > 1:
        yield "a person less", again(made, lambda one: one.roll.pop(), "count", "tell"), "roll"
        yield "another order", again(made, lambda one: one.roll.reverse(), "settle", "count", "tell"), "roll"
    for place in range(min(3, len(made.roll))):
        person, mark = made.roll[place]
        turned = put("roll", place, (person, not mark))
        yield f"mark {place} turned", again(made, turned), "equality"
        yield f"person {place} replaced", again(made, put("roll", place, (stranger, mark))), "roll"
        if not mark or made.result["marks"] > len(made.rows):
            yield f"mark {place} turned, counted", again(made, turned, "count"), "log"
    marked = [place for place, (_, mark) in enumerate(made.roll) if mark]
    spare = len(marked) - len(made.rows)

    def fewer(one: Counted) -> None:
        for place in marked[: spare + 1]:
            one.roll[place] = (one.roll[place][0], False)

    if made.rows:
        yield "more ballots than marks", again(made, fewer, "count", "tell"), "equality"
    other = [place for place, (_, mark) in enumerate(made.roll) if not mark][:1]
    if other and marked:

        def exchange(one: Counted) -> None:
            for place, mark in ((other[0], True), (marked[0], False)):
                one.roll[place] = (one.roll[place][0], mark)

        yield "another one marked", again(made, exchange), "log"


def false_ballots(made: Counted, chance: random.Random) -> Iterator[Mutant]:
    """Change, add or leave out ballots."""
    number, cells = len(made.rows), archives.columns(made.rules)
    everything = ("receive", "count", "tell")

    def ballot(place: int, new: bytes) -> Callable[[Counted], None]:
        code, token, _ = made.rows[place]
        return put("rows", place, (code, token, new))

    for place in chance.sample(range(number), min(3, number)):
        code, token, old = made.rows[place]
        column = chance.randrange(len(old))
        value = next(one for one in (0, 1) if one != old[column])
        new = old[:column] + bytes([value]) + old[column + 1 :]
        full = all(one != BLANK for one in new) or made.rules["default"] is not None
        if full or made.rules["kind"] in ("yes-no", "nominal"):
            yield f"ballot {place} changed", again(made, ballot(place, new)), "receipts"
            yield f"ballot {place} changed, receipt", again(made, ballot(place, new), "receive"), None
            change = ballot(place, new)
            yield f"ballot {place} changed, counted", again(made, change, "receive", "count"), "log"
        for wrong in (cells[column][0], 200, 253, 255):
            if wrong >= cells[column][0]:
                # The factory counts what it can of it.
                broken = ballot(place, old[:column] + bytes([wrong]) + old[column + 1 :])
                yield f"ballot {place}: {wrong}", again(made, broken, "receive", "tell"), "ballots"
        yield f"ballot {place} longer", again(made, ballot(place, old + b"\0"), "receive", "tell"), "ballots"
        yield f"ballot {place} shorter", again(made, ballot(place, old[:-1]), "receive", "tell"), "ballots"
        if made.rules["default"] is None and cells[column][1] and len(old) > 1:
            partial = bytes([0] * column + [BLANK] + [0] * (len(old) - column - 1))
            yield f"ballot {place} partial", again(made, ballot(place, partial), "receive", "tell"), "ballots"
        yield f"ballot {place} left out", again(made, lambda one, at=place: one.rows.pop(at)), "equality"
        left_out = again(made, lambda one, at=place: one.rows.pop(at), "count")
        yield f"ballot {place} left out, counted", left_out, "log"
        twice = again(made, lambda one, at=place: one.rows.insert(at, one.rows[at]), *everything)
        yield f"token {place} twice", twice, "ballots"
        spoiled = code[:-1] + ("0" if code[-1] != "0" else "1")
        yield f"receipt {place}", again(made, put("rows", place, (spoiled, token, old))), "receipts"
        lower = (code[:-1] + "U", token, old)
        yield f"receipt {place} of no alphabet", again(made, put("rows", place, lower)), "ballots"
        stolen = (code, chance.randbytes(32), old)
        yield f"token {place} replaced", again(made, put("rows", place, stolen), "tell"), None
    stuffed = sorted(chance.randbytes(32) for _ in range(made.result["marks"] - number + 1))

    def stuff(one: Counted) -> None:
        one.rows = sorted(
            [*one.rows, *(("", token, made.rows[0][2]) for token in stuffed)], key=lambda row: row[1]
        )

    yield "the box stuffed", again(made, stuff, *everything), "equality"
    if number > 1:
        yield "another order", again(made, lambda one: one.rows.reverse(), *everything), "ballots"
        first, second = made.rows[:2]

        def exchange(one: Counted) -> None:
            one.rows[:2] = [(second[0], *first[1:]), (first[0], *second[1:])]

        yield "receipts swapped", again(made, exchange, "tell"), "receipts"


def false_leaves(made: Counted) -> Iterator[Mutant]:
    """Rewrite the two leaves, with an honest tree over them."""

    def told(how: str, change: Callable[[list[Document]], object], check: str = "log") -> Mutant:
        return f"leaves: {how}", again(made, lambda one: change(one.leaves)), check

    for place, leaf in enumerate(made.leaves):
        for name, old in leaf["data"].items():
            values: list[object] = [None, True, str(old) + "0", [old]]
            values += [old - 1] if type(old) is int else [old[::-1]]
            for value in values:
                if value != old:
                    change = lambda leaves, place=place, name=name, value=value: leaves[place]["data"].update(  # noqa: E731
                        {name: value}
                    )
                    yield told(f"{place} {name} {value!r:.20}", change)
            yield told(
                f"{place} without {name}", lambda leaves, at=place, name=name: leaves[at]["data"].pop(name)
            )
        for name, value in (
            ("mandate", 4),
            ("mandate", "3"),
            ("event", "consultation-settled"),
            ("data", []),
            ("actor", None),
            ("at", "2026-02-30T00:00:00Z"),
            ("more", 1),
        ):
            yield told(
                f"{place} {name}",
                lambda leaves, at=place, name=name, value=value: leaves[at].update({name: value}),
            )
        yield told(f"{place} left out", lambda leaves, at=place: leaves.pop(at))
        yield told(f"{place} twice", lambda leaves, at=place: leaves.insert(at, leaves[at]))
    yield told("the other order", lambda leaves: leaves.reverse())
    early = made.rules["closes"].replace("19:00:00", "18:59:59")
    yield told("counted before closing", lambda leaves: leaves[1].update(at=early))
    yield told("opened after the count", lambda leaves: leaves[0].update(at=archives.COUNTED))


def false_heads(made: Counted) -> Iterator[Mutant]:
    """Forge the head of the journal, and the proofs that lead to it."""
    files = made.files()
    log, _ = made.log(made.leaves)
    text = files["checkpoint.txt"].decode().split("\n\n")[0] + "\n"
    origin, size, root, _ = text.split("\n")
    stranger = Signer(made.key.name, bytes(32))
    line = made.key.line(text)
    # The last two bits of 32 bytes in base64 mean nothing.
    otherwise = root[:-2] + chr(ord(root[-2]) + 1) + "="
    for how, note in (
        ("a stranger's", stranger.note(text)),
        ("nobody's", text + "\n"),
        ("signed twice", made.key.note(text) + line),
        ("of another name", Signer("other.example", made.key.secret).note(text)),
        ("another origin", made.key.note(text.replace(origin, "other.example"))),
        ("a short root", made.key.note(f"{origin}\n{size}\nAAAA\n")),
        ("a root written otherwise", made.key.note(f"{origin}\n{size}\n{otherwise}\n")),
        ("no text", f"\n\n{line}"),
        ("no gap", text + line),
        ("no signature", text + "\n"),
        ("cut in a second signature", made.key.note(text) + stranger.line(text)[:-1]),
        ("no second signature", made.key.note(text) + "— nobody\n"),
        ("no root", made.key.note(f"{origin}\n{size}\n")),
        ("a root in no base64", made.key.note(f"{origin}\n{size}\n{root[:-1]}\n")),
        ("a large size", made.key.note(f"{origin}\n{'9' * 5000}\n{root}\n")),
        ("a control character", made.key.note(text + "a\tb\n")),
        ("no signature in base64", f"{text}\n— {origin} AAAAAAAAA\n"),
        ("a short signature", f"{text}\n— {origin} {line.split(' ')[2][:8]}\n"),
        ("too many signatures", made.key.note(text) + stranger.line(text) * 200),
        ("a huge note", made.key.note(text + "a\n" * 40_000)),
    ):
        check = "files" if how == "a huge note" else "checkpoint"
        yield f"head {how}", {**files, "checkpoint.txt": note.encode()}, check
    yield "head in no text", {**files, "checkpoint.txt": b"\xff" + files["checkpoint.txt"]}, "checkpoint"
    for how, told in (("another size", f"{origin}\n1\n{root}\n"), ("empty", f"{origin}\n0\n{root}\n")):
        yield f"head {how}", {**files, "checkpoint.txt": made.key.note(told).encode()}, "proofs"
    _, other = made.log(made.leaves, before=4)
    yield "head of another tree", {**files, "checkpoint.txt": other.encode()}, "proofs"
    for path in places(log):
        if path[-1] == "proof":
            for how, change in (
                ("short", lambda proof: proof[:-1]),
                ("long", lambda proof: [*proof, proof[0]]),
                ("very long", lambda proof: proof * 100),
                ("turned", lambda proof: proof[::-1]),
            ):
                wrong = copy.deepcopy(log)
                wrong["leaves"][path[1]]["proof"] = change(wrong["leaves"][path[1]]["proof"])
                yield f"proof {path[1]} {how}", {**files, "log.json": canonical(wrong)}, "proofs"
    moved = copy.deepcopy(log)
    moved["leaves"][1]["position"] += 1
    yield "position moved", {**files, "log.json": canonical(moved)}, "proofs"
    moved["leaves"][1]["position"] = moved["leaves"][0]["position"]
    yield "one position", {**files, "log.json": canonical(moved)}, "log"
