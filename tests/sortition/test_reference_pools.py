from __future__ import annotations

from fractions import Fraction

import pytest

import sortition
from tests.sortition import make
from tests.sweeps import sampled

SLOW = {"like_sf_b_20", "like_sf_d_40", "like_nexus_170", "like_sf_e_110", "tight_28"}
POOLS = [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in make.REFERENCES]


@pytest.mark.parametrize("name", POOLS)
def test_the_leximin_lottery_of_a_reference_pool_passes_an_independent_check(name: str) -> None:
    # The largest take 30 s, most of it in the solver: the size of a real city, and quotas that bind hard.
    quotas, pool, size = make.reference(name)
    lottery = sortition.lottery("leximin", pool, quotas, size)
    make.verify(lottery.to_document(), *make.files(name), make.id_column(name))
    assert lottery.optimality == sortition.Optimality(
        make.REFERENCES[name][1], make.REFERENCES[name][1], proved=True
    )
    assert make.least(lottery) == Fraction(make.REFERENCES[name][1])
    if name == "tight_28":
        assert len(lottery.excluded) == 38
        assert min(chance for chance in lottery.exact if chance) > Fraction(1, 100)


@pytest.mark.parametrize(
    "name", ["opendlp_monitoring_29", "example_small_20", "parity_gap_2", "sa_fixture_22"]
)
@pytest.mark.parametrize("rule", ["leximin", "maximin"])
@pytest.mark.parametrize("tickets", sampled([1_000, 1_000_000], 1))
def test_every_rule_for_quotas_reaches_the_best_minimum(name: str, rule: str, tickets: int) -> None:
    quotas, pool, size = make.reference(name)
    lottery = sortition.lottery(rule, pool, quotas, size, tickets=tickets)
    make.verify(lottery.to_document(), *make.files(name), make.id_column(name))
    assert make.least(lottery) == Fraction(make.REFERENCES[name][1])
    assert sum(lottery.exact) == size


def test_the_hand_made_pool_gets_the_leximin_that_its_readme_derives() -> None:
    quotas, pool, size = make.reference("parity_gap_2")
    lottery = sortition.lottery("leximin", pool, quotas, size)
    assert sorted(lottery.exact) == [0] * 9 + [Fraction(1, 3)] * 3 + [1]
    assert len(lottery.excluded) == 9


def test_everybody_of_one_type_has_the_same_chance_up_to_a_ticket() -> None:
    quotas, pool, size = make.reference("opendlp_monitoring_29")
    lottery = sortition.lottery("leximin", pool, quotas, size)
    for members in pool.types.members:
        assert len({lottery.exact[person] for person in members}) == 1
        held = [lottery.chances[person] for person in members]
        assert max(held) - min(held) <= 1
