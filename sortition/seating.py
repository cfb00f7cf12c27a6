"""Seating at tables: several rounds in which each table mirrors the whole and people meet new people."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from sortition.errors import BadGroups
from sortition.pool import Pool
from sortition.stream import Stream, shuffled
from sortition.system import Integers, holders

FORMAT = "assemblee-seating-1"
SWEEPS = 60


@dataclass(frozen=True)
class Seating:
    """Tables of each round, and how good they are.

    Attributes
    ----------
    rounds : tuple of tuples of tuples of str
        Ids of the people at each table of each round, in the order of the pool.
    deviation : int
        The sum over rounds, tables and values of what lies outside floor and ceiling of the table's share.
    repeated : int
        Meetings of pairs who had met before.
    unavoidable : int
        Meetings beyond the number of pairs there are: no seating repeats fewer.
    """

    rounds: tuple[tuple[tuple[str, ...], ...], ...]
    deviation: int
    repeated: int
    unavoidable: int

    def to_document(self) -> dict[str, object]:
        """Return the JSON object that ``python -m sortition seat`` writes."""
        return {
            "format": FORMAT,
            "rounds": [[list(table) for table in tables] for tables in self.rounds],
            "deviation": self.deviation,
            "repeated": self.repeated,
            "unavoidable": self.unavoidable,
        }


def seat(pool: Pool, tables: int, rounds: int, seed: bytes) -> Seating:
    """Seat people at tables, for several rounds.

    Sizes of tables differ by at most one. Each table holds floor or ceiling of ``size * c / people`` of each
    value where that was found, and then pairs meet again as seldom as was found: a local search, which proves
    neither. No seating repeats fewer meetings than ``rounds`` times the pairs of a round, less all pairs.

    Parameters
    ----------
    pool : Pool
    tables : int
        From 1 to the number of people.
    rounds : int
        At least 1.
    seed : bytes
        32 bytes; the stream is labelled ``seating/`` and the number of the round, from 1.

    Raises
    ------
    BadGroups
        If tables or rounds are out of range.
    BadSeed
        If the seed is not 32 bytes.
    """
    people = len(pool.people)
    for what, number, most in (("tables", tables, people), ("rounds", rounds, None)):
        if type(number) is not int or number < 1 or (most is not None and number > most):
            raise BadGroups(what=what, found=number, least=1, most=most)
    hall = _Hall(pool, tables)
    met = np.zeros((people, people), dtype=np.int64)
    seated = []
    deviation = repeated = 0
    for turn in range(1, rounds + 1):
        stream = Stream(seed, f"seating/{turn}")
        seats, outside = hall.search(met, stream)
        together = (seats[:, None] == seats[None, :]) & ~np.eye(people, dtype=bool)
        repeated += int((together & (met > 0)).sum()) // 2
        met += together
        deviation += outside
        seated.append(
            tuple(
                tuple(pool.people[place] for place in np.nonzero(seats == table)[0])
                for table in range(tables)
            )
        )
    meetings = rounds * sum(comb(size, 2) for size in hall.sizes.tolist())
    return Seating(tuple(seated), deviation, repeated, max(0, meetings - comb(people, 2)))


class _Hall:
    """The tables, what each should hold, and the round that is being looked for."""

    def __init__(self, pool: Pool, tables: int) -> None:
        people = len(pool.people)
        least, more = divmod(people, tables)
        self.sizes = np.array([least + (table < more) for table in range(tables)], dtype=np.int64)
        self.traits = holders(pool.traits, pool.values).T
        shares = np.outer(self.sizes, self.traits.sum(axis=0))
        self.floors, self.ceilings = shares // people, -(-shares // people)
        self.alike = np.lexsort(pool.traits.T[::-1]) if pool.categories else np.arange(people)

    def search(self, met: Integers, stream: Stream) -> tuple[Integers, int]:
        """Return who sits where in the next round, and its deviation.

        People change places as long as that does no harm; what has been best on the way is kept. One unit of
        deviation weighs as much as a few meetings at first, so that the search does not end in the first
        round that mirrors, and more later.
        """
        self.seats = self._dealt(stream)
        at = self.seats[:, None] == np.arange(len(self.sizes))
        self.held = at.T.astype(np.int64) @ self.traits
        self.meetings = met @ at
        best = (*self._quality(), self.seats.copy())
        for sweep in range(SWEEPS):
            if best[:2] == (0, 0):
                break
            weight = max(1, int(met.max())) * (1 + 4 * sweep // SWEEPS)
            for person in shuffled(len(self.seats), stream):
                self._swap(person, met, weight, stream)
            best = min(best, (*self._quality(), self.seats.copy()), key=lambda one: one[:2])
        return best[2], best[0]

    def _quality(self) -> tuple[int, int]:
        """Return the deviation, and twice the meetings with those met before, each earlier one counted."""
        outside = self._outside(self.held, np.arange(len(self.sizes)))
        return int(outside.sum()), int(self.meetings[np.arange(len(self.seats)), self.seats].sum())

    def _dealt(self, stream: Stream) -> Integers:
        """Deal the people, alike beside alike, to the tables in turn, each hand in a random order."""
        turned = np.roll(self.alike, stream.below(len(self.alike)))
        seats = np.empty(len(turned), dtype=np.int64)
        for start in range(0, len(turned), len(self.sizes)):
            hand = turned[start : start + len(self.sizes)]
            seats[hand] = shuffled(len(hand), stream)
        return seats

    def _swap(self, person: int, met: Integers, weight: int, stream: Stream) -> None:
        """Let somebody change places with one of those with whom it helps most, unless it does harm."""
        seats, held, meetings = self.seats, self.held, self.meetings
        own = int(seats[person])
        others = np.nonzero(seats != own)[0]
        if not len(others):
            return
        there = seats[others]
        change = self.traits[others] - self.traits[person]
        before = self._outside(held, np.arange(len(held)))
        outside = self._outside(held[own] + change, own) + self._outside(held[there] - change, there)
        again = (
            meetings[person, there] - meetings[person, own] + meetings[others, own] - meetings[others, there]
        )
        cost = (outside - before[own] - before[there]) * weight + again - 2 * met[others, person]
        ties = np.nonzero(cost == cost.min())[0]
        place = int(ties[stream.below(len(ties))])
        if cost[place] > 0:
            return
        other, table = int(others[place]), int(there[place])
        held[own] += change[place]
        held[table] -= change[place]
        meetings[:, own] += met[:, other] - met[:, person]
        meetings[:, table] -= met[:, other] - met[:, person]
        seats[person], seats[other] = table, own

    def _outside(self, held: Integers, tables: Integers | int) -> Integers:
        """Return what lies outside floor and ceiling at each of some tables."""
        floors, ceilings = self.floors[tables], self.ceilings[tables]
        outside: Integers = (np.maximum(floors - held, 0) + np.maximum(held - ceilings, 0)).sum(axis=1)
        return outside
