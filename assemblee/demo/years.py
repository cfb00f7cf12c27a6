"""Five years of an invented mandate, lived in days gone by: every draw, every answer, every week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

import sortition
from assemblee.assemblies.rotation import planning, turning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import OPEN, Seat, SeatState, Term, TermState
from assemblee.db import Store
from assemblee.demo import ceremony
from assemblee.draws.models import Draw, DrawState
from assemblee.journal.models import Leaf
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
    chance: sortition.Stream = field(init=False)

    def plan(self, first: date, last: date) -> None:
        """Publish the charter, with the holidays of each year, and plan the whole mandate, once."""
        with self.store.writing() as session:
            mandate = session.get_one(Mandate, self.mandate_id)
            if mandate_queries.charter(session, mandate) is not None:
                return
            charter = charters.ready_made(mandate)
            holidays = tuple(
                Holiday(date(year, 12, 24), date(year + 1, 1, 2), "Fin d’année")
                for year in range(first.year, last.year)
            )
            calendar = replace(charter.calendar, holidays=holidays)
            charters.publish(session, COMMAND_LINE, mandate, replace(charter, calendar=calendar), "")
            planning.replan(session, COMMAND_LINE, mandate, queries.today(session, mandate))

    def live(self, first: date, last: date, report: Callable[[], None]) -> None:
        """Live from one day to another, both at noon, or from the day up to which it was lived before."""
        day = max(first, self._lived_until(last) + timedelta(days=1))
        while day <= last:
            report()
            with ceremony.at(datetime.combine(day, time(12), UTC)):
                spent = self.step(day)
            day += max(STEP, spent)

    def _lived_until(self, last: date) -> date:
        """Return the day of the last act, each of which left a line in the journal."""
        # What visitors do in the mandate meanwhile, they do today.
        before = datetime.combine(last + timedelta(days=1), time(), UTC)
        with self.store.reading() as session:
            newest = session.scalar(
                select(func.max(Leaf.at)).where(Leaf.mandate_id == self.mandate_id, Leaf.at < before)
            )
        return newest.date() if newest is not None else date.min

    def step(self, day: date) -> timedelta:
        """Do what there is to do on one day, and return how long it took."""
        # Of each day its own, so that whoever goes on after a stop comes to the same.
        self.chance = sortition.Stream(self.seed, f"years {day.isoformat()}")
        with self.store.writing() as session:
            turning.turn(session, WORKER, session.get_one(Mandate, self.mandate_id))
        ceremony.finish_jobs(self.store, self.mandate_id)
        with self.store.writing() as session:
            for term in self._open(session):
                self._answer(session, term)
                self._swear(session, term, day)
                self._leave(session, term)
            self._nominate(session, day)
            self._register_keys(session)
        return self._draw_next(day)

    def _open(self, session: Session) -> list[Term]:
        found = select(Term).where(Term.mandate_id == self.mandate_id, Term.state.in_(OPEN))
        return list(session.scalars(found.order_by(Term.first, Term.body, Term.number)))

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
        waiting = queries.seats(session, term, [SeatState.ACCEPTED])
        if waiting and day >= term.first - OATH_AHEAD:
            seats.swear_in(session, COMMAND_LINE, term, waiting)

    def _leave(self, session: Session, term: Term) -> None:
        """Let people leave: about as many as expected have, at the end of ten months."""
        chance = LEAVE * STEP / timedelta(days=300)
        for seat in queries.seats(session, term, [SeatState.SITTING]):
            if self._happens(chance):
                seats.leave(session, COMMAND_LINE, seat, SeatState.RESIGNED, cause="own-word")

    def _nominate(self, session: Session, day: date) -> None:
        called = select(Term).where(
            Term.mandate_id == self.mandate_id,
            Term.body == "experts",
            Term.state.in_([TermState.PLANNED, *OPEN]),
            Term.first <= day + DRAW_AHEAD / 3,
            Term.last >= day,
        )
        for term in session.scalars(called.order_by(Term.first)).all():
            for _ in range(inviting.open_places(session, term)):
                number = queries.seat_count(session, term)
                name = EXPERTS[(term.number + number) % len(EXPERTS)]
                email = f"expert{term.number}-{number}@demo.example"
                inviting.nominate(session, COMMAND_LINE, term, name=name, email=email, reason=KNOWN_FOR)

    def _register_keys(self, session: Session) -> None:
        """Give each guarantor who was drawn a key; those who stood in for them go."""
        held = mandate_queries.guarantors(session, self.mandate_id)
        for account in set(held) - set(witness_keys(session, held)):
            ceremony.register(session, account, self.seed)
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
            due = (
                select(Term)
                .outerjoin(Draw, Draw.id == Term.draw_id)
                .where(
                    Term.mandate_id == self.mandate_id,
                    Term.freeze_by.is_not(None),
                    Term.state == TermState.PLANNED,
                    Term.first <= day + DRAW_AHEAD,
                    # One that was begun before a stop goes on.
                    or_(Term.draw_id.is_(None), Draw.state != DrawState.HELD),
                )
            )
            term = session.scalars(due.order_by(Term.size.desc(), Term.first).limit(1)).first()
            if term is None:
                return timedelta()
            draw = term.draw
            if draw is None:
                register = session.get_one(Pool, self.pool_id)
                draw = inviting.prepare_draw(session, COMMAND_LINE, term, register)
            wanted = charters.current(session, term.mandate).body(term.body).recipe.alternates
            number, title = draw.id, draw.title
            alternates = min(wanted, len(draw.people) - draw.size)
        ceremony.finish_jobs(self.store, self.mandate_id)
        ceremony.freeze(self.store, number, alternates)
        ceremony.play(self.store, number, self.seed, absent=1, silent=1)
        with self.store.reading() as session:
            state = session.get_one(Draw, number).state
        self.say(f"{day} {title}: {state}")
        if state != DrawState.HELD:
            msg = f"the demo's draw {number} did not come to its end: {state}"
            raise RuntimeError(msg)
        return ceremony.BEACON + timedelta(days=1)


def summary(session: Session, mandate_id: int) -> list[str]:
    """Say how full each body was: terms, how many began full, and the vacancies of the others."""
    by_body: dict[str, list[Term]] = {}
    for term in queries.terms(session, mandate_id):
        by_body.setdefault(term.body, []).append(term)
    lines = []
    for body, terms in by_body.items():
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
