"""The ledger: stipends that follow from attendance, expenses, payments, attestations, and what is erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import attendance, attestation, ledger
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.actions import MeetingFacts
from assemblee.assemblies.meetings.models import LedgerLine, LineState, Meeting, Presence
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Seat, Term
from assemblee.db import Store
from assemblee.journal.models import Leaf
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Actor
from tests import bodies, make
from tests.answers import refused

ME = Actor(None, door="seat-1")
PAY = 104_00


@pytest.fixture
def term(store: Store, mandate: Mandate, pool: Pool) -> Iterator[Term]:
    """Give a small body that sits and whose members are paid, on its first day."""
    with store.writing() as session:
        place = session.get_one(Mandate, mandate.id)
        charter = charters.current(session, place)
        paid = tuple(
            replace(body, pay_per_day=PAY if body.recipe.key == bodies.GUARANTORS else body.pay_per_day)
            for body in charter.bodies
        )
        charters.publish(session, COMMAND_LINE, place, replace(charter, bodies=paid), "La paie.")
    found = bodies.running(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    with bodies.on(found.first):
        yield found


def meeting(store: Store, term: Term, day: date, hours: tuple[int, int] = (8, 12)) -> Meeting:
    with store.writing() as session:
        starts, ends = (datetime.combine(day, time(hour), UTC) for hour in hours)
        asked = MeetingFacts("Réunion", starts, ends, place="Mairie")
        return meetings.convene(session, COMMAND_LINE, session.get_one(Term, term.id), asked)


def take(store: Store, made: Meeting, *states: Presence) -> None:
    with bodies.on(made.ends_at.date() + timedelta(days=1)), store.writing() as session:
        row = session.get_one(Meeting, made.id)
        called = meeting_queries.expected(session, row)
        attendance.take(
            session, COMMAND_LINE, row, dict(zip([seat.id for seat in called], states, strict=True))
        )


def lines(store: Store, term: Term) -> list[LedgerLine]:
    with store.reading() as session:
        found = ledger.lines(session, session.get_one(Term, term.id))
        session.expunge_all()
        return found


def holders(store: Store, term: Term) -> list[int]:
    with store.reading() as session:
        return [seat.id for seat in queries.seats(session, session.get_one(Term, term.id), HOLDING)]


PRESENT, ABSENT, EXCUSED = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED


@pytest.mark.both_stores
def test_a_day_of_presence_is_paid_once(store: Store, term: Term) -> None:
    day = term.first + timedelta(days=2)
    morning, afternoon = meeting(store, term, day), meeting(store, term, day, (13, 16))
    weekend = meeting(store, term, day + timedelta(days=7), (8, 12))
    with store.writing() as session:
        row = session.get_one(Meeting, weekend.id)
        row.ends_at += timedelta(days=1)
        assert len(row.days) == 2
    take(store, morning, PRESENT, EXCUSED)
    take(store, afternoon, PRESENT, PRESENT)
    take(store, weekend, PRESENT, ABSENT)
    found = lines(store, term)
    assert [(one.cents, one.state, one.is_stipend) for one in found] == [(PAY, LineState.DUE, True)] * 4
    assert [one.day for one in found] == [day, day, *weekend_days(day)]
    take(store, weekend, PRESENT, ABSENT)
    assert [one.id for one in lines(store, term)] == [one.id for one in found]
    take(store, weekend, ABSENT, ABSENT)
    take(store, afternoon, ABSENT, ABSENT)
    assert len(lines(store, term)) == 1, "a corrected sheet takes back what was not paid"


def weekend_days(day: date) -> list[date]:
    return [day + timedelta(days=7), day + timedelta(days=8)]


def test_a_body_without_pay_has_no_stipends(store: Store, mandate: Mandate, pool: Pool, term: Term) -> None:
    with store.writing() as session:
        place = session.get_one(Mandate, mandate.id)
        charter = charters.current(session, place)
        unpaid = tuple(replace(body, pay_per_day=0) for body in charter.bodies)
        charters.publish(session, COMMAND_LINE, place, replace(charter, bodies=unpaid), "Plus de paie.")
    take(store, meeting(store, term, term.first + timedelta(days=2)), PRESENT, PRESENT)
    assert lines(store, term) == []


@pytest.mark.both_stores
def test_a_payment_is_recorded_once_and_holds_the_sheet(store: Store, term: Term) -> None:
    made = meeting(store, term, term.first + timedelta(days=2))
    take(store, made, PRESENT, PRESENT)
    with store.writing() as session:
        row = session.get_one(Term, term.id)
        with refused("line-none"):
            ledger.pay(session, COMMAND_LINE, row, [])
        with refused("line-unknown"):
            ledger.line(session, row, 999)
        assert ledger.pay(session, COMMAND_LINE, row, ledger.lines(session, row)) == 2 * PAY
    with store.writing() as session:
        row = session.get_one(Term, term.id)
        with refused("line-is-paid"):
            ledger.pay(session, COMMAND_LINE, row, ledger.lines(session, row))
        leaf = session.scalars(select(Leaf).where(Leaf.event == "payment-recorded")).one()
        assert f'"cents":{2 * PAY}' in leaf.body
    with refused("attendance-paid"):
        take(store, made, PRESENT, ABSENT)
    assert make.leaves(store, "payment-recorded") == 1
    assert make.leaves(store, "attendance-recorded") == 1
    take(store, made, PRESENT, PRESENT)


def test_an_expense_is_declared_then_decided(store: Store, term: Term) -> None:
    number = holders(store, term)[0]
    began = bodies.term(store, term.mandate, term.label).seats[0].answered_at
    assert began is not None
    with store.writing() as session:
        seat = session.get_one(Seat, number)
        good = {"cents": 12_50, "purpose": "Train", "day": term.first}
        for code, changes in (
            ("expense-amount-invalid", {"cents": 0}),
            ("expense-amount-invalid", {"cents": ledger.MOST_CENTS + 1}),
            ("expense-purpose-missing", {"purpose": " "}),
            ("expense-purpose-too-long", {"purpose": "x" * 501}),
            ("expense-day-invalid", {"day": term.first + timedelta(days=1)}),
            ("expense-day-invalid", {"day": began.date() - timedelta(days=2)}),
        ):
            with refused(code):
                ledger.declare(session, ME, seat, **{**good, **changes})
        never = next(one for one in seat.term.seats if one.place is None)
        with refused("seat-holds-no-place"):
            ledger.declare(session, ME, never, **good)
        first = ledger.declare(session, ME, seat, **good)
        second = ledger.declare(session, ME, seat, **good)
        assert ledger.undecided(session, term.mandate_id) == 2
        with refused("line-is-declared"):
            ledger.pay(session, COMMAND_LINE, seat.term, [first])
        with refused("expense-reason-missing"):
            ledger.decide(session, COMMAND_LINE, first, " ")
        ledger.decide(session, COMMAND_LINE, first, "Sans billet.")
        ledger.decide(session, COMMAND_LINE, second, None)
        with refused("line-is-refused"):
            ledger.decide(session, COMMAND_LINE, first, None)
        with refused("line-is-due"):
            ledger.decide(session, COMMAND_LINE, second, None)
        assert (first.state, first.reason, second.state) == ("refused", "Sans billet.", "due")
        assert ledger.undecided(session, term.mandate_id) == 0
        bodies_of = session.scalars(select(Leaf.body).where(Leaf.event.startswith("expense-"))).all()
        assert not any("Train" in body or "billet" in body for body in bodies_of)
    assert (make.leaves(store, "expense-declared"), make.leaves(store, "expense-decided")) == (2, 2)


def test_an_erased_person_leaves_amounts_and_no_words(store: Store, pool: Pool, term: Term) -> None:
    number = holders(store, term)[0]
    with store.writing() as session:
        seat = session.get_one(Seat, number)
        line = ledger.declare(session, ME, seat, cents=12_50, purpose="Train de Zoé", day=term.first)
        ledger.decide(session, COMMAND_LINE, line, "Zoé n’a pas de billet.")
        person = seat.volunteer_id
    assert person is not None
    with store.writing() as session:
        pools.erase(session, COMMAND_LINE, session.get_one(Pool, pool.id), person)
    (after,) = lines(store, term)
    assert (after.cents, after.purpose, after.reason) == (12_50, None, None)


def test_an_attestation_says_on_which_days(store: Store, app: Flask, pool: Pool, term: Term) -> None:
    made = meeting(store, term, term.first + timedelta(days=2))
    take(store, made, PRESENT, ABSENT)
    there, away = holders(store, term)
    with app.test_request_context(), store.reading() as session:
        first = attestation.pdf(session, session.get_one(Seat, there))
        assert first.startswith(b"%PDF-")
        assert b"pdfuaid" in first or b"pdfaid" in first
        assert first == attestation.pdf(session, session.get_one(Seat, there))
        with refused("attestation-empty"):
            attestation.pdf(session, session.get_one(Seat, away))
        person = session.get_one(Seat, there).volunteer_id
    assert person is not None
    with store.writing() as session:
        pools.erase(session, COMMAND_LINE, session.get_one(Pool, pool.id), person)
    with app.test_request_context(), store.reading() as session, refused("attestation-empty"):
        attestation.pdf(session, session.get_one(Seat, there))
