"""The long work of draws, done by the worker's child process: the check and the lottery."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock
from assemblee.db import Store
from assemblee.draws.ceremony import forget, leaf, locked
from assemblee.draws.models import Draw, DrawState
from assemblee.draws.queries import CHECK, LOTTERY
from assemblee.jobs.actions import WORK, Failed, Landing, Progress
from assemblee.journal import actions as journal
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.pools import checks
from assemblee.pools.actions import ON_ERASE
from assemblee.pools.feasibility import Question
from assemblee.security import WORKER


def _frozen(store: Store, draw_id: int) -> Draw:
    with store.reading() as session:
        draw = session.scalars(select(Draw).where(Draw.id == draw_id)).one()
        session.expunge(draw)
    return draw


def _answer(store: Store, draw: Draw, progress: Progress) -> dict[str, Any]:
    question = Question(draw.core_pool(), draw.core_quotas(), draw.size)
    with store.reading() as session:
        kept = checks.kept(session, draw.pool_id, question)
    return kept or question.answer(progress).to_document()


def check(store: Store, draw_id: int, progress: Progress) -> Landing:
    """Look for a panel within the quotas, and for the people who are in none."""
    draw = _frozen(store, draw_id)
    try:
        answer = _answer(store, draw, progress)
    except sortition.SortitionError as error:
        raise Failed(error.code) from error

    def land(session: Session) -> None:
        row = session.get_one(Draw, draw_id)
        row.feasibility, row.checked_at = answer, clock.now()
        row.state = DrawState.FEASIBLE if answer["feasible"] else DrawState.INFEASIBLE
        record(
            session,
            WORKER,
            "draw-checked",
            mandate=row.mandate_id,
            draw=draw_id,
            feasible=bool(answer["feasible"]),
            excluded=len(answer["excluded"]),
        )

    return land


def compute_lottery(store: Store, draw_id: int, progress: Progress) -> Landing:
    """Compute the lottery of a frozen draw by its rule, with the certificate of its smallest chance."""
    draw = _frozen(store, draw_id)
    try:
        lottery = sortition.lottery(
            draw.rule,
            draw.core_pool(),
            draw.core_quotas(),
            draw.size,
            tickets=draw.tickets,
            progress=progress,
        )
    except sortition.SortitionError as error:
        raise Failed(error.code) from error
    pool, quotas = draw.core_pool(), draw.core_quotas()
    certificate = sortition.certify(pool, quotas, draw.size, lottery.excluded)
    content = tree.canonical(
        sortition.protocol.lottery_document(
            lottery, bytes.fromhex(str(draw.commitment)), pool, quotas, certificate
        )
    )
    digest = hashlib.sha256(content).hexdigest()

    def land(session: Session) -> None:
        row = locked(session, session.get_one(Draw, draw_id))
        row.lottery_text, row.lottery_hash = content.decode(), digest
        made = leaf(
            session,
            WORKER,
            row,
            "lottery-published",
            lottery=digest,
            panels=len(lottery.panels),
            tickets=lottery.tickets,
        )
        row.state, row.ready_at = DrawState.READY, made.at
        journal.checkpoint(session)

    return land


WORK[CHECK] = check
WORK[LOTTERY] = compute_lottery
ON_ERASE.append(forget)
