"""Where the roll of a consultation comes from: each room that knows people registers a source of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from assemblee.pools import queries as pools
from assemblee.refusal import Refusal


@dataclass(frozen=True)
class Voter:
    """Somebody who may vote.

    Parameters
    ----------
    reference : str
        Names the person within the installation, once in a roll; never their name.
    volunteer : int or None
        Number of the volunteer, if a pool knows the person.
    name, email : str or None
        Those of somebody whom no pool knows.
    """

    reference: str
    volunteer: int | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Source:
    """A kind of roll: what can be chosen in a mandate, and who is on it."""

    offer: Callable[[Session, int], Sequence[tuple[int, str]]]
    voters: Callable[[Session, int, int], Sequence[Voter]]


SOURCES: dict[str, Source] = {}


def offers(session: Session, mandate_id: int) -> list[tuple[str, int, str]]:
    """Return the rolls that a mandate can vote with: kind, number and name."""
    return [
        (kind, number, name)
        for kind, source in SOURCES.items()
        for number, name in source.offer(session, mandate_id)
    ]


def voters(session: Session, mandate_id: int, kind: str, number: int) -> Sequence[Voter]:
    """Return who is on a roll now.

    Raises
    ------
    Refusal
        `roll-unknown` or `roll-empty`.
    """
    source = SOURCES.get(kind)
    if source is None or number not in {offered for offered, _ in source.offer(session, mandate_id)}:
        raise Refusal("roll-unknown", status=422)
    people = source.voters(session, mandate_id, number)
    if not people:
        raise Refusal("roll-empty", status=422)
    return people


def _pools(session: Session, mandate_id: int) -> list[tuple[int, str]]:
    return [(pool.id, pool.name) for pool in pools.pools(session, mandate_id)]


def _people_of_pool(session: Session, mandate_id: int, number: int) -> list[Voter]:
    pool = pools.pool(session, mandate_id, number)
    return [Voter(f"volunteer-{person.id}", person.id) for person in pools.active(session, pool)]


SOURCES["pool"] = Source(_pools, _people_of_pool)
