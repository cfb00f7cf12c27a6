"""One seat: answers, oaths and leaving, what each is refused for, and the leaf that it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from assemblee import clock
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms import queries, replay
from assemblee.assemblies.terms.models import (
    HOLDING,
    AnswerMeans,
    Seat,
    SeatChange,
    SeatState,
    Term,
    TermState,
)
from assemblee.db import Store
from assemblee.mail import outbox
from assemblee.mandates import queries as mandates
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import bodies, make
from tests.answers import at_once, refused

INVITED = SeatState.INVITED


def first_invited(store: Store, mandate: Mandate, pool: Pool) -> Seat:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    return bodies.of(found, INVITED)[0]


@pytest.mark.both_stores
def test_a_person_accepts_once_and_takes_the_lowest_free_place(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    invited = bodies.of(bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1"), INVITED)
    before = make.leaves(store, "seats-changed")
    with store.writing() as session:
        for seat in invited[:2]:
            seats.accept(session, COMMAND_LINE, session.get_one(Seat, seat.id), means=AnswerMeans.PHONE)
    with store.writing() as session:
        seats.leave(
            session, COMMAND_LINE, session.get_one(Seat, invited[0].id), SeatState.RESIGNED, cause="own-word"
        )
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, invited[2].id))
    with store.reading() as session:
        assert [session.get_one(Seat, seat.id).place for seat in invited[1:3]] == [2, 1]
        change = session.scalars(select(SeatChange).where(SeatChange.seat_id == invited[1].id)).all()[-1]
        assert (change.state, change.cause, change.means) == ("accepted", "answer", "phone")
    assert make.leaves(store, "seats-changed") == before + 4
    with store.writing() as session, refused("seat-is-accepted"):
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, invited[1].id))
    with store.writing() as session, refused("seat-is-resigned"):
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, invited[0].id))


def test_a_no_needs_no_reason_and_calls_the_next(store: Store, mandate: Mandate, pool: Pool) -> None:
    seat = first_invited(store, mandate, pool)
    with store.writing() as session:
        seats.decline(session, COMMAND_LINE, session.get_one(Seat, seat.id))
    bodies.turn(store, mandate)
    found = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/1")
    assert len(bodies.of(found, INVITED)) == found.size
    assert len(bodies.of(found, SeatState.ALTERNATE)) == 1
    with store.writing() as session, refused("seat-is-declined"):
        seats.decline(session, COMMAND_LINE, session.get_one(Seat, seat.id))


@pytest.mark.both_stores
def test_an_answer_comes_in_time_or_not_at_all(store: Store, mandate: Mandate, pool: Pool) -> None:
    seat = first_invited(store, mandate, pool)
    assert seat.answer_until is not None
    with (
        clock.shifted(seat.answer_until - clock.now() + timedelta(seconds=5)),
        store.writing() as session,
        refused("invitation-expired"),
    ):
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, seat.id))
    with store.writing() as session:
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, seat.id))


def test_an_alternate_cannot_take_a_place_before_being_called(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    waiting = bodies.of(found, SeatState.ALTERNATE)[0]
    with store.writing() as session, refused("seat-is-alternate"):
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, waiting.id))


@pytest.mark.both_stores
def test_of_two_offers_that_exclude_each_other_the_first_yes_counts(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    guarantors = bodies.drawn(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    assembly = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    one, other = bodies.of(guarantors, INVITED)[0], bodies.of(assembly, INVITED)[0]
    with store.writing() as session:
        # As if both draws had been prepared before either was held.
        session.execute(update(Seat).where(Seat.id == other.id).values(volunteer_id=one.volunteer_id))
        assert one.volunteer_id not in {seat.volunteer_id for seat in assembly.seats}, "left out of the draw"
    bodies.accept(store, [one])
    with refused("seat-barred-incompatible"), store.writing() as session:
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, other.id))
    with store.reading() as session:
        assert session.get_one(Seat, other.id).place is None


@pytest.mark.both_stores
def test_a_place_is_held_once_by_the_database_too(store: Store, mandate: Mandate, pool: Pool) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    bodies.accept(store, bodies.of(found, INVITED)[:2])
    with pytest.raises(IntegrityError), store.writing() as session:
        session.execute(update(Seat).where(Seat.term_id == found.id, Seat.place == 2).values(place=1))


def test_the_oath_comes_before_the_seat(store: Store, mandate: Mandate, pool: Pool) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    invited = bodies.of(found, INVITED)
    bodies.accept(store, invited[:3])
    with store.writing() as session, refused("seat-is-invited"):
        seats.swear_in(
            session,
            COMMAND_LINE,
            session.get_one(Term, found.id),
            [session.get_one(Seat, seat.id) for seat in (invited[0], invited[5])],
        )
    bodies.swear(store, found)
    with bodies.on(found.first):
        bodies.turn(store, mandate)
        bodies.accept(store, bodies.of(bodies.term(store, mandate, found.label), INVITED)[:1])
        begun = bodies.term(store, mandate, found.label)
        assert len(bodies.of(begun, SeatState.SITTING)) == 3
        assert {seat.since for seat in bodies.of(begun, SeatState.SITTING)} == {found.first}
        bodies.swear(store, begun)
        assert len(bodies.of(bodies.term(store, mandate, found.label), SeatState.SITTING)) == 4


def test_leaving_frees_the_place_and_the_seat_in_the_group(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    assembly = bodies.running(store, mandate, pool)
    with bodies.on(assembly.first):
        bodies.turn(store, mandate)
        group = bodies.term(store, mandate, f"{bodies.GROUP}/1")
        asked = bodies.of(group, INVITED)
        assert len(asked) == group.size
        own = next(seat for seat in assembly.seats if seat.pseudonym == asked[0].pseudonym)
        bodies.accept(store, asked)
        with store.writing() as session:
            seats.leave(
                session, COMMAND_LINE, session.get_one(Seat, own.id), SeatState.RESIGNED, cause="own-word"
            )
        with store.writing() as session, refused("seat-is-resigned"):
            seats.leave(
                session, COMMAND_LINE, session.get_one(Seat, own.id), SeatState.RESIGNED, cause="own-word"
            )
        after = bodies.term(store, mandate, group.label)
        gone = next(seat for seat in after.seats if seat.id == asked[0].id)
        assert (gone.state, gone.until) == (SeatState.EXCUSED, assembly.first)
        bodies.turn(store, mandate)
        called = bodies.of(bodies.term(store, mandate, assembly.label), INVITED)
        assert len(called) == 1, "the alternate inherits what is left of the term"
        assert called[0].answer_until is not None
        assert len(bodies.of(bodies.term(store, mandate, group.label), INVITED, *HOLDING)) == group.size


def test_who_sits_among_the_guarantors_has_their_role_for_as_long(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    with store.reading() as session:
        assert make_roles(store, mandate) == set()
    found = bodies.running(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    names = {seat.volunteer.email for seat in found.seats if seat.holds and seat.volunteer}
    assert make_roles(store, mandate) == names
    one = bodies.of(found, SeatState.SITTING)[0]
    with bodies.on(found.first), store.writing() as session:
        seats.leave(
            session, COMMAND_LINE, session.get_one(Seat, one.id), SeatState.RESIGNED, cause="own-word"
        )
    assert len(make_roles(store, mandate)) == 1
    with bodies.on(found.last + timedelta(days=1)):
        bodies.turn(store, mandate)
    assert make_roles(store, mandate) == set()


def make_roles(store: Store, mandate: Mandate) -> set[str]:
    with store.reading() as session:
        place = session.get_one(Mandate, mandate.id)
        return {held.account.email for held in mandates.holdings(session, place) if held.role == "guarantor"}


def test_a_name_is_shown_only_as_its_person_writes_it(store: Store, mandate: Mandate, pool: Pool) -> None:
    seat = first_invited(store, mandate, pool)
    with store.writing() as session, refused("seat-name-too-long"):
        seats.accept(session, COMMAND_LINE, session.get_one(Seat, seat.id), public_name="N" * 121)
    with store.writing() as session:
        made = seats.accept(session, COMMAND_LINE, session.get_one(Seat, seat.id), public_name=" Nadia ")
        assert made.public_name == "Nadia"
        seats.show_name(session, made, "")
    with store.reading() as session:
        assert session.get_one(Seat, seat.id).public_name is None


def test_an_erased_person_leaves_no_name_and_frees_the_place(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    invited = bodies.of(found, INVITED)
    bodies.accept(store, invited[:1])
    waiting = bodies.of(found, SeatState.ALTERNATE)[0]
    for seat in (invited[0], invited[1], waiting):
        assert seat.volunteer_id is not None
        with store.writing() as session:
            pools.erase(session, COMMAND_LINE, session.get_one(Pool, pool.id), seat.volunteer_id)
    after = {seat.id: seat for seat in bodies.term(store, mandate, found.label).seats}
    assert after[invited[0].id].state == SeatState.EXCUSED
    assert after[invited[1].id].state == SeatState.DECLINED
    assert after[waiting.id].state == SeatState.ENDED
    assert all(seat.known_as is None for seat in after.values() if seat.volunteer and not seat.volunteer.name)


def test_the_link_opens_one_seat_until_it_is_renewed(store: Store, mandate: Mandate, pool: Pool) -> None:
    seat = first_invited(store, mandate, pool)
    with store.writing() as session:
        row = session.get_one(Seat, seat.id)
        settings = session.info["settings"]
        link = letters.token(settings, row)
        assert letters.seat_of(session, settings, link) is row
        assert letters.seat_of(session, settings, link[:-2] + "xx") is None
        assert letters.seat_of(session, settings, "") is None
        row.nonce = "another"
        assert letters.seat_of(session, settings, link) is None
        letter = session.scalars(select(outbox.Mail).where(outbox.Mail.recipient == row.address)).first()
        assert letter is not None
        assert link in letter.body
        assert "Agora ordinaire" in letter.body


@pytest.mark.both_stores
def test_fifty_accept_the_last_place_at_once_and_one_sits(store: Store) -> None:
    mandate = bodies.mandate(store)
    register = bodies.pool(store, mandate, people=80)
    found = bodies.drawn(store, mandate, register, f"{bodies.ASSEMBLY}/1", alternates=50)
    bodies.accept(store, bodies.of(found, INVITED)[:-1])
    with store.writing() as session:
        # An organiser short of time may call all alternates together: the first to answer sits.
        row = seats.locked(session, session.get_one(Term, found.id))
        waiting = queries.seats(session, row, [SeatState.ALTERNATE])
        seats.move(session, COMMAND_LINE, row, waiting, INVITED, cause="vacancy")
        for seat in waiting:
            seat.answer_until = clock.now() + timedelta(days=1)

    def say_yes(number: int) -> None:
        with store.writing() as session:
            seats.accept(session, COMMAND_LINE, session.get_one(Seat, number))

    answers = at_once([lambda number=seat.id: say_yes(number) for seat in waiting])
    assert len(answers) == 50
    assert answers == ["done", *["term-is-full"] * 49]
    after = bodies.term(store, mandate, found.label)
    assert sorted(seat.place or 0 for seat in after.seats if seat.holds) == list(range(1, found.size + 1))
    with store.reading() as session:
        assert replay.contradictions(session, mandate.id) == []


@pytest.mark.both_stores
def test_a_seat_that_somebody_edits_contradicts_the_journal(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    seat = first_invited(store, mandate, pool)
    with store.reading() as session:
        assert replay.contradictions(session, mandate.id) == []
    with store.writing() as session:
        session.execute(update(Seat).where(Seat.id == seat.id).values(state="accepted", place=7))
    with store.reading() as session:
        assert replay.contradictions(session, mandate.id) == [seat.id]


def test_a_term_that_is_over_takes_no_answer(store: Store, mandate: Mandate, pool: Pool) -> None:
    seat = first_invited(store, mandate, pool)
    found = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/1")
    with bodies.on(found.last + timedelta(days=1)):
        bodies.turn(store, mandate)
        with store.writing() as session, refused("seat-is-ended"):
            seats.decline(session, COMMAND_LINE, session.get_one(Seat, seat.id))
        with store.writing() as session, refused("term-is-ended"):
            seats.swear_in(session, COMMAND_LINE, session.get_one(Term, found.id), [])
    assert bodies.term(store, mandate, found.label).state == TermState.ENDED
