"""Measure how long a verification takes against reading the same files once.

    python tests/bench/bench_verify.py [--people N] [--panels N] [--size N] [--repeat N]

The unit is the time in which Python parses the bundle's JSON files and hashes the bytes of all its files, in
the same process; the pairing of drand is left out. Only the ratio means something; it has to stay below 15.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from tests.verify import judges, make

BOUND = 15
READ = """
import hashlib, json, pathlib, sys
for path in pathlib.Path(sys.argv[1]).iterdir():
    data = path.read_bytes()
    hashlib.sha256(data).digest()
    if path.suffix == ".json":
        json.loads(data)
"""


def large(people: int, panels: int, size: int) -> make.Ceremony:
    """Make a large bundle of random panels: what a verifier does does not depend on how fair they are."""
    chance = random.Random(7)  # noqa: S311 - invented people
    made = make.ceremony(0, guarantors=5)
    values = [[f"valeur {column}.{value}" for value in range(2 + column)] for column in range(7)]
    quotas = [
        {
            "category": f"catégorie {column}",
            "cells": [{"value": value, "min": 0, "max": size} for value in choices],
        }
        for column, choices in enumerate(values)
    ]
    made.rows = [
        {"id": f"{place:012x}", "salt": "", "traits": [chance.choice(choices) for choices in values]}
        for place in range(people)
    ]
    pool = [{"id": one["id"], "traits": one["traits"]} for one in made.rows]
    tickets = 1_000_000
    shares = [tickets // panels + (place < tickets % panels) for place in range(panels)]
    members = [sorted(chance.sample(range(people), size)) for _ in shares]
    held = [0] * people
    for share, panel in zip(shares, members, strict=True):
        for member in panel:
            held[member] += share
    fractions = sorted({Fraction(one, tickets) for one in held})
    places = {one: place for place, one in enumerate(fractions)}
    made.draw.update(pool=pool, quotas=quotas, size=size, alternates=size, tickets=tickets)
    made.draw["counts"] = make.counts(quotas, [one["traits"] for one in made.rows])
    excluded = [place for place, one in enumerate(held) if one == 0]
    made.lottery = {
        "format": "asm-draw-1/lottery",
        "commit": "",
        "panels": [{"tickets": one, "members": panel} for one, panel in zip(shares, members, strict=True)],
        "chances": {
            "fractions": [[str(one.numerator), str(one.denominator)] for one in fractions],
            "people": [places[Fraction(one, tickets)] for one in held],
        },
        "rounding": 0,
        "excluded": excluded,
        "certificate": make.certificate(
            made.draw, made.rows, excluded, min(one for one in fractions if one), 0
        ),
    }
    made.order_panels()
    made.sign([one.name for one in made.guarantors])
    made.reveals = [
        {"guarantor": one.name, "secret": made.secrets[one.name].hex()} for one in made.guarantors
    ]
    made.cosigners = [one.name for one in made.guarantors]
    made.choose()
    made.tell()
    return made


def seconds(
    action: Callable[[], object], repeat: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the median time of an action."""
    taken = []
    for _ in range(repeat):
        start = clock()
        action()
        taken.append(clock() - start)
    return statistics.median(taken)


def main() -> None:
    """Print a few lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("people", 2000), ("panels", 1000), ("size", 100), ("repeat", 15)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = make.write(
            Path(temporary) / "bundle", large(options.people, options.panels, options.size).files()
        )
        contents = {path.name: path.read_bytes() for path in folder.iterdir()}

        def read() -> None:
            for name, data in contents.items():
                hashlib.sha256(data).digest()
                if name.endswith(".json"):
                    json.loads(data)

        def verified() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                assert judges.verify.main([str(folder)]) == 0

        # Processor time: what else the machine does is not to count.
        once = seconds(read, options.repeat, time.process_time)
        whole = seconds(verified, options.repeat, time.process_time)
        script = Path(temporary) / "verify.py"
        script.write_bytes(contents["verify.py"])
        command = [sys.executable, "-I", "-S", str(script), str(folder)]
        reader = [sys.executable, "-I", "-S", "-c", READ, str(folder)]
        started = seconds(lambda: subprocess.run(reader, check=True, capture_output=True), 5)
        apart = seconds(lambda: subprocess.run(command, check=True, capture_output=True), 5)
        size = sum(map(len, contents.values()))
        print(f"{options.people} people, {options.panels} panels of {options.size}, {size / 1e6:.2f} MB")
        for how, base, all_of_it in (("in one process", once, whole), ("whole processes", started, apart)):
            times = f"read {base * 1000:.1f} ms, verified {all_of_it * 1000:.1f} ms"
            print(f"{how}: {times}, {all_of_it / base:.1f} times")
        assert whole / once < BOUND


if __name__ == "__main__":
    main()
