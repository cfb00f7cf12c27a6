"""Leximin over the panels themselves, where the relaxation over types promises too much."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.exact import common_denominator, solve
from sortition.highs import Model
from sortition.pricing import Pricing
from sortition.progress import Progress
from sortition.system import Floats, Integers, System

BASIC = 1
SCALE = 10**7
LOOSE = 1e-10
NEAR = 10**9


@dataclass(frozen=True, eq=False)
class Duals:
    """Exact multipliers of a level: the weights of types, and the weight that no known panel exceeds."""

    weights: list[Fraction]
    bound: Fraction


class PanelProgram:
    """The linear program of one level over the panels known: ``z`` first, then a weight for each panel."""

    def __init__(self, system: System, panels: Iterable[Integers]) -> None:
        self.system = system
        self.kinds: list[int] = np.nonzero(system.most)[0].tolist()
        kinds = self.kinds
        self.counts = system.counts[kinds]
        self.size = int(system.upper[0])
        self.settled: dict[int, Fraction] = {}
        self.known: dict[bytes, Integers] = {}
        height = len(kinds)
        self.model = Model(
            np.append(-self.counts, 0).reshape(-1, 1),
            np.append(np.zeros(height), 1),
            np.append(np.full(height, np.inf), 1),
            np.zeros(1),
            np.full(1, np.inf),
        )
        for panel in panels:
            self.add(panel)

    def add(self, panel: Integers) -> bool:
        """Take a panel in, and return whether it is new."""
        if panel.tobytes() in self.known:
            return False
        self.known[panel.tobytes()] = panel[self.kinds]
        self.model.add_columns(np.append(panel[self.kinds], 1).reshape(-1, 1))
        return True

    def solve(self) -> float:
        """Maximise the smallest chance that is not settled."""
        self.model.aim(np.append(1.0, np.zeros(len(self.known))))
        self.model.solve()
        return self.model.value

    def settle(self, place: int, chance: Fraction) -> None:
        """Hold a type at its chance from now on."""
        self.settled[place] = chance
        self.model.change(place, 0, 0.0, float(self.counts[place]) * float(chance) - LOOSE)

    def duals(self) -> Duals | None:
        """Solve the dual of the optimal basis exactly, or return ``None`` where the basis is not optimal."""
        basis = self.model.basis
        tight = [place for place in range(len(self.kinds)) if basis.rows[place] != BASIC]
        panels = np.array(list(self.known.values()))
        basic = panels[basis.columns[1:] == BASIC]
        open_counts = [0 if place in self.settled else int(self.counts[place]) for place in tight]
        equations = [[*panel[tight].tolist(), -1] for panel in basic]
        equations.append([*open_counts, 0])
        square = len(basic) == len(tight) and basis.columns[0] == BASIC
        solved = solve(equations, [*[0] * len(basic), 1]) if square else None
        if solved is None or min(solved[:-1]) < 0:
            return None
        weights = [Fraction(0)] * len(self.kinds)
        for place, weight in zip(tight, solved[:-1], strict=True):
            weights[place] = weight
        return Duals(weights, solved[-1])

    def mixture(self) -> dict[bytes, Fraction] | None:
        """Solve the optimal basis of the first level exactly: the probability of each panel in it.

        ``None`` where the basis does not hold exactly.
        """
        basis = self.model.basis
        tight = [place for place in range(len(self.kinds)) if basis.rows[place] != BASIC]
        keys = [key for key, status in zip(self.known, basis.columns[1:], strict=True) if status == BASIC]
        panels = [self.known[key] for key in keys]
        equations = [[*[int(panel[place]) for panel in panels], -int(self.counts[place])] for place in tight]
        equations.append([1] * len(panels) + [0])
        solved = solve(equations, [*[0] * len(tight), 1]) if len(keys) == len(tight) else None
        if solved is None or min(solved) < 0:
            return None
        return dict(zip(keys, solved, strict=False))

    def rounded(self, rough: Floats) -> Duals:
        """Return the solver's own multipliers as fractions, where the exact ones cannot be had."""
        weights = [Fraction(float(weight)).limit_denominator(NEAR) for weight in rough]
        scale = sum(
            (
                weight * int(self.counts[place])
                for place, weight in enumerate(weights)
                if place not in self.settled
            ),
            Fraction(0),
        )
        weights = [weight / scale for weight in weights]
        bound = max(
            sum(map(operator.mul, panel.tolist(), weights), Fraction(0)) for panel in self.known.values()
        )
        return Duals(weights, bound)

    def spread(self, weights: list[int]) -> list[int]:
        """Return weights of all types from those of the types that some panel holds."""
        result = [0] * len(self.system.counts)
        for kind, weight in zip(self.kinds, weights, strict=True):
            result[kind] = weight
        return result

    def gain(self, weights: list[int], panel: Integers) -> int:
        """Return by how much a panel's weight exceeds that of each panel known."""
        vector = np.array(weights, dtype=object)
        most = max(int(weight) for weight in np.array(list(self.known.values())) @ vector)
        return int(panel[self.kinds] @ vector) - most

    def value(self, duals: Duals, bound: Fraction) -> Fraction:
        """Return the chance that a level cannot exceed if no panel's weight exceeds ``bound``."""
        return bound - sum(
            (
                duals.weights[place] * int(self.counts[place]) * chance
                for place, chance in self.settled.items()
            ),
            Fraction(0),
        )


