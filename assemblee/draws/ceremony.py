"""The verbs of guarantors in a frozen draw: cosign, reveal; each leaf names the one before it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.db import database_now
from assemblee.draws.models import Draw, DrawEntry, DrawState, Part
from assemblee.journal import actions as journal
from assemblee.journal import notes, tree
from assemblee.journal.models import Leaf
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import protocol

SECRET = re.compile(r"[0-9a-f]{64}")
RUNNING = (DrawState.FROZEN, DrawState.READY)


def locked(session: Session, draw: Draw) -> Draw:
    """Return the draw with its row locked, so that acts on it take turns."""
    return session.scalars(
        select(Draw).where(Draw.id == draw.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def leaf(session: Session, actor: Actor, draw: Draw, event: str, **data: tree.Canonical) -> Leaf:
    """Record an act on a frozen draw, after the last one: none can be left out of its history."""
    made = journal.record(
        session, actor, event, mandate=draw.mandate_id, draw=draw.id, previous=draw.last_leaf, **data
    )
    draw.last_leaf = made.position
    return made


def fingerprint(text: str) -> str:
    """Return what the journal keeps of free text, which may name somebody."""
    return hashlib.sha256(text.encode()).hexdigest()


def require_running(draw: Draw, now: datetime) -> None:
    """Refuse an act on a draw that is suspended, or that too few guarantors cosigned.

    Raises
    ------
    Refusal
        `draw-is-suspended` or `draw-has-lapsed`.
    """
    if draw.suspended is not None:
        raise Refusal("draw-is-suspended")
    if draw.has_lapsed(now):
        raise Refusal("draw-has-lapsed", signed=draw.cosigned, threshold=draw.threshold)


def part_of(draw: Draw, actor: Actor) -> Part:
    """Return the part of a guarantor in a draw.

    Raises
    ------
    Refusal
        `guarantor-not-of-draw`: not among those whom the freeze names.
    """
    for part in draw.guarantors:
        if part.account_id == actor.account:
            return part
    raise Refusal("guarantor-not-of-draw")


def signed_text(part: Part, text: str) -> notes.Note:
    """Return a note that a guarantor signed, and nobody else.

    Raises
    ------
    Refusal
        `note-invalid`.
    """
    # What was copied from a terminal or a mail may have lost its last line end, or won some.
    try:
        note = notes.parse_note(text.replace("\r\n", "\n").strip() + "\n")
    except notes.MalformedError:
        raise Refusal("note-invalid", status=422, name=part.name) from None
    if len(note.signatures) != 1 or not notes.verifies(note, notes.parse_key(part.key)):
        raise Refusal("note-invalid", status=422, name=part.name)
    return note


def cosign(session: Session, actor: Actor, draw: Draw, text: str) -> Part:
    """Take a guarantor's signature of the frozen draw and its lottery, with the hash of a secret.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-is-suspended`, `draw-has-lapsed`, `guarantor-not-of-draw`,
        `draw-already-cosigned`, `note-invalid`, `note-of-another-draw` or `draw-cosign-too-late`.
    """
    draw = locked(session, draw)
    draw.require(DrawState.READY)
    require_running(draw, database_now(session))
    part = part_of(draw, actor)
    if part.note is not None:
        raise Refusal("draw-already-cosigned")
    note = signed_text(part, text)
    lines = note.text.split("\n")
    bound = lines[-2].removeprefix("secret ")
    expected = protocol.cosign_text(
        draw.id,
        bytes.fromhex(str(draw.commitment)),
        bytes.fromhex(str(draw.lottery_hash)),
        bytes.fromhex(bound) if SECRET.fullmatch(bound) else b"",
    )
    if note.text != expected or not SECRET.fullmatch(bound):
        raise Refusal("note-of-another-draw", status=422)
    part.note, part.bound_secret = str(note), bound
    made = leaf(
        session,
        actor,
        draw,
        "draw-cosigned",
        guarantor=part.name,
        note=fingerprint(part.note),
    )
    part.cosigned_at = made.at
    if draw.cosign_until is not None and made.at > draw.cosign_until:
        raise Refusal("draw-cosign-too-late")
    journal.checkpoint(session)
    return part


def reveal(session: Session, actor: Actor, draw: Draw, secret: str) -> Part:
    """Take the secret that a guarantor is bound to.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-is-suspended`, `draw-has-lapsed`, `guarantor-not-of-draw`,
        `draw-not-cosigned`, `draw-already-revealed`, `secret-wrong`, `draw-reveal-too-early` or
        `draw-reveal-too-late`.
    """
    draw = locked(session, draw)
    draw.require(DrawState.READY)
    require_running(draw, database_now(session))
    part = part_of(draw, actor)
    if part.note is None:
        raise Refusal("draw-not-cosigned")
    if part.secret is not None:
        raise Refusal("draw-already-revealed")
    # The guarantors' program prints their name before the secret.
    shown = (secret.split() or [""])[-1].lower()
    bound = (
        protocol.guarantor_commitment(
            part.name, bytes.fromhex(str(draw.commitment)), bytes.fromhex(shown)
        ).hex()
        if SECRET.fullmatch(shown)
        else ""
    )
    if bound != part.bound_secret:
        raise Refusal("secret-wrong", status=422)
    part.secret = shown
    made = leaf(session, actor, draw, "draw-revealed", guarantor=part.name, secret=shown)
    part.revealed_at = made.at
    if draw.cosign_until is None or made.at <= draw.cosign_until:
        raise Refusal("draw-reveal-too-early")
    if draw.reveal_until is None or made.at > draw.reveal_until:
        raise Refusal("draw-reveal-too-late")
    # Whoever holds it can show that the secret was open before public chance was known.
    journal.checkpoint(session)
    return part


def note_attempt(
    session: Session, actor: Actor, *, mandate_id: int, draw_id: int, act: str, refusal: str
) -> None:
    """Leave a leaf of an act that was refused on a frozen draw."""
    draw = session.scalars(
        select(Draw).where(Draw.id == draw_id, Draw.mandate_id == mandate_id).with_for_update()
    ).one_or_none()
    if draw is not None and draw.commitment is not None:
        leaf(session, actor, draw, "attempt-refused", act=act, refusal=refusal)


def forget(session: Session, volunteer_id: int) -> None:
    """Cut the link between an erased person and their pseudonyms, and destroy the salts."""
    for entry in session.scalars(select(DrawEntry).where(DrawEntry.volunteer_id == volunteer_id)):
        entry.volunteer_id, entry.salt = None, None
