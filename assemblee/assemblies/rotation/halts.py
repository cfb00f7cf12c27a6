"""A guarantor stops a term, and guarantors let it go on; both say why, in public."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import SeatState, Term, TermState, TermSuspension
from assemblee.days import day_in, end_of_day
from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor

LONGEST_REASON = 2_000


def _reason(text: str) -> str:
    why = text.strip()
    if not why:
        raise Refusal("suspension-reason-missing", status=422)
    if len(why) > LONGEST_REASON:
        raise Refusal("suspension-reason-too-long", status=422, most=LONGEST_REASON)
    return why


def suspend(session: Session, actor: Actor, term: Term, reason: str) -> TermSuspension:
    """Stop a term: until it is lifted nobody is called, sworn in or convened; those who sit keep their seats.

    Raises
    ------
    Refusal
        `suspension-reason-missing`, `suspension-reason-too-long`, `term-is-...` or `term-is-suspended`.
    """
    why = _reason(reason)
    term = seats.locked(session, term)
    if term.state in {TermState.ENDED, TermState.DROPPED}:
        raise Refusal(f"term-is-{term.state}")
    made = TermSuspension(term_id=term.id, reason=why, at=database_now(session))
    session.add(made)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("term-is-suspended") from None
    # The reason is free text and may name somebody: the journal keeps only its hash.
    record(
        session, actor, "term-suspended", mandate=term.mandate_id, term=term.id, reason=tree.fingerprint(why)
    )
    return made


def lift(session: Session, actor: Actor, term: Term, reason: str) -> None:
    """Let a suspended term go on.

    Raises
    ------
    Refusal
        `suspension-reason-missing`, `suspension-reason-too-long` or `term-not-suspended`.
    """
    why = _reason(reason)
    term = seats.locked(session, term)
    suspension = queries.suspension(session, term)
    if suspension is None:
        raise Refusal("term-not-suspended")
    suspension.lifted_at, suspension.lift_reason = database_now(session), why
    for seat in queries.seats(session, term, [SeatState.INVITED]):
        if seat.answer_until is not None:
            # The days of the stop are given back to those who were asked, and they are told a day.
            given_back = seat.answer_until + (suspension.lifted_at - suspension.at)
            seat.answer_until = end_of_day(day_in(given_back, term.mandate.time_zone), term.mandate.time_zone)
    record(
        session, actor, "term-resumed", mandate=term.mandate_id, term=term.id, reason=tree.fingerprint(why)
    )