@dataclass(frozen=True, eq=False)
class Level:
    """The value of a level, what it cannot exceed, the weights of types, and whether value and bound meet."""

    value: Fraction
    ceiling: Fraction
    weights: list[Fraction]
    proved: bool


def solve_level(program: PanelProgram, panels: list[Integers], pricing: Pricing, progress: Progress) -> Level:
    """Solve one level."""
    while True:
        value = Fraction(program.solve())
        progress(len(program.settled), len(program.kinds), "pricing")
        rough = np.clip(-program.model.duals[:-1], 0, None)
        weights = np.rint(rough / rough.max() * SCALE).astype(np.int64)
        price = pricing.price(program.spread(weights.tolist()))
        if program.gain(weights.tolist(), price.panel) > program.size and program.add(price.panel):
            panels.append(price.panel)
            continue
        duals = program.duals()
        exact = duals is not None
        if duals is None:
            duals = program.rounded(rough)
            value = value.limit_denominator(NEAR)
        else:
            value = program.value(duals, duals.bound)
        scale = common_denominator(duals.weights)
        error = 0
        if scale * max(duals.weights) > pricing.largest:
            scale, error = max(1, int(pricing.largest / max(duals.weights))), program.size
        whole = [int(weight * scale) for weight in duals.weights]
        price = pricing.price(program.spread(whole))
        if program.gain(whole, price.panel) > error and program.add(price.panel):
            panels.append(price.panel)
            continue
        ceiling = program.value(duals, Fraction(price.bound + error, scale))
        return Level(value, ceiling, duals.weights, exact and value == ceiling)


def hull_levels(
    program: PanelProgram, panels: list[Integers], pricing: Pricing, progress: Progress
) -> tuple[tuple[Fraction, ...], Level]:
    """Settle chances level by level, generating the panels that each level needs.

    The method of Flanigan et al. (Nature 596, 2021, SI section 5) over types instead of people: a level is a
    linear program over the panels known; its exact dual prices panels; when no panel is worth more than those
    known, the types of positive weight are settled at the level's value.

    Parameters
    ----------
    program : PanelProgram
        With panels in which every type is seen that a panel can hold.
    panels : list of ndarray
        Takes the panels that are found.
    pricing : Pricing
    progress : callable
    """
    kinds = program.kinds
    levels: list[Level] = []
    while len(program.settled) < len(kinds):
        progress(len(program.settled), len(kinds), "levels")
        level = solve_level(program, panels, pricing, progress)
        levels.append(level)
        for place in range(len(kinds)):
            if place not in program.settled and level.weights[place] > 0:
                program.settle(place, level.value)
    chances = [Fraction(0)] * len(program.system.counts)
    for place, chance in program.settled.items():
        chances[kinds[place]] = chance
    return tuple(chances), levels[0]
