"""Plays the life of bodies: a small charter, terms that fill, and days that pass."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time

import sortition
from assemblee import clock
from assemblee.assemblies.rotation import planning, turning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat, SeatState, Term, TermState
from assemblee.db import Store
from assemblee.draws.models import Draw, DrawEntry, DrawState, Kind, Outcome, Publication
from assemblee.journal import tree
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, WORKER
from sortition.timetable import Recipe
from tests import make

ASSEMBLY, GROUP, GUARANTORS, EXPERTS = "ordinary-assembly", "operational-group", "guarantors", "experts"
# The same five bodies as those of a constituency, each a few people large.
SIZES = {ASSEMBLY: 16, GROUP: 2, GUARANTORS: 2, EXPERTS: 1, "extraordinary-assembly": 4}
TERM_START, TERM_END = date(2027, 7, 1), date(2032, 6, 30)


def mandate(store: Store) -> Mandate:
    """Give a mandate that lies ahead, with a charter of small bodies, and its terms."""
    place = make.mandate(store, slug="amont", term_start=TERM_START, term_end=TERM_END)
    with store.writing() as session:
        place = session.get_one(Mandate, place.id)
        charters.publish(session, COMMAND_LINE, place, small(charters.ready_made(place)), "")
        planning.replan(session, COMMAND_LINE, place, queries.today(session, place))
    return place


def small(charter: charters.Charter) -> charters.Charter:
    """Return a charter with few seats and few alternates."""
    return replace(
        charter, bodies=tuple(replace(body, recipe=_small(body.recipe)) for body in charter.bodies)
    )


def _small(recipe: Recipe) -> Recipe:
    return replace(recipe, size=SIZES[recipe.key], alternates=min(recipe.alternates, 2))


def pool(store: Store, place: Mandate, people: int = 60) -> Pool:
    """Give the mandate a register from which sixteen are drawn."""
    return make.pool(store, place, people=people, size=16, cells=CELLS)


CELLS = tuple(replace(cell, minimum=cell.minimum * 4, maximum=cell.maximum * 4) for cell in make.CELLS)


def term(store: Store, place: Mandate, label: str) -> Term:
    """Return a term by its label, with what hangs on it."""
    with store.reading() as session:
        found = queries.term_by_label(session, place.id, label)
        assert found is not None, label
        _ = found.mandate, found.draw, [seat.volunteer for seat in found.seats]
        session.expunge_all()
        return found


def day(store: Store, place: Mandate) -> date:
    """Return the day that it is in a mandate."""
    with store.reading() as session:
        return queries.today(session, session.get_one(Mandate, place.id))


@contextmanager
def on(day: date) -> Iterator[None]:
    """Live at noon of a day."""
    noon = datetime.combine(day, time(12), UTC)
    with clock.shifted(noon - clock.now()):
        yield


def turn(store: Store, place: Mandate) -> None:
    """Let what is due today come about."""
    with store.writing() as session:
        turning.turn(session, WORKER, session.get_one(Mandate, place.id))
    make.finish_jobs(store)


def prepared(store: Store, place: Mandate, register: Pool, label: str) -> Draw:
    """Prepare the draw of a term, and check its quotas."""
    with store.writing() as session:
        found = session.get_one(Term, term(store, place, label).id)
        draw = inviting.prepare_draw(session, COMMAND_LINE, found, session.get_one(Pool, register.id))
    make.finish_jobs(store)
    return draw


def drawn(store: Store, place: Mandate, register: Pool, label: str, alternates: int = 2) -> Term:
    """Draw the people of a term without the ceremony, which has tests of its own, and invite them."""
    hold(store, prepared(store, place, register, label), alternates)
    turn(store, place)
    return term(store, place, label)


def hold(store: Store, draw: Draw, alternates: int = 2, must: Collection[int | None] = ()) -> None:
    """Hold a checked draw; those who ``must`` be drawn take the place of others of the same traits."""
    with store.writing() as session:
        row = session.get_one(Draw, draw.id)
        lottery = sortition.lottery(row.rule, row.core_pool(), row.core_quotas(), row.size, tickets=1000)
        people = list(row.people)
        session.add_all(
            DrawEntry(draw_id=row.id, volunteer_id=int(person), pseudonym=person, salt=None)
            for person in people
        )
        members = list(sortition.draw(lottery, bytes.fromhex(make.SEED)).members)
        for person in map(str, must):
            if person not in members:
                twin = next(
                    one for one in members if row.people[one] == row.people[person] and int(one) not in must
                )
                members[members.index(twin)] = person
        row.lottery_text = tree.canonical(lottery.to_document()).decode()
        row.lottery_hash = hashlib.sha256(row.lottery_text.encode()).hexdigest()
        row.state, row.alternates, row.publication = DrawState.HELD, alternates, Publication.OPEN
        row.held_at = clock.now()
        session.add(
            Outcome(
                draw_id=row.id,
                kind=Kind.REAL,
                seed=make.SEED,
                ticket=0,
                members=members,
                alternates=[person for person in people if person not in members][:alternates],
                at=clock.now(),
            )
        )


def of(found: Term, *states: SeatState) -> list[Seat]:
    """Return the seats of a term in some states."""
    return [seat for seat in found.seats if seat.state in states]


def accept(store: Store, invited: Sequence[Seat]) -> None:
    """Let people say yes."""
    for seat in invited:
        with store.writing() as session:
            seats.accept(session, COMMAND_LINE, session.get_one(Seat, seat.id))


def swear(store: Store, found: Term) -> None:
    """Swear in everybody who has accepted."""
    with store.writing() as session:
        row = session.get_one(Term, found.id)
        seats.swear_in(session, COMMAND_LINE, row, queries.seats(session, row, [SeatState.ACCEPTED]))


def running(store: Store, place: Mandate, register: Pool, label: str = f"{ASSEMBLY}/1") -> Term:
    """Bring a term to its first day, full."""
    found = drawn(store, place, register, label)
    accept(store, of(found, SeatState.INVITED))
    swear(store, found)
    with on(found.first):
        turn(store, place)
    begun = term(store, place, label)
    assert begun.state == TermState.RUNNING
    return begun
