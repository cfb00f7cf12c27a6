"""The verbs of jobs: start, report, land, fail, cancel."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.db import Store
from assemblee.jobs import durable
from assemblee.jobs.models import LIFE, OPEN, Job, JobState
from assemblee.journal import timekeeping
from assemblee.refusal import Refusal
from assemblee.security import Actor

REPORT_EVERY_SECONDS = 0.5

Landing = Callable[[Session], None]
Progress = Callable[[int, int, str], None]
Handler = Callable[[Store, int, Progress], Landing]


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """The job was cancelled while its work went on."""


class Failed(Exception):  # noqa: N818 - it carries why
    """The work cannot give a result, for a reason that the organiser can read.

    Parameters
    ----------
    code : str
        Stable name of the reason.
    landing : callable, optional
        What to write, in one transaction with the job's end.
    """

    def __init__(self, code: str, landing: Landing | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.landing = landing


# Rooms above put their handlers here when the application or a command is assembled.
WORK: dict[str, Handler] = {}


def start(session: Session, kind: str, subject: int, *, mandate: int | None) -> Job:
    """Ask for long work, in the transaction of the act: rolled back with it, or kept with it.

    Raises
    ------
    Refusal
        `job-already-open`: the same work on the same subject is under way.
    """
    job = Job(
        kind=kind,
        subject=subject,
        mandate_id=mandate,
        state=JobState.WAITING,
        asked_at=clock.now(),
        phase="",
        progress_done=0,
        progress_total=0,
    )
    session.add(job)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("job-already-open") from None
    durable.enqueue(session, job.id)
    return job


def restart(session: Session, kind: str, subject: int, *, mandate: int | None) -> None:
    """Ask for long work on a subject as this act leaves it, whatever work on it is under way.

    Work that only waits will see the subject so; work that has begun is given up for it.
    """
    job = session.scalar(
        select(Job)
        .where(Job.kind == kind, Job.subject == subject, Job.state.in_(OPEN))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if job is not None and job.state == JobState.WAITING:
        return
    if job is not None:
        _end(job, JobState.CANCELLED)
        session.flush()
    start(session, kind, subject, mandate=mandate)


def locked(session: Session, job_id: int) -> Job:
    """Return a job whose row nobody else can change before this transaction ends."""
    job = session.scalar(
        select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)
    )
    if job is None:
        raise Refusal("job-unknown", status=404)
    return job


def _end(job: Job, state: JobState, failure: dict[str, Any] | None = None) -> None:
    job.state = state
    job.failure = failure
    job.ended_at = clock.now()


def cancel(session: Session, actor: Actor, job: Job) -> None:
    """Cancel a job; its worker notices and stops.

    Raises
    ------
    Refusal
        `job-already-ended`.
    """
    del actor
    job = locked(session, job.id)
    if not job.is_open:
        raise Refusal("job-already-ended")
    _end(job, JobState.CANCELLED)


def stop(session: Session, actor: Actor, job: Job) -> None:
    """Stop the life of an invented mandate: an operator has no right to the work of a real one.

    Raises
    ------
    Refusal
        `job-not-stoppable` or `job-already-ended`.
    """
    if job.kind != LIFE:
        raise Refusal("job-not-stoppable")
    cancel(session, actor, job)


def fail(session: Session, job_id: int, code: str) -> None:
    """Note that the work of a job broke, unless it has already ended."""
    job = locked(session, job_id)
    if job.is_open:
        _end(job, JobState.FAILED, {"code": code})


def run(store: Store, job_id: int) -> None:
    """Do the work of a job and land its result exactly once.

    A job that has ended, by another worker or by cancelling, is left as it is: running it again is harmless.
    """
    with store.writing() as session:
        job = locked(session, job_id)
        if not job.is_open:
            return
        job.state = JobState.RUNNING
        job.started_at = job.started_at or clock.now()
        kind, subject = job.kind, job.subject
    failure: str | None = None
    landing: Landing | None
    try:
        landing = WORK[kind](store, subject, _reporter(store, job_id))
    except Cancelled:
        return
    except Failed as refused:
        landing, failure = refused.landing, refused.code
    # What was worked out is not lost to a clock that is wrong just now.
    timekeeping.wait(store)
    with store.writing() as session:
        job = locked(session, job_id)
        if not job.is_open:
            return
        if landing is not None:
            landing(session)
        _end(job, JobState.FAILED if failure else JobState.DONE, {"code": failure} if failure else None)


def _reporter(store: Store, job_id: int) -> Progress:
    last = 0.0

    def report(done: int, total: int, phase: str) -> None:
        nonlocal last
        if time.monotonic() - last < REPORT_EVERY_SECONDS:
            return
        last = time.monotonic()
        with store.writing() as session:
            kept = session.scalar(
                update(Job)
                .where(Job.id == job_id, Job.state.in_(OPEN))
                .values(progress_done=done, progress_total=total, phase=phase)
                .returning(Job.id)
            )
        if kept is None:
            raise Cancelled

    return report
