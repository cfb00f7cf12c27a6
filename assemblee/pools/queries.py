"""Reads of pools: counts a cell, lists a page, and the pure values that the core takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

import sortition
from assemblee.mail import undelivered
from assemblee.pools.feasibility import Question, answer
from assemblee.pools.models import Pool, Volunteer, VolunteerState
from assemblee.refusal import Refusal

# Asked for in the place of a state: people whom no letter reaches.
UNREACHED = "unreached"


@dataclass(frozen=True)
class CellCount:
    """One quota beside the people that the pool has for it."""

    quota_id: int
    category: str
    value: str
    minimum: int
    maximum: int
    available: int
    minimum_flex: int | None = None
    maximum_flex: int | None = None

    @property
    def is_flexible(self) -> bool:
        """Whether the organisers have said how far a suggestion of other quotas may go."""
        return self.minimum_flex is not None or self.maximum_flex is not None

    @property
    def is_short(self) -> bool:
        """Whether the pool has fewer people than the quota needs."""
        return self.available < self.minimum


def pool(session: Session, mandate_id: int, pool_id: int) -> Pool:
    """Return a pool of a mandate.

    Raises
    ------
    Refusal
        `pool-unknown`.
    """
    pool = session.get(Pool, pool_id)
    if pool is None or pool.mandate_id != mandate_id:
        raise Refusal("pool-unknown", status=404)
    return pool


def pools(session: Session, mandate_id: int) -> list[Pool]:
    """Return the pools of a mandate, oldest first."""
    return list(session.scalars(select(Pool).where(Pool.mandate_id == mandate_id).order_by(Pool.id)))


def state_counts(session: Session, pool: Pool) -> dict[str, int]:
    """Return how many people of the pool are in each state."""
    rows = session.execute(
        select(Volunteer.state, func.count().label("number"))
        .where(Volunteer.pool_id == pool.id)
        .group_by(Volunteer.state)
    )
    return {str(state): 0 for state in VolunteerState} | {row.state: row.number for row in rows}


def active(session: Session, pool: Pool) -> list[Volunteer]:
    """Return the people who take part in draws."""
    return list(
        session.scalars(
            select(Volunteer)
            .where(Volunteer.pool_id == pool.id, Volunteer.state == VolunteerState.VOLUNTEER)
            .order_by(Volunteer.id)
        )
    )


def cell_counts(session: Session, pool: Pool) -> list[CellCount]:
    """Return every quota of the pool beside the people that it has."""
    have: Counter[tuple[str, str]] = Counter()
    traits = session.scalars(
        select(Volunteer.traits).where(
            Volunteer.pool_id == pool.id, Volunteer.state == VolunteerState.VOLUNTEER
        )
    )
    for row in traits:
        have.update(row.items())
    return [
        CellCount(
            value.id,
            category.name,
            value.name,
            value.minimum,
            value.maximum,
            have[category.name, value.name],
            value.minimum_flex,
            value.maximum_flex,
        )
        for category in pool.categories
        for value in category.values
    ]


def cells(pool: Pool) -> tuple[sortition.Cell, ...]:
    """Return the quotas of a pool in the order that its organiser gave them."""
    return tuple(
        sortition.Cell(
            category.name,
            value.name,
            value.minimum,
            value.maximum,
            value.minimum_flex,
            value.maximum_flex,
        )
        for category in pool.categories
        for value in category.values
    )


def quotas(pool: Pool) -> sortition.Quotas:
    """Return the quotas of a pool as the core takes them."""
    return sortition.Quotas(cells(pool))


def people_count(session: Session, pool: Pool) -> int:
    """Return how many people take part in draws."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Volunteer)
            .where(Volunteer.pool_id == pool.id, Volunteer.state == VolunteerState.VOLUNTEER)
        )
        or 0
    )


def question(session: Session, pool: Pool) -> Question:
    """Return what a check of the pool answers, read without a name.

    Raises
    ------
    sortition.UnreadableFiles
        Somebody's traits are not those of the categories.
    """
    rows = session.execute(
        select(Volunteer.id, Volunteer.traits).where(
            Volunteer.pool_id == pool.id, Volunteer.state == VolunteerState.VOLUNTEER
        )
    ).all()
    bounds = quotas(pool)
    people = sortition.Pool.from_rows([str(row.id) for row in rows], [row.traits for row in rows], bounds)
    return Question(people, bounds, pool.size)


