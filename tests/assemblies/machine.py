"""Bodies, seats, vacancies, suspensions and new plans in any order: what must hold after every step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.assemblies.rotation import halts, planning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting
from assemblee.assemblies.terms import queries, replay
from assemblee.assemblies.terms.models import HOLDING, Seat, SeatChange, SeatState, Term, TermState
from assemblee.journal.models import Leaf
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE
from sortition import timetable
from sortition.timetable import Break
from tests import bodies, make

WHICH = st.integers(0, 1000)


class Bodies(RuleBasedStateMachine):
    """One mandate, from the months before it to wherever the steps lead."""

    new_database: ClassVar[make.NewDatabase]

    def __init__(self) -> None:
        super().__init__()
        self.end = ExitStack()
        self.store = make.installation(self.end, self.new_database)
        self.steps = 0

    @initialize()
    def begin(self) -> None:
        self.place = bodies.mandate(self.store)
        self.register = bodies.pool(self.store, self.place, people=120)
        self.live_until(bodies.TERM_START - timedelta(days=60))
        # A first assembly sits in most runs, so that steps meet more than empty bodies.
        for label in (f"{bodies.GUARANTORS}/1", f"{bodies.ASSEMBLY}/1"):
            found = bodies.drawn(self.store, self.place, self.register, label)
            bodies.accept(self.store, bodies.of(found, SeatState.INVITED))
            bodies.swear(self.store, found)
        self.live_until(date(2027, 9, 1))
        bodies.turn(self.store, self.place)

    def teardown(self) -> None:
        self.end.close()

    def live_until(self, day: date) -> None:
        with self.store.reading() as session:
            today = queries.today(session, session.get_one(Mandate, self.place.id))
        if day > today:
            self.end.enter_context(clock.shifted(timedelta(days=(day - today).days)))

    def act(self, verb: Callable[[Session], object]) -> bool:
        """Try a verb; what is refused must leave everything as it was, which the invariants see."""
        with suppress(Refusal), self.store.writing() as session:
            verb(session)
            return True
        return False

    def one(self, session: Session, which: int, *states: SeatState) -> Seat:
        query = select(Seat).join(Term).where(Seat.state.in_(states)).order_by(Seat.id)
        found = session.scalars(query.where(Term.state != TermState.ENDED)).all()
        if not found:
            raise Refusal("seat-unknown")
        return found[which % len(found)]

    def term(self, session: Session, which: int, *states: TermState) -> Term:
        found = session.scalars(
            select(Term).where(Term.state.in_(states)).order_by(Term.first, Term.id).limit(8)
        ).all()
        if not found:
            raise Refusal("term-unknown")
        return found[which % len(found)]

    @rule(days=st.integers(5, 80))
    def pass_days(self, days: int) -> None:
        with self.store.reading() as session:
            today = queries.today(session, session.get_one(Mandate, self.place.id))
        self.live_until(min(today + timedelta(days=days), bodies.TERM_END + timedelta(days=10)))
        bodies.turn(self.store, self.place)

    @rule(which=WHICH)
    def live_on(self, which: int) -> None:
        """Do what organisers who do their work do: draw, answer, swear in, and let days pass."""
        self.draw(which)
        self.everybody_accepts()
        self.swear(which)
        self.pass_days(30)

    @rule(which=WHICH)
    def draw(self, which: int) -> None:
        with self.store.reading() as session:
            found = session.scalars(
                select(Term)
                .where(Term.state == TermState.PLANNED, Term.freeze_by.is_not(None), Term.draw_id.is_(None))
                .order_by(Term.first, Term.id)
                .limit(3)
            ).all()
            label = found[which % len(found)].label if found else None
        if label is not None:
            with suppress(Refusal):
                bodies.drawn(self.store, self.place, self.register, label)

    @rule(which=WHICH, says_yes=st.booleans())
    def answer(self, which: int, says_yes: bool) -> None:  # noqa: FBT001 - a drawn value
        verb = seats.accept if says_yes else seats.decline
        self.act(lambda session: verb(session, COMMAND_LINE, self.one(session, which, SeatState.INVITED)))

    @rule()
    def everybody_accepts(self) -> None:
        with self.store.reading() as session:
            numbers = session.scalars(select(Seat.id).where(Seat.state == SeatState.INVITED)).all()
        for number in numbers:
            self.act(
                lambda session, number=number: seats.accept(
                    session, COMMAND_LINE, session.get_one(Seat, number)
                )
            )

    @rule(which=WHICH)
    def swear(self, which: int) -> None:
        def oath(session: Session) -> None:
            found = self.term(session, which, TermState.FILLING, TermState.RUNNING)
            waiting = queries.seats(session, found, [SeatState.ACCEPTED])
            seats.swear_in(session, COMMAND_LINE, found, waiting)

        self.act(oath)

    @rule(which=WHICH, state=st.sampled_from([SeatState.RESIGNED, SeatState.EXCUSED]))
    def leave(self, which: int, state: SeatState) -> None:
        self.act(
            lambda session: seats.leave(
                session, COMMAND_LINE, self.one(session, which, *HOLDING), state, cause="own-word"
            )
        )

    @rule(which=WHICH)
    def erase(self, which: int) -> None:
        def forget(session: Session) -> None:
            seat = self.one(session, which, SeatState.ALTERNATE, SeatState.INVITED, *HOLDING)
            if seat.volunteer_id is not None:
                register = session.get_one(Pool, self.register.id)
                pools.erase(session, COMMAND_LINE, register, seat.volunteer_id)

        self.act(forget)

    @rule(which=WHICH)
    def nominate(self, which: int) -> None:
        self.act(
            lambda session: inviting.nominate(
                session,
                COMMAND_LINE,
                self.term(session, which, TermState.PLANNED, TermState.FILLING, TermState.RUNNING),
                name="Odile Dumuid",
                email=f"expert{which}@example.org",
                reason="Connaît l’eau.",
            )
        )

    @rule(which=WHICH)
    def suspend_or_resume(self, which: int) -> None:
        def halt(session: Session) -> None:
            found = self.term(session, which, TermState.FILLING, TermState.RUNNING)
            verb = halts.suspend if queries.suspension(session, found) is None else halts.lift
            verb(session, COMMAND_LINE, found, "Une raison.")

        self.act(halt)

    @rule(weeks=st.integers(-3, 6), year=st.integers(2027, 2031))
    def shift_a_session(self, weeks: int, year: int) -> None:
        with self.store.reading() as session:
            today = queries.today(session, session.get_one(Mandate, self.place.id))
        if today >= date(year, 8, 1):
            return
        shifted = {year: (date(year, 9, 1) + timedelta(weeks=weeks), date(year + 1, 6, 30))}
        self.replan(lambda calendar: replace(calendar, sessions={**calendar.sessions, **shifted}))

    @rule(days=st.integers(10, 90), body=st.sampled_from([bodies.ASSEMBLY, bodies.GUARANTORS]))
    def dissolve(self, days: int, body: str) -> None:
        with self.store.reading() as session:
            today = queries.today(session, session.get_one(Mandate, self.place.id))
        stop = Break(body, today, today + timedelta(days=days))
        self.replan(lambda calendar: replace(calendar, breaks=(*calendar.breaks, stop)))

    @rule(which=WHICH)
    def open_extraordinary(self, which: int) -> None:
        def open_one(session: Session) -> None:
            place = session.get_one(Mandate, self.place.id)
            first = queries.today(session, place) + timedelta(days=20 + which % 40)
            last = first + timedelta(days=30)
            planning.open_extraordinary(
                session, COMMAND_LINE, place, subject="Une loi", first=first, last=last, size=4
            )

        self.act(open_one)

    def replan(self, change: Callable[[timetable.Calendar], timetable.Calendar]) -> None:
        def publish(session: Session) -> None:
            place = session.get_one(Mandate, self.place.id)
            charter = charters.current(session, place)
            changed = replace(charter, calendar=change(charter.calendar))
            charters.publish(session, COMMAND_LINE, place, changed, "Une raison.")
            planning.replan(session, COMMAND_LINE, place, queries.today(session, place))

        self.act(publish)

    @invariant()
    def everything_holds(self) -> None:
        self.steps += 1
        with self.store.reading() as session:
            place = session.get_one(Mandate, self.place.id)
            check(session, place)


def check(session: Session, place: Mandate) -> None:
    """Assert what must hold of the bodies of a mandate at any time."""
    charter = charters.current(session, place)
    terms = queries.terms(session, place.id)
    found = {term.id: queries.seats(session, term) for term in terms}
    for term in terms:
        places = [seat.place for seat in found[term.id] if seat.holds]
        assert len(set(places)) == len(places), f"{term.label}: a place held twice"
        assert all(number and 1 <= number <= term.size for number in places)
        assert all(seat.state not in HOLDING for seat in found[term.id]) or term.is_open, term.label
    for one, other in overlaps(charter, terms, found):
        message = f"{one.term.label} and {other.term.label} at once: seats {one.id} and {other.id}"
        raise AssertionError(message)
    assert rests(charter, terms, found) == []
    planned = [term.planned() for term in terms]
    for body, first, last in timetable.gaps(planned, charter.recipes, charter.calendar):
        stops = [stop for stop in charter.calendar.breaks if stop.body in {body, bodies.ASSEMBLY}]
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        assert all(any(stop.first <= day <= (stop.last or day) for stop in stops) for day in days), body
    assert replay.contradictions(session, place.id) == []
    changes = select(func.count()).select_from(SeatChange).join(Seat).join(Term)
    told = session.scalar(changes.where(Term.mandate_id == place.id))
    listed = sum(len(one) for one in leaves(session, place))
    assert told == listed, "every change is in a leaf"
    above = {seat.pseudonym for term in terms if term.body == bodies.ASSEMBLY for seat in found[term.id]}
    for term in terms:
        if term.body == bodies.GROUP:
            assert {seat.pseudonym for seat in found[term.id]} <= above
            parent = queries.parent(session, term)
            sitting = {seat.pseudonym for seat in found[parent.id] if seat.holds} if parent else set()
            assert {seat.pseudonym for seat in found[term.id] if seat.holds} <= sitting


def leaves(session: Session, place: Mandate) -> Iterator[list[object]]:
    """Yield the seats that each leaf of changes names."""
    for body in session.scalars(
        select(Leaf.body).where(Leaf.mandate_id == place.id, Leaf.event == "seats-changed")
    ):
        yield json.loads(body)["data"]["seats"]


def overlaps(
    charter: charters.Charter, terms: list[Term], found: dict[int, list[Seat]]
) -> Iterator[tuple[Seat, Seat]]:
    """Yield the pairs of places that one person holds although the charter forbids it."""
    excluding = {body.recipe.key: set(body.recipe.incompatible) for body in charter.bodies}
    held: dict[int, list[Seat]] = {}
    for term in terms:
        for seat in found[term.id]:
            if seat.holds and seat.volunteer_id is not None:
                held.setdefault(seat.volunteer_id, []).append(seat)
    for mine in held.values():
        for one, other in combinations(mine, 2):
            at_once = one.term.first <= other.term.last and other.term.first <= one.term.last
            bodies_of = (one.term.body, other.term.body)
            forbidden = (
                bodies_of[0] == bodies_of[1]
                or bodies_of[1] in excluding[bodies_of[0]]
                or bodies_of[0] in excluding[bodies_of[1]]
            )
            if at_once and forbidden:
                yield one, other


def rests(
    charter: charters.Charter, terms: list[Term], found: dict[int, list[Seat]]
) -> list[tuple[int, int]]:
    """Return the pairs of seats of one person in one body with too short a rest between them."""
    short = []
    served = [
        seat
        for term in terms
        for seat in found[term.id]
        if seat.since is not None and seat.volunteer_id is not None
    ]
    for one, other in combinations(served, 2):
        if one.volunteer_id == other.volunteer_id and one.term.body == other.term.body:
            first, second = sorted((one, other), key=lambda seat: seat.since or date.min)
            rest = charter.body(one.term.body).recipe.rest_months
            ended = first.until or first.term.last
            if second.since is not None and ended >= queries.months_before(second.term.first, rest):
                short.append((first.id, second.id))
    return short
