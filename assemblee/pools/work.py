"""The long work of pools, done by the worker's child process: the check of the quotas."""

from __future__ import annotations

from sqlalchemy.orm import Session

import sortition
from assemblee.db import Store
from assemblee.jobs.actions import WORK, Failed, Landing, Progress
from assemblee.pools import checks, queries
from assemblee.pools.models import Pool


def check(store: Store, pool_id: int, progress: Progress) -> Landing:
    """Look for a panel within the quotas of a pool, unless just this was answered last."""
    with store.reading() as session:
        # The revision first: what changes while the rest is read makes the answer one of the past.
        pool = session.get_one(Pool, pool_id)
        revision = pool.revision
        try:
            question = queries.question(session, pool)
        except sortition.UnreadableFiles as error:
            raise Failed("pool-changed") from error
        kept = checks.kept(session, pool_id, question)
    try:
        document = kept or question.answer(progress).to_document()
    except sortition.SortitionError as error:
        raise Failed(error.code) from error

    def land(session: Session) -> None:
        checks.keep(session, pool_id, revision, question, document)

    return land


WORK[checks.KIND] = check
