"""The beacon is recorded, and with it, in one transaction, the panel is chosen."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee.db import database_now
from assemblee.draws import beacons
from assemblee.draws.ceremony import leaf, locked, part_of, require_running
from assemblee.draws.models import Draw, DrawState, Kind, Outcome
from assemblee.draws.queries import lottery
from assemblee.journal import actions as journal
from assemblee.journal import tree
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import protocol


def _awaits(session: Session, draw: Draw, *kinds: str) -> Mapping[str, Any]:
    """Return the beacon that a draw waits for now."""
    draw.require(DrawState.READY)
    now = database_now(session)
    require_running(draw, now)
    announced = draw.beacon or {}
    if announced.get("kind") not in kinds:
        raise Refusal("beacon-of-another-kind")
    return announced


def _require_due(draw: Draw, moment: datetime) -> None:
    # The leaf's own time judges, so that what the journal says and what was allowed cannot differ.
    if draw.beacon_at is None or moment < draw.beacon_at:
        raise Refusal("beacon-too-early")


def record_round(session: Session, actor: Actor, draw: Draw, signature: str) -> Outcome:
    """Record the announced round of drand, and choose the panel.

    Whoever brings it changes nothing: the network signed it, and only this round will do.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-is-suspended`, `draw-has-lapsed`, `beacon-of-another-kind`, `beacon-too-early` or
        `beacon-signature-wrong`.
    """
    draw = locked(session, draw)
    announced = _awaits(session, draw, "drand")
    _require_due(draw, database_now(session))
    raw = beacons.checked_signature(announced, signature)
    return _choose(
        session, actor, draw, {"kind": "drand", "round": announced["round"], "signature": raw.hex()}
    )


def type_numbers(session: Session, actor: Actor, draw: Draw, numbers: Sequence[Sequence[int]]) -> bool:
    """Take the drawn numbers as a guarantor saw them; once enough of them agree, choose the panel.

    Returns
    -------
    bool
        Whether the panel is chosen.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-is-suspended`, `draw-has-lapsed`, `guarantor-not-of-draw`,
        `beacon-of-another-kind`, `beacon-too-early`, `beacon-numbers-wrong` or `beacon-already-typed`.
    """
    draw = locked(session, draw)
    announced = _awaits(session, draw, "lottery", "balls")
    part = part_of(draw, actor)
    ordered = beacons.checked_numbers(announced, numbers)
    if part.numbers is not None:
        raise Refusal("beacon-already-typed")
    part.numbers = ordered
    made = leaf(session, actor, draw, "beacon-typed", guarantor=part.name, numbers=ordered)
    part.typed_at = made.at
    _require_due(draw, made.at)
    witnesses = [one.name for one in draw.guarantors if one.numbers == ordered]
    if len(witnesses) < announced["witnesses"]:
        return False
    recorded = {
        "kind": announced["kind"],
        "numbers": ordered,
        "witnesses": sorted(witnesses, key=str.encode),
    }
    _choose(session, actor, draw, recorded)
    return True


def typed(draw: Draw) -> Counter[tuple[tuple[int, ...], ...]]:
    """Return the different numbers that guarantors typed, and how many typed each."""
    return Counter(
        tuple(tuple(group) for group in part.numbers) for part in draw.guarantors if part.numbers is not None
    )


def _choose(session: Session, actor: Actor, draw: Draw, recorded: dict[str, Any]) -> Outcome:
    beacon = beacons.value(recorded)
    made = leaf(session, actor, draw, "draw-beacon", beacon=beacon.hex())
    _require_due(draw, made.at)
    shown = {part.name: bytes.fromhex(part.secret) for part in draw.guarantors if part.secret}
    seed = protocol.seed(
        bytes.fromhex(str(draw.commitment)), bytes.fromhex(str(draw.lottery_hash)), shown, beacon
    )
    choice = protocol.choose(lottery(draw), draw.core_pool(), draw.core_quotas(), draw.alternates or 0, seed)
    content = tree.canonical(choice.to_document())
    outcome = Outcome(
        draw_id=draw.id,
        kind=Kind.REAL,
        seed=seed.hex(),
        ticket=choice.ticket,
        members=list(choice.members),
        alternates=list(choice.alternates),
        at=made.at,
    )
    session.add(outcome)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("draw-is-held") from None
    draw.beacon_found, draw.result_text = recorded, content.decode()
    draw.state, draw.held_at = DrawState.HELD, made.at
    leaf(
        session,
        actor,
        draw,
        "draw-held",
        lottery=str(draw.lottery_hash),
        seed=seed.hex(),
        ticket=choice.ticket,
        result=hashlib.sha256(content).hexdigest(),
    )
    journal.checkpoint(session)
    return outcome