def feasibility(session: Session, pool: Pool) -> sortition.Feasibility:
    """Say whether a panel of the pool's size exists within its quotas; for a pool of few people."""
    return answer(question(session, pool))


@dataclass(frozen=True)
class VolunteerFilter:
    """Which people of a pool a list shows."""

    text: str = ""
    state: str = ""


def volunteers(
    session: Session, pool: Pool, wanted: VolunteerFilter, *, offset: int, limit: int
) -> tuple[list[Volunteer], int]:
    """Return a page of the people of a pool, and how many there are in all."""
    query = select(Volunteer).where(Volunteer.pool_id == pool.id)
    if wanted.state == UNREACHED:
        query = query.where(Volunteer.email.in_(undelivered.addresses()))
    elif wanted.state:
        query = query.where(Volunteer.state == wanted.state)
    if wanted.text:
        query = query.where(
            or_(
                Volunteer.name.icontains(wanted.text, autoescape=True),
                Volunteer.email.icontains(wanted.text, autoescape=True),
                Volunteer.reference == wanted.text,
            )
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return list(session.scalars(query.order_by(Volunteer.id).offset(offset).limit(limit))), total


def unreached_count(session: Session, pool: Pool) -> int:
    """Return how many people of the pool a letter was written to that could not be delivered."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Volunteer)
            .where(Volunteer.pool_id == pool.id, Volunteer.email.in_(undelivered.addresses()))
        )
        or 0
    )


def volunteer(session: Session, pool: Pool, volunteer_id: int) -> Volunteer:
    """Return a person of a pool.

    Raises
    ------
    Refusal
        `volunteer-unknown`.
    """
    volunteer = session.get(Volunteer, volunteer_id)
    if volunteer is None or volunteer.pool_id != pool.id:
        raise Refusal("volunteer-unknown", status=404)
    return volunteer


def sharing_mailbox(session: Session, pool: Pool, *, offset: int, limit: int) -> tuple[list[Volunteer], int]:
    """Return a page of the volunteers whose mailbox others of the pool have too, those of one side by side.

    Returns
    -------
    list of Volunteer
    int
        How many they are in all.
    """
    here = and_(Volunteer.pool_id == pool.id, Volunteer.state == VolunteerState.VOLUNTEER)
    shared = (
        select(Volunteer.email_key)
        .where(here, Volunteer.email_key.is_not(None))
        .group_by(Volunteer.email_key)
        .having(func.count() > 1)
    )
    query = select(Volunteer).where(here, Volunteer.email_key.in_(shared))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Volunteer.email_key, Volunteer.id).offset(offset).limit(limit)
    return list(session.scalars(ordered)), total


def shared_mailboxes(session: Session, mandate_id: int) -> list[tuple[Pool, int]]:
    """Return the pools of a mandate in which volunteers share mailboxes, and how many mailboxes they are."""
    shared = (
        select(Volunteer.pool_id)
        .join(Pool, Pool.id == Volunteer.pool_id)
        .where(
            Pool.mandate_id == mandate_id,
            Volunteer.state == VolunteerState.VOLUNTEER,
            Volunteer.email_key.is_not(None),
        )
        .group_by(Volunteer.pool_id, Volunteer.email_key)
        .having(func.count() > 1)
        .subquery()
    )
    numbers = select(shared.c.pool_id, func.count().label("number")).group_by(shared.c.pool_id).subquery()
    rows = session.execute(
        select(Pool, numbers.c.number).join(numbers, numbers.c.pool_id == Pool.id).order_by(Pool.id)
    )
    return [(pool, number) for pool, number in rows]


def registrations(session: Session, email: str) -> list[tuple[Volunteer, Pool]]:
    """Return where an address is registered, with the pool."""
    rows = session.execute(
        select(Volunteer, Pool)
        .join(Pool, Pool.id == Volunteer.pool_id)
        .where(Volunteer.email == email, Volunteer.state != VolunteerState.ERASED)
        .order_by(Volunteer.id)
    )
    return [(person, register) for person, register in rows]
