"""Whether a panel exists, what is short, what would help, and who is in no possible panel."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sortition.errors import SortitionError
from sortition.highs import Model
from sortition.pool import Pool
from sortition.progress import Progress, silent
from sortition.quotas import Quotas
from sortition.rules import check_size
from sortition.system import Integers, System

UNIT = 1_000
# What a unit costs in the first, the second and the last third of a bound.
THIRDS = (1, 1.5, 2.5)
BEYOND = 100


@dataclass(frozen=True)
class Shortage:
    """A plain count that makes a panel impossible.

    With a ``value``: the minimum of the cell and the people of the pool who have it. Without one, for the
    whole category: the size and the sum of the maxima, or the sum of the minima and the size.
    """

    category: str
    value: str | None
    needed: int
    available: int


@dataclass(frozen=True)
class QuotaChange:
    """A quota, and the one that would take its place."""

    category: str
    value: str
    minimum: int
    maximum: int
    new_minimum: int
    new_maximum: int
    is_beyond: bool = False
    """Whether it goes beyond the flexible bounds that the organisers set."""

    def to_document(self) -> dict[str, object]:
        """Return the change as a JSON object."""
        return {name: value for name, value in vars(self).items() if name != "is_beyond" or value}


@dataclass(frozen=True)
class Exclusion:
    """Someone who is in no possible panel, and the smallest change of quotas that would let them in.

    ``category`` and ``value`` name the quota that shuts the person out: the first of that change that is
    about a value of theirs, else the first.
    """

    person: str
    category: str
    value: str
    changes: tuple[QuotaChange, ...]


@dataclass(frozen=True)
class Feasibility:
    """What is known before luck comes in."""

    size: int
    people: int
    feasible: bool
    shortages: tuple[Shortage, ...]
    suggestions: tuple[QuotaChange, ...]
    excluded: tuple[Exclusion, ...]

    def to_document(self) -> dict[str, object]:
        """Return a JSON object."""
        return {
            "format": "assemblee-feasibility-1",
            "size": self.size,
            "people": self.people,
            "feasible": self.feasible,
            "shortages": [dict(vars(shortage)) for shortage in self.shortages],
            "suggestions": [change.to_document() for change in self.suggestions],
            "excluded": [
                {
                    "person": one.person,
                    "category": one.category,
                    "value": one.value,
                    "changes": [change.to_document() for change in one.changes],
                }
                for one in self.excluded
            ],
        }


class InfeasibleQuotas(SortitionError):  # noqa: N818 - named after what is wrong
    """No panel of this size fits the quotas."""

    code = "infeasible-quotas"

    def __init__(self, feasibility: Feasibility) -> None:
        super().__init__(size=feasibility.size)
        self.feasibility = feasibility


def check(pool: Pool, quotas: Quotas, size: int, progress: Progress = silent) -> Feasibility:
    """Look at a pool and its quotas before a draw.

    Parameters
    ----------
    pool : Pool
    quotas : Quotas
        The quotas that the pool was read with.
    size : int
        Members of a panel.
    progress : callable
        Called as ``progress(done, total, phase)``.

    Raises
    ------
    BadSize
        If the size is not from 1 to the number of people.
    """
    check_size(pool, size)
    system = System.of(pool, quotas, size)
    first = find(system)
    if first is None:
        return infeasibility(pool, quotas, size)
    shut = shut_out(system, [first], progress)
    kinds = np.nonzero(shut)[0].tolist()
    exclusions = []
    for done, kind in enumerate(kinds):
        progress(done, len(kinds), "excluded")
        changes = _changes(system, quotas, kind)
        values = {
            (category, pool.values[place][pool.types.traits[kind, place]])
            for place, category in enumerate(pool.categories)
        }
        own = next((change for change in changes if (change.category, change.value) in values), changes[0])
        exclusions += [
            (person, Exclusion(pool.people[person], own.category, own.value, changes))
            for person in pool.types.members[kind]
        ]
    excluded = tuple(exclusion for _, exclusion in sorted(exclusions, key=lambda pair: pair[0]))
    return Feasibility(size, len(pool.people), True, (), (), excluded)  # noqa: FBT003 - its field is named there


def infeasibility(pool: Pool, quotas: Quotas, size: int) -> Feasibility:
    """Say why no panel exists, and what would help."""
    system = System.of(pool, quotas, size)
    return Feasibility(
        size=size,
        people=len(pool.people),
        feasible=False,
        shortages=_shortages(system, quotas, size),
        suggestions=_changes(system, quotas),
        excluded=(),
    )


def find(system: System, kind: int | None = None, weights: Integers | None = None) -> Integers | None:
    """Return a panel, with a member of one type and many of the types of great weight if asked for."""
    least = system.least.copy()
    if kind is not None:
        least[kind] = max(1, least[kind])
    model = Model(system.rows, system.lower, system.upper, least, system.most, integer=True, gap=1.0)
    if weights is not None:
        model.aim(weights.astype(np.float64))
    return np.rint(model.solution).astype(np.int64) if model.solve() else None


def shut_out(system: System, panels: list[Integers], progress: Progress) -> NDArray[np.bool_]:
    """Mark the types that are in no panel, and add a panel to the list for each type newly seen in one."""
    seen: NDArray[np.bool_] = np.sum(panels, axis=0) > 0
    shut = np.zeros_like(seen)
    while not (seen | shut).all():
        progress(int((seen | shut).sum()), len(seen), "types")
        kind = int(np.argmin(seen | shut))
        panel = find(system, kind, (~(seen | shut)).astype(np.int64))
        if panel is None:
            shut[kind] = True
        else:
            panels.append(panel)
            seen |= panel > 0
    return shut


def _shortages(system: System, quotas: Quotas, size: int) -> tuple[Shortage, ...]:
    """Count what is there for each cell and each category."""
    shortages = []
    held = (system.rows @ system.counts)[1:].tolist()
    row = 0
    for category, cells in quotas.categories.items():
        minima = sum(cell.minimum for cell in cells)
        maxima = sum(min(cell.maximum, held[row + place]) for place, cell in enumerate(cells))
        if minima > size:
            shortages.append(Shortage(category, None, minima, size))
        if maxima < size:
            shortages.append(Shortage(category, None, size, maxima))
        for cell in cells:
            if held[row] < cell.minimum:
                shortages.append(Shortage(category, cell.value, cell.minimum, held[row]))
            row += 1
    return tuple(shortages)


def _changes(system: System, quotas: Quotas, kind: int | None = None) -> tuple[QuotaChange, ...]:
    """Return the smallest change of quotas that makes a panel exist, with a member of one type if asked for.

    Lowering a minimum ``m`` by one costs ``1 + 2 / m``, so that small groups are spared; raising a maximum
    by one costs 1. From the second third of a bound on each unit costs one and a half times as much, and from
    the last third twice and a half, so that several give a little before one gives most of what it has. What
    goes beyond the flexible bounds of a cell costs a hundred times as much.
    """
    cells = quotas.cells
    size, types, height = int(system.upper[0]), len(system.counts), len(cells)
    minimum = np.array([cell.minimum for cell in cells], dtype=np.int64)
    maximum = np.array([cell.maximum for cell in cells], dtype=np.int64)
    lowest = np.array([cell.minimum_flex or 0 for cell in cells], dtype=np.int64)
    highest = np.array(
        [max(size, cell.maximum) if cell.maximum_flex is None else cell.maximum_flex for cell in cells],
        dtype=np.int64,
    )
    down, up = _parts(minimum, minimum - lowest, minimum), _parts(maximum, highest - maximum, size)
    least = np.zeros(types + (len(down) + len(up)) * height, dtype=np.int64)
    if kind is not None:
        least[kind] = 1
    identity = np.eye(height, dtype=np.int64)
    none = np.zeros((height, len(up) * height), dtype=np.int64)
    model = Model(
        np.vstack(
            [
                np.concatenate([system.rows[0], np.zeros(2 * none.shape[1], dtype=np.int64)]),
                np.hstack([system.rows[1:], *[identity] * len(down), none]),
                np.hstack([system.rows[1:], none, *[-identity] * len(up)]),
            ]
        ),
        np.concatenate([[size], minimum, np.full(height, -np.inf)]),
        np.concatenate([[size], np.full(height, np.inf), maximum]),
        least,
        np.concatenate([system.counts, *down, *up]),
        integer=True,
    )
    lowering = UNIT + 2 * UNIT / np.maximum(minimum, 1)
    prices = np.array([*THIRDS, *(price * BEYOND for price in THIRDS)])
    costs = [price * one for one in (lowering, np.full(height, UNIT)) for price in prices]
    model.aim(-np.concatenate([np.zeros(types), *costs]))
    model.solve()
    slack = np.rint(model.solution[types:]).astype(np.int64).reshape(2, len(down), height).sum(axis=1)
    minima = (minimum - slack[0]).tolist()
    maxima = (maximum + slack[1]).tolist()
    return tuple(
        QuotaChange(
            cell.category,
            cell.value,
            cell.minimum,
            cell.maximum,
            new_minimum,
            new_maximum,
            (cell.minimum_flex is not None and new_minimum < cell.minimum_flex)
            or (cell.maximum_flex is not None and new_maximum > cell.maximum_flex),
        )
        for cell, new_minimum, new_maximum in zip(cells, minima, maxima, strict=True)
        if (new_minimum, new_maximum) != (cell.minimum, cell.maximum)
    )


def _parts(
    bound: NDArray[np.int64], inside: NDArray[np.int64], most: NDArray[np.int64] | int
) -> list[NDArray[np.int64]]:
    """Return how many units of a change lie in each third of a bound, within its flexible one and beyond."""
    third = np.maximum(-(-bound // 3), 1)
    whole = np.broadcast_to(most, bound.shape)
    edges = [np.zeros_like(bound), np.minimum(third, whole), np.minimum(2 * third, whole), whole]
    thirds = list(itertools.pairwise(edges))
    within = [np.maximum(np.minimum(end, inside) - start, 0) for start, end in thirds]
    return within + [end - start - part for (start, end), part in zip(thirds, within, strict=True)]
