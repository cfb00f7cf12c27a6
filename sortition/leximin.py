"""The rules that look at chances: leximin and maximin."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.decompose import Master, Mixture, decompose
from sortition.errors import InfeasibleQuotas
from sortition.feasibility import find, infeasibility, shut_out
from sortition.hull import hull_levels
from sortition.lottery import Lottery, Optimality, decimal
from sortition.pool import Pool
from sortition.pricing import Child, Listed, Pricing, every_panel
from sortition.progress import Progress
from sortition.quotas import Quotas
from sortition.relaxation import Target, leximin_target
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


@dataclass(frozen=True, eq=False)
class _Outcome:
    """The chances of the types, how good they are, and the panels that give them."""

    chances: tuple[Fraction, ...]
    optimality: Optimality
    mixture: Mixture


def _lottery(name: str, pool: Pool, quotas: Quotas, size: int, tickets: int, progress: Progress) -> Lottery:
    system = System.of(pool, quotas, size)
    target = leximin_target(system, progress)
    first = None if target is None else find(system)
    if target is None or first is None:
        raise InfeasibleQuotas(infeasibility(pool, quotas, size))
    panels = [first]
    outcome = _relaxed(system, target, panels, progress)
    if outcome is None:
        outcome = _exact(system, panels, progress)
    shut = [person for kind, chance in enumerate(outcome.chances) if not chance for person in pool.types.members[kind]]
    chances = {
        person: chance
        for chance, members in zip(outcome.chances, pool.types.members, strict=True)
        for person in members
    }
    return Lottery(
        rule=name,
        size=size,
        tickets=tickets,
        people=pool.people,
        exact=tuple(chances[person] for person in range(len(pool.people))),
        panels=share(outcome.mixture.columns, outcome.mixture.weights, outcome.chances, pool.types, tickets),
        optimality=outcome.optimality,
        excluded=tuple(pool.people[person] for person in sorted(shut)),
    )


def _relaxed(system: System, target: Target, panels: list[Integers], progress: Progress) -> _Outcome | None:
    """Take the relaxation's vector if it is a mixture of panels."""
    mixture = decompose(system, target.chances, panels, progress)
    if mixture is None:
        return None
    optimality = Optimality(str(min(target.chances)), str(min(target.chances)), target.proved)
    return _Outcome(target.chances, optimality, mixture)


def _exact(system: System, panels: list[Integers], progress: Progress) -> _Outcome:
    """Set the types that are in no panel aside, and solve over the panels themselves if need be."""
    listed = every_panel(system)
    if listed is not None:
        panels = listed
        system = system.without(np.sum(panels, axis=0) == 0)
        return _hull(system, panels, Listed(listed), progress)
    shut = shut_out(system, panels, progress)
    if shut.any():
        system = system.without(shut)
        target = leximin_target(system, progress)
        outcome = _relaxed(system, target, panels, progress) if target is not None else None
        if outcome is not None:
            return outcome
    with Child(system) as child:
        return _hull(system, panels, child, progress)


def _hull(system: System, panels: list[Integers], pricing: Pricing, progress: Progress) -> _Outcome:
    levels = hull_levels(system, panels, pricing, progress)
    expected = np.array([float(chance) for chance in levels.chances]) * system.counts
    master = Master(expected, system.counts)
    master.add(panels)
    mixture = master.solve()
    if not system.most.all():
        optimality = Optimality("0", "0", proved=True)
    elif levels.proved:
        optimality = Optimality(str(levels.bound), str(levels.bound), proved=True)
    else:
        optimality = Optimality(decimal(min(levels.chances)), decimal(levels.bound), proved=False)
    return _Outcome(levels.chances, optimality, mixture)
