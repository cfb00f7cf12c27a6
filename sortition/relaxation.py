"""The leximin vector of a polytope of type counts, exact and with its proof."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.exact import solve
from sortition.highs import Model
from sortition.progress import Progress
from sortition.system import System

LOWER, BASIC = 0, 1
NEAR = 1_000_000


@dataclass(frozen=True)
class Target:
    """The chances that a rule would give if every point of the polytope were a mixture of panels.

    Attributes
    ----------
    chances : tuple of Fraction, one for each type
        The chance of one person of the type.
    bound : Fraction
        The smallest of these chances, which no lottery can exceed if ``proved``.
    proved : bool
        Whether exact duals show each level to be the best one.
    """

    chances: tuple[Fraction, ...]
    bound: Fraction
    proved: bool


def leximin_target(system: System, progress: Progress) -> Target | None:
    """Return the leximin vector of the linear relaxation, or ``None`` if that is empty.

    Each level maximises the smallest chance ``z`` of the people whose chance is not settled; a type whose
    reduced cost is positive in the exact dual has the chance ``z`` in every optimum, and is settled there
    (Flanigan et al., "Fair algorithms for selecting citizens' assemblies", Nature 596, 2021, SI section 5;
    here over types, and with duals in whole numbers instead of a tolerance). Types that no panel of the
    system may hold have the chance 0 and take no part.
    """
    settled: dict[int, Fraction] = {int(kind): Fraction(0) for kind in np.nonzero(system.most == 0)[0]}
    total = len(system.counts)
    proved = True
    levels: list[Fraction] = []
    while len(settled) < total:
        progress(len(settled), total, "levels")
        level = _level(system, settled)
        if level is None:
            return None
        value, kinds, certain = level
        proved &= certain and (not levels or value >= levels[-1])
        levels.append(value)
        settled.update(dict.fromkeys(kinds, value))
    chances = tuple(settled[kind] for kind in range(total))
    return Target(chances, levels[0] if levels else Fraction(0), proved and _fits(system, chances))


def _level(system: System, settled: dict[int, Fraction]) -> tuple[Fraction, list[int], bool] | None:
    """Maximise the smallest chance not settled: its value, who has it, and whether that is proved."""
    program = RelaxedProgram(system, settled)
    if not program.model.solve():
        return None
    proof = program.proof()
    if proof is not None:
        return proof.value, [kind for kind, weight in proof.weights.items() if weight > 0], True
    value = Fraction(program.model.value).limit_denominator(NEAR)
    reduced = -program.model.reduced_costs[1:]
    kinds = [kind for kind, cost in zip(program.open, reduced, strict=True) if cost > 1 / NEAR]
    return value, kinds or program.open, False


@dataclass(frozen=True)
class LevelProof:
    """An exact dual of a level, which shows that no point of the polytope has a higher one.

    Attributes
    ----------
    value : Fraction
        The level.
    multipliers : dict from int to Fraction
        Multiplier of each row of the system, negative where the row's lower bound pulls.
    weights : dict from int to Fraction
        The part of each open type in the level; those of the counted types sum to 1.
    """

    value: Fraction
    multipliers: dict[int, Fraction]
    weights: dict[int, Fraction]


class RelaxedProgram:
    """The linear program of one level, over ``z`` and what each open type has above it.

    Types in ``uncounted`` may have any chance, whatever the level is.
    """

    def __init__(
        self, system: System, settled: dict[int, Fraction], uncounted: frozenset[int] = frozenset()
    ) -> None:
        total = len(system.counts)
        self.open = [kind for kind in range(total) if kind not in settled]
        self.counted = np.array([kind not in uncounted for kind in self.open], dtype=np.int64)
        bounded = [
            kind for kind in self.open if system.least[kind] > 0 or system.most[kind] < system.counts[kind]
        ]
        unit = np.eye(total, dtype=np.int64)[bounded]
        rows = np.vstack([system.rows, unit])
        people = rows * system.counts
        given = np.array([settled.get(kind, Fraction(0)) for kind in range(total)], dtype=object)
        fixed = [kind for kind in settled if settled[kind]]
        constant = [
            sum((int(people[row, kind]) * given[kind] for kind in fixed), Fraction(0))
            for row in range(len(rows))
        ]
        self.people = people[:, self.open]
        self.lower = self._less(np.concatenate([system.lower, system.least[bounded]]), constant)
        self.upper = self._less(np.concatenate([system.upper, system.most[bounded]]), constant)
        height, width = self.people.shape
        matrix = np.zeros((height + width, width + 1))
        matrix[:height, 0] = self.people @ self.counted
        matrix[:height, 1:] = self.people
        matrix[height:, 0] = self.counted
        matrix[height:, 1:] = np.eye(width)
        self.model = Model(
            matrix,
            np.array([*map(float, self.lower), *[-np.inf] * width]),
            np.array([*map(float, self.upper), *[1.0] * width]),
            np.zeros(width + 1),
            np.full(width + 1, np.inf),
        )
        objective = np.zeros(width + 1)
        objective[0] = 1
        self.model.aim(objective)

    @staticmethod
    def _less(bounds: np.ndarray[tuple[int], np.dtype[np.int64]], constant: list[Fraction]) -> list[Fraction]:
        return [int(bound) - part for bound, part in zip(bounds, constant, strict=True)]

    def proof(self) -> LevelProof | None:
        """Solve the dual of the optimal basis exactly.

        Returns ``None`` where the basis is not exactly optimal. Each row that stands at a bound has a
        multiplier; a cap ``z + q <= 1`` whose type is basic has the one that makes the type's reduced cost
        nought, so that only the rows of the quotas are left to solve for.
        """
        basis = self.model.basis
        height = len(self.lower)
        tight = [row for row in range(height) if basis.rows[row] != BASIC]
        capped = [place for place in range(len(self.open)) if basis.rows[height + place] != BASIC]
        basic = [place for place in range(len(self.open)) if basis.columns[1 + place] == BASIC]
        full = [place for place in capped if place not in set(basic)]
        core = [place for place in basic if place not in set(capped)]
        people = self.people[tight]
        in_level = self.counted.copy()
        in_level[[place for place in capped if place not in set(full)]] = 0
        slack = people @ in_level
        equations = [[*people[:, place].tolist(), *[0] * len(full)] for place in core]
        equations.append([*slack.tolist(), *self.counted[full].tolist()])
        square = len(equations) == len(tight) + len(full)
        solved = solve(equations, [*[0] * len(core), 1]) if square else None
        if solved is None:
            return None
        multipliers = np.array(solved[: len(tight)], dtype=object)
        costs = multipliers @ people.astype(object) if tight else np.zeros(len(self.open), dtype=object)
        caps = dict.fromkeys(capped, Fraction(0))
        caps |= {place: -costs[place] for place in capped if place in set(basic)}
        caps |= dict(zip(full, solved[len(tight) :], strict=True))
        low = [basis.rows[row] == LOWER for row in tight]
        bounds = [self.lower[row] if at else self.upper[row] for row, at in zip(tight, low, strict=True)]
        value = sum(caps.values(), Fraction(0)) + sum(map(operator.mul, multipliers, bounds), Fraction(0))
        # A row at its lower bound pulls one way and one at its upper bound the other; an equation pulls both.
        pulls = [
            -multiplier if at else multiplier
            for row, at, multiplier in zip(tight, low, multipliers, strict=True)
            if self.lower[row] != self.upper[row]
        ]
        reduced = [costs[place] + caps.get(place, 0) for place in range(len(self.open))]
        if min([*pulls, *caps.values(), *reduced]) < 0:
            return None
        return LevelProof(
            value, dict(zip(tight, multipliers, strict=True)), dict(zip(self.open, reduced, strict=True))
        )


def _fits(system: System, chances: tuple[Fraction, ...]) -> bool:
    """Return whether chances are a point of the polytope."""
    expected = np.array(chances, dtype=object) * system.counts
    sums = system.rows.astype(object) @ expected
    return bool(
        (sums >= system.lower).all()
        and (sums <= system.upper).all()
        and (expected >= system.least).all()
        and (expected <= system.most).all()
    )
