from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sweeps import swept
from tests.votes import make, oracle
from votes import key
from votes.defaults import Default
from votes.errors import Unbalanced
from votes.files import read_counts
from votes.majority import judge
from votes.poll import Poll

MANY = 10**18


def ranks(rows: object, largest: int = 0) -> list[int]:
    found: list[int] = key.order(key.matrix(rows, largest))[1].tolist()
    return found


@swept("vector", make.vectors(), name=lambda vector: vector["name"])
def test_vectors_of_other_counters_and_elections_agree(vector: dict[str, object]) -> None:
    found = read_counts(make.json.dumps(vector).encode())
    poll = Poll.of(found.grades, found.counts, found.judges, found.default)
    judgment = judge(poll)
    assert dict(zip(poll.proposals, judgment.ranks, strict=True)) == vector["expected_ranking"]
    assert poll.total == vector.get("balanced_total", poll.total)
    grades = {name: gauge.grade for name, gauge in zip(poll.proposals, judgment.gauges, strict=True)}
    if vector["name"] == "java: no ballots":
        assert set(grades.values()) == {None}
    else:
        assert grades == vector.get("expected_median", grades)


def test_the_key_agrees_with_literal_removal_on_random_polls() -> None:
    chance = random.Random(1)  # noqa: S311 - invented polls
    for _ in range(3000):
        rows = make.rows(chance, chance.randint(1, 6), chance.randint(2, 7), chance.randint(1, 12))
        assert ranks(rows) == oracle.ranks(rows), rows


@pytest.mark.parametrize(("grades", "judges"), [*itertools.product((2, 3, 4), (1, 2, 3, 4, 5, 8))])
def test_the_key_agrees_with_literal_removal_on_all_profiles(grades: int, judges: int) -> None:
    rows = list(oracle.profiles(judges, grades))
    assert ranks(rows) == oracle.ranks(rows)
    assert key.medians(key.matrix(rows, judges)).tolist() == [oracle.majority_value(row)[0] for row in rows]


@given(st.data())
def test_python_integers_give_what_int64_gives(data: st.DataObject) -> None:
    chance = random.Random(data.draw(st.integers(0, 10**9)))  # noqa: S311 - invented polls
    rows = make.rows(chance, 8, data.draw(st.integers(2, 7)), data.draw(st.integers(1, 40)))
    small = key.matrix(rows, 40)
    large = key.matrix(rows, 2**62)
    assert (small.dtype, large.dtype) == (np.int64, object)
    assert key.keys(small).tolist() == key.keys(large).tolist()
    assert key.medians(small).tolist() == key.medians(large).tolist()
    for one, other in zip(key.order(small), key.order(large), strict=True):
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize("scale", [10**6, 10**8, MANY // 100, 10**40])
def test_the_number_of_voters_does_not_matter(scale: int) -> None:
    chance = random.Random(2)  # noqa: S311 - invented polls
    for _ in range(50):
        rows = make.rows(chance, 5, chance.randint(2, 7), chance.randint(1, 20))
        scaled = [[number * scale for number in row] for row in rows]
        assert ranks(scaled, 20 * scale) == oracle.ranks(rows)


def test_equal_ranks_keep_the_order_in_which_they_came() -> None:
    positions, ranks = key.order(key.matrix([[1, 2], [0, 3], [1, 2], [0, 3], [3, 0]], 3))
    assert positions.tolist() == [1, 3, 0, 2, 4]
    assert ranks.tolist() == [3, 1, 3, 1, 5]


def test_totals_that_differ_are_refused() -> None:
    with pytest.raises(Unbalanced):
        key.order(key.matrix([[1, 2], [0, 2]], 3))


polls = st.integers(2, 7).flatmap(
    lambda grades: st.integers(1, 15).flatmap(
        lambda judges: st.lists(
            st.lists(st.integers(0, grades - 1), min_size=judges, max_size=judges).map(
                lambda given: [given.count(grade) for grade in range(grades)]
            ),
            min_size=1,
            max_size=7,
        )
    )
)


@given(polls, st.randoms())
def test_the_order_of_proposals_does_not_matter(rows: list[list[int]], chance: random.Random) -> None:
    places = list(range(len(rows)))
    chance.shuffle(places)
    found = ranks(rows)
    assert ranks([rows[place] for place in places]) == [found[place] for place in places]


@given(polls)
def test_a_twin_shares_the_rank_and_moves_only_those_behind(rows: list[list[int]]) -> None:
    found = ranks(rows)
    assert ranks([*rows, rows[0]]) == [*(rank + (rank > found[0]) for rank in found), found[0]]


@given(polls, st.data())
def test_a_better_grade_never_harms(rows: list[list[int]], data: st.DataObject) -> None:
    grades = [grade for grade, number in enumerate(rows[0][:-1]) if number]
    if grades:
        grade = data.draw(st.sampled_from(grades))
        better = list(rows[0])
        better[grade] -= 1
        better[data.draw(st.integers(grade + 1, len(better) - 1))] += 1
        assert ranks([better, *rows])[0] < ranks([better, *rows])[1]
        assert ranks([better, *rows[1:]])[0] <= ranks(rows)[0]


@given(polls)
def test_an_odd_number_of_judges_reversed_reverses_the_grades(rows: list[list[int]]) -> None:
    if sum(rows[0]) % 2:
        reversed_grades = key.medians(key.matrix([row[::-1] for row in rows], 15)).tolist()
        grades = key.medians(key.matrix(rows, 15)).tolist()
        assert [len(rows[0]) - 1 - grade for grade in reversed_grades] == grades


@given(polls)
def test_ties_are_identical_counts_and_nothing_else(rows: list[list[int]]) -> None:
    found = ranks(rows)
    for one, other in itertools.combinations(range(len(rows)), 2):
        assert (found[one] == found[other]) == (rows[one] == rows[other])


@given(polls)
def test_explanations_are_literally_true(rows: list[list[int]]) -> None:
    make.check_explanations(judge(make.poll(rows)))


@pytest.mark.parametrize(
    ("rows", "default", "judges"),
    [
        ([[2, 1, 0], [0, 1, 0]], Default("static", 1), 5),
        ([[2, 1, 1], [0, 1, 0]], Default("median"), 9),
        ([[2, 1, 0], [0, 1, 1], [1, 0, 0]], Default("normalized"), 3),
    ],
)
def test_absent_grades_count_as_declared(rows: list[list[int]], default: Default, judges: int) -> None:
    judgment = judge(make.poll(rows, default, judges))
    filled = oracle.filled(rows, default, judges)
    assert [list(row) for row in judgment.balanced] == filled
    assert list(judgment.ranks) == oracle.ranks(filled)
    make.check_explanations(judgment)
