"""The work of a mandate that is lived at another time, and what is left alone meanwhile."""

from __future__ import annotations

import pytest
from flask import Flask

from assemblee.assemblies.terms.models import TermState
from assemblee.assemblies.work import Turning
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs import actions, durable, queries
from assemblee.jobs.models import LIFE, Job, JobState
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import bodies, make
from tests.answers import Visitor, refused
from tests.jobs.test_jobs import enqueued


def begin(store: Store, mandate: Mandate, year: int) -> Job:
    with store.writing() as session:
        return actions.start(session, LIFE, year, mandate=mandate.id)


def end(store: Store, job: Job, state: JobState) -> None:
    with store.writing() as session:
        session.get_one(Job, job.id).state = state


def lived(store: Store) -> dict[int | None, int]:
    with store.reading() as session:
        return {mandate: job.subject for mandate, job in queries.lives(session).items()}


def test_a_life_is_over_once_its_last_year_is_done(store: Store, mandate: Mandate) -> None:
    other = make.mandate(store, slug="autre")
    first = begin(store, mandate, 1)
    begin(store, other, 3)
    assert lived(store) == {mandate.id: 1, other.id: 3}
    end(store, first, JobState.DONE)
    second = begin(store, mandate, 2)
    assert lived(store) == {mandate.id: 2, other.id: 3}
    end(store, second, JobState.CANCELLED)
    assert lived(store) == {mandate.id: 2, other.id: 3}, "it has stopped, and is not over"
    with store.reading() as session:
        newest = queries.newest(session, LIFE, mandate.id)
        assert newest is not None
        assert newest.id == second.id
    end(store, begin(store, mandate, 2), JobState.DONE)
    assert lived(store) == {other.id: 3}


@pytest.mark.both_stores
def test_nothing_comes_about_by_itself_in_a_mandate_that_is_lived(
    store: Store, mandate: Mandate, pool: Pool, config: Config
) -> None:
    place = bodies.mandate(store)
    register = bodies.pool(store, place)
    found = bodies.drawn(store, place, register, f"{bodies.ASSEMBLY}/1")
    year = begin(store, place, 1)
    round_of = Turning()
    with bodies.on(found.first):
        round_of(store, config)
        assert bodies.term(store, place, found.label).state == TermState.FILLING
        end(store, year, JobState.DONE)
        round_of.last = float("-inf")
        round_of(store, config)
    assert bodies.term(store, place, found.label).state == TermState.RUNNING


def test_the_page_of_a_mandate_tells_which_year_is_lived(app: Flask, store: Store, mandate: Mandate) -> None:
    visitor = Visitor(app)
    assert "année 3 sur 5" not in visitor.visit("/m/val/")
    year = begin(store, mandate, 3)
    with store.writing() as session:
        job = session.get_one(Job, year.id)
        job.state, job.phase, job.progress_done, job.progress_total = JobState.RUNNING, "year", 3, 5
    assert "année 3 sur 5" in visitor.visit("/m/val/")
    end(store, year, JobState.CANCELLED)
    assert "n’a pas été vécu jusqu’au bout" in visitor.visit("/m/val/")
    end(store, year, JobState.DONE)
    assert "vécu" not in visitor.visit("/m/val/")


def test_an_operator_stops_an_invented_life_and_no_work_of_a_mandate(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    make.account(store, "operatrice@example.org", password=make.PASSWORD, is_operator=True)
    year = begin(store, mandate, 1)
    with store.writing() as session:
        other = actions.start(session, "draw-lottery", 1, mandate=mandate.id)
    operator = Visitor(app, "operatrice@example.org")
    page = operator.visit("/jobs/")
    assert f"/jobs/{year.id}/stop" in page
    assert f"/jobs/{other.id}/stop" not in page
    operator.send(f"/jobs/{year.id}/stop")
    with store.reading() as session:
        assert session.get_one(Job, year.id).state == JobState.CANCELLED
        assert f"/jobs/{year.id}/stop" not in operator.visit("/jobs/")
    with store.writing() as session, refused("job-not-stoppable"):
        actions.stop(session, COMMAND_LINE, session.get_one(Job, other.id))
    with store.writing() as session, refused("job-already-ended"):
        actions.stop(session, COMMAND_LINE, session.get_one(Job, year.id))


def test_who_does_the_work_itself_enqueues_none(store: Store, mandate: Mandate) -> None:
    with durable.done_here():
        with durable.done_here():
            pass
        kept = begin(store, mandate, 1)
    assert enqueued(store) == []
    end(store, kept, JobState.DONE)
    given = begin(store, mandate, 2)
    assert enqueued(store) == [durable.workflow_id(given.id)]
