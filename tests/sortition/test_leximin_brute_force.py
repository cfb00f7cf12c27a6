from __future__ import annotations

from fractions import Fraction

import pytest

import sortition
from sortition import chances
from tests.sortition import make, oracle
from tests.sweeps import sampled


def groups(traits: list[list[int]]) -> list[list[int]]:
    found: dict[tuple[int, ...], list[int]] = {}
    for person, row in enumerate(traits):
        found.setdefault(tuple(row), []).append(person)
    return list(found.values())


def compare(seed: int) -> bool:
    traits, bounds, size = make.tiny(seed)
    quotas, pool = make.pool(traits, bounds)
    listed = oracle.panels(traits, bounds, size)
    if not listed:
        with pytest.raises(sortition.InfeasibleQuotas) as caught:
            sortition.lottery("leximin", pool, quotas, size)
        assert caught.value.feasibility.suggestions
        return False
    lottery = sortition.lottery("leximin", pool, quotas, size)
    best = oracle.leximin(len(traits), groups(traits), listed)
    assert list(lottery.exact) == best, seed
    assert lottery.optimality == sortition.Optimality(str(min(best)), str(min(best)), proved=True)
    assert {panel.members for panel in lottery.panels} <= set(listed)
    maximin = sortition.lottery("maximin", pool, quotas, size)
    assert min(maximin.exact) == min(best)
    assert {panel.members for panel in maximin.panels} <= set(listed)
    return True


@pytest.mark.parametrize("start", sampled(range(0, 500, 50), 2))
def test_leximin_equals_brute_force_on_random_tiny_pools(start: int) -> None:
    feasible = [compare(seed) for seed in range(start, start + 50)]
    assert any(feasible)
    assert not all(feasible)


GAPS = (82, 252, 341)


@pytest.mark.measured_children
@pytest.mark.parametrize("rule", ["leximin", "maximin"])
@pytest.mark.parametrize("seed", GAPS)
def test_panels_priced_by_the_child_process_give_the_same(
    seed: int, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quotas, pool = make.pool(*make.tiny(seed)[:2])
    size = make.tiny(seed)[2]
    listed = sortition.lottery(rule, pool, quotas, size)
    monkeypatch.setattr(chances, "every_panel", lambda _: None)
    priced = sortition.lottery(rule, pool, quotas, size)
    assert priced.optimality == listed.optimality
    if rule == "leximin":
        assert priced.exact == listed.exact


def test_the_oracle_finds_a_leximin_worked_out_by_hand() -> None:
    traits = [[0], [0], [1]]
    listed = oracle.panels(traits, {(0, 1): (1, 1)}, 2)
    assert oracle.leximin(3, [[0, 1], [2]], listed) == [Fraction(1, 2), Fraction(1, 2), Fraction(1)]
