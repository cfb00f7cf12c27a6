from __future__ import annotations

import random

import pytest

from tests.sweeps import swept
from tests.votes import make, oracle
from votes import margin as margins
from votes.defaults import Default
from votes.majority import judge
from votes.margin import Margin, margin


def small(seed: int) -> tuple[list[list[int]], Default, int]:
    """Make a poll small enough to try every other one."""
    chance = random.Random(seed)  # noqa: S311 - invented polls
    proposals, grades = chance.choice([(2, 4), (2, 3), (2, 2), (3, 3), (3, 2)])
    judges = chance.randint(1, 5 if proposals == 2 else 4)
    mode = chance.choice(["refuse", "refuse", "static", "median", "normalized"])
    if mode == "refuse":
        return make.rows(chance, proposals, grades, judges), Default(), judges
    least = int(mode != "static")
    rows = [make.rows(chance, 1, grades, chance.randint(least, judges))[0] for _ in range(proposals)]
    default = Default(mode, chance.randrange(grades) if mode == "static" else None)
    return rows, default, judges + chance.randint(0, 5)


@swept("seed", range(200))
def test_no_smaller_change_alters_anything(seed: int) -> None:
    rows, default, judges = small(seed)
    found = margin(judge(make.poll(rows, default, judges)))
    assert (found.first_place, found.any_rank) == oracle.margins(rows, default, judges)
    assert found.proved


@swept("seed", range(60))
def test_few_divisions_hold_the_best_where_no_grade_is_absent(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - invented polls
    judgment = judge(make.poll(make.rows(chance, 2, chance.randint(2, 7), chance.randint(2, 60))))
    if len(set(judgment.ranks)) > 1:
        duel = margins._Duel(margins._Duels(judgment), *judgment.order)
        few = duel.changes(None)
        duel.simple = 0
        assert few == duel._bisected(sum(duel.given), exhaustive=True)


@swept("seed", range(60))
def test_few_divisions_hold_the_best_as_long_as_no_absent_grade_would_move(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - invented polls
    grades = chance.randint(2, 5)
    default = Default("static", chance.choice([0, grades - 1, chance.randrange(grades)]))
    rows = [make.rows(chance, 1, grades, chance.randint(5, 25))[0] for _ in range(2)]
    judgment = judge(make.poll(rows, default, 25 + chance.randint(0, 9)))
    duel = margins._Duel(margins._Duels(judgment), *judgment.order)
    simple, duel.simple = duel.simple, 0
    for number in range(1, simple + 1):
        assert duel._is_enough(number, duel._few(number)) == duel._searched(number)


def test_changes_on_both_sides_are_added_up() -> None:
    found = margin(judge(make.poll([[0, 0, 10], [10, 0, 0]])))
    # With five of each both are half and half.
    assert (found.first_place, found.any_rank) == (10, 10)


def test_one_proposal_has_no_margin() -> None:
    assert margin(judge(make.poll([[1, 2]]))) == Margin(None, None, proved=True)


def test_a_tie_ends_with_one_judgment() -> None:
    assert margin(judge(make.poll([[1, 2], [1, 2], [3, 0]]))) == Margin(1, 1, proved=True)
    assert margin(judge(make.poll([[0, 9], [9, 0], [9, 0]]))) == Margin(9, 1, proved=True)


def test_nobody_can_change_what_nobody_gave() -> None:
    default = Default("static", 0)
    assert margin(judge(make.poll([[0, 0], [0, 0]], default, 5))) == Margin(None, None, proved=True)
    assert margin(judge(make.poll([[0, 0], [0, 1]], default, 5))) == Margin(1, 1, proved=True)
    assert margin(judge(make.poll([[0, 9, 0], [0, 0, 0]], Default("static", 0), 200))) == Margin(
        9, 9, proved=True
    )


def test_absent_grades_are_not_changed() -> None:
    found = margin(judge(make.poll([[0, 0, 2], [1, 0, 0]], Default("static", 1), 50)))
    assert found == Margin(2, 2, proved=True)


def test_huge_numbers_have_a_margin() -> None:
    many = 10**25
    assert margin(judge(make.poll([[0, many], [many, 0]]))) == Margin(many, many, proved=True)


def test_more_divisions_than_can_be_tried_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, default = [[0, 20, 30], [20, 20, 0]], Default("median")
    known = margin(judge(make.poll(rows, default, 70)))
    assert known.proved
    monkeypatch.setattr(margins, "MOST_SPLITS", 1)
    found = margin(judge(make.poll(rows, default, 70)))
    assert not found.proved
    assert found.first_place is not None
    assert known.first_place is not None
    assert found.first_place >= known.first_place


@pytest.mark.parametrize(
    ("rows", "default", "judges", "fewest"),
    [
        ([[3, 0, 4], [3, 2, 0]], Default("median"), 23, 2),
        ([[0, 4, 8], [9, 3, 2]], Default("normalized"), 20, 7),
    ],
)
def test_absent_grades_make_every_division_count(
    rows: list[list[int]], default: Default, judges: int, fewest: int
) -> None:
    judgment = judge(make.poll(rows, default, judges))
    assert margin(judgment) == Margin(fewest, fewest, proved=True)
    duel = margins._Duel(margins._Duels(judgment), *judgment.order)
    assert not duel._is_enough(fewest, duel._few(fewest))
    # Another pair may have set a bound before.
    assert duel.changes(fewest + 1) == fewest
    assert duel.changes(fewest) is None
