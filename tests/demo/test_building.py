from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import config
from assemblee.assemblies.terms import queries, replay
from assemblee.assemblies.terms.models import Seat, SeatChange, SeatState, Term, TermState
from assemblee.consultations.models import Consultation
from assemblee.db import Store
from assemblee.demo import building, past, present, votes
from assemblee.demo.seeding import PASSWORDS
from assemblee.demo.years import Years
from assemblee.draws.models import Draw, DrawState
from assemblee.jobs import actions as jobs
from assemblee.jobs import queries as job_queries
from assemblee.jobs.models import Job
from assemblee.mail import outbox
from assemblee.mandates.models import Mandate
from assemblee.security import COMMAND_LINE
from tests import make
from tests.assemblies import machine
from tests.house.test_commands import instance, run

__all__ = ["instance"]

DAYS_BEFORE_THE_KILL = 60


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.slow
def test_the_demo_goes_on_where_it_was_left_and_loses_nothing(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mandate of 1,200 with few voters and all its petitions, and one year of another with two draws of 900:
    # a quarter of a minute. The campaign `years` lives all five, and builds both as large as they are.
    monkeypatch.setattr(past, "YEARS", 1)
    monkeypatch.setattr(past, "VOLUNTEERS", 900)
    monkeypatch.setattr(present, "respondents", smaller_of(present.respondents, 1_200))
    monkeypatch.setattr(votes, "VOTERS", dict.fromkeys(votes.VOTERS, 50))
    days = iter(range(1000))

    def killed_in_autumn(years: Years, day: date) -> timedelta:
        if next(days) == DAYS_BEFORE_THE_KILL:
            raise Killed
        return step(years, day)

    step = Years.step
    monkeypatch.setattr(Years, "step", killed_in_autumn)
    lines: list[str] = []
    settings = building.build(8123, lines.append, is_whole=False)
    assert f"  http://127.0.0.1:8123/m/{past.SLUG}/" in lines
    assert "\n  http://127.0.0.1:8123/m/val-de-brume/draws/1\n" in lines
    with pytest.raises(Killed):
        run("demo", "--no-serve", "--port", "8123")
    store = Store.of(settings)
    with store.reading() as session:
        assert session.get_one(Draw, 1).state == DrawState.HELD, "the mandate that goes on comes first"
        (year,) = job_queries.lives(session).values()
    with store.writing() as session:
        jobs.stop(session, COMMAND_LINE, session.get_one(Job, year.id))
    second = run("demo", "--no-serve", "--port", "8124").output
    assert "Val-d'Amont: year 1 of 1" in second
    third = run("demo", "--no-serve", "--port", "8124").output
    assert "year 1 of 1" not in third
    assert third.splitlines()[-8:] == second.splitlines()[-8:]
    assert "http://127.0.0.1:8124/m/val-de-brume/draws/1" in third
    assert config.load().base_url == "http://127.0.0.1:8124", "mails lead to where it is served"
    with store.reading() as session:
        assert job_queries.lives(session) == {}
        lived(session, 1)
        assert_letters(session)
        assert_round_hours(session)
    assert make.leaves(store, "draw-held") == 3
    assert make.leaves(store, "draw-rehearsed") == 1
    store.dispose()
    assert run("journal", "check").exit_code == 0
    assert (instance / PASSWORDS).exists()


def smaller_of(respondents: Callable[..., bytes], people: int) -> Callable[..., bytes]:
    """Return a function that gives as many people as it is asked for, and few where it is asked for all."""
    return lambda *asked: respondents(*asked) if asked else respondents("VB", 1, people)


def assert_letters(session: Session) -> None:
    """Nothing that was written in the years that were lived waits to be sent."""
    begins = session.scalars(select(Mandate.term_start).where(Mandate.slug == present.SLUG)).one()
    waiting = session.scalars(select(outbox.Mail.due_at).where(outbox.Mail.sent_at.is_(None))).all()
    assert waiting
    assert min(waiting).date() > begins
    assert session.scalars(select(outbox.Mail.id).where(outbox.Mail.sent_at.is_not(None))).first()


def assert_round_hours(session: Session) -> None:
    for vote in session.scalars(select(Consultation)):
        assert (vote.opens_at.minute, vote.closes_at.minute) == (0, 0), vote.title
    for draw in session.scalars(select(Draw)):
        for moment in (draw.cosign_until, draw.reveal_until):
            assert moment is None or (moment.minute, moment.second) == (0, 0), draw.title


def lived(session: Session, years: int) -> None:
    """Check the life of the mandate that is over: full terms, or vacancies that are explained."""
    place = session.scalars(select(Mandate).where(Mandate.slug == past.SLUG)).one()
    terms = queries.terms(session, place.id)
    numbers = Counter(term.body for term in terms)
    yearly = dict.fromkeys(("ordinary-assembly", "guarantors", "experts"), years)
    # Six groups in a session; the mandate ends a month before its last one would.
    assert numbers == {**yearly, "operational-group": 6 * years - 1}
    assert {term.state for term in terms} == {TermState.ENDED}
    for term in terms:
        began = term.began_with
        assert began is not None, term.label
        assert began["holding"] + began["vacant"] == term.size
        assert (began["why"] is None) == (began["vacant"] == 0), "full, or explained"
    answers = Counter(session.scalars(select(SeatChange.state).where(SeatChange.cause == "answer")))
    refused = answers["declined"] / answers.total()
    assert 0.05 < refused < 0.2, "12 % say no"
    sat = session.scalars(
        select(Seat).join(Term).where(Term.body == "ordinary-assembly", Seat.since.is_not(None))
    ).all()
    left = sum(seat.state == SeatState.RESIGNED for seat in sat) / len(sat)
    assert 0.03 < left < 0.18, "10 % leave"
    people = Counter(seat.volunteer_id for seat in sat)
    assert max(people.values()) == 1, "nobody sits twice"
    assert replay.contradictions(session, place.id) == []
    machine.check(session, place)


def test_the_demo_stays_out_of_a_real_installation(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSEMBLEE_DATABASE_URL", "postgresql://user:secret@somewhere/assemblee")
    elsewhere = run("demo", "--no-serve")
    assert (elsewhere.exit_code, "demo-not-here" in elsewhere.output) == (2, True)
    assert "secret" not in elsewhere.output
    monkeypatch.delenv("ASSEMBLEE_DATABASE_URL")
    run("init")
    here = run("demo", "--no-serve")
    assert (here.exit_code, "demo-not-here" in here.output) == (2, True)
    assert not (instance / "assemblee.sqlite").exists()
