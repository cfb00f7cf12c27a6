"""What members are paid: stipends that follow from attendance, expenses that they declare, and payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from assemblee.assemblies.meetings.models import Attendance, LedgerLine, LineState, Meeting, Presence
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat, Term
from assemblee.days import day_in
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.mandates import charters
from assemblee.refusal import Refusal
from assemblee.security import Actor

MOST_CENTS = 10_000_00
LONGEST_PURPOSE = 500
# Beyond it PostgreSQL would not even look.
LARGEST_ID = 2**31 - 1


def accrue(session: Session, meeting: Meeting) -> None:
    """Bring the stipends of a locked term in line with its attendance sheets; doing it twice changes nothing.

    Raises
    ------
    Refusal
        `attendance-paid`.
    """
    term = meeting.term
    pay = charters.current(session, term.mandate).body(term.body).pay_per_day
    attended = session.execute(
        select(Attendance.seat_id, Meeting)
        .join(Meeting)
        .where(Meeting.term_id == term.id, Attendance.state == Presence.PRESENT)
        .order_by(Meeting.starts_at, Meeting.id)
    )
    earned: dict[tuple[int, date], int] = {}
    for seat_id, one in attended:
        for day in one.days:
            earned.setdefault((seat_id, day), one.id)
    kept = {(line.seat_id, line.day): line for line in lines(session, term) if line.is_stipend}
    for key, line in kept.items():
        if key not in earned and line.state == LineState.PAID:
            raise Refusal("attendance-paid")
        if key not in earned:
            session.delete(line)
    now = database_now(session)
    session.add_all(
        LedgerLine(
            seat_id=key[0],
            day=key[1],
            meeting_id=number,
            cents=pay,
            state=LineState.DUE,
            made_at=now,
            decided_at=now,
        )
        for key, number in earned.items()
        if pay and key not in kept
    )
    session.flush()


def declare(session: Session, actor: Actor, seat: Seat, *, cents: int, purpose: str, day: date) -> LedgerLine:
    """Declare an expense, for the organisers to accept or refuse.

    Raises
    ------
    Refusal
        `seat-holds-no-place` (and never did), `expense-amount-invalid`, `expense-purpose-missing`,
        `expense-purpose-too-long` or `expense-day-invalid`.
    """
    seats.locked(session, seat.term)
    if seat.place is None or seat.answered_at is None:
        raise Refusal("seat-holds-no-place")
    if not 0 < cents <= MOST_CENTS:
        raise Refusal("expense-amount-invalid", status=422)
    if not purpose.strip():
        raise Refusal("expense-purpose-missing", status=422)
    if len(purpose) > LONGEST_PURPOSE:
        raise Refusal("expense-purpose-too-long", status=422, most=LONGEST_PURPOSE)
    began = day_in(seat.answered_at, seat.term.mandate.time_zone)
    if not began <= day <= queries.today(session, seat.term.mandate):
        raise Refusal("expense-day-invalid", status=422)
    line = LedgerLine(
        seat_id=seat.id,
        day=day,
        cents=cents,
        purpose=purpose.strip(),
        state=LineState.DECLARED,
        made_at=database_now(session),
    )
    session.add(line)
    session.flush()
    record(
        session,
        actor,
        "expense-declared",
        mandate=seat.term.mandate_id,
        term=seat.term_id,
        line=line.id,
        cents=cents,
    )
    return line


def decide(session: Session, actor: Actor, line: LedgerLine, reason: str | None) -> LedgerLine:
    """Accept an expense, or refuse it with a reason.

    Parameters
    ----------
    reason : str or None
        Why it is refused, for the member to read; none accepts it.

    Raises
    ------
    Refusal
        `line-is-...` or `expense-reason-missing`.
    """
    line = _locked(session, line)
    if line.state != LineState.DECLARED:
        raise Refusal(f"line-is-{line.state}")
    if reason is not None and not reason.strip():
        raise Refusal("expense-reason-missing", status=422)
    line.state = LineState.DUE if reason is None else LineState.REFUSED
    line.reason, line.decided_at = reason.strip() if reason else None, database_now(session)
    session.flush()
    record(
        session,
        actor,
        "expense-decided",
        mandate=line.seat.term.mandate_id,
        term=line.seat.term_id,
        line=line.id,
        cents=line.cents,
        accepted=reason is None,
    )
    return line


def pay(session: Session, actor: Actor, term: Term, chosen: Sequence[LedgerLine]) -> int:
    """Note that lines of a term are paid, and return their sum in cents.

    Raises
    ------
    Refusal
        `line-none` or `line-is-...`: all are paid, or none.
    """
    term = seats.locked(session, term)
    if not chosen:
        raise Refusal("line-none", status=422)
    now = database_now(session)
    for line in chosen:
        session.refresh(line)
        if line.state != LineState.DUE:
            raise Refusal(f"line-is-{line.state}")
        line.state, line.paid_at = LineState.PAID, now
    total = sum(line.cents for line in chosen)
    session.flush()
    record(
        session,
        actor,
        "payment-recorded",
        mandate=term.mandate_id,
        term=term.id,
        cents=total,
        lines=[[line.id, line.cents] for line in chosen],
    )
    return total


def _locked(session: Session, line: LedgerLine) -> LedgerLine:
    seats.locked(session, line.seat.term)
    session.refresh(line)
    return line


def line(session: Session, term: Term, line_id: int) -> LedgerLine:
    """Return a line of the ledger of a term.

    Raises
    ------
    Refusal
        `line-unknown`.
    """
    line = session.get(LedgerLine, line_id) if 0 < line_id <= LARGEST_ID else None
    if line is None or line.seat.term_id != term.id:
        raise Refusal("line-unknown", status=404)
    return line


def lines(session: Session, term: Term) -> list[LedgerLine]:
    """Return the ledger of a term, by day."""
    return list(
        session.scalars(
            select(LedgerLine)
            .join(Seat)
            .options(joinedload(LedgerLine.seat).joinedload(Seat.volunteer), joinedload(LedgerLine.meeting))
            .where(Seat.term_id == term.id)
            .order_by(LedgerLine.day, LedgerLine.id)
        )
    )


def of_seat(session: Session, seat: Seat) -> list[LedgerLine]:
    """Return the lines of one member, by day."""
    return list(
        session.scalars(
            select(LedgerLine)
            .options(joinedload(LedgerLine.meeting))
            .where(LedgerLine.seat_id == seat.id)
            .order_by(LedgerLine.day, LedgerLine.id)
        )
    )


def undecided(session: Session, mandate_id: int) -> int:
    """Count the expenses of a mandate that wait for a decision."""
    return (
        session.scalar(
            select(func.count())
            .select_from(LedgerLine)
            .join(Seat)
            .join(Term)
            .where(Term.mandate_id == mandate_id, LedgerLine.state == LineState.DECLARED)
        )
        or 0
    )


def forget(session: Session, seat: Seat) -> None:
    """Erase what a person wrote, and what was written to them; amounts stay, since they were paid or not."""
    session.execute(update(LedgerLine).where(LedgerLine.seat_id == seat.id).values(purpose=None, reason=None))
