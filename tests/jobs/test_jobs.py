from __future__ import annotations

import pytest
from sqlalchemy import text

from assemblee.db import Store
from assemblee.jobs import actions, durable, queries
from assemblee.jobs.models import Job, JobState
from assemblee.security import COMMAND_LINE
from tests.answers import refused

pytestmark = pytest.mark.both_stores

KIND = "test-work"


@pytest.fixture(autouse=True)
def _known_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(_store: Store, _subject: int, _progress: actions.Progress) -> actions.Landing:
        return lambda _session: None

    monkeypatch.setitem(actions.WORK, KIND, work)
    monkeypatch.setattr(actions, "REPORT_EVERY_SECONDS", 0)


def ask(store: Store, subject: int = 1) -> Job:
    with store.writing() as session:
        return actions.start(session, KIND, subject, mandate=None)


def state(store: Store, job: Job) -> str:
    with store.reading() as session:
        return queries.job(session, job.id).state


def enqueued(store: Store) -> list[str]:
    table = "workflow_status" if store.is_sqlite else f"{durable.SCHEMA}.workflow_status"
    with store.reading() as session:
        return list(session.scalars(text(f"SELECT workflow_uuid FROM {table}")))


def test_an_act_that_fails_after_enqueuing_leaves_no_job(store: Store) -> None:
    def act() -> None:
        with store.writing() as session:
            actions.start(session, KIND, 1, mandate=None)
            raise KeyError

    with pytest.raises(KeyError):
        act()
    assert enqueued(store) == []
    with store.reading() as session:
        assert queries.recent(session) == []


def test_a_job_is_enqueued_with_its_act(store: Store) -> None:
    job = ask(store)
    assert enqueued(store) == [durable.workflow_id(job.id)]
    with refused("job-already-open"):
        ask(store)
    other = ask(store, 2)
    assert len(enqueued(store)) == 2
    actions.run(store, job.id)
    assert (state(store, job), state(store, other)) == (JobState.DONE, JobState.WAITING)
    assert ask(store).id not in (job.id, other.id), "once ended, the same work can be asked again"


def test_a_job_cancelled_while_it_works_lands_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    landed: list[str] = []

    def work(inner: Store, _subject: int, progress: actions.Progress) -> actions.Landing:
        progress(1, 2, "half")
        with inner.writing() as session:
            actions.cancel(session, COMMAND_LINE, queries.job(session, job.id))
        if patience[0]:
            return lambda _session: landed.append("landed")
        progress(2, 2, "end")
        raise AssertionError

    monkeypatch.setitem(actions.WORK, KIND, work)
    patience = [False]
    for patience[0] in (False, True):
        job = ask(store)
        actions.run(store, job.id)
        assert state(store, job) == JobState.CANCELLED
    assert landed == []
    with refused("job-already-ended"), store.writing() as session:
        actions.cancel(session, COMMAND_LINE, queries.job(session, job.id))


def test_progress_is_seen_by_others_while_the_work_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int, int, str]] = []

    def work(inner: Store, _subject: int, progress: actions.Progress) -> actions.Landing:
        progress(3, 7, "levels")
        with inner.reading() as session:
            row = queries.job(session, job.id)
            seen.append((row.state, row.progress_done, row.progress_total, row.phase))
        return lambda _session: None

    monkeypatch.setitem(actions.WORK, KIND, work)
    job = ask(store)
    actions.run(store, job.id)
    assert seen == [(JobState.RUNNING, 3, 7, "levels")]


def test_work_that_fails_tells_why_and_lands_what_it_has(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed: list[str] = []

    def work(_store: Store, _subject: int, _progress: actions.Progress) -> actions.Landing:
        raise actions.Failed("infeasible-quotas", lambda _session: landed.append("why"))

    monkeypatch.setitem(actions.WORK, KIND, work)
    job = ask(store)
    actions.run(store, job.id)
    assert (state(store, job), landed) == (JobState.FAILED, ["why"])


def test_a_broken_job_is_failed_once(store: Store) -> None:
    job = ask(store)
    with store.writing() as session:
        actions.fail(session, job.id, "job-crashed")
    with store.writing() as session:
        actions.fail(session, job.id, "another-reason")
    with store.reading() as session:
        assert queries.job(session, job.id).failure == {"code": "job-crashed"}
    with refused("job-unknown"), store.writing() as session:
        actions.fail(session, 99, "job-crashed")


def test_a_job_is_shown_in_its_own_mandate_only(store: Store) -> None:
    job = ask(store)
    with store.reading() as session, refused("job-unknown"):
        queries.job(session, job.id, mandate=4)


def restart(store: Store) -> None:
    with store.writing() as session:
        actions.restart(session, KIND, 1, mandate=None)


def test_work_that_waits_is_not_asked_for_twice(store: Store) -> None:
    restart(store)
    restart(store)
    with store.reading() as session:
        assert [job.state for job in queries.recent(session)] == [JobState.WAITING]


def test_work_that_has_begun_is_given_up_for_new(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    landed: list[str] = []

    def work(inner: Store, _subject: int, _progress: actions.Progress) -> actions.Landing:
        restart(inner)
        return lambda _session: landed.append("landed")

    monkeypatch.setitem(actions.WORK, KIND, work)
    first = ask(store)
    actions.run(store, first.id)
    with store.reading() as session:
        assert [job.state for job in queries.recent(session)] == [JobState.WAITING, JobState.CANCELLED]
    assert landed == []


def test_a_job_that_ended_since_it_was_read_is_not_cancelled(store: Store) -> None:
    job = ask(store)
    with store.reading() as session:
        read = queries.job(session, job.id)
    actions.run(store, job.id)
    with refused("job-already-ended"), store.writing() as session:
        session.add(read)
        actions.cancel(session, COMMAND_LINE, read)
    assert state(store, job) == JobState.DONE
