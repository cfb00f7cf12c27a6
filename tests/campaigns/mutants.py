"""Thousands of bundles that were tampered with: two verifiers refuse each by the same check."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.verify import judges, make, mutants

SEEDS = (0, 1, 2, 3, 4, 5, 6, 7, 13, 15)


def test_every_mutant_is_refused_by_the_same_check() -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        made = make.variant(seed)
        for family in (mutants.outsiders, mutants.insiders):
            with TemporaryDirectory() as folder:
                counts.update(judges.judge(family(made, seed), Path(folder)))
    print(f"\n{counts.total()} mutants of {len(SEEDS)} bundles, second verifier: {judges.NODE or 'absent'}")
    print(", ".join(f"{check} {count}" for check, count in counts.most_common()))
    assert counts.total() >= 2000
    assert counts.keys() == set(judges.verify.CHECKS)


@pytest.mark.skipif(judges.NODE is None, reason=judges.NO_NODE)
def test_a_process_of_its_own_agrees_on_a_sample() -> None:
    made = make.variant(3)
    found = [*mutants.outsiders(made, 3), *mutants.insiders(made, 3)][::10]
    with TemporaryDirectory() as folder:
        for place, (name, files) in enumerate(found):
            path = make.write(Path(folder) / str(place), files)
            assert judges.apart(path) == judges.here(path), name
    print(f"\n{len(found)} mutants in processes of their own")
