"""From a mixture of type counts to panels of people with whole numbers of tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import numpy as np

from sortition.lottery import Panel
from sortition.pool import Types
from sortition.system import Floats, Integers

SWAPS = 400
IMPROVES = -1e-9


def share(
    columns: Integers, weights: Floats, chances: tuple[Fraction, ...], types: Types, tickets: int
) -> tuple[Panel, ...]:
    """Write a mixture of columns as panels of people.

    Parameters
    ----------
    columns : ndarray of int, shape (columns, types)
        Members of each type.
    weights : ndarray of float, shape (columns,)
        Probability of each column.
    chances : tuple of Fraction, one for each type
        The exact chances, which the rounding tries to keep.
    types : Types
        The people of each type.
    tickets : int
        Tickets to share out.

    Returns
    -------
    tuple of Panel
        Each once, ordered by members; their tickets sum to ``tickets``. People of one type differ by at most
        one ticket.
    """
    order = np.lexsort(columns.T[::-1])
    columns, weights = columns[order], weights[order]
    shares = _whole_tickets(columns, weights, chances, types.counts, tickets)
    held = np.nonzero(shares)[0]
    # Long columns first: the short ones are left to even out what remains.
    held = held[np.argsort(-shares[held], kind="stable")]
    return _people(columns[held], shares[held].tolist(), types)


def _whole_tickets(
    columns: Integers, weights: Floats, chances: tuple[Fraction, ...], counts: Integers, tickets: int
) -> Integers:
    """Round the weights so that the chances of people move little.

    Everybody's part of the weights is rounded down, the tickets left over go one by one where the sum of the
    squared errors of people's chances becomes least, and then tickets move from column to column as long as
    that sum falls. Ties go to the first column in lexicographic order.
    """
    per_person = columns / counts
    wanted = np.array([float(chance * tickets) for chance in chances])
    shares = np.floor(np.clip(weights, 0, None) * tickets + 1e-6).astype(np.int64)
    errors = shares @ per_person - wanted
    people = per_person * counts
    products = people @ per_person.T
    squares = np.diag(products).copy()
    slopes = people @ errors
    for _ in range(tickets - int(shares.sum())):
        best = int(np.argmin(2 * slopes + squares))
        shares[best] += 1
        slopes += products[best]
    for _ in range(int(shares.sum()) - tickets):
        best = int(np.argmin(np.where(shares > 0, squares - 2 * slopes, np.inf)))
        shares[best] -= 1
        slopes -= products[best]
    for _ in range(SWAPS):
        giving = np.where(shares > 0, squares - 2 * slopes, np.inf)
        change = giving[:, None] + (2 * slopes + squares)[None, :] - 2 * products
        giver, taker = divmod(int(np.argmin(change)), len(shares))
        if change[giver, taker] >= IMPROVES:
            break
        shares[giver] -= 1
        shares[taker] += 1
        slopes += products[taker] - products[giver]
    return shares


@dataclass
class _Schedule:
    """Who of one type is on the panel, as the tickets of the columns go by.

    The people of the type are to hold nearly equal numbers of tickets. This is open-shop scheduling with
    preemption: the people with most tickets still to come go first, and stay as long as the others can
    still be served (the Gale-Ryser condition), so that there are few changes and thus few panels.
    """

    left: list[int]
    room: list[int]

    @classmethod
    def of(cls, numbers: list[int], shares: list[int], people: int) -> _Schedule:
        """Share the tickets of all columns among the people."""
        each, more = divmod(
            sum(number * share for number, share in zip(numbers, shares, strict=True)), people
        )
        room = [
            sum(share * min(number, top) for number, share in zip(numbers, shares, strict=True))
            for top in range(1, people + 1)
        ]
        return cls([each + (place < more) for place in range(people)], room)

    def serve(self, number: int, share: int) -> Iterator[tuple[int, list[int]]]:
        """Yield durations, and who is on the panel for each, for one column."""
        while share:
            ranking = sorted(range(len(self.left)), key=lambda place: -self.left[place])
            chosen = sorted(ranking[:number])
            least, most = 1, share
            if not self._possible(chosen, number, most):
                while most - least > 1:
                    middle = (least + most) // 2
                    if self._possible(chosen, number, middle):
                        least = middle
                    else:
                        most = middle
                most = least
            for place in chosen:
                self.left[place] -= most
            self.room = [room - most * min(number, top) for top, room in enumerate(self.room, start=1)]
            share -= most
            yield most, chosen

    def _possible(self, chosen: list[int], number: int, time: int) -> bool:
        left = self.left.copy()
        for place in chosen:
            left[place] -= time
        left.sort(reverse=True)
        return left[-1] >= 0 and all(
            needed <= room - time * min(number, top)
            for top, (needed, room) in enumerate(zip(accumulate(left), self.room, strict=True), start=1)
        )


def _people(columns: Integers, shares: list[int], types: Types) -> tuple[Panel, ...]:
    """Choose the people of each column."""
    schedules = [
        _Schedule.of(columns[:, kind].tolist(), shares, len(members))
        for kind, members in enumerate(types.members)
    ]
    tickets_of: dict[tuple[int, ...], int] = {}
    for column, share in zip(columns, shares, strict=True):
        always: list[int] = []
        changes: dict[int, list[tuple[int, list[int]]]] = {}
        for kind in np.nonzero(column)[0].tolist():
            members = types.members[kind]
            if column[kind] == len(members):
                always += members
            served = list(schedules[kind].serve(int(column[kind]), share))
            if column[kind] == len(members):
                continue
            start = 0
            for duration, chosen in served:
                changes.setdefault(start, []).append((kind, [members[place] for place in chosen]))
                start += duration
        current: dict[int, list[int]] = {}
        starts = sorted(changes) or [0]
        for start, end in zip(starts, [*starts[1:], share], strict=True):
            current.update(changes.get(start, []))
            panel = tuple(sorted([*always, *(person for people in current.values() for person in people)]))
            tickets_of[panel] = tickets_of.get(panel, 0) + end - start
    return tuple(Panel(tickets_of[members], members) for members in sorted(tickets_of))
