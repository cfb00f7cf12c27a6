"""The rules that look at chances: leximin and maximin."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.decompose import Master, Mixture, decompose
from sortition.errors import SolverStopped
from sortition.feasibility import InfeasibleQuotas, find, infeasibility, shut_out
from sortition.hull import PanelProgram, hull_levels, solve_level
from sortition.lottery import Lottery, Optimality, decimal
from sortition.pool import Pool
from sortition.pricing import Child, Listed, Pricing, every_panel
from sortition.progress import Progress
from sortition.quotas import Quotas
from sortition.relaxation import Target, leximin_target
from sortition.rules import rule
from sortition.system import Integers, System
from sortition.tickets import share

SOUND = 1e-7


@rule("leximin")
def leximin(pool: Pool, quotas: Quotas, size: int, *, tickets: int, progress: Progress) -> Lottery:
    """Make the smallest chance as large as can be, then the second smallest, and so on.

    Raises
    ------
    InfeasibleQuotas
        If no panel of this size fits the quotas.
    """
    return _lottery("leximin", pool, quotas, size, tickets=tickets, progress=progress)


@rule("maximin")
def maximin(pool: Pool, quotas: Quotas, size: int, *, tickets: int, progress: Progress) -> Lottery:
    """Make the smallest chance as large as can be.

    Raises
    ------
    InfeasibleQuotas
        If no panel of this size fits the quotas.
    """
    return _lottery("maximin", pool, quotas, size, tickets=tickets, progress=progress)


@dataclass(frozen=True, eq=False)
class _Outcome:
    """The chances of the types, how good they are, and the panels that give them."""

    chances: tuple[Fraction, ...]
    optimality: Optimality
    mixture: Mixture


def _lottery(
    name: str, pool: Pool, quotas: Quotas, size: int, *, tickets: int, progress: Progress
) -> Lottery:
    system = System.of(pool, quotas, size)
    target = leximin_target(system, progress)
    first = None if target is None else find(system)
    if target is None or first is None:
        raise InfeasibleQuotas(infeasibility(pool, quotas, size))
    panels = [first]
    outcome = _relaxed(name, system, target, panels, progress)
    if outcome is None:
        outcome = _exact(name, system, panels, progress)
    shut = [
        person
        for kind, chance in enumerate(outcome.chances)
        if not chance
        for person in pool.types.members[kind]
    ]
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


def _relaxed(
    name: str, system: System, target: Target, panels: list[Integers], progress: Progress
) -> _Outcome | None:
    """Take the relaxation's vector if it is a mixture of panels."""
    mixture = decompose(system, target.chances, panels, progress)
    if mixture is None or not target.proved:
        return None
    minimum = min(target.chances)
    if name == "leximin":
        return _Outcome(target.chances, Optimality(str(minimum), str(minimum), proved=True), mixture)
    program = PanelProgram(system.without(mixture.columns.sum(axis=0) == 0), mixture.columns)
    program.solve()
    return _first_level(program, minimum)


def _exact(name: str, system: System, panels: list[Integers], progress: Progress) -> _Outcome:
    """Set the types that are in no panel aside, and solve over the panels themselves if need be."""
    listed = every_panel(system)
    if listed is not None:
        system = system.without(np.sum(listed, axis=0) == 0)
        return _hull(name, system, listed, Listed(listed), progress)
    shut = shut_out(system, panels, progress)
    if shut.any():
        system = system.without(shut)
        target = leximin_target(system, progress)
        outcome = None if target is None else _relaxed(name, system, target, panels, progress)
        if outcome is not None:
            return outcome
    with Child(system) as child:
        return _hull(name, system, panels, child, progress)


def _hull(
    name: str, system: System, panels: list[Integers], pricing: Pricing, progress: Progress
) -> _Outcome:
    """Solve over the panels themselves."""
    program = PanelProgram(system, panels)
    if name == "leximin":
        chances, first = hull_levels(program, panels, pricing, progress)
        expected = np.array([float(chance) for chance in chances]) * system.counts
        master = Master(expected, system.counts)
        master.add(panels)
        mixture = master.solve()
        proved = first.proved and mixture.deviation <= SOUND
        return _Outcome(chances, _optimality(chances, first.ceiling, proved=proved), mixture)
    first = solve_level(program, panels, pricing, progress)
    outcome = _first_level(program, first.ceiling)
    if outcome is None:
        raise SolverStopped(status="no exact mixture")
    return outcome


def _first_level(program: PanelProgram, ceiling: Fraction) -> _Outcome | None:
    """Take the mixture that gives the first level, exactly."""
    exact = program.mixture()
    if exact is None:
        return None
    columns = np.array([np.frombuffer(key, dtype=np.int64) for key in exact])
    weights = list(exact.values())
    sums = np.array(weights, dtype=object) @ columns
    chances = tuple(
        Fraction(held, int(count)) for held, count in zip(sums, program.system.counts, strict=True)
    )
    mixture = Mixture(columns, np.array([float(weight) for weight in weights]), 0.0)
    return _Outcome(chances, _optimality(chances, ceiling, proved=True), mixture)


def _optimality(chances: tuple[Fraction, ...], ceiling: Fraction, *, proved: bool) -> Optimality:
    """Say how good the smallest chance is."""
    minimum = min(chances)
    if minimum == 0:
        # People who are in no possible panel: no lottery gives them more.
        return Optimality("0", "0", proved=True)
    if proved and minimum == ceiling:
        return Optimality(str(minimum), str(minimum), proved=True)
    return Optimality(decimal(minimum), decimal(ceiling), proved=False)
