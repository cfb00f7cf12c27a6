"""How a term gets its people: the panel of its draw, the group of a rota, a nomination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import sortition
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import (
    HOLDING,
    Rota,
    Seat,
    SeatOrigin,
    SeatState,
    Term,
    TermState,
)
from assemblee.days import days_after, end_of_day
from assemblee.db import database_now
from assemblee.draws import actions as draws
from assemblee.draws import queries as draw_queries
from assemblee.draws.models import Draw, DrawEntry, DrawState
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mail.addresses import mailbox
from assemblee.mandates import charters
from assemblee.pools import actions as pools
from assemblee.pools import queries as pool_queries
from assemblee.pools.models import Pool, Volunteer
from assemblee.refusal import Refusal
from assemblee.security import Actor
from assemblee.written import has_letter, one_line
from sortition import vacancies
from sortition.quotas import census_quotas

# Whoever is called in the course of a term has a week, and never less than three days.
CALL_DAYS = 7
LEAST = timedelta(days=3)
PENDING = (*HOLDING, SeatState.INVITED)


def quotas_for(pool: Pool, size: int, quotas: str | Mapping[str, Any]) -> sortition.Quotas:
    """Return the quotas that a charter sets for a body drawn from a pool, at the body's size."""
    if isinstance(quotas, Mapping):
        return census_quotas(quotas["census"], size, quotas["tolerance"])
    of_pool = pool_queries.quotas(pool)
    return of_pool if size == pool.size else vacancies.scaled(of_pool, pool.size, size)


def prepare_draw(session: Session, actor: Actor, term: Term, pool: Pool, *, rule: str = "leximin") -> Draw:
    """Prepare the draw of a term among the volunteers who may sit in it.

    Raises
    ------
    Refusal
        `term-has-a-draw`, `term-not-drawn-from-a-pool`, `term-is-...` or a refusal of `draws.prepare`.
    """
    # The register before the term: who is erased comes the same way.
    pool = pools.locked(session, pool)
    term = seats.locked(session, term)
    body = charters.current(session, term.mandate).body(term.body)
    if body.recipe.source != "pool":
        raise Refusal("term-not-drawn-from-a-pool")
    if term.state != TermState.PLANNED:
        raise Refusal(f"term-is-{term.state}")
    if term.draw is not None and term.draw.state != DrawState.CANCELLED:
        raise Refusal("term-has-a-draw", number=term.draw.id)
    draw = draws.prepare(
        session,
        actor,
        pool,
        title=f"{body.name} {term.number}",
        rule=rule,
        size=term.size,
        quotas=quotas_for(pool, term.size, body.quotas),
        without=queries.barred(session, term, select(Volunteer.id).where(Volunteer.pool_id == pool.id)),
    )
    draw.alternates = min(body.recipe.alternates, len(draw.people) - draw.size)
    term.draw = draw
    session.flush()
    record(session, actor, "term-draw-prepared", mandate=term.mandate_id, term=term.id, draw=draw.id)
    return draw


def _answer_until(session: Session, term: Term, *, called: bool) -> datetime:
    """Return the end of the day by which an invitation is answered, in the mandate's zone."""
    now = database_now(session)
    zone = term.mandate.time_zone
    planned = end_of_day(term.answer_by, zone)
    if called or planned - now < LEAST:
        planned = days_after(now, CALL_DAYS, zone)
    return min(planned, max(end_of_day(term.last, zone), now))


def send(session: Session, term: Term, invited: Sequence[Seat], *, called: bool) -> None:
    """Write to people who are invited; ``called`` are those who come in later than the others."""
    now, until = database_now(session), _answer_until(session, term, called=called)
    for seat in seats.fresh(session, invited):
        seat.invited_at, seat.answer_until = now, until
        letters.invited(session, seat)


def invite_panel(session: Session, actor: Actor, term: Term) -> list[Seat]:
    """Invite the panel of a held draw, and put its alternates on the list, in their order.

    Raises
    ------
    Refusal
        `term-is-...` or `draw-not-held`.
    """
    term = seats.locked(session, term)
    if term.state != TermState.PLANNED:
        raise Refusal(f"term-is-{term.state}")
    outcome = draw_queries.real_outcome(term.draw) if term.draw is not None else None
    if term.draw is None or outcome is None:
        raise Refusal("draw-not-held")
    term.state, term.quotas = TermState.FILLING, term.draw.quotas
    numbers = _volunteers(session, term.draw, [*outcome.members, *outcome.alternates])
    panel = [(person, numbers.get(person)) for person in outcome.members]
    # Since the draw was prepared, some may have been erased, or have come to sit where the charter bars it.
    barred = queries.barred(session, term, [number for _, number in panel if number is not None])
    able = [one for one in panel if one[1] is not None and one[1] not in barred]
    invited = seats.enter(
        session, actor, term, able, origin=SeatOrigin.PANEL, state=SeatState.INVITED, cause="drawn"
    )
    unable = [one for one in panel if one not in able]
    seats.enter(session, actor, term, unable, origin=SeatOrigin.PANEL, state=SeatState.ENDED, cause="barred")
    send(session, term, invited, called=False)
    next_ones = [(person, numbers.get(person)) for person in outcome.alternates]
    waiting = seats.enter(
        session, actor, term, next_ones, origin=SeatOrigin.ALTERNATE, state=SeatState.ALTERNATE, cause="drawn"
    )
    for seat in seats.fresh(session, waiting):
        letters.alternate(session, seat)
    return invited


