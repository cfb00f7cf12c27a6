"""A lottery of unions that gives everyone the same chance of serving the extra time, or nearly so."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.decompose import decompose
from sortition.errors import SolverStopped
from sortition.exact import common_denominator, solve
from sortition.highs import Model
from sortition.pricing import Child
from sortition.progress import Progress
from sortition.roster import Rosters
from sortition.system import Floats, Integers, System
from sortition.vacancies import mirrored

BASIC = 1
SCALE = 10**6
FINENESS = 2**40
QUICK = 1.0
OFTEN = 8
PATIENCE = 6
SOUND = 1e-9


@dataclass(frozen=True, eq=False)
class Even:
    """Unions with probabilities that sum to 1, the chances of the types, and how even they are.

    A union says how many people of each type serve the extra time. ``bound`` is what no spread is below.
    """

    unions: list[Integers]
    weights: list[Fraction]
    chances: list[Fraction]
    bound: Fraction

    @property
    def spread(self) -> Fraction:
        """The largest chance less the smallest."""
        return max(self.chances) - min(self.chances)


class Evenness:
    """The linear program that makes ``most - least`` smallest, over the unions known so far.

    Columns are the largest chance, the smallest chance and a probability for each union; rows say for each
    type that its chance is not below the smallest and not above the largest, and that probabilities sum to 1.
    """

    def __init__(self, counts: Integers) -> None:
        self.counts = counts
        self.known: dict[bytes, Integers] = {}
        height = len(self.counts)
        self.matrix = np.zeros((2 * height + 1, 2), dtype=np.int64)
        self.matrix[:height, 1] = -self.counts
        self.matrix[height:-1, 0] = -self.counts
        nothing, endless = np.zeros(height), np.full(height, np.inf)
        self.model = Model(
            self.matrix,
            np.concatenate([nothing, -endless, [1]]),
            np.concatenate([endless, nothing, [1]]),
            np.zeros(2),
            np.ones(2),
        )

    def add(self, unions: Iterable[Integers]) -> bool:
        """Take unions in, and return whether any was new."""
        new = {union.tobytes(): union for union in unions if union.tobytes() not in self.known}
        if new:
            self.known |= new
            extra = np.array(list(new.values()), dtype=np.int64).T
            columns = np.vstack([extra, extra, np.ones((1, len(new)), dtype=np.int64)])
            self.matrix = np.hstack([self.matrix, columns])
            self.model.add_columns(columns)
        return bool(new)

    def solve(self) -> float:
        """Return the smallest spread that the unions known can give."""
        self.model.aim(np.concatenate([[-1.0, 1.0], np.zeros(len(self.known))]))
        self.model.solve()
        return -self.model.value

    @property
    def pull(self) -> Floats:
        """The weight of each type by which a union would make the chances more even."""
        height = len(self.counts)
        duals = self.model.duals
        pull: Floats = -duals[:height] - duals[height:-1]
        return pull

    def exact(self) -> tuple[list[Fraction], list[Fraction]]:
        """Return the probabilities and the weights of the types of the optimal basis, as fractions.

        Where the basis does not hold exactly, they are those of the solver, rounded.
        """
        basis = self.model.basis
        tight = np.nonzero(basis.rows != BASIC)[0]
        basic = np.nonzero(basis.columns == BASIC)[0]
        height, width = len(self.counts), len(self.known)
        square = self.matrix[np.ix_(tight, basic)]
        right = [int(row == 2 * height) for row in tight]
        aims = [int(column == 1) - int(column == 0) for column in basic]
        values = solve(square, right) if len(tight) == len(basic) else None
        duals = solve(square.T, aims) if values is not None else None
        if values is None or duals is None or min(values) < 0:
            rough = [max(0, round(weight * FINENESS)) for weight in self.model.solution[2:]]
            return [Fraction(part, sum(rough)) for part in rough], [
                Fraction(round(pull * SCALE), SCALE) for pull in self.pull
            ]
        weights = [Fraction(0)] * (width + 2)
        for column, value in zip(basic, values, strict=True):
            weights[column] = value
        pull = [Fraction(0)] * height
        for row, dual in zip(tight, duals, strict=True):
            if row < 2 * height:
                pull[row % height] -= dual
        return weights[2:], pull

    def outcome(self, weights: list[Fraction], bound: Fraction) -> Even:
        """Return the lottery that gives the unions these probabilities."""
        kept = [(union, weight) for union, weight in zip(self.known.values(), weights, strict=True) if weight]
        unions, chosen = [union for union, _ in kept], [weight for _, weight in kept]
        sums = np.array(chosen, dtype=object) @ np.array(unions)
        chances = [Fraction(total) / int(count) for total, count in zip(sums, self.counts, strict=True)]
        return Even(unions, chosen, chances, bound)

    def bound(self, weights: list[int], most: int, extra: int) -> Fraction:
        """Return what no spread is below if no union of ``extra`` people weighs more than ``most``.

        Since unions are equally large, weights may be shifted until they sum to nought over the people; then
        the spread times the sum of the positive ones is at least what the heaviest union lacks.
        """
        counts = self.counts.tolist()
        middle = Fraction(sum(map(operator.mul, weights, counts)), sum(counts))
        mass = sum(
            max(weight - middle, Fraction(0)) * count for weight, count in zip(weights, counts, strict=True)
        )
        return max((middle * extra - most) / mass, Fraction(0)) if mass else Fraction(0)


def equal(rosters: Rosters, child: Child, progress: Progress) -> tuple[Even | None, dict[bytes, Integers]]:
    """Look for a lottery that gives everyone the same chance, and split each of its unions into groups.

    The unions are found as the panels of a draw whose quotas are the floor and the ceiling of the parent's
    shares. Nothing says that such a union can be split into groups, so that CP-SAT does it for each.

    Parameters
    ----------
    rosters : Rosters
    child : Child
        Over ``rosters.system``.
    progress : callable

    Returns
    -------
    Even or None
        ``None`` where these unions are not enough.
    dict from bytes to ndarray
        A roster for each union that could be split.
    """
    pool, extra = rosters.pool, rosters.extras
    unions = [np.zeros_like(rosters.least)]
    if extra:
        unions = []
        system = System.of(pool, mirrored(pool, extra), extra)
        chance = Fraction(extra, len(pool.people))
        decompose(system, (chance,) * len(rosters.least), unions, progress)
    split: dict[bytes, Integers] = {}
    program = Evenness(pool.types.counts)
    patience = PATIENCE
    for done, union in enumerate(unions, start=1):
        progress(done, len(unions), "groups")
        roster = divide(rosters, union, child)
        if roster is None:
            patience -= 1
            if not patience:
                break
        else:
            program.add(_with_neighbours(rosters, roster, split))
        if program.known and (done % OFTEN == 0 or done == len(unions)) and program.solve() < SOUND:
            even = program.outcome(program.exact()[0], Fraction(0))
            if not even.spread:
                return even, split
    return None, split


def _with_neighbours(rosters: Rosters, roster: Integers, split: dict[bytes, Integers]) -> list[Integers]:
    """Enter a roster and those one member away from it, and return their unions."""
    near = [roster, *(rosters.neighbours(roster) if rosters.allowance is None else ())]
    unions = [rosters.served_more(one) for one in near]
    for union, one in zip(unions, near, strict=True):
        split.setdefault(union.tobytes(), one)
    return unions


def divide(rosters: Rosters, union: Integers, child: Child) -> Integers | None:
    """Split a union into groups, or return ``None`` where that is impossible or takes too long."""
    try:
        price = child.find([0] * len(rosters.system.most), totals=rosters.totals(union), effort=QUICK)
    except SolverStopped:
        return None
    return None if price is None else rosters.read(price.panel)


def most_even(rosters: Rosters, split: dict[bytes, Integers], child: Child, progress: Progress) -> Even:
    """Return the lottery whose chances of serving the extra time are the most even, and prove it.

    Column generation over all rosters: the exact dual of the program over the unions known prices whole
    rosters with CP-SAT, which gives another union or the bound.

    Parameters
    ----------
    rosters : Rosters
    split : dict from bytes to ndarray
        Rosters to start from, at least one, by their extra times; takes those that are found.
    child : Child
        Over ``rosters.system``.
    progress : callable
    """
    program = Evenness(rosters.pool.types.counts)
    program.add(rosters.served_more(roster) for roster in split.values())
    bound = Fraction(0)
    while True:
        progress(len(program.known), len(program.known) + 1, "evenness")
        program.solve()
        weights, pull = program.exact()
        even = program.outcome(weights, bound)
        heaviest = max(map(abs, pull))
        if even.spread <= bound or not heaviest:
            return even
        scale = min(common_denominator(pull), int(child.largest / heaviest))
        whole = [round(weight * scale) for weight in pull]
        given = sum(map(operator.mul, whole, rosters.least.tolist()))
        known = max(
            split.values(), key=lambda roster: int(roster.sum(axis=0) @ np.array(whole, dtype=object))
        )
        for effort in (QUICK, None):
            price = child.price(rosters.spread(whole), effort=effort, known=rosters.column(known))
            bound = max(bound, program.bound(whole, price.bound - given, rosters.extras))
            roster = rosters.read(price.panel)
            if program.add(_with_neighbours(rosters, roster, split)):
                break
        else:
            return program.outcome(weights, bound)
