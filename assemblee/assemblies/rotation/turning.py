"""What comes about by itself as days pass: invitations lapse, alternates are called, terms begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from assemblee.assemblies.rotation import planning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting, letters, vacancies
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, OPEN, SeatState, Term, TermState
from assemblee.db import database_now
from assemblee.draws.models import Draw, DrawState
from assemblee.jobs import actions as jobs
from assemblee.jobs import queries as job_queries
from assemblee.journal.actions import record
from assemblee.mandates.models import Mandate
from assemblee.refusal import Refusal
from assemblee.security import Actor

# Somebody who has not answered is asked again once, this long before the deadline.
REMINDER = timedelta(days=3)


def turn(session: Session, actor: Actor, mandate: Mandate) -> None:
    """Do everything that is due today in the bodies of a mandate; doing it twice changes nothing."""
    for number in awake(session, mandate):
        turn_term(session, actor, session.get_one(Term, number))


def awake(session: Session, mandate: Mandate) -> Sequence[int]:
    """Return the terms in which anything can be due, the earliest first; those that are over are not read.

    A planned one sleeps until its people can be known.
    """
    is_known = or_(
        Draw.state == DrawState.HELD,
        func.coalesce(Term.hold_by, Term.first) <= queries.today(session, mandate),
    )
    return session.scalars(
        select(Term.id)
        .outerjoin(Draw, Draw.id == Term.draw_id)
        .where(
            Term.mandate_id == mandate.id,
            or_(Term.state.in_(OPEN), and_(Term.state == TermState.PLANNED, is_known)),
        )
        .order_by(Term.first, Term.body, Term.number)
    ).all()


def turn_term(session: Session, actor: Actor, term: Term) -> None:
    """Do what is due today in one term."""
    term = seats.locked(session, term)
    today = queries.today(session, term.mandate)
    if term.state not in {TermState.PLANNED, *OPEN}:
        return
    if today > term.last:
        end(session, actor, term)
        return
    if queries.suspension(session, term) is not None:
        return
    _gather(session, actor, term, today)
    if term.is_open:
        _lapse(session, actor, term)
        _remind(session, term)
        vacancies.fill(session, actor, term)
    if today >= term.first and term.state == TermState.FILLING:
        begin(session, actor, term)
    elif today >= term.first and term.state == TermState.PLANNED and term.began_with is None:
        # Nobody has been drawn: the first day passes all the same, and the journal says why it is empty.
        _note_first_day(session, actor, term)


def _gather(session: Session, actor: Actor, term: Term, today: date) -> None:
    """Invite the people of a planned term, once its draw or its rota says who they are."""
    if term.state != TermState.PLANNED:
        return
    if term.draw is not None and term.draw.state == DrawState.HELD:
        inviting.invite_panel(session, actor, term)
        return
    above = queries.parent(session, term)
    if above is None or not above.is_open or term.hold_by is None or today < term.hold_by:
        return
    rota = queries.rota(session, above, term.body)
    if rota is not None:
        inviting.invite_group(session, actor, term, rota)
    elif _has_answered(session, above):
        start_rota(session, above)


def _has_answered(session: Session, above: Term) -> bool:
    """Whether the answers of a term's members are over, so that nobody can choose the moment of its rota."""
    today = queries.today(session, above.mandate)
    return today > above.answer_by or today >= above.first


def start_rota(session: Session, above: Term) -> None:
    """Start the computation of the rotas of a term, once: after a failure the organisers ask for it again."""
    if job_queries.latest(session, queries.ROTA, above.id) is None:
        jobs.start(session, queries.ROTA, above.id, mandate=above.mandate_id)


def ask_rota(session: Session, above: Term) -> None:
    """Compute the rotas of a term that has begun to fill, after the work was cancelled or has failed.

    Raises
    ------
    Refusal
        `term-is-...`, `rota-too-early`, `rota-not-needed` (every group has one: a rota is drawn once) or
        `job-already-open`.
    """
    above = seats.locked(session, above)
    if not above.is_open:
        raise Refusal(f"term-is-{above.state}")
    if not _has_answered(session, above):
        raise Refusal("rota-too-early")
    waiting = {child.body for child in queries.children(session, above)}
    if all(queries.rota(session, above, body) is not None for body in waiting):
        raise Refusal("rota-not-needed")
    jobs.start(session, queries.ROTA, above.id, mandate=above.mandate_id)


def _lapse(session: Session, actor: Actor, term: Term) -> None:
    """Count as unanswered what was not answered in time."""
    now = database_now(session)
    late = [
        seat
        for seat in queries.seats(session, term, [SeatState.INVITED])
        if seat.answer_until is not None and now > seat.answer_until
    ]
    seats.move(session, actor, term, late, SeatState.UNANSWERED, cause="deadline")


def _remind(session: Session, term: Term) -> None:
    now = database_now(session)
    for seat in queries.seats(session, term, [SeatState.INVITED]):
        is_due = seat.answer_until is not None and seat.answer_until - REMINDER <= now
        if is_due and seat.reminded_at is None:
            seat.reminded_at = now
            letters.reminded(session, seat)


def begin(session: Session, actor: Actor, term: Term) -> None:
    """Begin a term: those who have sworn sit, and the journal says how full it is."""
    seats.release_barred(session, actor, term)
    vacancies.fill(session, actor, term)
    term.state = TermState.RUNNING
    seats.sit(session, actor, term, queries.seats(session, term, [SeatState.SWORN]))
    if term.began_with is None:
        _note_first_day(session, actor, term)


def _note_first_day(session: Session, actor: Actor, term: Term) -> None:
    holding = len(queries.seats(session, term, HOLDING))
    invited = len(queries.seats(session, term, [SeatState.INVITED]))
    vacant = term.size - holding
    distance = queries.distances(session, [term]).get(term.id, 0)
    why = _why_vacant(term, vacant, invited)
    term.began_with = {"holding": holding, "vacant": vacant, "distance": distance, "why": why}
    session.flush()
    record(
        session,
        actor,
        "term-began",
        mandate=term.mandate_id,
        term=term.id,
        holding=holding,
        invited=invited,
        vacant=vacant,
        distance=distance,
        why=why,
    )


def _why_vacant(term: Term, vacant: int, invited: int) -> str | None:
    if vacant <= 0:
        return None
    if term.state == TermState.PLANNED:
        return "not-drawn"
    return "answers-awaited" if invited >= vacant else "nobody-left"


def end(session: Session, actor: Actor, term: Term) -> None:
    """End a term: its seats end with it, and the roles that came with them are taken back."""
    had_begun = term.state == TermState.RUNNING
    planning.close(session, actor, term, "term-ended")
    term.state = TermState.ENDED
    session.flush()
    record(session, actor, "term-ended", mandate=term.mandate_id, term=term.id, had_begun=had_begun)
