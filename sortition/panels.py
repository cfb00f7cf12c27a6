"""Pricing: the panel of the greatest weight, by linear programming, branch and bound or enumeration."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from sortition.errors import SolverStopped
from sortition.highs import Model
from sortition.system import Floats, Integers, Numbers, System

MENDED = 40
WHOLE = 1e-6
PATIENCE = 5
# One more search over all types for so many panels that were found without one: where nearly each needs it,
# the panels are better found otherwise, and where few do, giving up would throw all the others away.
RENEWED = 20
NODES = 500


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
    """The panels of a system, as HiGHS finds them quickly; it gives up where they are hard to find."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.relaxed = Model(system.rows, system.lower, system.upper, system.least, system.most)
        self.asked = self.searched = 0

    def near(self, weights: Numbers, gap: float = 0.0) -> Integers | None:
        """Return a panel of great weight, the greatest where the linear program's vertex is whole.

        A vertex with fractions is mended by a small integer program over the types that are fractional and
        those of the least reduced costs, the other types keeping their numbers; if that has no solution, by
        one over all types. ``gap`` is how far from the best a mended panel may be, as a part of its weight.
        ``None`` where there is no panel, or patience is at an end.
        """
        self.asked += 1
        self.relaxed.aim(weights)
        if not self.relaxed.solve():
            return None
        vertex = self.relaxed.solution
        whole = np.rint(vertex)
        broken = np.abs(vertex - whole) > WHOLE
        if broken.any():
            costs = np.where(broken, -1, np.abs(self.relaxed.reduced_costs))
            order = np.argsort(costs, kind="stable")
            mended = self._mended(weights, whole, order[: int(broken.sum()) + MENDED], gap)
            if mended is None and self.searched < PATIENCE + self.asked // RENEWED:
                self.searched += 1
                mended = self._mended(weights, whole, order, gap)
            return mended
        return whole.astype(np.int64)

    def _mended(self, weights: Numbers, whole: Floats, free: Integers, gap: float) -> Integers | None:
        """Return the best panel that differs from a vector only in some types."""
        system = self.system
        panel = whole.astype(np.int64)
        panel[free] = 0
        given = system.rows @ panel
        model = Model(
            system.rows[:, free],
            system.lower - given,
            system.upper - given,
            system.least[free],
            system.most[free],
            integer=True,
            nodes=NODES,
            gap=gap,
        )
        model.aim(weights[free])
        try:
            if not model.solve():
                return None
        except SolverStopped:
            return None
        panel[free] = np.rint(model.solution)
        return panel
