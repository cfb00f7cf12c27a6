"""Objections of guarantors to a frozen draw, and their answers: both public, both in its history."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.draws.ceremony import fingerprint, leaf, locked, part_of
from assemblee.draws.models import Draw, DrawState, Objection
from assemblee.refusal import Refusal
from assemblee.security import Actor

ANSWER_WITHIN = timedelta(days=7)


def file(session: Session, actor: Actor, draw: Draw, text: str) -> Objection:
    """File an objection to a frozen draw, whatever has become of it since.

    Raises
    ------
    Refusal
        `objection-text-missing`, `draw-is-...` or `guarantor-not-of-draw`.
    """
    if not text.strip():
        raise Refusal("objection-text-missing", status=422)
    draw = locked(session, draw)
    draw.require(DrawState.FROZEN, DrawState.READY, DrawState.HELD, DrawState.CANCELLED)
    part = part_of(draw, actor)
    # Free text may name somebody: the journal keeps only its hash.
    made = leaf(session, actor, draw, "objection-filed", guarantor=part.name, text=fingerprint(text.strip()))
    objection = Objection(
        draw_id=draw.id,
        name=part.name,
        text=text.strip(),
        at=made.at,
        answer_until=made.at + ANSWER_WITHIN,
    )
    session.add(objection)
    session.flush()
    return objection


def answer(session: Session, actor: Actor, draw: Draw, objection_id: int, text: str) -> Objection:
    """Answer an objection, once; a late answer is taken, and shown to be late.

    Raises
    ------
    Refusal
        `objection-text-missing`, `objection-unknown` or `objection-already-answered`.
    """
    if not text.strip():
        raise Refusal("objection-text-missing", status=422)
    draw = locked(session, draw)
    objection = session.scalar(
        select(Objection).where(Objection.id == objection_id, Objection.draw_id == draw.id)
    )
    if objection is None:
        raise Refusal("objection-unknown", status=404)
    if objection.answer is not None:
        raise Refusal("objection-already-answered")
    made = leaf(
        session,
        actor,
        draw,
        "objection-answered",
        guarantor=objection.name,
        text=fingerprint(objection.text),
        answer=fingerprint(text.strip()),
    )
    objection.answer, objection.answered_at = text.strip(), made.at
    return objection
