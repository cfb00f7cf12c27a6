"""Reads of jobs: one, the latest on a subject, those that live an invented mandate."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.jobs.models import LIFE, Job, JobState
from assemblee.refusal import Refusal


def job(session: Session, job_id: int, *, mandate: int | None = None) -> Job:
    """Return a job, of one mandate if one is given.

    Raises
    ------
    Refusal
        `job-unknown`.
    """
    job = session.get(Job, job_id)
    if job is None or (mandate is not None and job.mandate_id != mandate):
        raise Refusal("job-unknown", status=404)
    return job


def latest(session: Session, kind: str, subject: int) -> Job | None:
    """Return the newest job of a kind on a subject."""
    return session.scalar(
        select(Job).where(Job.kind == kind, Job.subject == subject).order_by(Job.id.desc()).limit(1)
    )


def newest(session: Session, kind: str, mandate_id: int) -> Job | None:
    """Return the newest job of a kind in a mandate, whatever its subject."""
    return session.scalar(
        select(Job).where(Job.kind == kind, Job.mandate_id == mandate_id).order_by(Job.id.desc()).limit(1)
    )


def lives(session: Session) -> dict[int | None, Job]:
    """Return the newest year of each mandate that is lived at another time and is not at its end."""
    years = session.scalars(select(Job).where(Job.kind == LIFE).order_by(Job.id))
    newest = {job.mandate_id: job for job in years}
    return {mandate: job for mandate, job in newest.items() if job.state != JobState.DONE}


def recent(session: Session, limit: int = 50) -> list[Job]:
    """Return the newest jobs of the installation."""
    return list(session.scalars(select(Job).order_by(Job.id.desc()).limit(limit)))
