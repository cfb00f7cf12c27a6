"""Letters that were set aside, as the operator and the organisers see them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from assemblee import clock
from assemblee.assemblies.terms import queries as terms
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.models import Worker, WorkerTask
from assemblee.jobs.worker import tasks
from assemblee.mail import undelivered
from assemblee.mail.delivery import Delivery
from assemblee.mail.models import Mail, Reason
from assemblee.mandates.models import Mandate
from assemblee.messages import FAILURES, STATES
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.security import COMMAND_LINE
from assemblee.work import jobs as every_work
from tests import bodies, make, voting
from tests.answers import Visitor, refused
from tests.mail.letters import aside, waiting, write
from tests.mail.server import Behaviour

NOBODY = "nobody@example.org"
REPLY = "550 5.1.1 unknown here"


@pytest.fixture
def refusing(mail_server: Behaviour) -> Behaviour:
    """Give a mail server that knows nobody."""
    mail_server.to = lambda _recipient: REPLY
    return mail_server


def spoil(store: Store, pool: Pool) -> str:
    """Give somebody of a pool an address that nobody has."""
    with store.writing() as session:
        first = select(Volunteer.id).where(Volunteer.pool_id == pool.id).order_by(Volunteer.id).limit(1)
        session.execute(update(Volunteer).where(Volunteer.id == first.scalar_subquery()).values(email=NOBODY))
    return NOBODY


def organiser(app: Flask, store: Store, mandate: Mandate) -> Visitor:
    make.account(store, "organisatrice@example.org", password=make.PASSWORD)
    make.organiser(store, mandate)
    return Visitor(app, "organisatrice@example.org")


def test_every_reason_and_every_task_has_words(store: Store, config: Config) -> None:
    assert set(Reason) <= FAILURES.keys()
    assert every_work, "with it, every room has entered its tasks"
    named = tasks(store, config, "here", threading.Event())
    assert {f"task-{name}" for name in named} <= STATES.keys()
    assert len(named) >= 10


def test_the_operator_sees_what_fails_and_lifts_an_address(
    app: Flask, store: Store, deliver: Delivery, refusing: Behaviour
) -> None:
    make.account(store, "operatrice@example.org", password=make.PASSWORD, is_operator=True)
    operator = Visitor(app, "operatrice@example.org")
    assert "0 courriel attend" in operator.visit("/jobs/")
    write(store, "nobody@example.org", "<")
    deliver()
    write(store, "nobody@example.org")
    deliver()
    write(store, "waits@example.org")
    now = clock.now()
    with store.writing() as session:
        session.add(
            WorkerTask(
                name="letters",
                failures=3,
                error="TimeoutError",
                first_failed_at=now,
                last_failed_at=now,
                next_try_at=now,
            )
        )
        session.add(
            Worker(name="w", started_at=now, seen_at=now, task="terms", task_since=now - timedelta(minutes=6))
        )
    page = operator.visit("/jobs/")
    for shown in (
        "1 courriel attend",
        "Le serveur de courriel a refusé cette adresse",
        "Le serveur de courriel a déjà refusé cette adresse",
        REPLY,
        "TimeoutError",
        "envoi des courriels",
        "échéances des assemblées",
    ):
        assert shown in page
    with store.reading() as session:
        refused_letter = session.scalars(select(Mail.id).where(Mail.reason == Reason.ADDRESS_REFUSED)).one()
    operator.send(f"/jobs/letters/{refused_letter}/lift")
    assert list(aside(store)) == ["<"]
    with store.writing() as session, refused("letter-unknown"):
        undelivered.lift(session, refused_letter)


@pytest.mark.usefixtures("refusing")
def test_organisers_see_beside_a_person_why_no_letter_arrives(
    app: Flask, store: Store, deliver: Delivery, mandate: Mandate, pool: Pool
) -> None:
    visitor = organiser(app, store, mandate)
    assert "Aucun courriel" not in visitor.visit(f"/m/val/pools/{pool.id}")
    address = spoil(store, pool)
    write(store, address)
    deliver()
    write(store, address)
    deliver()
    page = visitor.visit(f"/m/val/pools/{pool.id}")
    assert "Aucun courriel n’arrive à 1 personne" in page
    assert "Le serveur de courriel a refusé cette adresse" in page, "and not that it is spared since"
    assert REPLY in page
    found = visitor.visit(f"/m/val/pools/{pool.id}?state=unreached")
    assert found.count('<th scope="row">') == 1
    with store.writing() as session:
        person = session.scalars(select(Volunteer.id).where(Volunteer.email == address)).one()
        pools.erase(session, COMMAND_LINE, session.get_one(Pool, pool.id), person)
    assert (aside(store), waiting(store)) == ({}, []), "who is erased is named nowhere"


def test_the_counter_sees_whom_the_letter_with_the_link_did_not_reach(
    app: Flask, store: Store, deliver: Delivery, refusing: Behaviour
) -> None:
    mandate = make.mandate(store)
    pool = make.pool(store, mandate)
    spoil(store, pool)
    voting.guarantors(store, mandate)
    vote = voting.settled(store, mandate, pool)
    refusing.to = lambda recipient: REPLY if recipient.startswith("nobody") else "250 ok"
    deliver()
    page = organiser(app, store, mandate).visit(f"/m/val/consultations/{vote.id}/roll")
    assert page.count(REPLY) == 1


def test_organisers_see_on_a_term_whom_no_letter_reaches_and_others_do_not(
    app: Flask, store: Store, settings: Config, refusing: Behaviour
) -> None:
    place = bodies.mandate(store)
    register = bodies.pool(store, place)
    found = bodies.drawn(store, place, register, f"{bodies.ASSEMBLY}/1")
    with store.reading() as session:
        seat = next(seat for seat in terms.seats(session, found) if seat.state in terms.ENGAGED)
        address = str(seat.address)
    write(store, address)
    Delivery(store, replace(settings, mails_per_minute=1), "here")()
    address_of_page = f"/m/{place.slug}/assemblies/{found.id}"
    assert REPLY not in Visitor(app).visit(address_of_page)
    assert REPLY in organiser(app, store, place).visit(address_of_page)


def test_many_addresses_are_asked_for_some_at_a_time(
    store: Store, deliver: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, "<", ">", "p0@example.org")
    deliver()
    monkeypatch.setattr(undelivered, "ASKED_AT_ONCE", 1)
    with store.reading() as session:
        found = undelivered.troubles(session, ["<", ">", None, "p0@example.org"])
    assert {address: trouble.reason for address, trouble in found.items()} == {
        "<": Reason.UNWRITABLE,
        ">": Reason.UNWRITABLE,
    }
