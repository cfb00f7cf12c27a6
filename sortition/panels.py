"""Pricing: the panel of the greatest weight, by linear programming, branch and bound or enumeration."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from sortition.highs import Model
from sortition.system import Floats, Integers, System

MENDED = 40
WHOLE = 1e-6


def face(system: System, chances: tuple[Fraction, ...]) -> System:
    """Return the panels on the smallest face that holds a vector of chances.

    A bound that the vector meets in expectation must be met by every panel of a mixture that gives it.
    """
    expected = np.array(chances, dtype=object) * system.counts
    sums = system.rows.astype(object) @ expected
    return replace(
        system,
        lower=np.where(sums == system.upper, system.upper, system.lower),
        upper=np.where(sums == system.lower, system.lower, system.upper),
        least=np.where(expected == system.most, system.most, system.least),
        most=np.where(expected == system.least, system.least, system.most),
    )


class Panels:
    """The panels of a system, as HiGHS finds them."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.relaxed = self._model(integer=False)
        self.calls = 0

    def _model(self, *, integer: bool) -> Model:
        system = self.system
        model = Model(system.rows, system.lower, system.upper, system.least, system.most, integer=integer)
        return model

    def near(self, weights: Floats) -> Integers | None:
        """Return a panel of great weight, the greatest where the linear program's vertex is whole.

        A vertex with fractions is mended by a small integer program over the types that are fractional and
        those of the least reduced costs, the other types keeping their numbers.
        """
        self.calls += 1
        self.relaxed.aim(weights)
        if not self.relaxed.solve():
            return None
        vertex = self.relaxed.solution
        whole = np.rint(vertex)
        broken = np.abs(vertex - whole) > WHOLE
        if not broken.any():
            return whole.astype(np.int64)
        costs = np.abs(np.array(self.relaxed.highs.getSolution().col_dual))
        costs[broken] = -1
        free = np.argsort(costs, kind="stable")[: int(broken.sum()) + MENDED]
        return self._mended(weights, whole, free)

    def _mended(self, weights, whole, free):
        system = self.system
        kept = whole.copy()
        kept[free] = 0
        given = system.rows @ kept
        model = Model(
            system.rows[:, free],
            system.lower - given,
            system.upper - given,
            system.least[free],
            system.most[free],
            integer=True,
        )
        model.aim(weights[free])
        if not model.solve():
            return self.best(weights)
        kept[free] = np.rint(model.solution)
        return kept.astype(np.int64)

    def best(self, weights):
        self.full = getattr(self, "full", 0) + 1
        model = self._model(integer=True)
        model.aim(weights)
        if not model.solve():
            return None
        return np.rint(model.solution).astype(np.int64)
