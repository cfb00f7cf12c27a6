"""Reads of draws: one of a mandate, its lottery, and the public count of a pool's draws."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

import sortition
from assemblee.db import database_now
from assemblee.draws.models import Draw, DrawEntry, DrawState, Kind, Outcome
from assemblee.jobs import queries as jobs
from assemblee.jobs.models import Job
from assemblee.journal import tree
from assemblee.pools.models import Volunteer, VolunteerState
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
    draw = session.get(Draw, draw_id, options=[joinedload(Draw.pool)])
    if draw is None or draw.mandate_id != mandate_id:
        raise Refusal("draw-unknown", status=404)
    return draw


def draws(session: Session, mandate_id: int) -> list[Draw]:
    """Return the draws of a mandate, newest first."""
    return list(
        session.scalars(
            select(Draw)
            .options(joinedload(Draw.pool), selectinload(Draw.guarantors))
            .where(Draw.mandate_id == mandate_id)
            .order_by(Draw.id.desc())
        )
    )


@lru_cache(maxsize=8)
def _read_lottery(lottery_hash: str, text: str, frozen: str | None) -> sortition.Lottery:
    del lottery_hash
    document = json.loads(text)
    if frozen is None:
        # Draws held before draws were frozen keep the lottery as it was published.
        return sortition.Lottery.from_document(document)
    terms = json.loads(frozen)
    return sortition.protocol.read_lottery(document, [row["id"] for row in terms["pool"]], terms["rule"])


def lottery(draw: Draw) -> sortition.Lottery:
    """Return the computed lottery of a draw.

    Raises
    ------
    Refusal
        `draw-lottery-missing`.
    """
    if draw.lottery_text is None or draw.lottery_hash is None:
        raise Refusal("draw-lottery-missing", status=404)
    return _read_lottery(draw.lottery_hash, draw.lottery_text, draw.frozen_text)


def any_draw(session: Session, draw_id: int) -> Draw:
    """Return a draw of any mandate.

    Raises
    ------
    Refusal
        `draw-unknown`.
    """
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise Refusal("draw-unknown", status=404)
    return draw


def frozen_document(draw: Draw) -> dict[str, Any]:
    """Return ``draw.json`` of a frozen draw.

    Raises
    ------
    Refusal
        `draw-not-frozen`.
    """
    if draw.frozen_text is None:
        raise Refusal("draw-not-frozen", status=404)
    document: dict[str, Any] = json.loads(draw.frozen_text)
    return document


def pool_leaves(document: Mapping[str, Any]) -> list[bytes]:
    """Return the bytes of each row of a frozen pool, over which its root is made."""
    return [tree.canonical(row) for row in document["pool"]]


def entries(session: Session, draw: Draw, pseudonyms: Iterable[str]) -> dict[str, DrawEntry]:
    """Return who stands behind pseudonyms, as far as they were not erased."""
    rows = session.scalars(
        select(DrawEntry)
        .options(joinedload(DrawEntry.volunteer))
        .where(DrawEntry.draw_id == draw.id, DrawEntry.pseudonym.in_(list(pseudonyms)))
    )
    return {entry.pseudonym: entry for entry in rows}


def volunteers(draw: Draw) -> Select[Any]:
    """Return the question for the volunteers who stand behind the pseudonyms of a draw."""
    return select(DrawEntry.volunteer_id).where(
        DrawEntry.draw_id == draw.id, DrawEntry.volunteer_id.is_not(None)
    )


def willing(session: Session, draw: Draw) -> dict[str, int]:
    """Return who stands behind each pseudonym of a draw and still volunteers, by number, in their order."""
    rows = session.execute(
        select(DrawEntry.pseudonym, DrawEntry.volunteer_id)
        .join(Volunteer, Volunteer.id == DrawEntry.volunteer_id)
        .where(DrawEntry.draw_id == draw.id, Volunteer.state == VolunteerState.VOLUNTEER)
        .order_by(DrawEntry.pseudonym)
    )
    return {row.pseudonym: row.volunteer_id for row in rows}


def entries_of(session: Session, volunteer_ids: Iterable[int]) -> list[DrawEntry]:
    """Return the pseudonyms that people have in draws, newest draw first."""
    return list(
        session.scalars(
            select(DrawEntry)
            .options(joinedload(DrawEntry.draw).selectinload(Draw.outcomes))
            .where(DrawEntry.volunteer_id.in_(list(volunteer_ids)))
            .order_by(DrawEntry.draw_id.desc())
        )
    )


def outcome(session: Session, draw: Draw, outcome_id: int) -> Outcome:
    """Return a picked ticket of a draw.

    Raises
    ------
    Refusal
        `outcome-unknown`.
    """
    outcome = session.get(Outcome, outcome_id)
    if outcome is None or outcome.draw_id != draw.id:
        raise Refusal("outcome-unknown", status=404)
    return outcome


def real_outcome(draw: Draw) -> Outcome | None:
    """Return the ticket that counts, once the draw is held."""
    return next((outcome for outcome in draw.outcomes if outcome.kind == Kind.REAL), None)


def open_job(session: Session, draw: Draw) -> Job | None:
    """Return the work under way for a draw, or the last that ended."""
    found = [job for kind in (CHECK, LOTTERY) if (job := jobs.latest(session, kind, draw.id))]
    return max(found, key=lambda job: job.id, default=None)


@dataclass(frozen=True)
class Earlier:
    """How the draws of a pool that were frozen before ended."""

    held: int
    cancelled: int
    lapsed: int


def earlier_draws(session: Session, draw: Draw) -> Earlier:
    """Count the frozen draws of the same pool that came before a draw."""
    now = database_now(session)
    before = session.scalars(
        select(Draw)
        .options(selectinload(Draw.guarantors))
        .where(Draw.pool_id == draw.pool_id, Draw.id != draw.id, Draw.commitment.is_not(None))
    ).all()
    return Earlier(
        held=sum(one.state == DrawState.HELD for one in before),
        cancelled=sum(one.state == DrawState.CANCELLED for one in before),
        lapsed=sum(one.has_lapsed(now) for one in before),
    )


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
        held=states.get(DrawState.HELD, 0),
        rehearsed=rehearsed or 0,
        cancelled=states.get(DrawState.CANCELLED, 0),
    )
