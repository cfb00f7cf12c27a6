"""The rota: which members of a parent body serve in each of several successive groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import numpy as np

from sortition.errors import BadGroups, SolverStopped
from sortition.evenness import Even, divide, equal, most_even
from sortition.exact import common_denominator
from sortition.pool import Pool
from sortition.pricing import Child
from sortition.progress import Progress, silent
from sortition.roster import Rosters
from sortition.rules import check_size
from sortition.stream import Stream, shuffled
from sortition.system import Integers

FORMAT = "assemblee-rota-1"
ORDERS = 1_000


@dataclass(frozen=True)
class Mirror:
    """How the groups mirror one value of the parent body.

    ``floor`` and ``ceil`` are those of ``size * members with the value / members``; ``counts`` says how many
    members of each group hold it.
    """

    category: str
    value: str
    floor: int
    ceil: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Rota:
    """The groups of a parent body, in their order, and how fair they are.

    Attributes
    ----------
    groups : tuple of tuple of str
        Ids of the members of each group, in the order of the pool.
    mirror : tuple of Mirror
        One for each value of each category.
    within : bool
        Whether every group is within floor and ceiling; if not, the sum of what lies outside is the least.
    cumulative : bool
        Whether the first t groups together are within floor and ceiling of their share too, for each t.
    chances : tuple of Fraction, one for each person of the pool
        The chance of serving once more than ``groups * size // people`` times, before the seed is known.
    spread : Fraction
        The largest of these chances less the smallest.
    bound : Fraction
        What the spread of no lottery of rotas is below.
    proved : bool
        Whether spread and bound are equal and, where ``within`` is false, no rota deviates less.
    """

    groups: tuple[tuple[str, ...], ...]
    mirror: tuple[Mirror, ...]
    within: bool
    cumulative: bool
    chances: tuple[Fraction, ...]
    spread: Fraction
    bound: Fraction
    proved: bool

    def to_document(self) -> dict[str, object]:
        """Return the JSON object that ``python -m sortition rota`` writes."""
        return {
            "format": FORMAT,
            "groups": [list(group) for group in self.groups],
            "mirror": [{**vars(mirror), "counts": list(mirror.counts)} for mirror in self.mirror],
            "within": self.within,
        }


def rota(pool: Pool, groups: int, size: int, seed: bytes, progress: Progress = silent) -> Rota:
    """Spread the members of a parent body over successive groups that mirror it.

    With ``groups * size = k * people + r`` everyone serves k or k + 1 times, and nobody twice in one group.
    First each group holds the floor or the ceiling of each value's share; then the chances of serving the
    extra time are as equal as can be; then the first t groups together hold floor or ceiling too (Kalayci and
    Micha 2026), if the people drawn can be put into groups that way.

    Parameters
    ----------
    pool : Pool
        The parent body; quotas come from its own shares.
    groups, size : int
        Number of groups, and members of each.
    seed : bytes
        32 bytes.
    progress : callable
        Called as ``progress(done, total, phase)``.

    Raises
    ------
    BadSize
        If the size is not from 1 to the number of people.
    BadGroups
        If the number of groups is not a whole number of at least 1.
    BadSeed
        If the seed is not 32 bytes.
    SolverStopped
        If CP-SAT ends without an answer.
    """
    check_size(pool, size)
    if type(groups) is not int or groups < 1:
        raise BadGroups(what="groups", found=groups, least=1, most=None)
    stream = Stream(seed, "rota/union")
    rosters = Rosters(pool, groups, size)
    with Child(rosters.system) as child:
        even, split = equal(rosters, child, progress)
        exact = True
        if even is None:
            rosters, first, exact = _nearest(rosters, split, child)
            split.setdefault(rosters.served_more(first).tobytes(), first)
            even = most_even(rosters, split, child, progress)
        union = even.unions[_drawn(even.weights, stream)]
        roster = split[union.tobytes()]
        if rosters.allowance is None:
            paced = Rosters(pool, groups, size, cumulative=True)
            child.turn(paced.system)
            divided = divide(paced, union, child)
            roster = roster if divided is None else divided
    roster = _ordered(rosters, roster, Stream(seed, "rota/order"))
    return _rota(rosters, _seated(pool, roster, seed), roster, even, exact=exact)


def _nearest(rosters: Rosters, split: dict[bytes, Integers], child: Child) -> tuple[Rosters, Integers, bool]:
    """Return the rosters to choose among, one of them, and whether it is proved that none deviate less."""
    if split:
        return rosters, next(iter(split.values())), True
    width = len(rosters.system.most)
    try:
        price = child.find([0] * width)
    except SolverStopped:
        price = None
    if price is not None:
        return rosters, rosters.read(price.panel), True
    loose = Rosters(rosters.pool, rosters.groups, rosters.size, allowance=_most_deviation(rosters))
    slack = len(loose.system.most) - width
    child.turn(loose.system)
    price = child.price([0] * width + [-1] * slack)
    first = loose.read(price.panel)
    deviation = loose.deviation(first)
    proved = price.bound == -deviation
    if not deviation:
        child.turn(rosters.system)
        return rosters, first, True
    nearest = Rosters(rosters.pool, rosters.groups, rosters.size, allowance=deviation)
    child.turn(nearest.system)
    return nearest, first, proved


def _most_deviation(rosters: Rosters) -> int:
    """Return a deviation that no roster exceeds."""
    return rosters.groups * rosters.size * max(1, len(rosters.cells))


def _drawn(weights: Sequence[Fraction], stream: Stream) -> int:
    """Draw a place with these probabilities, exactly."""
    whole = common_denominator(weights)
    ends = list(accumulate(int(weight * whole) for weight in weights))
    number = stream.below(whole)
    return next(place for place, end in enumerate(ends) if number < end)


def _ordered(rosters: Rosters, roster: Integers, stream: Stream) -> Integers:
    """Put the groups in the first random order in which the first t groups keep to their share.

    If none of many does, they stay as they are if that keeps to it, and else in the first random order.
    """
    orders = (roster[shuffled(rosters.groups, stream)] for _ in range(ORDERS))
    first = next(orders)
    if rosters.keeps_pace(first):
        return first
    return next(filter(rosters.keeps_pace, orders), roster if rosters.keeps_pace(roster) else first)


def _seated(pool: Pool, roster: Integers, seed: bytes) -> tuple[tuple[int, ...], ...]:
    """Return the people of each group, each person of a type in any place with the same chance.

    The people of a type stand on a circle in a random order, and the groups take theirs one after the other.
    """
    stream = Stream(seed, "rota/people")
    groups: list[list[int]] = [[] for _ in roster]
    for kind, members in enumerate(pool.types.members):
        order = [members[place] for place in shuffled(len(members), stream)]
        start = 0
        for group, number in zip(groups, roster[:, kind].tolist(), strict=True):
            group += [order[(start + step) % len(order)] for step in range(number)]
            start += number
    return tuple(tuple(sorted(group)) for group in groups)


def _rota(
    rosters: Rosters, groups: Sequence[Sequence[int]], roster: Integers, even: Even, *, exact: bool
) -> Rota:
    """Say what was found, by names."""
    pool = rosters.pool
    held = (rosters.cells @ roster.T).tolist()
    names = [
        (category, value)
        for category, values in zip(pool.categories, pool.values, strict=True)
        for value in values
    ]
    chances = np.empty(len(pool.people), dtype=object)
    for chance, members in zip(even.chances, pool.types.members, strict=True):
        chances[list(members)] = chance
    return Rota(
        groups=tuple(tuple(pool.people[place] for place in group) for group in groups),
        mirror=tuple(
            Mirror(category, value, floor, ceil, tuple(counts))
            for (category, value), floor, ceil, counts in zip(
                names, rosters.floors[0].tolist(), rosters.ceilings[0].tolist(), held, strict=True
            )
        ),
        within=rosters.allowance is None,
        cumulative=rosters.keeps_pace(roster),
        chances=tuple(chances.tolist()),
        spread=even.spread,
        bound=even.bound,
        proved=exact and even.spread == even.bound,
    )
