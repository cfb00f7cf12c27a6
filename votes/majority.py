"""Majority judgment: ranks, gauges, and why each proposal stands before the next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from votes.key import Matrix, keys, order
from votes.poll import Poll


@dataclass(frozen=True)
class Gauge:
    """The majority gauge of a proposal: for display, it ranks nothing here.

    Parameters
    ----------
    grade : str or None
        The majority grade; ``None`` where nobody judged.
    sign : {"+", "-"}
        ``"+"`` if more judged higher than lower than the majority grade.
    above, below, total : int
        Judgments above the majority grade, below it, and all of them.
    """

    grade: str | None
    sign: str
    above: int
    below: int
    total: int

    def to_document(self) -> dict[str, object]:
        """Return the gauge as a JSON object."""
        return {
            "grade": self.grade,
            "sign": self.sign,
            "above": self.above,
            "below": self.below,
            "total": self.total,
        }


@dataclass(frozen=True)
class Explanation:
    """Why one proposal stands before the next one, or beside it.

    Parameters
    ----------
    code : {"majority-grade", "higher", "lower", "identical"}
        Their majority grades differ; or more judged the first one higher than a grade; or more judged the
        second one lower than a grade; or they have identical counts.
    first, second : str
        The two proposals, in the order of the ranking.
    grades : tuple of str or None
        Their majority grades.
    bound : str or None
        The grade that ``"higher"`` and ``"lower"`` are about. It is the majority grade, or another one where
        the groups nearer to the middle are equal.
    numbers : tuple of int or None
        How many judged the first and the second one higher, or lower, than the bound.
    """

    code: str
    first: str
    second: str
    grades: tuple[str | None, str | None]
    bound: str | None = None
    numbers: tuple[int, int] | None = None

    def to_document(self) -> dict[str, object]:
        """Return the explanation as a JSON object."""
        document: dict[str, object] = {
            "code": self.code,
            "first": self.first,
            "second": self.second,
            "grades": list(self.grades),
        }
        if self.numbers is not None:
            document |= {"bound": self.bound, "numbers": list(self.numbers)}
        return document


@dataclass(frozen=True)
class Judgment:
    """The result of a poll.

    Parameters
    ----------
    poll : Poll
    balanced : tuple of tuples of int
        The counts that were ranked: for each proposal of the poll, judgments per grade with absent ones
        counted.
    order : tuple of int
        Positions of the proposals, best first; equal ones as the poll lists them.
    ranks : tuple of int
        The rank of each proposal of the poll: 1, 2, 2, 4.
    medians : tuple of int
        Its majority grade, counted from 0 for the worst; 0 where nobody judged.
    gauges : tuple of Gauge
    explanations : tuple of Explanation
        One for each two neighbours in ``order``.
    """

    poll: Poll
    balanced: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]
    ranks: tuple[int, ...]
    medians: tuple[int, ...]
    gauges: tuple[Gauge, ...]
    explanations: tuple[Explanation, ...]

    def first(self) -> tuple[str, ...]:
        """Return the proposals of rank 1."""
        return tuple(self.poll.proposals[place] for place in self.order if self.ranks[place] == 1)


def judge(poll: Poll) -> Judgment:
    """Rank the proposals of a poll by majority judgment.

    Parameters
    ----------
    poll : Poll

    Returns
    -------
    Judgment

    References
    ----------
    M. Balinski and R. Laraki, "A theory of measuring, electing, and ranking", PNAS 104 (2007) 8720-8725;
    "Majority Judgment", MIT Press, 2011, chapters 12 and 13, and 14 for the gauge.

    Examples
    --------
    >>> poll = Poll.of(["Passable", "Bien"], {"Parc": [2, 2], "Halle": [1, 3]})
    >>> judge(poll).ranks
    (2, 1)
    """
    counts = poll.balanced()
    positions, ranks = order(counts)
    sort_keys = keys(counts)
    medians = tuple(int(grade) for grade in sort_keys[:, 0])
    below = np.cumsum(counts, axis=1)
    gauges = tuple(
        _gauge(poll, grade, [int(number) for number in row])
        for grade, row in zip(medians, below, strict=True)
    )
    explanations = tuple(_explain(poll, sort_keys, below, *pair) for pair in pairwise(positions.tolist()))
    rows = tuple(tuple(row) for row in counts.tolist())
    return Judgment(
        poll, rows, tuple(positions.tolist()), tuple(ranks.tolist()), medians, gauges, explanations
    )


def _gauge(poll: Poll, grade: int, below: list[int]) -> Gauge:
    lower = below[grade - 1] if grade else 0
    higher = poll.total - below[grade]
    return Gauge(_named(poll, grade), "+" if higher > lower else "-", higher, lower, poll.total)


def _named(poll: Poll, grade: int) -> str | None:
    return poll.grades[grade] if poll.total else None


def _explain(poll: Poll, sort_keys: Matrix, below: Matrix, first: int, second: int) -> Explanation:
    names = (poll.proposals[first], poll.proposals[second])
    better, worse = sort_keys[first].tolist(), sort_keys[second].tolist()
    grades = (_named(poll, better[0]), _named(poll, worse[0]))
    if better[0] != worse[0]:
        return Explanation("majority-grade", *names, grades)
    if better == worse:
        return Explanation("identical", *names, grades)
    same = next(place for place, pair in enumerate(zip(better, worse, strict=True)) if pair[0] != pair[1])
    # Both have passed the same borders so far, as many upwards and downwards.
    highest = better[0] + sum(size > 0 for size in better[1:same])
    lowest = better[0] - sum(size < 0 for size in better[1:same])
    rows = (below[first].tolist(), below[second].tolist())
    higher = tuple(poll.total - row[highest] for row in rows)
    lower = tuple(row[lowest - 1] if lowest else 0 for row in rows)
    # The largest outside group of the two proposals is reached first, and of equal sizes the one below.
    if max(higher) > max(lower):
        return Explanation("higher", *names, grades, poll.grades[highest], (higher[0], higher[1]))
    return Explanation("lower", *names, grades, poll.grades[lowest], (lower[0], lower[1]))
