"""Majority judgment by its words: no key, no shortcut, whole numbers only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from math import lcm

from votes.defaults import Default


def majority_value(counts: Sequence[int]) -> tuple[int, ...]:
    """Take the lower median out, again and again."""
    judgments = [grade for grade, number in enumerate(counts) for _ in range(number)]
    return tuple(judgments.pop((len(judgments) - 1) // 2) for _ in range(len(judgments)))


def ranks(rows: Sequence[Sequence[int]]) -> list[int]:
    values = [majority_value(row) for row in rows]
    return [1 + sum(other > value for other in values) for value in values]


def filled(rows: Sequence[Sequence[int]], default: Default, judges: int) -> list[list[int]]:
    """Count absent grades one by one."""
    found = [list(row) for row in rows]
    common = lcm(*(sum(row) for row in rows)) if default.mode == "normalized" else 0
    for row in found:
        missing = judges - sum(row)
        if default.mode == "static":
            assert default.grade is not None
            row[default.grade] += missing
        elif default.mode == "median":
            row[majority_value(row)[0]] += missing
        elif default.mode == "normalized":
            row[:] = [number * (common // sum(row)) for number in row]
        else:
            assert missing == 0
    return found


def profiles(total: int, grades: int) -> Iterator[tuple[int, ...]]:
    """Give every way in which judgments may fall on grades."""
    if grades == 1:
        yield (total,)
        return
    for number in range(total + 1):
        for rest in profiles(total - number, grades - 1):
            yield (number, *rest)


def changes(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(max(0, b - a) for a, b in zip(one, other, strict=True))


def margins(rows: Sequence[Sequence[int]], default: Default, judges: int) -> tuple[int | None, int | None]:
    """Try every poll that other judgments could have given."""
    now = ranks(filled(rows, default, judges))
    first, anything = [], []
    for others in itertools.product(*(list(profiles(sum(row), len(row))) for row in rows)):
        then = ranks(filled(others, default, judges))
        if then != now:
            cost = sum(changes(one, other) for one, other in zip(rows, others, strict=True))
            anything.append(cost)
            if [rank == 1 for rank in then] != [rank == 1 for rank in now]:
                first.append(cost)
    return min(first, default=None), min(anything, default=None)
