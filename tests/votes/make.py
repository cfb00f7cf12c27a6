"""Small makers of polls."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.votes import oracle
from votes.defaults import Default
from votes.majority import Judgment
from votes.poll import Poll

VECTORS = Path(__file__).parents[1] / "vectors" / "votes"
SETS = ("library_vectors", "real_elections", "synthetic_vectors", "options")


def vectors(*names: str) -> list[dict[str, Any]]:
    found = []
    for name in names or SETS:
        found += json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def poll(rows: Sequence[Sequence[int]], default: Default | None = None, judges: int | None = None) -> Poll:
    grades = [f"g{grade}" for grade in range(len(rows[0]))]
    return Poll.of(grades, {f"p{place}": row for place, row in enumerate(rows)}, judges, default)


def rows(chance: random.Random, proposals: int, grades: int, judges: int) -> list[list[int]]:
    """Make balanced counts; a few judgments in common make near ties likely."""
    shared = [chance.randrange(grades) for _ in range(chance.randint(0, judges))]
    found = []
    for _ in range(proposals):
        row = [0] * grades
        for grade in shared + [chance.randrange(grades) for _ in range(judges - len(shared))]:
            row[grade] += 1
        found.append(row)
    return found


def check_explanations(judgment: Judgment) -> None:
    """Check each explanation against the first judgments taken out that differ."""
    poll = judgment.poll
    for explanation in judgment.explanations:
        pair = [poll.proposals.index(name) for name in (explanation.first, explanation.second)]
        counts = [judgment.balanced[place] for place in pair]
        better, worse = map(oracle.majority_value, counts)
        assert explanation.grades == (poll.grades[better[0]], poll.grades[worse[0]])
        if explanation.code == "identical":
            assert counts[0] == counts[1]
            continue
        one, other = next(values for values in zip(better, worse, strict=True) if values[0] != values[1])
        assert one > other
        if explanation.code == "majority-grade":
            assert (one, other) == (better[0], worse[0])
            continue
        assert explanation.bound is not None
        assert explanation.numbers is not None
        bound = poll.grades.index(explanation.bound)
        if explanation.code == "higher":
            assert explanation.numbers == tuple(sum(row[bound + 1 :]) for row in counts)
            assert explanation.numbers[0] > explanation.numbers[1]
            assert one > bound >= other
        else:
            assert explanation.code == "lower"
            assert explanation.numbers == tuple(sum(row[:bound]) for row in counts)
            assert explanation.numbers[0] < explanation.numbers[1]
            assert one >= bound > other
