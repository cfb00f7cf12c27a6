"""What the pages of draws show, beside the lines of the journal of their ceremony."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from assemblee.draws.freezing import written
from assemblee.draws.models import Draw, DrawState, Kind
from assemblee.journal.checks import PUBLISHED, Told
from sortition import protocol

FROZEN, LOTTERY, HELD, CANCELLED = "draw-frozen", "lottery-published", "draw-held", "draw-cancelled"
# A draw that has come so far has a line for it.
NEEDED = {
    FROZEN: {DrawState.FROZEN, DrawState.READY, DrawState.HELD},
    LOTTERY: {DrawState.READY, DrawState.HELD},
    HELD: {DrawState.HELD},
    CANCELLED: {DrawState.CANCELLED},
}


def differences(session: Session, leaves: Iterator[Told]) -> Iterator[str]:
    """Say what is shown of draws that is not what the journal tells."""
    told: dict[int, dict[str, Told]] = {}
    for leaf in leaves:
        told.setdefault(leaf.data["draw"], {})[leaf.event] = leaf
    texts = (undefer(Draw.frozen_text), undefer(Draw.lottery_text), undefer(Draw.result_text))
    for number in session.scalars(select(Draw.id).order_by(Draw.id)).all():
        # One at a time: the text of a lottery is long.
        draw = session.get_one(Draw, number, options=texts)
        for what in _differing(draw, told.pop(number, {})):
            yield f"draw {number}: {what} not what the journal tells"
        session.expire(draw)
    for number in sorted(told):
        yield f"draw {number}: the journal tells of it, and it is gone"


def _differing(draw: Draw, lines: dict[str, Told]) -> Iterator[str]:
    if any(leaf.mandate != draw.mandate_id for leaf in lines.values()):
        yield "its mandate is"
    lacks = any(draw.state in states and event not in lines for event, states in NEEDED.items())
    ends = {event: state for event in (HELD, CANCELLED) for state in NEEDED[event]}
    if lacks or any(draw.state != ends[event] for event in ends if event in lines):
        yield "its state is"
    frozen, lottery, held = (lines.get(event) for event in (FROZEN, LOTTERY, HELD))
    if frozen is not None:
        yield from _terms(draw, frozen)
    if lottery is not None and {_sha256(draw.lottery_text), draw.lottery_hash} != {lottery.data["lottery"]}:
        yield "its lottery is"
    if held is not None:
        yield from _result(draw, held)
    elif draw.result_text is not None or any(one.kind == Kind.REAL for one in draw.outcomes):
        yield "its result is"


def _terms(draw: Draw, frozen: Told) -> Iterator[str]:
    text = draw.frozen_text or ""
    if protocol.commit(text.encode()).hex() != frozen.data["commit"]:
        yield "what was frozen is"
        return
    if (draw.commitment, draw.pool_root) != (frozen.data["commit"], frozen.data["pool_root"]):
        yield "the hash of what was frozen is"
    document = json.loads(text)
    deadlines = {"cosign": draw.cosign_until, "reveal": draw.reveal_until, "beacon": draw.beacon_at}
    shown = {
        "title": draw.title,
        "publication": draw.publication,
        "quotas": protocol.quotas_document(draw.core_quotas()),
        "size": draw.size,
        "alternates": draw.alternates,
        "rule": draw.rule,
        "tickets": draw.tickets,
        "threshold": draw.threshold,
        "beacon": draw.beacon,
        "deadlines": {step: written(moment) for step, moment in deadlines.items() if moment},
    }
    for name, value in shown.items():
        if document[name] != value:
            yield f"`{name}` is"
    if [row["id"] for row in document["pool"]] != sorted(draw.people):
        yield "who could be drawn is"


def _result(draw: Draw, held: Told) -> Iterator[str]:
    if _sha256(draw.result_text) != held.data["result"]:
        yield "its result is"
        return
    result = json.loads(str(draw.result_text))
    found = [
        {"seed": one.seed, "ticket": one.ticket, "members": one.members, "alternates": one.alternates}
        for one in draw.outcomes
        if one.kind == Kind.REAL
    ]
    if found != [{name: result[name] for name in ("seed", "ticket", "members", "alternates")}]:
        yield "its panel is"
    if (result["seed"], result["ticket"]) != (held.data["seed"], held.data["ticket"]):
        yield "its seed or ticket is"


def _sha256(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()


PUBLISHED.append((frozenset(NEEDED), differences))
