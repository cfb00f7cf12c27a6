from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sortition
from sortition import tickets as tickets_module
from sortition.tickets import share
from tests.sortition import make


@pytest.mark.parametrize("tickets", [1, 7, 1_000, 1_000_000])
@pytest.mark.parametrize("rule", ["leximin", "maximin"])
def test_tickets_sum_exactly_and_panels_keep_the_quotas(rule: str, tickets: int) -> None:
    quotas, pool, size = make.reference("opendlp_monitoring_29")
    lottery = sortition.lottery(rule, pool, quotas, size, tickets=tickets)
    assert sum(panel.tickets for panel in lottery.panels) == tickets
    assert sum(lottery.chances) == tickets * size
    assert len({panel.members for panel in lottery.panels}) == len(lottery.panels)
    assert all(panel.tickets >= 1 for panel in lottery.panels)


@pytest.mark.slow
def test_a_person_is_off_by_a_few_tickets_at_most() -> None:
    for name in ("opendlp_monitoring_29", "sa_fixture_22"):
        quotas, pool, size = make.reference(name)
        for tickets in (1_000, 1_000_000):
            lottery = sortition.lottery("leximin", pool, quotas, size, tickets=tickets)
            assert lottery.largest_rounding_error * tickets < 4
            assert min(lottery.chances) > 0


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4),
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.integers(5, 9),
)
def test_people_of_one_type_share_its_tickets_evenly(
    numbers: list[int], shares: list[int], people: int
) -> None:
    quotas = sortition.Quotas((sortition.Cell("c", "x", 0, 99), sortition.Cell("c", "y", 0, 99)))
    rows = [{"c": "x"}] * people + [{"c": "y"}] * people
    pool = sortition.Pool.from_rows([f"p{place:02}" for place in range(2 * people)], rows, quotas)
    columns = np.array([[number, people - number] for number in dict.fromkeys(numbers)])
    weights = np.array([shares[place % len(shares)] for place in range(len(columns))], dtype=float)
    weights /= weights.sum()
    chance = Fraction(float((weights @ columns)[0])) / people
    tickets = sum(shares) * 7
    panels = share(columns, weights, (chance, 1 - chance), pool.types, tickets)
    held = [sum(panel.tickets for panel in panels if person in panel.members) for person in range(2 * people)]
    assert sum(panel.tickets for panel in panels) == tickets
    assert all(len(panel.members) == people for panel in panels)
    assert max(held[:people]) - min(held[:people]) <= 1
    assert max(held[people:]) - min(held[people:]) <= 1


def test_weights_that_sum_to_too_much_lose_tickets() -> None:
    columns = np.array([[1, 0], [0, 1]])
    panels = share(columns, np.array([0.6, 0.5]), (Fraction(1, 2), Fraction(1, 2)), make_types(), 100)
    assert [panel.tickets for panel in panels] == [50, 50]


def test_rounding_ends_after_a_number_of_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets_module, "SWAPS", 0)
    quotas, pool, size = make.reference("opendlp_monitoring_29")
    lottery = sortition.lottery("leximin", pool, quotas, size)
    assert sum(panel.tickets for panel in lottery.panels) == 1_000_000


def make_types() -> sortition.Types:
    return sortition.Types(np.array([[0], [1]]), ((0,), (1,)))
