"""Rotas of two hundred random parents of 100, and of tiny parents against all rotas there are."""

from __future__ import annotations

from collections import Counter

from tests.sortition.test_rotation import compare, judge

PARENTS = 200
TINY = 300


def test_six_groups_of_twelve_of_two_hundred_parents() -> None:
    found: Counter[tuple[int, bool]] = Counter()
    for seed in range(PARENTS):
        outcome = judge(seed)
        found[outcome] += 1
        print(f"  parent {seed}: {outcome[0]} categories, cumulative {outcome[1]}", flush=True)
    print(f"{PARENTS} parents, within floor and ceiling with spread 0 or proved otherwise")
    for (categories, cumulative), number in sorted(found.items()):
        print(f"  {number:3} of {categories} categories, cumulative {cumulative}")


def test_rotas_of_tiny_parents_equal_all_rotas_there_are() -> None:
    found = Counter(compare(seed) for seed in range(TINY))
    print(
        f"{TINY} tiny parents: "
        + ", ".join(f"{number} within={one[0]} uneven={one[1]}" for one, number in sorted(found.items()))
    )
