"""The key against literal removal of medians: random polls, and all polls that are small."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import numpy as np

from tests.votes import make, oracle
from votes import key
from votes.defaults import Default
from votes.majority import judge
from votes.margin import margin

POLLS = 100_000
MARGINS = 5_000
GRADES, VOTERS = 4, 8


def test_random_polls() -> None:
    chance = random.Random(5)  # noqa: S311 - invented polls
    sizes: Counter[str] = Counter()
    for done in range(POLLS):
        shape = (chance.randint(2, 8), chance.randint(2, 10), chance.choice([*range(1, 13), 25, 50, 101]))
        rows = make.rows(chance, *shape)
        literal = oracle.ranks(rows)
        for largest in (shape[2], 2**62):
            assert key.order(key.matrix(rows, largest))[1].tolist() == literal, rows
        judgment = judge(make.poll(rows))
        assert list(judgment.ranks) == literal
        make.check_explanations(judgment)
        sizes["ties" if len(set(literal)) < len(literal) else "strict"] += 1
        if done % 10_000 == 0:
            print(f"  {done}", flush=True)
    print(f"{POLLS} random polls (seed 5), both kinds of integers, every explanation: {dict(sizes)}")


def test_all_small_polls() -> None:
    """Try all ordered pairs of profiles: a ranking of any number of proposals is made of its pairs.

    That it is, is tried too: all profiles of a size are ranked at once.
    """
    pairs = 0
    for grades, voters in itertools.product(range(2, GRADES + 1), range(1, VOTERS + 1)):
        profiles = list(oracle.profiles(voters, grades))
        values = [oracle.majority_value(row) for row in profiles]
        matrix = np.array(profiles)
        at_once = key.order(matrix)[1].tolist()
        assert at_once == [1 + sum(other > value for other in values) for value in values]
        for one, other in itertools.product(range(len(profiles)), repeat=2):
            ranks = key.order(matrix[[one, other]])[1].tolist()
            expected = [1 + (values[other] > values[one]), 1 + (values[one] > values[other])]
            assert ranks == expected, (profiles[one], profiles[other])
            assert (ranks == [1, 1]) == (profiles[one] == profiles[other])
            pairs += 1
            if one < other:
                make.check_explanations(judge(make.poll([profiles[one], profiles[other]])))
        print(f"  {grades} grades, {voters} voters: {len(profiles)} profiles", flush=True)
    print(f"{pairs} polls of two proposals, all there are with up to {GRADES} grades and {VOTERS} voters")


def test_margins_of_small_polls() -> None:
    found: Counter[str] = Counter()
    chance = random.Random(6)  # noqa: S311 - invented polls
    for _ in range(MARGINS):
        proposals, grades = chance.choice([(2, 4), (2, 3), (3, 3), (3, 2), (4, 2)])
        judges = chance.randint(1, 6 if proposals == 2 else 4)
        mode = chance.choice(["refuse", "refuse", "static", "median", "normalized"])
        default = Default(mode, chance.randrange(grades) if mode == "static" else None)
        least = judges if mode == "refuse" else int(mode != "static")
        rows = [make.rows(chance, 1, grades, chance.randint(least, judges))[0] for _ in range(proposals)]
        people = judges + (0 if mode == "refuse" else chance.randint(0, 6))
        least_changes = margin(judge(make.poll(rows, default, people)))
        assert (least_changes.first_place, least_changes.any_rank) == oracle.margins(rows, default, people)
        assert least_changes.proved
        found[mode] += 1
    print(f"margins of {MARGINS} random polls (seed 6) equal those of all changes there are: {dict(found)}")
