"""Rosters: how many members of each type sit in each of several successive groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sortition.pool import Pool
from sortition.system import Integers, System, holders


@dataclass(frozen=True, eq=False)
class Rosters:
    """The rosters of a parent body: whole matrices, shape (groups, types), within what ``system`` says.

    Attributes
    ----------
    pool : Pool
        The members of the parent body.
    groups, size : int
        Number of groups, and members of each.
    cumulative : bool
        Whether the first t groups together stay within the floor and the ceiling of their share, for each t.
    allowance : int or None
        The sum over groups and values of what may lie outside floor and ceiling; ``None`` for nothing.
    """

    pool: Pool
    groups: int
    size: int
    cumulative: bool = False
    allowance: int | None = None

    @cached_property
    def cells(self) -> Integers:
        """Whether a type holds a value, shape (values of all categories, types)."""
        return holders(self.pool.types.traits, self.pool.values)

    @cached_property
    def least(self) -> Integers:
        """How often the people of each type serve together if nobody serves the extra time."""
        times = self.groups * self.size // len(self.pool.people)
        return times * self.pool.types.counts

    @cached_property
    def most(self) -> Integers:
        """How often the people of each type serve together if everybody serves the extra time."""
        return self.least + self.pool.types.counts

    @property
    def extras(self) -> int:
        """How many people serve the extra time."""
        return self.groups * self.size % len(self.pool.people)

    @cached_property
    def floors(self) -> Integers:
        """Least members of each value in the first t groups, shape (groups, values), from t = 1."""
        return self._shares // len(self.pool.people)

    @cached_property
    def ceilings(self) -> Integers:
        """Most members of each value in the first t groups, shape (groups, values), from t = 1."""
        return -(-self._shares // len(self.pool.people))

    @cached_property
    def _shares(self) -> Integers:
        """What the first t groups would hold of each value if people could be divided, times the people."""
        held = self.cells @ self.pool.types.counts
        return np.outer(np.arange(1, self.groups + 1) * self.size, held)

    def served_more(self, roster: Integers) -> Integers:
        """Return how many people of each type serve the extra time."""
        found: Integers = roster.sum(axis=0) - self.least
        return found

    def deviation(self, roster: Integers) -> int:
        """Return the sum over groups and values of what lies outside floor and ceiling."""
        return sum(int(part.sum()) for part in self._outside(roster))

    def _outside(self, roster: Integers) -> tuple[Integers, Integers]:
        """Return what each group lacks and what it has too many of, for each value."""
        held = roster @ self.cells.T
        return np.maximum(self.floors[0] - held, 0), np.maximum(held - self.ceilings[0], 0)

    def keeps_pace(self, roster: Integers) -> bool:
        """Return whether all first t groups stay within the floor and the ceiling of their share."""
        held = np.cumsum(roster @ self.cells.T, axis=0)
        return bool((held >= self.floors).all() and (held <= self.ceilings).all())

    @cached_property
    def system(self) -> System:
        """The rosters as one system of rows: groups one after the other, then what lies below and above."""
        groups, types, height = self.groups, len(self.least), len(self.cells)
        width = groups * types
        slack = 0 if self.allowance is None else 2 * groups * height
        each = np.eye(groups, dtype=np.int64)
        first = np.tril(np.ones((groups, groups), dtype=np.int64))[1:] if self.cumulative else each[:0]
        held = np.kron(each, self.cells)
        blocks = [
            np.kron(each, np.ones(types, dtype=np.int64)),
            np.tile(np.eye(types, dtype=np.int64), groups),
            held,
            np.kron(first, self.cells),
        ]
        rows = np.zeros((sum(map(len, blocks)) + bool(slack), width + slack), dtype=np.int64)
        rows[: sum(map(len, blocks)), :width] = np.vstack(blocks)
        lower = [np.full(groups, self.size), self.least, np.tile(self.floors[0], groups)]
        upper = [np.full(groups, self.size), self.most, np.tile(self.ceilings[0], groups)]
        if self.cumulative:
            lower.append(self.floors[1:].ravel())
            upper.append(self.ceilings[1:].ravel())
        if slack:
            below = np.eye(groups * height, dtype=np.int64)
            rows[groups + types : groups + types + len(held), width:] = np.hstack([below, -below])
            rows[-1, width:] = 1
            lower.append(np.zeros(1, dtype=np.int64))
            upper.append(np.array([self.allowance]))
        most = np.concatenate(
            [
                np.tile(np.minimum(self.pool.types.counts, self.size), groups),
                np.full(slack, self.size, dtype=np.int64),
            ]
        )
        return System(rows, np.concatenate(lower), np.concatenate(upper), most, np.zeros_like(most), most)

    def read(self, column: Integers) -> Integers:
        """Return the roster that a solution of the system holds."""
        types = len(self.least)
        return column[: self.groups * types].reshape(self.groups, types)

    def column(self, roster: Integers) -> Integers:
        """Return the solution of the system that `read` reads as this roster."""
        if self.allowance is None:
            return roster.ravel()
        return np.concatenate([roster.ravel(), *(part.ravel() for part in self._outside(roster))])

    def spread(self, weights: list[int]) -> list[int]:
        """Return the weights of the columns of the system from those of the types."""
        slack = len(self.system.most) - self.groups * len(weights)
        return weights * self.groups + [0] * slack

    def totals(self, extra: Integers) -> dict[int, int]:
        """Return the rows of the system that say how often each type serves, for these extra times."""
        return dict(enumerate((self.least + extra).tolist(), start=self.groups))

    def neighbours(self, roster: Integers) -> Iterator[Integers]:
        """Yield the rosters within floor and ceiling that differ in one member of one group.

        Whoever leaves serves less often in all, whoever joins more often; each such pair of types once. All
        groups together keep to floor and ceiling too, without which the cumulative rows could not be kept.
        """
        total, counts = roster.sum(axis=0), self.pool.types.counts
        held = roster @ self.cells.T
        whole = held.sum(axis=0)
        seen: set[tuple[int, int]] = set()
        for group, members in enumerate(roster):
            leaving = np.nonzero((members > 0) & (total > self.least))[0]
            joining = np.nonzero((members < counts) & (total < self.most))[0]
            gone, come = self.cells[:, leaving].T, self.cells[:, joining].T
            # A value must not stand at its bound where one has it and the other has not.
            lowest = ((held[group] <= self.floors[0]) | (whole <= self.floors[-1])).astype(np.int64)
            highest = ((held[group] >= self.ceilings[0]) | (whole >= self.ceilings[-1])).astype(np.int64)
            broken = (gone * lowest) @ (1 - come).T + (1 - gone) @ (come * highest).T
            for one, other in np.argwhere(broken == 0).tolist():
                pair = int(leaving[one]), int(joining[other])
                if pair not in seen:
                    seen.add(pair)
                    changed = roster.copy()
                    changed[group, pair[0]] -= 1
                    changed[group, pair[1]] += 1
                    yield changed
