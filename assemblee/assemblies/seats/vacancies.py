"""Who comes next when a place is free: an alternate of the draw, else a replacement draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import sortition
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Replacement, Seat, SeatOrigin, SeatState, Term
from assemblee.db import database_now
from assemblee.draws import queries as draw_queries
from assemblee.draws.models import Draw
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.pools.models import VolunteerState
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import vacancies


def fill(session: Session, actor: Actor, term: Term) -> list[Seat]:
    """Call somebody for each free place: the alternate who keeps the quotas best, else a replacement draw.

    An alternate is called as long as the quotas can still be met with them. When that is out of reach, and
    somebody else of the same draw would bring the term nearer, a replacement is drawn among those who bring
    it nearest (`docs/rotation.md`). Places stay free when nobody is left.

    Raises
    ------
    Refusal
        `term-is-...` or `term-is-suspended`.
    """
    term = seats.locked(session, term)
    if not term.is_open:
        raise Refusal(f"term-is-{term.state}")
    queries.require_running(session, term)
    free = inviting.open_places(session, term)
    draw = queries.source_draw(session, term) if free > 0 else None
    if draw is None:
        return []
    search = _Search(session, actor, term, draw, draw.core_pool())
    called: list[Seat] = []
    for still_free in range(free, 0, -1):
        seat = search.call(still_free)
        if seat is None:
            break
        called.append(seat)
    inviting.send(session, term, called, called=True)
    return called


@dataclass(frozen=True)
class _Search:
    """What is known when somebody is looked for; the term is locked meanwhile."""

    session: Session
    actor: Actor
    term: Term
    draw: Draw
    pool: sortition.Pool

    def call(self, free: int) -> Seat | None:
        """Invite one person for one of so many free places; none where nobody is left."""
        everybody = queries.seats(self.session, self.term)
        pending = [seat.pseudonym for seat in everybody if seat.state in inviting.PENDING]
        alternates = [seat for seat in everybody if seat.state == SeatState.ALTERNATE]
        able = self._able(alternates)
        waiting = {seat.pseudonym: seat for seat in alternates if seat.volunteer_id in able}
        fit = vacancies.next_alternate(self.pool, self.term.core_quotas(), pending, list(waiting), free)
        if fit is None or fit.distance > 0:
            candidates = self._candidates({seat.pseudonym for seat in everybody})
            drawn = self._replacement(pending, candidates, free)
            if drawn is not None and (fit is None or drawn.distance < fit.distance):
                return self._enter(drawn, candidates[drawn.chosen])
        if fit is None:
            return None
        seat = waiting[fit.person]
        seats.move(self.session, self.actor, self.term, [seat], SeatState.INVITED, cause="vacancy")
        return seat

    def _able(self, people: Iterable[Seat]) -> set[int]:
        """Return the numbers of those who have seats, still volunteer and may sit in the term."""
        willing = {
            seat.volunteer.id
            for seat in people
            if seat.volunteer is not None and seat.volunteer.state == VolunteerState.VOLUNTEER
        }
        return willing - set(queries.barred(self.session, self.term, willing)) if willing else set()

    def _candidates(self, known: set[str]) -> dict[str, int]:
        """Return who a replacement may be drawn among: pseudonyms, and numbers of volunteers."""
        above = queries.parent(self.session, self.term)
        if above is not None:
            return self._members(above, known)
        left_out = {*known, *draw_queries.lottery(self.draw).excluded}
        willing = draw_queries.willing(self.session, self.draw)
        people = {pseudonym: number for pseudonym, number in willing.items() if pseudonym not in left_out}
        barred = queries.barred(self.session, self.term, draw_queries.volunteers(self.draw))
        return {pseudonym: number for pseudonym, number in people.items() if number not in barred}

    def _members(self, above: Term, known: set[str]) -> dict[str, int]:
        """Return the members of the parent body who have or will have served least often in this one."""
        rota = queries.rota(self.session, above, self.term.body)
        served = queries.served(self.session, above, self.term.body)
        if rota is not None:
            for number, group in zip(rota.terms, rota.document["groups"], strict=True):
                served.setdefault(number, set()).update(group)
        times = Counter(person for people in served.values() for person in people)
        members = queries.seats(self.session, above, HOLDING)
        able = self._able(seat for seat in members if seat.pseudonym not in known)
        free = {
            seat.pseudonym: seat.volunteer_id
            for seat in members
            if seat.volunteer_id in able and seat.pseudonym not in known
        }
        least = min((times[person] for person in free), default=0)
        return {person: number for person, number in free.items() if times[person] == least}

    def _replacement(
        self, pending: list[str], candidates: Mapping[str, int], free: int
    ) -> Replacement | None:
        outcome = draw_queries.real_outcome(self.draw)
        if outcome is None or not candidates:
            return None
        earlier = select(func.max(Replacement.number)).where(Replacement.draw_id == self.draw.id)
        number = (self.session.scalar(earlier) or 0) + 1
        drawn = vacancies.replacement(
            self.pool,
            self.term.core_quotas(),
            pending,
            list(candidates),
            free,
            bytes.fromhex(outcome.seed),
            number,
        )
        return Replacement(
            term_id=self.term.id,
            draw_id=self.draw.id,
            number=number,
            candidates=list(drawn.candidates),
            chosen=drawn.chosen,
            distance=drawn.distance,
            at=database_now(self.session),
        )

    def _enter(self, drawn: Replacement, volunteer: int) -> Seat:
        self.session.add(drawn)
        self.session.flush()
        record(
            self.session,
            self.actor,
            "replacement-drawn",
            mandate=self.term.mandate_id,
            term=self.term.id,
            draw=self.draw.id,
            number=drawn.number,
            candidates=len(drawn.candidates),
            list=tree.fingerprint(drawn.candidates),
            chosen=drawn.chosen,
            distance=drawn.distance,
        )
        (seat,) = seats.enter(
            self.session,
            self.actor,
            self.term,
            [(drawn.chosen, volunteer)],
            origin=SeatOrigin.REPLACEMENT,
            state=SeatState.INVITED,
            cause="replacement",
        )
        return seat
