"""Real worker processes, killed in the middle of a real computation."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

import sortition
from assemblee import config as settings
from assemblee.config import Config
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws.freezing import freeze
from assemblee.draws.models import DrawState
from assemblee.jobs import queries
from assemblee.jobs.models import JobState, Worker
from assemblee.jobs.worker import DEAD_AFTER, child_environment
from assemblee.mail import outbox
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.security import COMMAND_LINE
from tests import ceremony, make

VECTORS = Path(__file__).parents[1] / "vectors" / "sortition"
LARGE = "like_sf_d_40"
SIZE = 40
PATIENCE = 120


def large_draw(store: Store, mandate: Mandate) -> int:
    """Prepare a draw whose lottery takes long enough to be killed in the middle."""
    folder = VECTORS / LARGE
    cells = sortition.read_quotas((folder / "categories.csv").read_bytes()).cells
    with store.writing() as session:
        pool = pools.create(session, COMMAND_LINE, mandate.id, "Grand vivier", SIZE)
        pools.set_quotas(session, COMMAND_LINE, pool, cells, SIZE)
    make.import_people(store, pool, (folder / "respondents.csv").read_bytes())
    ceremony.team_of(store, pool)
    draw = make.draw(store, pool)
    terms = ceremony.terms(store)
    with store.writing() as session:
        draws.cancel_work(session, COMMAND_LINE, draw)
        row = session.get_one(type(draw), draw.id)
        row.state = DrawState.FEASIBLE
        session.flush()
        freeze(session, COMMAND_LINE, row, terms)
    return draw.id


@contextmanager
def worker(config: Config, name: str) -> Iterator[subprocess.Popen[bytes]]:
    config.instance.mkdir(exist_ok=True)
    path = config.instance / settings.FILE
    if not path.exists():
        path.write_text(f'secret_key = "{config.secret_key}"\n', encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "assemblee", "worker", "--name", name], env=child_environment(config)
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "the worker did not do it in time"
        time.sleep(0.1)


def job_state(store: Store, draw_id: int) -> str:
    with store.reading() as session:
        job = queries.latest(session, "draw-lottery", draw_id)
        assert job is not None
        return job.state


def is_working(store: Store, draw_id: int) -> Callable[[], bool]:
    def condition() -> bool:
        with store.reading() as session:
            job = queries.latest(session, "draw-lottery", draw_id)
            return job is not None and job.state == JobState.RUNNING

    return condition


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def assert_one_result(store: Store, draw_id: int) -> None:
    assert job_state(store, draw_id) == JobState.DONE
    assert make.leaves(store, "lottery-published") == 1
    with store.reading() as session:
        found = session.get_one(draws.Draw, draw_id)
        assert found.state == DrawState.READY
        assert found.lottery_text is not None


@pytest.mark.both_stores
@pytest.mark.slow
def test_a_killed_worker_finishes_its_draw_when_it_comes_back(
    store: Store, config: Config, mandate: Mandate
) -> None:
    draw_id = large_draw(store, mandate)
    with worker(config, "first") as process:
        wait_until(is_working(store, draw_id))
        kill(process)
    assert job_state(store, draw_id) == JobState.RUNNING
    assert make.leaves(store, "lottery-published") == 0
    with worker(config, "first"):
        wait_until(lambda: job_state(store, draw_id) == JobState.DONE)
        assert_one_result(store, draw_id)


@pytest.mark.slow
@pytest.mark.only("postgresql")
def test_another_worker_takes_over_when_the_first_never_comes_back(
    store: Store, config: Config, mandate: Mandate
) -> None:
    draw_id = large_draw(store, mandate)
    with worker(config, "first") as process:
        wait_until(is_working(store, draw_id))
        with worker(config, "second"):
            kill(process)
            # As if its silence had lasted: to wait for that would take the better part of a minute.
            with store.writing() as session:
                row = session.get_one(Worker, "first")
                row.seen_at -= DEAD_AFTER
            wait_until(lambda: job_state(store, draw_id) == JobState.DONE)
            assert_one_result(store, draw_id)
    with store.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM worker WHERE name = 'first'")) == 0


# Letters and cancelled jobs have tests of their own on each store; here a real process does both.
@pytest.mark.slow
def test_a_worker_sends_the_mail_and_stops_a_cancelled_job(
    store: Store, config: Config, mandate: Mandate
) -> None:
    draw_id = large_draw(store, mandate)
    with store.writing() as session:
        outbox.write(session, "claire@example.org", "Bonjour", "Un lien")
    with worker(config, "only") as process:
        wait_until(is_working(store, draw_id))
        with store.writing() as session:
            draws.cancel_work(session, COMMAND_LINE, session.get_one(draws.Draw, draw_id))
        wait_until(lambda: not _children(process.pid))
        wait_until((config.instance / "outbox" / "000001.eml").exists)
    assert job_state(store, draw_id) == JobState.CANCELLED
    assert make.leaves(store, "lottery-published") == 0


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == parent:
                found.append(int(entry.name))
    return found
