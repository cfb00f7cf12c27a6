from __future__ import annotations

import pytest

import sortition
from sortition import BadSize, Cell, InfeasibleQuotas, Pool, QuotaChange, Quotas, Shortage, check
from sortition.quotas import census_quotas
from tests.sortition import make, oracle

HUES = [*["red"] * 3, *["blue"] * 7]


def hues(*cells: Cell) -> tuple[Pool, Quotas]:
    quotas = Quotas(cells)
    people = [f"p{place}" for place in range(len(HUES))]
    return Pool.from_rows(people, [{"hue": hue} for hue in HUES], quotas), quotas


def with_changes(quotas: Quotas, changes: tuple[QuotaChange, ...]) -> Quotas:
    new = {(change.category, change.value): (change.new_minimum, change.new_maximum) for change in changes}
    return Quotas(
        tuple(
            Cell(
                cell.category, cell.value, *new.get((cell.category, cell.value), (cell.minimum, cell.maximum))
            )
            for cell in quotas.cells
        )
    )


def test_shares_of_a_population_are_floor_and_ceiling_within_the_panel() -> None:
    shares = [("Genre", "Autre", 0), ("Genre", "Femmes", 5170), ("Genre", "Hommes", 4830)]
    for tolerance, bounds in ((0, [(0, 0), (51, 52), (48, 49)]), (60, [(0, 60), (0, 100), (0, 100)])):
        found = census_quotas(shares, 100, tolerance)
        assert [(cell.minimum, cell.maximum) for cell in found.cells] == bounds


def test_a_pool_that_can_meet_its_quotas_is_feasible() -> None:
    feasibility = check(*hues(Cell("hue", "red", 1, 2), Cell("hue", "blue", 2, 3)), 4)
    assert feasibility.feasible
    assert feasibility.to_document() == {
        "format": "assemblee-feasibility-1",
        "size": 4,
        "people": 10,
        "feasible": True,
        "shortages": [],
        "suggestions": [],
        "excluded": [],
    }


def test_too_few_people_of_a_value_are_counted_and_the_quota_lowered() -> None:
    feasibility = check(*hues(Cell("hue", "red", 5, 5), Cell("hue", "blue", 0, 9)), 8)
    assert not feasibility.feasible
    assert feasibility.shortages == (Shortage("hue", "red", 5, 3),)
    assert feasibility.suggestions == (QuotaChange("hue", "red", 5, 5, 3, 5),)
    assert feasibility.to_document()["shortages"] == [
        {"category": "hue", "value": "red", "needed": 5, "available": 3}
    ]


def test_sums_of_minima_and_of_maxima_are_compared_with_the_size() -> None:
    assert check(*hues(Cell("hue", "red", 2, 3), Cell("hue", "blue", 4, 5)), 5).shortages == (
        Shortage("hue", None, 6, 5),
    )
    assert check(*hues(Cell("hue", "red", 0, 9), Cell("hue", "blue", 0, 1)), 5).shortages == (
        Shortage("hue", None, 5, 4),
    )


def test_small_groups_are_spared() -> None:
    suggestions = check(*hues(Cell("hue", "red", 1, 3), Cell("hue", "blue", 5, 7)), 5).suggestions
    assert suggestions == (QuotaChange("hue", "blue", 5, 7, 4, 7),)


def test_flexible_bounds_are_used_first() -> None:
    suggestions = check(*hues(Cell("hue", "red", 1, 3, 0, 3), Cell("hue", "blue", 5, 7, 5, 7)), 5).suggestions
    assert suggestions == (QuotaChange("hue", "red", 1, 3, 0, 3),)
    beyond = check(*hues(Cell("hue", "red", 1, 1, 1, 1), Cell("hue", "blue", 2, 2, 2, 2)), 5).suggestions
    assert sum(change.new_maximum - change.maximum for change in beyond) == 2


def test_people_in_no_possible_panel_are_named_with_the_quota_that_shuts_them_out() -> None:
    feasibility = check(*hues(Cell("hue", "red", 0, 0), Cell("hue", "blue", 4, 4)), 4)
    assert [one.person for one in feasibility.excluded] == ["p0", "p1", "p2"]
    one = feasibility.excluded[0]
    assert (one.category, one.value) == ("hue", "red")
    assert set(one.changes) == {QuotaChange("hue", "red", 0, 0, 0, 1), QuotaChange("hue", "blue", 4, 4, 3, 4)}
    assert feasibility.to_document()["excluded"][0]["person"] == "p0"


def test_the_traps_of_the_hand_made_pool_are_seen() -> None:
    quotas, pool, size = make.reference("parity_gap_2")
    feasibility = check(pool, quotas, size)
    assert feasibility.feasible
    assert {one.person for one in feasibility.excluded} == {"4", "5", "6", "7", "8", "9", "10", "11", "12"}
    rows = [
        {
            name: pool.values[place][value]
            for place, (name, value) in enumerate(zip(pool.categories, row, strict=True))
        }
        for row in pool.traits.tolist()
    ]
    kept = [place for place, person in enumerate(pool.people) if person != "13"]
    smaller = Pool.from_rows([pool.people[place] for place in kept], [rows[place] for place in kept], quotas)
    with pytest.raises(InfeasibleQuotas) as caught:
        sortition.lottery("leximin", smaller, quotas, size)
    assert caught.value.feasibility.suggestions
    assert caught.value.feasibility.shortages == ()


def test_suggestions_and_exclusions_of_random_pools_agree_with_brute_force() -> None:
    for seed in range(80):
        traits, bounds, size = make.tiny(("check", seed), most=9)
        quotas, pool = make.pool(traits, bounds)
        listed = oracle.panels(traits, bounds, size)
        feasibility = check(pool, quotas, size)
        assert feasibility.feasible == bool(listed)
        if listed:
            seen = {person for panel in listed for person in panel}
            shut = {pool.people[person] for person in range(len(traits)) if person not in seen}
            assert {one.person for one in feasibility.excluded} == shut
            for one in feasibility.excluded:
                reopened = check(pool, with_changes(quotas, one.changes), size)
                assert one.person not in {other.person for other in reopened.excluded}
        else:
            assert check(pool, with_changes(quotas, feasibility.suggestions), size).feasible


@pytest.mark.parametrize("size", [0, -1, 11, True, 2.0])
def test_a_size_out_of_range_is_refused(size: int) -> None:
    pool, quotas = hues(Cell("hue", "red", 0, 9), Cell("hue", "blue", 0, 9))
    with pytest.raises(BadSize):
        check(pool, quotas, size)


@pytest.mark.slow
def test_the_excluded_people_of_the_tight_pool_are_found() -> None:
    quotas, pool, size = make.reference("tight_28")
    feasibility = check(pool, quotas, size)
    assert len(feasibility.excluded) == 38
    assert all(one.changes for one in feasibility.excluded)
