"""The tasks of a worker stand alone, and its heart beats whatever they wait for."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assemblee import clock
from assemblee.config import Config
from assemblee.db import BUSY_TIMEOUT_SECONDS, Store
from assemblee.jobs import rounds, worker
from assemblee.jobs.models import Worker, WorkerTask
from assemblee.jobs.rounds import FIRST_RETRY, LONGEST_RETRY, Doing, Round
from assemblee.jobs.worker import Heart
from assemblee.mail import delivery
from assemblee.mail.delivery import Delivery
from tests.mail import letters

SECRET = "jean@example.org"


class Breaking:
    """A task that raises until told otherwise."""

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException | None = error
        self.tries = 0

    def __call__(self, _store: Store, _config: Config) -> None:
        self.tries += 1
        if self.error is not None:
            raise self.error


def failing(store: Store) -> dict[str, WorkerTask]:
    with store.reading() as session:
        return {task.name: task for task in session.scalars(select(WorkerTask))}


@pytest.mark.both_stores
def test_a_task_that_raises_stops_no_other_and_rests_longer_each_time(
    store: Store, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    broken, done = Breaking(KeyError(SECRET)), []
    once = Round(store, config, {"a": broken, "b": lambda _store, _config: done.append(1)})
    with caplog.at_level(logging.ERROR):
        once()
        once()
    assert (broken.tries, len(done)) == (1, 2)
    first = failing(store)["a"]
    assert (first.failures, first.error) == (1, "KeyError")
    assert SECRET not in caplog.text
    assert "in __call__" in caplog.text, "the operator can read where it happened"
    with clock.shifted(FIRST_RETRY):
        once()
        second = failing(store)["a"]
        assert (broken.tries, second.failures, second.first_failed_at) == (2, 2, first.first_failed_at)
        assert second.next_try_at - second.last_failed_at == 2 * FIRST_RETRY
    broken.error = None
    with clock.shifted(timedelta(hours=1)):
        once()
        once()
    assert (broken.tries, failing(store)) == (4, {})


def test_a_task_whose_time_it_is_not_goes_on_failing(store: Store, config: Config) -> None:
    answers: list[object] = [rounds.NOT_NOW, None]
    broken = Breaking(OSError())
    Round(store, config, {"a": broken})()
    once = Round(store, config, {"a": lambda _store, _config: answers.pop(0)})
    with clock.shifted(FIRST_RETRY):
        once()
        assert list(failing(store)) == ["a"]
        once()
        assert failing(store) == {}


def test_one_of_many_that_breaks_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def act(number: int) -> None:
        if number == 2:
            raise KeyError(SECRET)
        done.append(number)

    with pytest.raises(KeyError):
        rounds.each("term", [1, 2, 3], act)
    assert done == [1, 3]
    assert "term 2 failed: KeyError" in caplog.text
    assert SECRET not in caplog.text
    rounds.each("term", [1, 3], act)


def test_a_clock_that_was_set_back_keeps_no_task_from_being_done(store: Store, config: Config) -> None:
    broken = Breaking(OSError())
    once = Round(store, config, {"a": broken})
    with clock.shifted(timedelta(days=2)):
        once()
    once()
    assert broken.tries == 2


def test_who_is_told_to_end_ends(store: Store, config: Config) -> None:
    once = Round(store, config, {"a": Breaking(KeyboardInterrupt())})
    with pytest.raises(KeyboardInterrupt):
        once()
    assert (failing(store), once.doing.name) == ({}, None)


def test_a_task_rests_ten_minutes_at_most() -> None:
    assert [rounds.next_try(number) for number in (1, 2, 1_000)] == [
        FIRST_RETRY,
        2 * FIRST_RETRY,
        LONGEST_RETRY,
    ]


def test_two_tasks_do_not_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ROUND", {})
    rounds.enter("a", Breaking(KeyError()))
    with pytest.raises(ValueError, match="a"):
        rounds.enter("a", Breaking(KeyError()))


def test_a_bad_address_and_a_mail_server_that_is_away_stop_nothing(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Config(**{**vars(config), "smtp_host": "127.0.0.1", "smtp_port": 1})
    monkeypatch.setattr(worker, "sweep", lambda _store, _name: [])
    done: list[int] = []
    monkeypatch.setitem(rounds.ROUND, "last", lambda _store, _config: done.append(1))
    letters.write(store, "=?utf-8?q?a=0ab?=@example.org", "p1@example.org")
    Round(store, away, worker.tasks(store, away, "here", threading.Event()))()
    found = failing(store)
    assert (list(found), found["letters"].error, done) == (["letters"], "ConnectionRefusedError", [1])
    with clock.shifted(FIRST_RETRY):
        Round(store, config, worker.tasks(store, config, "here", threading.Event()))()
    assert (failing(store), letters.waiting(store)) == ({}, [])
    assert list(letters.aside(store)) == ["=?utf-8?q?a=0ab?=@example.org"]


@pytest.mark.both_stores
def test_the_heart_beats_while_a_task_takes_long(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.02)
    seen: list[Worker] = []

    def slow(inner: Store, _config: Config) -> None:
        time.sleep(0.4)
        with inner.reading() as session:
            seen.append(session.get_one(Worker, "here"))

    once = Round(store, config, {"slow": slow})
    with Heart(config, "here", once.doing):
        once()
    assert (seen[0].task, seen[0].task_since is not None) == ("slow", True)
    with store.reading() as session:
        assert session.get(Worker, "here") is None, "a round that has ended does not look alive"


def test_a_heart_that_is_kept_from_the_lock_beats_again(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.01)
    beats: list[int] = []
    beat = worker.beat

    def watched(inner: Store, name: str, doing: Doing) -> None:
        beats.append(1)
        if len(beats) == 2:
            raise OperationalError("UPDATE worker", {}, sqlite3.OperationalError("database is locked"))
        beat(inner, name, doing)

    monkeypatch.setattr(worker, "beat", watched)
    with Heart(config, "here", Doing()):
        while len(beats) < 4:
            time.sleep(0.01)
    assert "not shown to be alive" in caplog.text


def test_nobody_is_called_dead_who_waits_for_the_lock() -> None:
    longest = timedelta(seconds=BUSY_TIMEOUT_SECONDS + worker.BEAT_SECONDS)
    assert longest < worker.DEAD_AFTER


def test_what_the_dead_had_claimed_is_given_back(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters.write(store, "p1@example.org")
    Delivery(store, config, "gone")._claim()
    with clock.shifted(timedelta(days=-1)):
        worker.beat(store, "gone", Doing())
    monkeypatch.setattr(worker.DBOS, "list_workflows", lambda **_asked: [])
    assert worker.sweep(store, "here") == []
    assert delivery.Delivery(store, config, "here")() == 1
    with store.reading() as session:
        assert session.scalars(select(Worker.name)).all() == []