def _volunteers(session: Session, draw: Draw, pseudonyms: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(DrawEntry.pseudonym, DrawEntry.volunteer_id).where(
            DrawEntry.draw_id == draw.id,
            DrawEntry.pseudonym.in_(pseudonyms),
            DrawEntry.volunteer_id.is_not(None),
        )
    )
    return {row.pseudonym: row.volunteer_id for row in rows}


def nominate(session: Session, actor: Actor, term: Term, *, name: str, email: str, reason: str) -> Seat:
    """Invite a person chosen for what they know; the reason is published with their name.

    Raises
    ------
    Refusal
        `term-not-nominated`, `term-is-...`, `term-is-full`, `nomination-reason-missing`,
        `nomination-name-missing`, `nomination-twice`, `seat-barred-...` or `email-invalid`.
    """
    term = seats.locked(session, term)
    if charters.current(session, term.mandate).body(term.body).recipe.source != "nomination":
        raise Refusal("term-not-nominated")
    if term.state not in {TermState.PLANNED, TermState.FILLING, TermState.RUNNING}:
        raise Refusal(f"term-is-{term.state}")
    if not has_letter(name):
        raise Refusal("nomination-name-missing", status=422)
    if not reason.strip():
        raise Refusal("nomination-reason-missing", status=422)
    if open_places(session, term) < 1:
        raise Refusal("term-is-full")
    found = mailbox(email)
    known = queries.seats(session, term, PENDING)
    if any(seat.mailbox == found.key for seat in known):
        raise Refusal("nomination-twice")
    cause = queries.bar_of_mailbox(session, term, found.key)
    if cause is not None or one_line(name) == term.mandate.representative:
        raise Refusal(f"seat-barred-{cause or 'staff'}")
    if term.state == TermState.PLANNED:
        term.state = TermState.FILLING
    pseudonym = f"{term.body}-{term.number}-{queries.seat_count(session, term) + 1}"
    (seat,) = seats.enter(
        session,
        actor,
        term,
        [(pseudonym, None)],
        origin=SeatOrigin.NOMINATION,
        state=SeatState.INVITED,
        cause="nominated",
    )
    seat.name, seat.email, seat.reason = one_line(name), found.address, reason.strip()
    record(
        session,
        actor,
        "nomination-published",
        mandate=term.mandate_id,
        term=term.id,
        seat=seat.id,
        reason=tree.fingerprint(seat.reason),
    )
    send(session, term, [seat], called=False)
    return seat


def invite_group(session: Session, actor: Actor, term: Term, rota: Rota) -> list[Seat]:
    """Invite the group that a rota gives a term, as far as its people still sit in the parent body.

    Raises
    ------
    Refusal
        `term-is-...`.
    """
    term = seats.locked(session, term)
    if term.state != TermState.PLANNED:
        raise Refusal(f"term-is-{term.state}")
    # A group that was planned after the rota has none of its own: all its people are replacements.
    groups = dict(zip(rota.terms, rota.document["groups"], strict=True))
    group = groups.get(term.id, [])[: term.size]
    members = queries.seats(session, rota.parent, HOLDING)
    numbers = {seat.pseudonym: seat.volunteer_id for seat in members if seat.pseudonym in group}
    barred = queries.barred(session, term, [number for number in numbers.values() if number is not None])
    # Whoever was called before their turn, to replace somebody, rests when it comes.
    able = {person: number for person, number in numbers.items() if number not in barred}
    term.state = TermState.FILLING
    # The floors and ceilings of the shares that the members had when the rota was drawn.
    term.quotas = [
        [row["category"], row["value"], row["floor"], row["ceil"]] for row in rota.document["mirror"]
    ]
    people = [(person, able[person]) for person in group if person in able]
    invited = seats.enter(
        session, actor, term, people, origin=SeatOrigin.ROTA, state=SeatState.INVITED, cause="rota"
    )
    send(session, term, invited, called=False)
    return invited


def open_places(session: Session, term: Term) -> int:
    """Count the places that nobody holds and for which no invitation is out."""
    taken = session.scalar(select(func.count()).where(Seat.term_id == term.id, Seat.state.in_(PENDING)))
    return term.size - (taken or 0)
