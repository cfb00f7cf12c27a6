"""Letters that have not left: how many wait, which were set aside and why, whom no letter reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from assemblee.mail.models import Mail, Reason, is_aside, waits
from assemblee.refusal import Refusal

# Addresses asked for at once: stores take only so many values in one statement.
ASKED_AT_ONCE = 500


@dataclass(frozen=True)
class Trouble:
    """Why a letter to an address was set aside, what the server said, and when."""

    reason: str
    reply: str
    at: datetime


@dataclass(frozen=True)
class Waiting:
    """How many letters wait, since when the oldest does, and how many the server has put off."""

    number: int
    oldest: datetime | None
    put_off: int


def waiting(session: Session) -> Waiting:
    """Count what waits."""
    row = session.execute(
        select(func.count(), func.min(Mail.written_at), func.count().filter(Mail.attempts > 0)).where(waits())
    ).one()
    return Waiting(row[0], row[1], row[2])


def reasons(session: Session) -> dict[str, int]:
    """Count what was set aside, by reason."""
    rows = session.execute(
        select(Mail.reason, func.count()).where(is_aside()).group_by(Mail.reason).order_by(Mail.reason)
    )
    return {str(reason): number for reason, number in rows}


def newest(session: Session, limit: int = 50) -> list[Mail]:
    """Return the newest letters that were set aside, but those that came too late for their code."""
    return list(
        session.scalars(
            select(Mail)
            .where(is_aside(), Mail.reason != Reason.EXPIRED)
            .order_by(Mail.id.desc())
            .limit(limit)
        )
    )


def addresses() -> Select[str]:
    """Return the question for the addresses that some letter did not reach."""
    return select(Mail.recipient).where(is_aside())


def troubles(session: Session, addresses: Iterable[str | None]) -> dict[str, Trouble]:
    """Return, of some addresses, those that a letter did not reach, and why."""
    asked = sorted({address for address in addresses if address})
    found: dict[str, Trouble] = {}
    for start in range(0, len(asked), ASKED_AT_ONCE):
        rows = session.scalars(
            select(Mail)
            .where(is_aside(), Mail.recipient.in_(asked[start : start + ASKED_AT_ONCE]))
            .order_by(Mail.id)
        )
        for mail in rows:
            # That an address is spared says less than why it is.
            if mail.reason != Reason.ADDRESS_SPARED or mail.recipient not in found:
                at = mail.set_aside_at or mail.written_at
                found[mail.recipient] = Trouble(str(mail.reason), mail.reply or "", at)
    return found


def lift(session: Session, mail_id: int) -> int:
    """Let letters go again to the address of one that was set aside, and forget those that were.

    Returns
    -------
    int
        How many are forgotten.

    Raises
    ------
    Refusal
        `letter-unknown`.
    """
    address = session.scalar(select(Mail.recipient).where(Mail.id == mail_id, is_aside()))
    if not address:
        raise Refusal("letter-unknown", status=404)
    mine = delete(Mail).where(is_aside(), Mail.recipient == address).returning(Mail.id)
    return len(session.scalars(mine).all())
