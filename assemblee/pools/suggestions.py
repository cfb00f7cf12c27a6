"""What an organiser does about the check of a pool: ask for it, stop it, take the quotas that it suggests."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from assemblee.jobs import actions as jobs
from assemblee.jobs import queries as job_queries
from assemblee.pools import checks, queries
from assemblee.pools.actions import locked, set_quotas
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition.quotas import within_flex


def check(session: Session, actor: Actor, pool: Pool) -> None:
    """Start the check of a pool's quotas, unless it is under way already."""
    del actor
    pool = locked(session, pool)
    job = job_queries.latest(session, checks.KIND, pool.id)
    if job is None or not job.is_open:
        checks.ask(session, pool)


def stop(session: Session, actor: Actor, pool: Pool) -> None:
    """Stop the check under way; the last answer stays.

    Raises
    ------
    Refusal
        `job-already-ended`.
    """
    job = job_queries.latest(session, checks.KIND, pool.id)
    if job is None:
        raise Refusal("job-already-ended")
    jobs.cancel(session, actor, job)


def take(session: Session, actor: Actor, pool: Pool) -> bool:
    """Take over the quota changes that make a panel exist, and return whether there were any.

    Raises
    ------
    Refusal
        `suggestions-stale`: the pool has changed since its quotas were checked, or they never were.
    """
    pool = locked(session, pool)
    known = checks.standing(session, pool)
    if known.people < pool.size:
        return False
    if known.found is None or not known.is_current:
        raise Refusal("suggestions-stale")
    changes = {(change["category"], change["value"]): change for change in known.found["suggestions"]}
    if not changes:
        return False
    cells = [
        within_flex(replace(cell, minimum=change["new_minimum"], maximum=change["new_maximum"]))
        if (change := changes.get((cell.category, cell.value)))
        else cell
        for cell in queries.cells(pool)
    ]
    set_quotas(session, actor, pool, cells, pool.size)
    return True
