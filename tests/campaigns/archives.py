"""A thousand archives that were tampered with, a thousand random consultations, and a large one."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import numpy as np

from tests.verify.make import canonical
from tests.votes import archives, mutants
from votes import verify
from votes.consultation import Rules, read_rules
from votes.outcome import outcome

CONSULTATIONS = 1000
MUTANTS = 1000
SEEDS = 24


def engine(rules: Rules, made: archives.Counted) -> dict[str, object]:
    ballots = [ballot for _, _, ballot in made.rows]
    cells = np.frombuffer(b"".join(ballots), dtype=np.uint8).reshape(len(ballots), len(rules.columns))
    marks = sum(mark for _, mark in made.roll)
    return outcome(rules, cells, consultation=made.rules["consultation"], roll=len(made.roll), marks=marks)


def test_verifier_engine_and_definitions_agree_on_random_consultations(tmp_path: Path) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(CONSULTATIONS):
        made = archives.variant(seed, most=25)
        assert canonical(engine(read_rules(made.rules), made)) == canonical(made.result), seed
        where = tmp_path / f"{seed}.zip"
        where.write_bytes(archives.zipped(made.files()))
        assert archives.judge(where, "--log", made.key.verifier_key) is None, seed
        where.unlink()
        kinds[made.rules["kind"]] += 1
    print(f"\n{kinds.total()} consultations, verified results identical to the engine's:", dict(kinds))


def test_every_mutant_is_refused_by_the_check_that_it_fails(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in range(SEEDS):
        made = archives.variant(seed)
        for family in (mutants.outsiders, mutants.insiders):
            for how, files, expected in family(made, seed):
                folder = archives.write(tmp_path / str(counts.total()), files)
                check = archives.judge(folder, "--log", made.key.verifier_key)
                assert check is not None, f"accepted: {seed} {how}"
                assert expected in (None, check), f"{seed} {how}: {check}"
                counts[check] += 1
                for file in folder.iterdir():
                    file.unlink()
    print(f"\n{counts.total()} mutants of {SEEDS} archives: ", end="")
    print(", ".join(f"{check} {number}" for check, number in counts.most_common()))
    assert counts.total() >= MUTANTS
    assert counts.keys() == set(verify.CHECKS)


def test_a_hundred_thousand_ballots_of_twenty_grades_are_recounted(tmp_path: Path) -> None:
    chance = random.Random("many")  # noqa: S311 - an invented consultation
    made = archives.variant(8)
    made.rules |= {
        "kind": "majority-judgment",
        "proposals": [f"proposition {place}" for place in range(20)],
        "scale": archives.scale(7),
        "default": {"mode": "normalized"},
    }
    tokens = sorted(chance.randbytes(32) for _ in range(100_000))
    values = bytes([0, 1, 2, 3, 4, 5, 6, 254])
    made.rows = [("", token, bytes(chance.choices(values, k=20))) for token in tokens]
    made.roll = [(token, True) for token in tokens]
    made.receive()
    made.settle()
    made.result = engine(read_rules(made.rules), made)
    made.tell()
    where = tmp_path / "archive.zip"
    where.write_bytes(archives.zipped(made.files()))
    start = time.perf_counter()
    assert archives.judge(where, "--log", made.key.verifier_key) is None
    seconds, size = time.perf_counter() - start, where.stat().st_size >> 20
    print(f"\n100,000 ballots of 20 grades, {size} MB: {seconds:.1f} s")
