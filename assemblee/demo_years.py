"""Five years of an invented mandate, lived in days gone by: every draw, every answer, every week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock, demo_ceremony
from assemblee.assemblies import inviting, planning, queries, seats, turning
from assemblee.assemblies.models import Seat, SeatState, Term, TermState
from assemblee.db import Store
from assemblee.draws.models import Draw
from assemblee.draws.models import State as DrawState
from assemblee.journal.queries import witness_keys
from assemblee.mandates import actions as mandates
from assemblee.mandates import charters
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, WORKER, Role
from sortition.timetable import Holiday

# Of a thousand who are invited: how many say no, and how many say nothing.
DECLINE, SILENT = 120, 30
# Of a thousand who sit: how many leave before the end of a term of the assembly.
LEAVE = 100
# How often the organisers of the demo look at what is to be done.
STEP = timedelta(days=2)
DRAW_AHEAD = timedelta(days=75)
OATH_AHEAD = timedelta(days=4)
PEOPLE_WHO_ANSWER_AT_ONCE = 400
THOUSAND = 1000
EXPERTS = ("Odile Dumuid", "Basile Encrenoire", "Perrine Hautbois", "Firmin Sansplume", "Ysaline Pasdeloup")
KNOWN_FOR = "Connaît le droit public et la conduite des consultations."


@dataclass
class Years:
    """One mandate, lived from before its first day to after its last."""

    store: Store
    mandate_id: int
    pool_id: int
    seed: bytes
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        """Let chance be the same on every machine."""
        self.chance = sortition.Stream(self.seed, "years")

    def plan(self, first: date, last: date) -> None:
        """Publish the charter, with the holidays of each year, and plan the whole mandate."""
        with self.store.writing() as session:
            mandate = session.get_one(Mandate, self.mandate_id)
            charter = charters.ready_made(mandate)
            holidays = tuple(
                Holiday(date(year, 12, 24), date(year + 1, 1, 2), "Fin d’année")
                for year in range(first.year, last.year)
            )
            calendar = replace(charter.calendar, holidays=holidays)
            charters.publish(session, COMMAND_LINE, mandate, replace(charter, calendar=calendar), "")
            planning.replan(session, COMMAND_LINE, mandate, queries.today(session, mandate))

    def live(self, first: date, last: date) -> None:
        """Live from one day to another, both at noon."""
        day = first
        while day <= last:
            noon = datetime.combine(day, time(12), UTC)
            with clock.shifted(noon - clock.now()):
                spent = self.step(day)
            day += max(STEP, spent)

    def step(self, day: date) -> timedelta:
        """Do what there is to do on one day, and return how long it took."""
        with self.store.writing() as session:
            turning.turn(session, WORKER, session.get_one(Mandate, self.mandate_id))
        demo_ceremony.finish_jobs(self.store)
        with self.store.writing() as session:
            for term in self._open(session):
                self._answer(session, term)
                self._swear(session, term, day)
                self._leave(session, term)
            self._nominate(session, day)
            self._register_keys(session)
        return self._draw_next(day)

    def _open(self, session: Session) -> list[Term]:
        return [term for term in queries.terms(session, self.mandate_id) if term.is_open]

    def _happens(self, of_thousand: float) -> bool:
        return self.chance.below(THOUSAND * THOUSAND) < of_thousand * THOUSAND

    def _answer(self, session: Session, term: Term) -> None:
        for seat in queries.seats(session, term, [SeatState.INVITED]):
            kind = self.chance.below(THOUSAND)
            if self._is_silent(seat):
                continue
            if kind < DECLINE * PEOPLE_WHO_ANSWER_AT_ONCE // THOUSAND:
                seats.decline(session, COMMAND_LINE, seat)
            elif kind < PEOPLE_WHO_ANSWER_AT_ONCE:
                seats.accept(session, COMMAND_LINE, seat)

    def _is_silent(self, seat: Seat) -> bool:
        """Whether somebody never answers, whenever they are asked."""
        return sortition.Stream(self.seed, f"silent {seat.id}").below(THOUSAND) < SILENT

    def _swear(self, session: Session, term: Term, day: date) -> None:
        if day >= term.first - OATH_AHEAD:
            seats.swear_in(session, COMMAND_LINE, term, queries.seats(session, term, [SeatState.ACCEPTED]))

    def _leave(self, session: Session, term: Term) -> None:
        """Let people leave: about as many as expected have, at the end of ten months."""
        chance = LEAVE * STEP / timedelta(days=300)
        for seat in queries.seats(session, term, [SeatState.SITTING]):
            if self._happens(chance):
                seats.leave(session, COMMAND_LINE, seat, SeatState.RESIGNED, cause="own-word")

    def _nominate(self, session: Session, day: date) -> None:
        for term in queries.terms(session, self.mandate_id):
            is_due = term.first - DRAW_AHEAD / 3 <= day <= term.last
            if term.body != "experts" or not is_due or not (term.is_open or term.state == TermState.PLANNED):
                continue
            for _ in range(inviting.open_places(session, term)):
                number = queries.seat_count(session, term)
                name = EXPERTS[(term.number + number) % len(EXPERTS)]
                email = f"expert{term.number}-{number}@demo.example"
                inviting.nominate(session, COMMAND_LINE, term, name=name, email=email, reason=KNOWN_FOR)

    def _register_keys(self, session: Session) -> None:
        """Give each guarantor who was drawn a key; those who stood in for them go."""
        held = mandate_queries.guarantors(session, self.mandate_id)
        for account in set(held) - set(witness_keys(session, held)):
            demo_ceremony.register(session, account, self.seed)
        sitting = session.scalar(
            select(func.count())
            .select_from(Seat)
            .join(Term)
            .where(
                Term.mandate_id == self.mandate_id,
                Term.body == "guarantors",
                Seat.state == SeatState.SITTING,
            )
        )
        if sitting:
            mandate = session.get_one(Mandate, self.mandate_id)
            came_with_seats = set(session.scalars(select(Seat.role_holding_id)))
            for holding in mandate_queries.holdings(session, mandate):
                if holding.role == Role.GUARANTOR and holding.id not in came_with_seats:
                    mandates.take_role(session, COMMAND_LINE, mandate, holding.id)

    def _draw_next(self, day: date) -> timedelta:
        """Draw the next term that is due, from its preparation to its panel."""
        with self.store.writing() as session:
            due = [
                term
                for term in queries.terms(session, self.mandate_id)
                if term.freeze_by is not None
                and term.state == TermState.PLANNED
                and term.draw_id is None
                and term.first - DRAW_AHEAD <= day
            ]
            if not due:
                return timedelta()
            term = max(due, key=lambda one: one.size)
            draw = inviting.prepare_draw(session, COMMAND_LINE, term, session.get_one(Pool, self.pool_id))
            wanted = charters.current(session, term.mandate).body(term.body).recipe.alternates
            number, title = draw.id, draw.title
            alternates = min(wanted, len(draw.people) - draw.size)
        demo_ceremony.finish_jobs(self.store)
        demo_ceremony.freeze(self.store, number, alternates)
        demo_ceremony.play(self.store, number, self.seed, absent=1, silent=1)
        with self.store.reading() as session:
            state = session.get_one(Draw, number).state
        self.say(f"{day} {title}: {state}")
        if state != DrawState.HELD:
            msg = f"the demo's draw {number} did not come to its end: {state}"
            raise RuntimeError(msg)
        return demo_ceremony.BEACON + timedelta(days=1)


def summary(session: Session, mandate_id: int) -> list[str]:
    """Say how full each body was: terms, how many began full, and the vacancies of the others."""
    found: dict[str, list[Term]] = {}
    for term in queries.terms(session, mandate_id):
        found.setdefault(term.body, []).append(term)
    lines = []
    for body, terms in found.items():
        begun = [term for term in terms if term.began_with]
        vacant = [term.began_with["vacant"] for term in begun if term.began_with]
        away = [term.began_with["distance"] for term in begun if term.began_with]
        held = session.scalar(
            select(func.count())
            .select_from(Seat)
            .join(Term)
            .where(Term.body == body, Seat.since.is_not(None))
        )
        lines.append(
            f"{body}: {len(begun)} of {len(terms)} terms begun, {vacant.count(0)} full on the first day, "
            f"{sum(vacant)} places free then, {sum(away)} away from quotas, {held} people sat"
        )
    return lines
