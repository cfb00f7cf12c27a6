"""A sample of what `tests/campaigns/files.py` does five thousand times."""

from __future__ import annotations

from collections import Counter

from tests.tabular.injuries import PLANNED, STRUCK, tables
from tests.tabular.judged import judged

SAMPLE = 60


def test_tables_as_anybody_writes_them_are_read_exactly_or_refused_with_the_place() -> None:
    outcomes = Counter(judged(brought).code for brought in tables(1, SAMPLE))
    assert SAMPLE / 2 <= outcomes["read"] < SAMPLE
    assert len(outcomes) > 5


def test_the_same_seed_gives_the_same_tables() -> None:
    first, again, other = ([brought.plan.people for brought in tables(seed, 6)] for seed in (7, 7, 8))
    assert first == again != other


def test_every_injury_has_a_turn() -> None:
    injuries = {brought.plan.injury for brought in tables(2, 2 * SAMPLE)}
    assert injuries == {"", *(one.__name__ for one in (*PLANNED, *STRUCK))}
