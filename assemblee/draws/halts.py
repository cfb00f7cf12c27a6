"""What can stop a frozen draw: a guarantor's suspension, or a cancellation that many sign."""

from __future__ import annotations

import unicodedata

from sqlalchemy.orm import Session

from assemblee.draws.ceremony import RUNNING, fingerprint, leaf, locked, part_of, signed_text
from assemblee.draws.models import Draw, DrawState, Lift, Suspension
from assemblee.draws.queries import LOTTERY
from assemblee.jobs import actions as jobs
from assemblee.jobs import queries as job_queries
from assemblee.journal import actions as journal
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import protocol


def suspend(session: Session, actor: Actor, draw: Draw, reason: str) -> Suspension:
    """Stop every act on a frozen draw, for a reason that stays public.

    Deadlines do not wait: they were frozen, so that a stop cannot choose between outcomes.

    Raises
    ------
    Refusal
        `draw-reason-missing`, `draw-is-...`, `guarantor-not-of-draw` or `draw-is-suspended`.
    """
    if not reason.strip():
        raise Refusal("draw-reason-missing", status=422)
    draw = locked(session, draw)
    draw.require(*RUNNING)
    part = part_of(draw, actor)
    if draw.suspended is not None:
        raise Refusal("draw-is-suspended")
    made = leaf(
        session, actor, draw, "draw-suspended", guarantor=part.name, reason=fingerprint(reason.strip())
    )
    suspension = Suspension(draw_id=draw.id, name=part.name, reason=reason.strip(), at=made.at)
    session.add(suspension)
    journal.checkpoint(session)
    return suspension


def lift(session: Session, actor: Actor, draw: Draw) -> bool:
    """Say that a suspension may end; it does once as many guarantors said so as must cosign.

    Returns
    -------
    bool
        Whether the draw goes on.

    Raises
    ------
    Refusal
        `draw-is-...`, `guarantor-not-of-draw`, `draw-is-not-suspended` or `suspension-already-lifted`.
    """
    draw = locked(session, draw)
    draw.require(*RUNNING)
    part = part_of(draw, actor)
    suspension = draw.suspended
    if suspension is None:
        raise Refusal("draw-is-not-suspended")
    if part.name in {one.name for one in suspension.lifts}:
        raise Refusal("suspension-already-lifted")
    made = leaf(session, actor, draw, "suspension-lift-said", guarantor=part.name)
    suspension.lifts.append(Lift(suspension_id=suspension.id, name=part.name, at=made.at))
    if len(suspension.lifts) < (draw.threshold or 1):
        return False
    suspension.lifted_at = made.at
    leaf(session, actor, draw, "draw-resumed")
    journal.checkpoint(session)
    return True


def propose_cancel(session: Session, actor: Actor, draw: Draw, reason: str) -> None:
    """Propose to cancel a frozen draw, for a reason that guarantors sign.

    Raises
    ------
    Refusal
        `draw-reason-missing`, `draw-is-...` or `draw-cancel-signed`: a reason that somebody signed stays.
    """
    if not reason.strip():
        raise Refusal("draw-reason-missing", status=422)
    draw = locked(session, draw)
    draw.require(*RUNNING)
    if any(part.cancel_note for part in draw.guarantors):
        raise Refusal("draw-cancel-signed")
    # What guarantors sign has one byte form: browsers end lines otherwise than their programs do.
    draw.cancel_reason = unicodedata.normalize("NFC", reason.replace("\r\n", "\n")).strip()
    leaf(session, actor, draw, "draw-cancel-proposed", reason=fingerprint(draw.cancel_reason))


def sign_cancel(session: Session, actor: Actor, draw: Draw, text: str) -> bool:
    """Take a guarantor's signature under the proposal to cancel; enough of them cancel the draw.

    Returns
    -------
    bool
        Whether the draw is cancelled.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-cancel-not-proposed`, `guarantor-not-of-draw`, `draw-cancel-already-signed`,
        `note-invalid` or `note-of-another-draw`.
    """
    draw = locked(session, draw)
    draw.require(*RUNNING)
    part = part_of(draw, actor)
    if draw.cancel_reason is None:
        raise Refusal("draw-cancel-not-proposed")
    if part.cancel_note is not None:
        raise Refusal("draw-cancel-already-signed")
    note = signed_text(part, text)
    if note.text != protocol.cancel_text(draw.id, bytes.fromhex(str(draw.commitment)), draw.cancel_reason):
        raise Refusal("note-of-another-draw", status=422)
    part.cancel_note = str(note)
    made = leaf(
        session,
        actor,
        draw,
        "draw-cancel-signed",
        guarantor=part.name,
        note=fingerprint(part.cancel_note),
    )
    part.cancelled_at = made.at
    if sum(one.cancel_note is not None for one in draw.guarantors) < (draw.threshold or 1):
        return False
    job = job_queries.latest(session, LOTTERY, draw.id)
    if job is not None and job.is_open:
        jobs.cancel(session, actor, job)
    draw.state, draw.cancelled_at = DrawState.CANCELLED, made.at
    leaf(session, actor, draw, "draw-cancelled", reason=fingerprint(draw.cancel_reason))
    journal.checkpoint(session)
    return True
