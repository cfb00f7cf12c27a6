"""Simple random sampling, for pools without quotas."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import gcd

from sortition.errors import QuotasBind
from sortition.lottery import Lottery, Optimality, Panel
from sortition.pool import Pool
from sortition.progress import Progress
from sortition.quotas import Cell, Quotas
from sortition.rules import rule

PANELS = 1_000


@rule("uniform")
def uniform(pool: Pool, quotas: Quotas, size: int, *, tickets: int, progress: Progress) -> Lottery:
    """Give everybody the chance ``size / people``.

    A lottery lists its panels, so that the sample space of simple random sampling is represented by a
    balanced family: in each round the people are put in an order that SHA-256 gives, laid on a circle, and
    cut into successive panels until the circle closes at a panel's end; every person is then in equally many
    panels. Rounds follow until about a thousand panels are there. The chance of each person is equal up to
    one ticket; the chance of two people to be drawn together is near that of simple random sampling, as in
    a random partition, but not equal to it.

    Raises
    ------
    QuotasBind
        If the quotas forbid a panel.
    """
    binding = _binding(pool, quotas, size)
    if binding:
        raise QuotasBind(cells=binding)
    number = len(pool.people)
    cuts = number // gcd(number, size)
    rounds = max(1, PANELS // cuts)
    shown = min(tickets, rounds * cuts)
    least, more = divmod(tickets, shown)
    tickets_of: dict[tuple[int, ...], int] = {}
    order: list[int] = []
    for place in range(shown):
        turn, cut = divmod(place, cuts)
        if cut == 0:
            progress(turn, rounds, "panels")
            order = _order(pool.people, turn)
        start = cut * size
        members = tuple(sorted(order[(start + step) % number] for step in range(size)))
        tickets_of[members] = tickets_of.get(members, 0) + least + (place < more)
    progress(rounds, rounds, "panels")
    chance = Fraction(size, number)
    return Lottery(
        rule="uniform",
        size=size,
        tickets=tickets,
        people=pool.people,
        exact=(chance,) * number,
        panels=tuple(Panel(tickets_of[members], members) for members in sorted(tickets_of)),
        optimality=Optimality(str(chance), str(chance), proved=True),
        excluded=(),
    )


def _order(people: tuple[str, ...], turn: int) -> list[int]:
    """Return the people in the order of a round."""
    prefix = f"assemblee-uniform-1/{turn}/".encode()
    return sorted(
        range(len(people)), key=lambda place: hashlib.sha256(prefix + people[place].encode()).digest()
    )


def _binding(pool: Pool, quotas: Quotas, size: int) -> tuple[Cell, ...]:
    """Return the cells that some panel of this size would break."""
    number = len(pool.people)
    binding = []
    for column, cells in enumerate(quotas.categories.values()):
        for value, cell in enumerate(cells):
            held = int((pool.traits[:, column] == value).sum())
            if cell.minimum > max(0, size - (number - held)) or cell.maximum < min(held, size):
                binding.append(cell)
    return tuple(binding)
