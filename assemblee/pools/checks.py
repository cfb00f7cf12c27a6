"""The check of a pool's quotas: asked for, kept beside the hash of what it answers, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.jobs import actions as jobs
from assemblee.jobs import queries as job_queries
from assemblee.jobs.models import Job
from assemblee.pools import feasibility, queries
from assemblee.pools.feasibility import Question
from assemblee.pools.models import Pool, PoolCheck, Volunteer, VolunteerState

KIND = "pool-check"


@dataclass(frozen=True)
class Standing:
    """What is known of whether a panel of a pool exists.

    ``found`` is the newest answer, of the moment ``checked_at``; ``is_current`` says whether it is that of
    the pool as it stands. What is computed at once has no moment and no job.
    """

    people: int
    found: Mapping[str, Any] | None = None
    is_current: bool = False
    checked_at: datetime | None = None
    job: Job | None = None


def standing(session: Session, pool: Pool) -> Standing:
    """Return what is known, and compute it only for few people; nothing is written."""
    people = queries.people_count(session, pool)
    if people < pool.size:
        return Standing(people)
    if people <= feasibility.FEW:
        return Standing(people, queries.feasibility(session, pool).to_document(), is_current=True)
    job = job_queries.latest(session, KIND, pool.id)
    kept = session.get(PoolCheck, pool.id)
    if kept is None or kept.document is None:
        return Standing(people, job=job)
    return Standing(people, kept.document, kept.revision == pool.revision, kept.checked_at, job)


def kept(session: Session, pool_id: int, question: Question) -> dict[str, Any] | None:
    """Return the answer that a pool keeps, if it answers this question."""
    return session.scalar(
        select(PoolCheck.document).where(
            PoolCheck.pool_id == pool_id, PoolCheck.fingerprint == question.fingerprint
        )
    )


def ask(session: Session, pool: Pool) -> None:
    """Let the worker check a pool as it stands now, if that takes long; the caller holds the pool."""
    if queries.people_count(session, pool) < max(pool.size, feasibility.FEW + 1):
        return
    if session.get(PoolCheck, pool.id) is None:
        session.add(PoolCheck(pool_id=pool.id))
        session.flush()
    jobs.restart(session, KIND, pool.id, mandate=pool.mandate_id)


def keep(
    session: Session, pool_id: int, revision: int, question: Question, document: Mapping[str, Any]
) -> None:
    """Keep an answer of the pool as it was, unless somebody whom it names was erased meanwhile."""
    row = session.scalars(_row(pool_id)).one()
    erased = session.scalars(
        select(Volunteer.id).where(Volunteer.pool_id == pool_id, Volunteer.state == VolunteerState.ERASED)
    )
    if _named(document).isdisjoint(str(number) for number in erased):
        row.fingerprint, row.revision = question.fingerprint, revision
        row.document, row.checked_at = dict(document), clock.now()


def forget(session: Session, pool: Pool, volunteer_id: int) -> None:
    """Forget the answer of a pool if it names somebody who is erased."""
    row = session.scalars(_row(pool.id)).one_or_none()
    if row is not None and str(volunteer_id) in _named(row.document or {}):
        row.fingerprint = row.revision = row.checked_at = None
        # None would be kept as the text `null`.
        row.document = null()


def _row(pool_id: int) -> Select[PoolCheck]:
    return (
        select(PoolCheck)
        .where(PoolCheck.pool_id == pool_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _named(document: Mapping[str, Any]) -> set[str]:
    return {one["person"] for one in document.get("excluded", ())}
