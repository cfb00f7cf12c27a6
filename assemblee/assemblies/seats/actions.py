"""The verbs of one seat: answer an invitation, swear in, resign, be excused; every change leaves a leaf."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assemblee.assemblies.seats import letters, roles
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import (
    HOLDING,
    STEPS,
    AnswerMeans,
    Seat,
    SeatChange,
    SeatOrigin,
    SeatState,
    Term,
    TermState,
)
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.mandates.models import Mandate
from assemblee.refusal import Refusal
from assemblee.security import Actor
from assemblee.written import one_line

NONCE_BYTES = 16
LONGEST_NAME = 120


def locked(session: Session, term: Term) -> Term:
    """Return a term whose seats nobody else can change before this transaction ends.

    The mandate is locked first: who acts in several of its terms never waits for somebody who does too, and
    nobody accepts two seats at once that exclude each other.
    """
    session.execute(select(Mandate.id).where(Mandate.id == term.mandate_id).with_for_update())
    return session.scalars(
        select(Term).where(Term.id == term.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _locked_seat(session: Session, seat: Seat) -> Seat:
    """Return a seat as it stands now; its term is locked."""
    locked(session, seat.term)
    return fresh(session, [seat])[0]


def fresh(session: Session, seats: Sequence[Seat]) -> list[Seat]:
    """Return seats of a locked term and their people as they stand now, whatever was read before."""
    places = {seat.id: place for place, seat in enumerate(seats)}
    rows = session.scalars(
        select(Seat)
        .options(joinedload(Seat.volunteer))
        .where(Seat.id.in_(places))
        .execution_options(populate_existing=True)
    )
    return sorted(rows, key=lambda seat: places[seat.id])


def _note(
    session: Session,
    actor: Actor,
    term: Term,
    seats: Sequence[Seat],
    *,
    cause: str,
    means: AnswerMeans | None = None,
) -> None:
    """Write one leaf for seats that came to the same state for the same cause, and their histories."""
    session.flush()
    state = seats[0].state
    made = record(
        session,
        actor,
        "seats-changed",
        mandate=term.mandate_id,
        term=term.id,
        state=str(state),
        cause=cause,
        means=str(means) if means else None,
        seats=[[seat.id, seat.pseudonym, seat.place] for seat in seats],
    )
    session.add_all(
        SeatChange(
            seat_id=seat.id,
            state=state,
            cause=cause,
            means=str(means) if means else None,
            at=made.at,
            leaf=made.position,
        )
        for seat in seats
    )


def enter(
    session: Session,
    actor: Actor,
    term: Term,
    people: Iterable[tuple[str, int | None]],
    *,
    origin: SeatOrigin,
    state: SeatState,
    cause: str,
) -> list[Seat]:
    """Make the seats of people in a locked term, by pseudonym and number of the volunteer, in this order."""
    rank = queries.seat_count(session, term)
    made = [
        Seat(
            term_id=term.id,
            volunteer_id=volunteer,
            pseudonym=pseudonym,
            origin=origin,
            rank=rank + place,
            state=state,
            nonce=secrets.token_hex(NONCE_BYTES),
        )
        for place, (pseudonym, volunteer) in enumerate(people)
    ]
    if made:
        session.add_all(made)
        _note(session, actor, term, made, cause=cause)
    return made


def move(
    session: Session,
    actor: Actor,
    term: Term,
    seats: Sequence[Seat],
    state: SeatState,
    *,
    cause: str,
    means: AnswerMeans | None = None,
) -> None:
    """Let seats of a locked term become something else; with `enter`, the only code that sets their state.

    Raises
    ------
    Refusal
        `seat-is-<state>`: what stands in the way is where a seat is now.
    """
    for seat in seats:
        if state not in STEPS.get(SeatState(seat.state), set()):
            raise Refusal(f"seat-is-{seat.state}")
        seat.state = state
    if seats:
        _note(session, actor, term, seats, cause=cause, means=means)


def _require_answerable(session: Session, seat: Seat) -> None:
    if seat.state != SeatState.INVITED:
        raise Refusal(f"seat-is-{seat.state}")
    if not seat.term.is_open:
        raise Refusal(f"term-is-{seat.term.state}")
    if seat.answer_until is not None and database_now(session) > seat.answer_until:
        raise Refusal("invitation-expired")


def _free_place(session: Session, term: Term) -> int:
    taken = set(session.scalars(select(Seat.place).where(Seat.term_id == term.id, Seat.state.in_(HOLDING))))
    free = next((place for place in range(1, term.size + 1) if place not in taken), None)
    if free is None:
        raise Refusal("term-is-full")
    return free


def accept(
    session: Session,
    actor: Actor,
    seat: Seat,
    *,
    means: AnswerMeans = AnswerMeans.LINK,
    public_name: str = "",
) -> Seat:
    """Take a place in the term, the lowest that is free.

    Parameters
    ----------
    public_name : str
        The name that the person agrees to show; without one the public sees the pseudonym.

    Raises
    ------
    Refusal
        `seat-is-...`, `term-is-...`, `invitation-expired`, `term-is-full`, `seat-barred-...` (the charter
        lets nobody sit in both) or `seat-name-too-long`.
    """
    seat = _locked_seat(session, seat)
    _require_answerable(session, seat)
    cause = queries.bar_of(session, seat)
    if cause is not None:
        raise Refusal(f"seat-barred-{cause}")
    place = _free_place(session, seat.term)
    _show(seat, public_name)
    seat.place = place
    move(session, actor, seat.term, [seat], SeatState.ACCEPTED, cause="answer", means=means)
    seat.answered_at = database_now(session)
    letters.accepted(session, seat)
    return seat


def decline(session: Session, actor: Actor, seat: Seat, *, means: AnswerMeans = AnswerMeans.LINK) -> Seat:
    """Refuse an invitation; no reason is asked.

    Raises
    ------
    Refusal
        `seat-is-...`, `term-is-...` or `invitation-expired`.
    """
    seat = _locked_seat(session, seat)
    _require_answerable(session, seat)
    move(session, actor, seat.term, [seat], SeatState.DECLINED, cause="answer", means=means)
    seat.answered_at = database_now(session)
    if means != AnswerMeans.LINK:
        # Somebody else wrote it down: the person can say that it was not theirs.
        letters.declined(session, seat)
    return seat


def show_name(session: Session, seat: Seat, public_name: str) -> None:
    """Show a person under the name they write, or under the pseudonym when they write none.

    Raises
    ------
    Refusal
        `seat-is-...` (only who holds a place is shown) or `seat-name-too-long`.
    """
    seat = _locked_seat(session, seat)
    if not seat.holds:
        raise Refusal(f"seat-is-{seat.state}")
    _show(seat, public_name)
    session.flush()


def _show(seat: Seat, public_name: str) -> None:
    if len(public_name) > LONGEST_NAME:
        raise Refusal("seat-name-too-long", status=422, most=LONGEST_NAME)
    seat.public_name = one_line(public_name) or None


def swear_in(session: Session, actor: Actor, term: Term, seats: Sequence[Seat]) -> None:
    """Note that people have sworn to keep the charter; in a term that has begun they sit at once.

    Raises
    ------
    Refusal
        `term-is-...`, `term-is-suspended` or `seat-is-...`.
    """
    term = locked(session, term)
    if not term.is_open:
        raise Refusal(f"term-is-{term.state}")
    queries.require_running(session, term)
    release_barred(session, actor, term)
    swearing = [seat for seat in fresh(session, seats) if seat.state != SeatState.ENDED]
    move(session, actor, term, swearing, SeatState.SWORN, cause="oath")
    if term.state == TermState.RUNNING:
        sit(session, actor, term, swearing)


def release_barred(session: Session, actor: Actor, term: Term) -> None:
    """End the seats of a locked term whose people have come to be barred from it: dates moved, say."""
    waiting = queries.seats(session, term, [SeatState.INVITED, SeatState.ACCEPTED, SeatState.SWORN])
    if not waiting:
        return
    causes = queries.bars(session, term, HOLDING, queries.asked_of(waiting))
    for state in (SeatState.INVITED, SeatState.ACCEPTED, SeatState.SWORN):
        ending = [seat for seat in waiting if seat.state == state and causes.of(seat) is not None]
        for seat in ending:
            if seat.holds:
                seat.until = queries.today(session, term.mandate)
        move(session, actor, term, ending, SeatState.ENDED, cause="barred")
        for seat in ending:
            letters.barred(session, seat)


def sit(session: Session, actor: Actor, term: Term, seats: Sequence[Seat]) -> None:
    """Let people who have sworn sit from today."""
    today = queries.today(session, term.mandate)
    for seat in seats:
        seat.since = today
    move(session, actor, term, seats, SeatState.SITTING, cause="term-began")
    for seat in seats:
        roles.give(session, actor, seat)


def leave(
    session: Session,
    actor: Actor,
    seat: Seat,
    state: SeatState,
    *,
    cause: str,
    means: AnswerMeans = AnswerMeans.LINK,
) -> Seat:
    """Give up a place: by the person's own word (`RESIGNED`), or because they cannot go on (`EXCUSED`).

    The person's seats in groups that are drawn from this body end with it.

    Raises
    ------
    Refusal
        `seat-is-...`.
    """
    seat = _locked_seat(session, seat)
    if seat.state not in HOLDING:
        raise Refusal(f"seat-is-{seat.state}")
    seat.until = queries.today(session, seat.term.mandate)
    move(session, actor, seat.term, [seat], state, cause=cause, means=means)
    roles.take(session, actor, seat)
    letters.left(session, seat)
    for child in queries.seats_below(session, seat):
        term = locked(session, child.term)
        if child.state == SeatState.INVITED:
            move(session, actor, term, [child], SeatState.ENDED, cause="left-parent")
        else:
            child.until = seat.until
            move(session, actor, term, [child], SeatState.EXCUSED, cause="left-parent")
    return seat
