"""A clock that leaps decides nothing, in the worker and on the web; all goes on when it is right again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from assemblee import clock, plausible
from assemblee.assemblies import work as assemblies
from assemblee.assemblies.terms.models import Seat, SeatState
from assemblee.cli import cli
from assemblee.config import Config
from assemblee.consultations import counting
from assemblee.consultations.models import Consultation
from assemblee.db import Store
from assemblee.jobs import worker
from assemblee.journal import actions as journal
from assemblee.journal import timekeeping
from assemblee.journal.models import ClockReading, Leaf
from assemblee.mail.outbox import Mail
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import work as petitions
from assemblee.petitions.petition.models import PetitionState, Signature
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE
from tests import bodies, ceremony, make, petitioning, voting
from tests.answers import Visitor, refused

JUMPS = [timedelta(days=40), timedelta(days=-2), timedelta(hours=1)]
jumping = pytest.mark.parametrize("jump", JUMPS, ids=["40-days-ahead", "2-days-back", "an-hour-ahead"])
pytestmark = pytest.mark.both_stores


@pytest.fixture(autouse=True)
def seen(store: Store) -> Iterator[None]:
    """Let a worker and this process have seen the right time."""
    plausible._database = plausible._machine = None
    assert worker.beat(store, "one")
    plausible.believe(clock.real())
    yield
    plausible._database = plausible._machine = None


def rows(store: Store) -> tuple[int, int, int]:
    """Count what an act would leave."""
    with store.reading() as session:
        lines, letters, signatures = (
            session.scalar(select(func.count()).select_from(one)) or 0 for one in (Leaf, Mail, Signature)
        )
        return lines, letters, signatures


def go_round(store: Store, config: Config) -> bool:
    """Do what the worker does in a second, and tell whether it believed its clock."""
    is_sure = worker.beat(store, "one")
    # Also what was on its way when the clock leapt.
    for task in (assemblies.Turning(), lambda store, _config: petitions.turn_all(store)):
        with suppress(Refusal):
            task(store, config)
    return is_sure


@jumping
def test_a_petition_neither_ends_nor_takes_a_signature(
    app: Flask, config: Config, store: Store, mandate: Mandate, jump: timedelta
) -> None:
    rules = petitioning.rules(mandate, answer=50, assembly=60, sponsors=1, open_days=20, check_days=1)
    petitioning.publish(store, mandate, rules)
    found = petitioning.opened(store, mandate)
    other = petitioning.submitted(store, mandate, petitioning.author(store, "b@example.org"))
    petitioning.sign(store, other, "marraine@example.org", "Marraine Un")
    petitioning.ask(store, found, "zoe@example.org")
    row = petitioning.row_of(store, found, "zoe@example.org")
    before = rows(store)
    with clock.jumped(jump):
        assert not go_round(store, config)
        with refused("clock-in-doubt"):
            petitioning.confirm(store, row)
        with refused("clock-in-doubt"):
            petitioning.ask(store, found, "yves@example.org")
        page = Visitor(app).send(f"/signatures/{row.nonce}/confirm", status=503)
        assert "semble fausse" in page
    assert rows(store) == before
    assert petitioning.fresh(store, found).state == PetitionState.OPEN
    assert petitioning.fresh(store, other).state == PetitionState.CHECK
    assert go_round(store, config)
    Visitor(app).send(f"/signatures/{row.nonce}/confirm")
    assert petitioning.row_of(store, found, "zoe@example.org").counts


@jumping
def test_a_vote_neither_closes_nor_takes_a_ballot(
    config: Config, store: Store, mandate: Mandate, jump: timedelta
) -> None:
    pool, people = make.pool(store, mandate), voting.guarantors(store, mandate)
    found = voting.settled(store, mandate, pool)
    entry = voting.roll(store, found)[0]
    before = rows(store)
    with clock.jumped(jump):
        assert not go_round(store, config)
        with refused("clock-in-doubt"):
            voting.vote(store, found, entry, bytes([0, 1, 2]))
        with store.writing() as session, refused("clock-in-doubt"):
            counting.start(session, people[0], session.get_one(Consultation, found.id))
    assert rows(store) == before
    assert go_round(store, config)
    voting.vote(store, found, entry, bytes([0, 1, 2]))


@jumping
def test_a_ceremony_is_neither_late_nor_early(store: Store, config: Config, jump: timedelta) -> None:
    place = make.mandate(store)
    draw = ceremony.ready_draw(store, make.pool(store, place))
    team = [ceremony.guarantor_of(part.account_id) for part in draw.guarantors]
    ceremony.cosign(store, draw, team[0])
    before = rows(store)
    with clock.jumped(jump):
        assert not go_round(store, config)
        with refused("clock-in-doubt"):
            ceremony.cosign(store, draw, team[1])
        with refused("clock-in-doubt"):
            ceremony.reveal(store, draw, team[0])
        with refused("clock-in-doubt"):
            ceremony.type_numbers(store, draw, team[0], ceremony.LOTO)
    assert rows(store) == before
    assert go_round(store, config)
    ceremony.cosign(store, draw, team[1])


@jumping
def test_nobody_loses_a_seat(store: Store, config: Config, jump: timedelta) -> None:
    place = bodies.mandate(store)
    found = bodies.drawn(store, place, bodies.pool(store, place), f"{bodies.ASSEMBLY}/1")
    invited = len(bodies.of(found, SeatState.INVITED))
    before = rows(store)
    with clock.jumped(jump):
        assert not go_round(store, config)
    assert rows(store) == before
    with store.reading() as session:
        query = select(func.count()).where(Seat.term_id == found.id, Seat.state == SeatState.INVITED)
        assert session.scalar(query) == invited > 0
    assert go_round(store, config)
    bodies.accept(store, bodies.of(found, SeatState.INVITED)[:1])


@jumping
def test_a_bad_time_is_nowhere_noted(store: Store, config: Config, jump: timedelta) -> None:
    with clock.jumped(jump):
        for _ in range(3):
            assert not worker.beat(store, "one")
        with store.writing() as session, refused("clock-in-doubt"):
            journal.record(session, COMMAND_LINE, "pool-opened", pool=1)
        # Another process, which begins in the middle, has only what was noted.
        plausible._database = None
        assert not worker.beat(store, "two")
    with store.reading() as session:
        noted = session.scalars(select(ClockReading.noted_at)).one()
    assert abs(noted - clock.real()) < timedelta(minutes=1)
    assert worker.beat(store, "one")
    assert config.database_url


@pytest.mark.only("sqlite")
def test_the_operator_says_that_the_time_is_right(app: Flask, store: Store) -> None:
    make.account(store, "op@example.org", password=make.PASSWORD, is_operator=True)
    operator = Visitor(app, "op@example.org")
    assert "semble fausse" not in operator.visit("/jobs/")
    with clock.jumped(JUMPS[0]):
        # Whoever was signed in weeks ago has to sign in again, which is let through.
        operator = Visitor(app, "op@example.org")
        assert "semble fausse" in operator.visit("/jobs/")
        assert "reprendre" in operator.visit("/clock/")
        operator.send("/clock/")
        assert "semble fausse" not in operator.visit("/jobs/")
        assert worker.beat(store, "one")
        operator.send("/clock/", status=409)
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(Leaf.event == "clock-accepted")) == 1


def off_for(store: Store, span: timedelta) -> None:
    """Let nobody have noted the time for a while."""
    plausible._database = None
    with store.writing() as session:
        session.get_one(ClockReading, 1).noted_at = clock.real() - span


def test_a_house_that_was_off_asks_whether_time_has_passed(config: Config, store: Store) -> None:
    off_for(store, timedelta(minutes=20))
    assert worker.beat(store, "one"), "a machine that started again asks nobody"
    off_for(store, timedelta(days=7))
    assert not worker.beat(store, "one")
    with store.writing() as session:
        assert journal.accept_clock(session, COMMAND_LINE).event == "clock-accepted"
    assert worker.beat(store, "one")
    with store.writing() as session, refused("clock-not-in-doubt"):
        journal.accept_clock(session, COMMAND_LINE)
    assert config.database_url


@pytest.mark.only("sqlite")
def test_the_command_says_it_too(config: Config, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    off_for(store, timedelta(days=7))
    monkeypatch.setattr("assemblee.config.load", lambda: config)
    assert CliRunner().invoke(cli, ["clock", "accept"]).exit_code == 0
    assert worker.beat(store, "one")


def test_who_saw_the_hours_pass_goes_on_without_a_worker(store: Store) -> None:
    with store.writing() as session:
        session.get_one(ClockReading, 1).noted_at = clock.real() - timedelta(hours=3)
    # It saw them: this process has believed the time before, and its steady clock agrees.
    with store.writing() as session:
        journal.record(session, COMMAND_LINE, "pool-opened", pool=1)
    assert worker.beat(store, "one"), "and the act has noted the time for the worker"


def test_one_bad_line_poisons_none_after_it(store: Store, mandate: Mandate) -> None:
    draw = ceremony.ready_draw(store, make.pool(store, mandate))
    with clock.shifted(timedelta(days=40)), store.writing() as session:
        bad = journal.record(session, COMMAND_LINE, "pool-opened", pool=1)
    ceremony.cosign(store, draw, ceremony.guarantor_of(draw.guarantors[0].account_id))
    with store.reading() as session:
        last = session.scalars(select(Leaf).order_by(Leaf.position.desc()).limit(1)).one()
    assert bad.at - last.at > timedelta(days=39)


def test_work_that_ends_under_a_wrong_clock_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        monkeypatch.setattr(clock, "_jump", timedelta())

    monkeypatch.setattr(timekeeping.time, "sleep", sleep)
    monkeypatch.setattr(clock, "_jump", JUMPS[0])
    timekeeping.wait(store)
    assert len(waited) == 1
