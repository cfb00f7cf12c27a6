"""The rules that look at chances: leximin and maximin."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from sortition.decompose import Mixture, decompose
from sortition.errors import InfeasibleQuotas
from sortition.feasibility import find, infeasibility, shut_out
from sortition.lottery import Lottery, Optimality
from sortition.pool import Pool
from sortition.progress import Progress
from sortition.quotas import Quotas
from sortition.relaxation import leximin_target
from sortition.rules import rule
from sortition.system import Integers, System
from sortition.tickets import share


@rule("leximin")
def leximin(pool: Pool, quotas: Quotas, size: int, *, tickets: int, progress: Progress) -> Lottery:
    """Make the smallest chance as large as can be, then the second smallest, and so on.

    Raises
    ------
    InfeasibleQuotas
        If no panel of this size fits the quotas.
    """
    return _lottery("leximin", pool, quotas, size, tickets, progress)


@rule("maximin")
def maximin(pool: Pool, quotas: Quotas, size: int, *, tickets: int, progress: Progress) -> Lottery:
    """Make the smallest chance as large as can be.

    Raises
    ------
    InfeasibleQuotas
        If no panel of this size fits the quotas.
    """
    return _lottery("maximin", pool, quotas, size, tickets, progress)


def _lottery(name: str, pool: Pool, quotas: Quotas, size: int, tickets: int, progress: Progress) -> Lottery:
    system = System.of(pool, quotas, size)
    panels: list[Integers] = []
    target = leximin_target(system, progress)
    if target is None:
        raise InfeasibleQuotas(infeasibility(pool, quotas, size))
    mixture = decompose(system, target.chances, panels, progress)
    if mixture is None:
        raise NotImplementedError
    chances = [Fraction(0)] * len(pool.people)
    for chance, members in zip(target.chances, pool.types.members, strict=True):
        for person in members:
            chances[person] = chance
    return Lottery(
        rule=name,
        size=size,
        tickets=tickets,
        people=pool.people,
        exact=tuple(chances),
        panels=share(mixture.columns, mixture.weights, target.chances, pool.types, tickets),
        optimality=Optimality(str(target.bound), str(target.bound), target.proved),
        excluded=(),
    )
