"""Who would be first under other rules: shown beside a result, and never deciding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from votes.defaults import MODES, Default, common_total, fill
from votes.errors import NoJudgment, TooLarge
from votes.key import matrix, order
from votes.majority import Gauge, Judgment
from votes.poll import Poll

Score = Callable[[int, Gauge], Fraction]


@dataclass(frozen=True)
class Sensitivity:
    """The first places of other rules.

    Parameters
    ----------
    rules : mapping of str to tuple of str
        The proposals that each of ``"usual"``, ``"typical"``, ``"central"`` and ``"mean"`` puts first.
    defaults : tuple of (Default, tuple of str)
        The same for majority judgment with other rules for absent grades; empty where no grade is absent.
    """

    rules: Mapping[str, tuple[str, ...]]
    defaults: tuple[tuple[Default, tuple[str, ...]], ...]

    def to_document(self) -> dict[str, object]:
        """Return the first places as a JSON object."""
        document: dict[str, object] = {rule: list(first) for rule, first in self.rules.items()}
        document["defaults"] = [
            {"default": default.to_document(), "first": list(first)} for default, first in self.defaults
        ]
        return document


def usual(median: int, gauge: Gauge) -> Fraction:
    """Return the majority grade moved by half the outside shares' difference over the median's share."""
    at_median = gauge.total - gauge.above - gauge.below
    return median + Fraction(gauge.above - gauge.below, 2 * at_median)


def typical(median: int, gauge: Gauge) -> Fraction:
    """Return the majority grade moved by the difference of the outside shares."""
    return median + Fraction(gauge.above - gauge.below, gauge.total)


def central(median: int, gauge: Gauge) -> Fraction:
    """Return the majority grade moved by half the difference of the outside shares over their sum."""
    outside = gauge.above + gauge.below
    return median + (Fraction(gauge.above - gauge.below, 2 * outside) if outside else Fraction(0))


def sensitivity(judgment: Judgment) -> Sensitivity:
    """Return who would be first under other rules, computed with fractions.

    Ties are shown as they are: rules that break them further are not applied.

    Parameters
    ----------
    judgment : Judgment

    References
    ----------
    A. Fabre, "Tie-breaking the highest median: alternatives to the majority judgment", Social Choice and
    Welfare 56 (2021) 101-124, section 2.
    """
    poll = judgment.poll
    if poll.total == 0:
        return Sensitivity(dict.fromkeys(("usual", "typical", "central", "mean"), poll.proposals), ())
    places = range(len(poll.proposals))
    rules = {
        rule.__name__: _first(
            poll, [rule(judgment.medians[place], judgment.gauges[place]) for place in places]
        )
        for rule in (usual, typical, central)
    }
    rules["mean"] = _first(
        poll, [sum(grade * number for grade, number in enumerate(row)) for row in judgment.balanced]
    )
    return Sensitivity(rules, tuple(_other_defaults(poll)))


def _first(poll: Poll, scores: list[Fraction] | list[int]) -> tuple[str, ...]:
    best = max(scores)
    return tuple(name for name, score in zip(poll.proposals, scores, strict=True) if score == best)


def _other_defaults(poll: Poll) -> list[tuple[Default, tuple[str, ...]]]:
    totals = [sum(row) for row in poll.counts]
    if min(totals) == poll.judges:
        return []
    others = []
    for mode in MODES[1:]:
        default = Default(mode, 0 if mode == "static" else None)
        try:
            total = common_total(poll.proposals, totals, poll.judges, default)
        except (NoJudgment, TooLarge):
            # The rule has no answer here, and nothing depends on it.
            continue
        if default != poll.default:
            _, ranks = order(fill(matrix(poll.counts, total), default, total))
            others.append((default, _first(poll, (-ranks).tolist())))
    return others
