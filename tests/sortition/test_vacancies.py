from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sortition
from sortition import BadSeed, Cell, Fit, NobodyLeft, Pool, Quotas, Stream, UnknownPeople
from tests.sortition import make

SEED = bytes.fromhex("cd" * 32)
TRAITS = [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0], [1, 1]]
QUOTAS = {(0, 0): (2, 2), (0, 1): (2, 2), (1, 0): (1, 3), (1, 1): (1, 3)}


def small() -> tuple[Quotas, Pool]:
    return make.pool(TRAITS, QUOTAS)


def test_quotas_of_another_size_are_in_proportion_and_never_tighter() -> None:
    quotas = Quotas((Cell("a", "x", 5, 7, 4, 8), Cell("a", "y", 5, 7)))
    assert sortition.scaled(quotas, 12, 6).cells == (Cell("a", "x", 2, 4), Cell("a", "y", 2, 4))
    assert sortition.scaled(quotas, 12, 12).cells == (Cell("a", "x", 5, 7), Cell("a", "y", 5, 7))


def test_a_mirror_is_the_floor_and_the_ceiling_of_each_share() -> None:
    _, pool = make.pool([[0], [0], [1]], {(0, 0): (0, 0), (0, 1): (0, 0), (0, 2): (0, 0)})
    assert sortition.mirrored(pool, 2).cells == (
        Cell("c0", "v0", 1, 2), Cell("c0", "v1", 0, 1), Cell("c0", "v2", 0, 0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "vacancies", "expected"),
    [
        ([[2, 2], [2, 2]], 0, 0),
        ([[1, 1], [1, 1]], 2, 0),
        ([[1, 1], [1, 1]], 0, 2),
        ([[3, 0], [3, 0]], 1, 2),
        ([[4, 0], [4, 0]], 0, 6),
        ([[0, 0], [0, 0]], 3, 1),
    ],
)
def test_the_distance_is_what_is_above_and_what_vacant_seats_cannot_bring(
    counts: list[list[int]], vacancies: int, expected: int
) -> None:
    assert sortition.distance(counts, small()[0], vacancies) == expected


@given(st.data())
def test_the_distance_is_the_least_that_any_filling_of_the_seats_leaves(data: st.DataObject) -> None:
    values = data.draw(st.integers(1, 3))
    cells = [
        (low, low + data.draw(st.integers(0, 2)))
        for low in data.draw(st.lists(st.integers(0, 3), min_size=values, max_size=values))
    ]
    quotas = Quotas(tuple(Cell("a", f"v{place}", *cell) for place, cell in enumerate(cells)))
    counts = data.draw(st.lists(st.integers(0, 4), min_size=values, max_size=values))
    vacancies = data.draw(st.integers(0, 3))

    def outside(held: tuple[int, ...]) -> int:
        return sum(
            max(0, low - number) + max(0, number - high)
            for (low, high), number in zip(cells, held, strict=True)
        )

    reached = {tuple(counts)}
    best = outside(tuple(counts))
    for _ in range(vacancies):
        reached = {
            tuple(number + (place == more) for place, number in enumerate(held))
            for held in reached
            for more in range(values)
        }
        best = min(best, *map(outside, reached))
    assert sortition.distance([counts], quotas, vacancies) == best


def test_the_alternate_who_fits_best_is_called_and_the_first_of_equals() -> None:
    quotas, pool = small()
    sitting = ["p00", "p01", "p02"]
    assert sortition.next_alternate(pool, quotas, sitting, ["p04", "p03", "p05"], 1) == Fit("p03", 0)
    assert sortition.next_alternate(pool, quotas, sitting, ["p04"], 1) == Fit("p04", 2)
    assert sortition.next_alternate(pool, quotas, sitting, [], 1) is None


def test_a_replacement_draw_admits_those_who_fit_best_in_the_order_of_the_pool() -> None:
    quotas, pool = small()
    sitting = ["p00", "p01", "p02"]
    found = sortition.replacement(pool, quotas, sitting, ["p05", "p04", "p03"], 1, SEED, 2)
    assert found.candidates == ("p03", "p05")
    assert found.chosen == found.candidates[Stream(SEED, "replacement/2").below(2)]
    assert found.distance == 0


def test_each_candidate_is_drawn_as_often() -> None:
    quotas, pool = small()
    drawn = Counter(
        sortition.replacement(pool, quotas, ["p00", "p01", "p02"], ["p03", "p05"], 1, SEED, number).chosen
        for number in range(1, 1001)
    )
    assert abs(drawn["p03"] - 500) < 65
    assert drawn.total() == 1000


def test_what_cannot_be_replaced_is_refused() -> None:
    quotas, pool = small()
    with pytest.raises(NobodyLeft):
        sortition.replacement(pool, quotas, [], [], 1, SEED, 1)
    with pytest.raises(BadSeed):
        sortition.replacement(pool, quotas, [], ["p00"], 1, b"", 1)
    with pytest.raises(UnknownPeople) as caught:
        sortition.next_alternate(pool, quotas, ["p00"], ["nobody"], 1)
    assert caught.value.parameters == {"people": ("nobody",)}
