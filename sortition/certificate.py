"""Why no lottery can do better: a dual solution in whole numbers that anyone can add up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.exact import common_denominator
from sortition.highs import Model
from sortition.pool import Pool
from sortition.quotas import Quotas
from sortition.relaxation import RelaxedProgram
from sortition.system import System

# Multipliers known in floating point only are rounded to this; any multipliers at all give a valid bound.
FINENESS = 10**9


@dataclass(frozen=True)
class Certificate:
    """Multipliers that bound the smallest chance of every lottery within the quotas.

    Attributes
    ----------
    denominator : int
        Of every other number here.
    size : int
        Multiplier g of the size.
    quotas : tuple of (int, int), one for each cell
        Multipliers a of the maximum and b of the minimum, both >= 0.
    weights : tuple of int, one for each person
        y >= 0, which sum to ``denominator``; nought for the excluded.
    """

    denominator: int
    size: int
    quotas: tuple[tuple[int, int], ...]
    weights: tuple[int, ...]

    def bound(self, pool: Pool, quotas: Quotas, size: int) -> Fraction:
        """Return what no lottery gives to everyone who holds a weight.

        By weak duality over ``0 <= x <= 1``, ``sum x = k`` and ``l <= cell sums <= u``: the value is
        ``sum(u a) - sum(l b) + k g + sum_i max(0, y_i - g - sum_cells(a - b))``, over the denominator.
        """
        pulls = [most - least for most, least in self.quotas]
        starts = np.cumsum([0, *map(len, pool.values)])[:-1].tolist()
        total = size * self.size
        for cell, (most, least) in zip(quotas.cells, self.quotas, strict=True):
            total += cell.maximum * most - cell.minimum * least
        for weight, traits in zip(self.weights, pool.traits.tolist(), strict=True):
            pull = sum(pulls[start + value] for start, value in zip(starts, traits, strict=True))
            total += max(0, weight - self.size - pull)
        return Fraction(total, self.denominator)


def certify(pool: Pool, quotas: Quotas, size: int, excluded: Collection[str]) -> Certificate:
    """Return the best certificate that the linear relaxation has.

    Parameters
    ----------
    pool : Pool
    quotas : Quotas
    size : int
        Members of a panel; some panel fits the quotas.
    excluded : collection of str
        Ids of the people whose chance is nought and does not count.
    """
    shut = set(excluded)
    kinds = pool.types.members
    uncounted = frozenset(kind for kind, members in enumerate(kinds) if pool.people[members[0]] in shut)
    program = RelaxedProgram(System.of(pool, quotas, size), {}, uncounted)
    program.model.solve()
    proof = program.proof()
    if proof is not None:
        pulls, parts = proof.multipliers, proof.weights
    else:
        pulls, parts = _rounded(program.model, len(program.lower), uncounted)
    rows = [pulls.get(row, Fraction(0)) for row in range(1 + len(quotas.cells))]
    weights = [Fraction(0)] * len(pool.people)
    for kind, members in enumerate(kinds):
        for person in members:
            weights[person] = Fraction(0) if kind in uncounted else parts[kind] / len(members)
    scale = common_denominator([*rows, *weights])
    whole = [int(pull * scale) for pull in rows]
    return Certificate(
        denominator=scale,
        size=whole[0],
        quotas=tuple((max(pull, 0), max(-pull, 0)) for pull in whole[1:]),
        weights=tuple(int(weight * scale) for weight in weights),
    )


def _rounded(
    model: Model, height: int, uncounted: frozenset[int]
) -> tuple[dict[int, Fraction], dict[int, Fraction]]:
    """Round a dual in floating point, and bring its weights to the sum 1."""
    duals, reduced = model.duals, -model.reduced_costs[1:]
    pulls = {row: Fraction(round(duals[row] * FINENESS), FINENESS) for row in range(height)}
    parts = {
        kind: Fraction(0) if kind in uncounted else Fraction(max(0, round(cost * FINENESS)), FINENESS)
        for kind, cost in enumerate(reduced)
    }
    total = sum(parts.values(), Fraction(0))
    return pulls, {kind: part / total for kind, part in parts.items()}
