"""What absent grades count as: declared before the vote, and applied exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np

from votes.errors import BadDefault, NoJudgment, TooLarge, Unbalanced
from votes.key import Matrix, medians

MODES = ("refuse", "static", "median", "normalized")
# Python writes whole numbers of up to 4,300 digits.
MOST_BITS = 13_000


@dataclass(frozen=True)
class Default:
    """A rule for absent grades.

    Parameters
    ----------
    mode : {"refuse", "static", "median", "normalized"}
        Every proposal must have the same number of judgments; or absent grades count as one grade; or as the
        proposal's own majority grade; or every profile is scaled to a common total.
    grade : int or None
        The grade of ``"static"``, counted from 0 for the worst.
    """

    mode: str = "refuse"
    grade: int | None = None

    def check(self, grades: int) -> None:
        """Refuse a rule that does not exist, or whose grade is not one of the scale.

        Raises
        ------
        BadDefault
        """
        known = self.mode in MODES
        fits = (
            (type(self.grade) is int and 0 <= self.grade < grades)
            if self.mode == "static"
            else (self.grade is None)
        )
        if not known or not fits:
            raise BadDefault(found=self.mode, grade=self.grade, expected=MODES, grades=grades)

    def to_document(self) -> dict[str, object] | None:
        """Return the rule as a JSON value; ``None`` where absent grades are refused."""
        if self.mode == "refuse":
            return None
        return {"mode": self.mode} if self.grade is None else {"mode": self.mode, "grade": self.grade}


def common_total(proposals: Sequence[str], totals: Sequence[int], judges: int, default: Default) -> int:
    """Return the total that every proposal has once absent grades are counted.

    Parameters
    ----------
    proposals : sequence of str
        Names, for the refusals.
    totals : sequence of int
        Judgments received by each.
    judges : int
        Participants, at least as many as any proposal has judgments.
    default : Default

    Returns
    -------
    int
        ``judges``, or the least common multiple of the totals for ``"normalized"``.

    Raises
    ------
    NoJudgment
        If a proposal has no median: none of its own, and no grade that absent ones count as.
    Unbalanced
        If a judgment is absent and the rule is to refuse.
    TooLarge
        If the common multiple has more than some 3,900 digits.
    """
    if judges == 0:
        # Nobody came: no proposal has a grade, and all are equal.
        return 0
    for name, total in zip(proposals, totals, strict=True):
        if default.mode == "refuse" and total < judges:
            raise Unbalanced(proposal=name, found=total, judges=judges)
        if total == 0 and default.mode != "static":
            raise NoJudgment(proposal=name, default=default.mode)
    if default.mode != "normalized":
        return judges
    common = 1
    for total in totals:
        common = lcm(common, total)
        if common.bit_length() > MOST_BITS:
            raise TooLarge(most=MOST_BITS)
    return common


def fill(counts: Matrix, default: Default, total: int) -> Matrix:
    """Return the counts with absent grades counted as the rule says: every row has the common total.

    Parameters
    ----------
    counts : array, shape (proposals, grades)
        Judgments received, in a type that holds the common total.
    default : Default
    total : int
        The common total, as :func:`common_total` returns it.
    """
    totals = counts.sum(axis=1)
    if default.mode == "normalized":
        scaled: Matrix = counts * (total // totals)[:, None]
        return scaled
    filled = counts.copy()
    if default.mode == "static":
        filled[:, default.grade] += total - totals
    elif default.mode == "median":
        filled[np.arange(len(counts)), medians(counts)] += total - totals
    return filled
