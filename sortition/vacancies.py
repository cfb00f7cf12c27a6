"""Who comes next: the distance of those who sit to their quotas, and who keeps it smallest by joining."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sortition.errors import NobodyLeft, UnknownPeople
from sortition.pool import Pool
from sortition.protocol import counts
from sortition.quotas import Cell, Quotas, scaled
from sortition.stream import Stream

__all__ = ["Fit", "Replacement", "distance", "mirrored", "next_alternate", "replacement", "scaled"]


def mirrored(pool: Pool, size: int) -> Quotas:
    """Return the quotas under which ``size`` people mirror a pool: floor and ceiling of each share."""
    people = len(pool.people)
    held = counts(pool, range(people))
    return Quotas(
        tuple(
            Cell(category, value, size * number // people, -(-size * number // people))
            for category, values, numbers in zip(pool.categories, pool.values, held, strict=True)
            for value, number in zip(values, numbers, strict=True)
        )
    )


def distance(counts: Sequence[Sequence[int]], quotas: Quotas, vacancies: int) -> int:
    """Return how far the people who sit will at least stay from quotas.

    That is the number of members above the maximum of each cell, and for each category what the minima lack
    beyond what the vacant seats can still bring. Nought if every category by itself can still be met.

    Parameters
    ----------
    counts : sequence of sequence of int
        How many of those who sit hold each value of each category, in the order of the quotas.
    quotas : Quotas
    vacancies : int
        Seats that are still vacant.
    """
    total = 0
    for cells, row in zip(quotas.categories.values(), counts, strict=True):
        total += sum(max(0, held - cell.maximum) for cell, held in zip(cells, row, strict=True))
        lack = sum(max(0, cell.minimum - held) for cell, held in zip(cells, row, strict=True))
        total += max(0, lack - vacancies)
    return total


@dataclass(frozen=True)
class Fit:
    """Somebody who may join, and the distance to the quotas once they have."""

    person: str
    distance: int


@dataclass(frozen=True)
class Replacement:
    """A replacement draw: who is admitted, each with the same chance, who was chosen, and the distance then.

    ``candidates`` does not depend on the seed, so that it can be published before the seed is known.
    """

    candidates: tuple[str, ...]
    chosen: str
    distance: int


def next_alternate(
    pool: Pool, quotas: Quotas, sitting: Sequence[str], alternates: Sequence[str], vacancies: int
) -> Fit | None:
    """Return the alternate who keeps the remaining quotas best, the first of them if several do.

    Parameters
    ----------
    pool : Pool
    quotas : Quotas
    sitting : sequence of str
        Ids of those who sit.
    alternates : sequence of str
        Ids of those who may be called, in their order.
    vacancies : int
        Vacant seats, with the one to fill.

    Raises
    ------
    UnknownPeople
        If an id is not in the pool.
    """
    return min(
        _fits(pool, quotas, sitting, alternates, vacancies), key=lambda fit: fit.distance, default=None
    )


def replacement(  # noqa: PLR0917 - its caller reads like the protocol's sentence
    pool: Pool,
    quotas: Quotas,
    sitting: Sequence[str],
    candidates: Sequence[str],
    vacancies: int,
    seed: bytes,
    number: int,
) -> Replacement:
    """Hold replacement draw ``number`` (``docs/verify.md``, section 7) among those who fit best.

    Admitted are the candidates with the least distance to the quotas once they have joined, in the order of
    the pool; each is chosen with the same chance.

    Parameters
    ----------
    pool, quotas, sitting, vacancies
        As for `next_alternate`.
    candidates : sequence of str
        Ids of those who may be drawn, in any order.
    seed : bytes
        32 bytes.
    number : int
        Which replacement draw of this seed it is, from 1.

    Raises
    ------
    NobodyLeft
        If there is no candidate.
    BadSeed
        If the seed is not 32 bytes.
    UnknownPeople
        If an id is not in the pool.
    """
    fits = list(_fits(pool, quotas, sitting, candidates, vacancies))
    if not fits:
        raise NobodyLeft
    least = min(fit.distance for fit in fits)
    best = {fit.person for fit in fits if fit.distance == least}
    admitted = tuple(person for person in pool.people if person in best)
    chosen = admitted[Stream(seed, f"replacement/{number}").below(len(admitted))]
    return Replacement(admitted, chosen, least)


def _fits(
    pool: Pool, quotas: Quotas, sitting: Sequence[str], joining: Sequence[str], vacancies: int
) -> Iterable[Fit]:
    """Yield each person who may join with the distance once they have."""
    places = {person: place for place, person in enumerate(pool.people)}
    unknown = [person for person in (*sitting, *joining) if person not in places]
    if unknown:
        raise UnknownPeople(people=tuple(unknown))
    held = counts(pool, [places[person] for person in sitting])
    for person in joining:
        traits = pool.traits[places[person]].tolist()
        for row, value in zip(held, traits, strict=True):
            row[value] += 1
        yield Fit(person, distance(held, quotas, vacancies - 1))
        for row, value in zip(held, traits, strict=True):
            row[value] -= 1
