"""What a result page shows: the panel beside its quotas, and the chances of everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import sortition
from assemblee.draws.models import Draw

BINS = 16
# A few people of rare traits may have a chance many times the mean, which would squeeze everybody else.
SHOWN_MEANS = 4


@dataclass(frozen=True)
class CellRow:
    """One quota, and how many people of the panel meet it."""

    value: str
    minimum: int
    maximum: int
    count: int

    @property
    def is_met(self) -> bool:
        """Whether the panel is within the quota."""
        return self.minimum <= self.count <= self.maximum


@dataclass(frozen=True)
class CategoryRows:
    """The quotas of one category."""

    category: str
    cells: list[CellRow]


def panel_rows(draw: Draw, members: Iterable[str]) -> list[CategoryRows]:
    """Return the quotas of a draw beside the counts of a panel."""
    have: Counter[tuple[str, str]] = Counter()
    for member in members:
        have.update(draw.people[member].items())
    rows: dict[str, list[CellRow]] = {}
    for category, value, minimum, maximum in draw.quotas:
        rows.setdefault(category, []).append(CellRow(value, minimum, maximum, have[category, value]))
    return [CategoryRows(category, cells) for category, cells in rows.items()]


@dataclass(frozen=True)
class Bin:
    """People whose chance lies between two bounds."""

    low: Fraction
    high: Fraction
    count: int


@dataclass(frozen=True)
class Chances:
    """The selection chances of a lottery, as figures and as a histogram."""

    minimum: Fraction
    maximum: Fraction
    mean: Fraction
    gini: Fraction
    lowest: int
    excluded: int
    bins: list[Bin]


def chances(lottery: sortition.Lottery) -> Chances:
    """Return the chances of the people who are in some panel, and count those who are in none."""
    figures = sortition.statistics(lottery)
    shut_out = set(lottery.excluded)
    values = [
        Fraction(tickets, lottery.tickets)
        for person, tickets in zip(lottery.people, lottery.chances, strict=True)
        if person not in shut_out
    ]
    low, high = min(values), max(values)
    mean = sum(values, Fraction(0)) / len(values)
    # Rounding to whole tickets spreads equal chances by a hair; that must not fill a histogram.
    if high - low <= Fraction(low, 1000):
        bins = [Bin(low, high, len(values))]
    else:
        top = min(high, SHOWN_MEANS * mean)
        width = (top - low) / BINS
        counts = Counter(min(int((value - low) / width), BINS - 1) for value in values)
        edges = [low + width * place for place in range(BINS)] + [high]
        bins = [Bin(*pair, counts[place]) for place, pair in enumerate(pairwise(edges))]
    return Chances(
        minimum=low,
        maximum=high,
        mean=mean,
        gini=figures.gini,
        lowest=bins[0].count,
        excluded=len(shut_out),
        bins=bins,
    )
