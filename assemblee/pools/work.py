"""The long work of pools, done by the worker's child process: the check of the quotas, large files."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

import sortition
from assemblee.db import Store
from assemblee.jobs.actions import WORK, Failed, Landing, Progress
from assemblee.pools import checks, importing, imports, queries
from assemblee.pools.models import ImportDraft, Pool
from assemblee.security import Actor, Role


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


def take_in(store: Store, pool_id: int, progress: Progress) -> Landing:
    """Take in the file of a pool that an organiser has said yes to.

    It is read here for how far it is, and once more under the pool's lock: what others change counts.
    """
    with store.reading() as session:
        pool = session.get_one(Pool, pool_id)
        draft = session.scalars(_agreed(pool_id)).first()
        if draft is None:
            raise Failed("import-gone")
        plan = imports.preview(session, pool, draft, progress)
        number, may_publish = draft.id, draft.may_publish
        actor = Actor(draft.kept_by, frozenset({Role.ORGANISER}))

    def release(session: Session) -> None:
        session.get_one(ImportDraft, number).kept_by = None

    if plan.is_unreadable:
        # Or else the next file that somebody says yes to would wait behind this one.
        raise Failed("import-nothing-usable", release)

    def land(session: Session) -> None:
        row = session.get_one(Pool, pool_id)
        importing.apply_import(session, actor, row, number, may_publish=may_publish)

    return land


def _agreed(pool_id: int) -> Select[ImportDraft]:
    return (
        select(ImportDraft)
        .where(ImportDraft.pool_id == pool_id, ImportDraft.kept_by.is_not(None))
        .order_by(ImportDraft.id)
    )


WORK[checks.KIND] = check
WORK[importing.IMPORT] = take_in
