from __future__ import annotations

from fractions import Fraction

import pytest

import sortition
from sortition import RULES, BadSize, BadTickets, Cell, Pool, Quotas, QuotasBind, UnknownRule
from tests.sortition import make


def loose() -> tuple[Quotas, Pool]:
    quotas = Quotas((Cell("hue", "red", 0, 9), Cell("hue", "blue", 0, 9)))
    rows = [{"hue": "red"}] * 4 + [{"hue": "blue"}] * 5
    return quotas, Pool.from_rows([f"p{place}" for place in range(9)], rows, quotas)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("size", [1, 4, 9])
@pytest.mark.parametrize("tickets", [1, 1_000, 1_000_000])
def test_every_rule_makes_a_lottery_of_a_pool_that_quotas_do_not_bind(
    rule: str, size: int, tickets: int
) -> None:
    quotas, pool = loose()
    reports: list[tuple[int, int, str]] = []
    lottery = sortition.lottery(
        rule, pool, quotas, size, tickets=tickets, progress=lambda *report: reports.append(report)
    )
    assert lottery.rule == rule
    assert sum(lottery.exact) == size
    assert min(lottery.exact) == Fraction(size, 9)
    assert lottery.optimality == sortition.Optimality(
        str(Fraction(size, 9)), str(Fraction(size, 9)), proved=True
    )
    assert sum(panel.tickets for panel in lottery.panels) == tickets
    assert sortition.Lottery.from_document(lottery.to_document()).to_document() == lottery.to_document()
    assert all(0 <= done <= total for done, total, _ in reports)
    assert reports


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_takes_a_pool_without_quotas(rule: str) -> None:
    lottery = sortition.lottery(rule, make.plain(7), Quotas.empty(), 3)
    assert set(lottery.exact) == {Fraction(3, 7)}
    assert max(lottery.chances) - min(lottery.chances) <= 1
    assert lottery.excluded == ()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_refuses_bad_sizes_and_tickets(rule: str) -> None:
    quotas, pool = loose()
    with pytest.raises(BadSize):
        sortition.lottery(rule, pool, quotas, 10)
    for tickets in (0, -1, 1.5, True):
        with pytest.raises(BadTickets):
            sortition.lottery(rule, pool, quotas, 2, tickets=tickets)


def test_a_rule_that_is_not_registered_is_refused() -> None:
    quotas, pool = loose()
    with pytest.raises(UnknownRule) as caught:
        sortition.lottery("fairest", pool, quotas, 2)
    assert caught.value.parameters["expected"] == ("leximin", "maximin", "uniform")


@pytest.mark.parametrize("cell", [Cell("hue", "red", 1, 9), Cell("hue", "red", 0, 3)])
def test_uniform_refuses_quotas_that_forbid_a_panel(cell: Cell) -> None:
    quotas = Quotas((cell, Cell("hue", "blue", 0, 9)))
    _, pool = loose()
    with pytest.raises(QuotasBind) as caught:
        sortition.lottery("uniform", pool, quotas, 4)
    assert caught.value.parameters["cells"] == (cell,)


@pytest.mark.parametrize(
    ("people", "size", "tickets"), [(30, 7, 1_000), (1_201, 100, 1_000), (64, 8, 1_000_000)]
)
def test_uniform_gives_everybody_the_same_tickets_up_to_one(people: int, size: int, tickets: int) -> None:
    lottery = sortition.lottery("uniform", make.plain(people), Quotas.empty(), size, tickets=tickets)
    assert max(lottery.chances) - min(lottery.chances) <= 1
    assert all(len(set(panel.members)) == size for panel in lottery.panels)
    assert len({panel.members for panel in lottery.panels}) == len(lottery.panels)


def test_uniform_brings_most_pairs_together() -> None:
    lottery = sortition.lottery("uniform", make.plain(20), Quotas.empty(), 5)
    pairs = {
        (one, two): sum(
            panel.tickets for panel in lottery.panels if one in panel.members and two in panel.members
        )
        for one in range(20)
        for two in range(one)
    }
    expected = 1_000_000 * 5 * 4 / (20 * 19)
    assert all(0.5 < together / expected < 1.5 for together in pairs.values())
