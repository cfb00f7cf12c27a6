"""Reads of draws: one of a mandate, its lottery, and the public count of a pool's draws."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

import sortition
from assemblee.draws.models import Draw, Kind, Outcome, State
from assemblee.jobs import queries as jobs
from assemblee.jobs.models import Job
from assemblee.refusal import Refusal

CHECK = "draw-check"
LOTTERY = "draw-lottery"


def draw(session: Session, mandate_id: int, draw_id: int) -> Draw:
    """Return a draw of a mandate.

    Raises
    ------
    Refusal
        `draw-unknown`.
    """
    found = session.get(Draw, draw_id, options=[joinedload(Draw.pool)])
    if found is None or found.mandate_id != mandate_id:
        raise Refusal("draw-unknown", status=404)
    return found


def draws(session: Session, mandate_id: int) -> list[Draw]:
    """Return the draws of a mandate, newest first."""
    return list(
        session.scalars(
            select(Draw)
            .options(joinedload(Draw.pool))
            .where(Draw.mandate_id == mandate_id)
            .order_by(Draw.id.desc())
        )
    )


@lru_cache(maxsize=8)
def _read_lottery(lottery_hash: str, text: str) -> sortition.Lottery:
    del lottery_hash
    return sortition.Lottery.from_document(json.loads(text))


def lottery(draw: Draw) -> sortition.Lottery:
    """Return the computed lottery of a draw.

    Raises
    ------
    Refusal
        `draw-lottery-missing`.
    """
    if draw.lottery_text is None or draw.lottery_hash is None:
        raise Refusal("draw-lottery-missing", status=404)
    return _read_lottery(draw.lottery_hash, draw.lottery_text)


def outcome(session: Session, draw: Draw, outcome_id: int) -> Outcome:
    """Return a picked ticket of a draw.

    Raises
    ------
    Refusal
        `outcome-unknown`.
    """
    found = session.get(Outcome, outcome_id)
    if found is None or found.draw_id != draw.id:
        raise Refusal("outcome-unknown", status=404)
    return found


def real_outcome(draw: Draw) -> Outcome | None:
    """Return the ticket that counts, once the draw is held."""
    return next((outcome for outcome in draw.outcomes if outcome.kind == Kind.REAL), None)


def open_job(session: Session, draw: Draw) -> Job | None:
    """Return the work under way for a draw, or the last that ended."""
    found = [job for kind in (CHECK, LOTTERY) if (job := jobs.latest(session, kind, draw.id))]
    return max(found, key=lambda job: job.id, default=None)


@dataclass(frozen=True)
class DrawCount:
    """How many draws a pool has had, nothing left out."""

    prepared: int
    held: int
    rehearsed: int
    cancelled: int


def draw_count(session: Session, pool_id: int) -> DrawCount:
    """Count every draw of a pool: prepared, held, rehearsed, cancelled."""
    rows = session.execute(
        select(Draw.state, func.count().label("number")).where(Draw.pool_id == pool_id).group_by(Draw.state)
    )
    states = {row.state: row.number for row in rows}
    rehearsed = session.scalar(
        select(func.count())
        .select_from(Outcome)
        .join(Draw)
        .where(Draw.pool_id == pool_id, Outcome.kind == Kind.DRY)
    )
    return DrawCount(
        prepared=sum(states.values()),
        held=states.get(State.HELD, 0),
        rehearsed=rehearsed or 0,
        cancelled=states.get(State.CANCELLED, 0),
    )
