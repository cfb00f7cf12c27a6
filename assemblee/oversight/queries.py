"""What a guarantor's desk shows: the tasks of each draw, and how far the journal has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assemblee.draws.models import Draw, DrawState, Part, Suspension

# The steps of a ceremony that ask something of each guarantor (docs/verify.md, section 2).
COSIGN, REVEAL = 3, 4


@dataclass(frozen=True)
class GuarantorTask:
    """What a draw awaits from a guarantor now, by a code, and until when."""

    draw: Draw
    code: str
    until: datetime | None


def tasks(session: Session, mandate_id: int, account: int | None, now: datetime) -> list[GuarantorTask]:
    """Return what each frozen draw of a mandate awaits from a guarantor, newest draw first."""
    draws = session.scalars(
        select(Draw)
        .join(Part, Part.draw_id == Draw.id)
        .options(selectinload(Draw.guarantors), selectinload(Draw.suspensions).selectinload(Suspension.lifts))
        .where(Draw.mandate_id == mandate_id, Part.account_id == account)
        .order_by(Draw.id.desc())
    )
    return [task(draw, account, now) for draw in draws]


def task(draw: Draw, account: int | None, now: datetime) -> GuarantorTask:
    """Return what a draw awaits from one of its guarantors."""
    part = next(part for part in draw.guarantors if part.account_id == account)
    step = draw.step(now)
    code, until = "nothing", None
    if draw.state == DrawState.HELD:
        code = "verify"
    elif draw.state == DrawState.CANCELLED or draw.has_lapsed(now):
        code = "over"
    elif draw.suspended is not None:
        if part.name not in {lift.name for lift in draw.suspended.lifts}:
            code = "lift"
    elif step == COSIGN and part.note is None:
        code, until = "cosign", draw.cosign_until
    elif step == REVEAL and part.note is not None and part.secret is None:
        code, until = "reveal", draw.reveal_until
    elif draw.beacon_at is not None and now >= draw.beacon_at and part.numbers is None:
        code = "beacon"
    return GuarantorTask(draw, code, until)
