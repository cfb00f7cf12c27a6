"""The worker process: takes jobs, shows that it lives, sweeps after the dead, sends the mail."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Self

from dbos import DBOS, DBOSConfig
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from assemblee.config import Config
from assemblee.db import BUSY_TIMEOUT_SECONDS, Store, database_now, unavailable
from assemblee.jobs import actions, durable
from assemblee.jobs.models import OPEN, Job, Worker
from assemblee.jobs.rounds import ROUND, Doing, Round, Task
from assemblee.journal import actions as journal
from assemblee.journal import timekeeping
from assemblee.locks import holding
from assemblee.mail import delivery
from assemblee.refusal import Refusal

BEAT_SECONDS = 1.0
IDLE = Doing()
POLL_SECONDS = 0.3
# A worker that lives may wait for the lock of SQLite as long as any writer, before it can show itself: only
# after that is its silence a sign.
DEAD_AFTER = timedelta(seconds=BUSY_TIMEOUT_SECONDS + 15)
ATTEMPTS = 3
LOG = logging.getLogger(__name__)


def child_environment(config: Config) -> dict[str, str]:
    """Return the environment in which a child process finds this installation and this code."""
    return {
        **os.environ,
        "ASSEMBLEE_INSTANCE": str(config.instance),
        "ASSEMBLEE_DATABASE_URL": config.database_url,
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }


def run_in_child(store: Store, config: Config, job_id: int) -> None:
    """Do the work of a job in a child process, and end the child when the job is cancelled.

    The child holds the read end of a pipe and leaves when it closes, so it never outlives its worker.
    """
    for _ in range(ATTEMPTS):
        if not _is_open(store, job_id):
            return
        with subprocess.Popen(
            [sys.executable, "-m", "assemblee", "jobs", "run", str(job_id)],
            stdin=subprocess.PIPE,
            env=child_environment(config),
        ) as child:
            while True:
                try:
                    code = child.wait(POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if not _is_open(store, job_id):
                        child.kill()
        if code == 0:
            return
    with store.writing() as session:
        actions.fail(session, job_id, "job-crashed")


def _is_open(store: Store, job_id: int) -> bool:
    with store.reading() as session:
        return session.scalar(select(Job.state).where(Job.id == job_id)) in OPEN


def leave_with_parent() -> None:
    """Make this child process end as soon as the worker's end of the pipe closes."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(3)

    threading.Thread(target=watch, daemon=True).start()


def beat(store: Store, name: str, doing: Doing = IDLE) -> bool:
    """Show that this worker lives, by the database's time, and what it is at.

    Returns
    -------
    bool
        Whether that time is believed; if not, nothing is shown.
    """
    with store.writing() as session:
        if not timekeeping.keep(session):
            return False
        now = database_now(session)
        row = session.get(Worker, name)
        if row is None:
            row = Worker(name=name, started_at=now)
            session.add(row)
        row.seen_at, row.task, row.task_since = now, doing.name, doing.since
    return True


class Heart:
    """Shows each second that the worker lives, whatever its round is waiting for.

    It has a thread and connections of its own, and ends with the round: a process whose round has ended does
    not look alive.
    """

    def __init__(self, config: Config, name: str, doing: Doing) -> None:
        self.store = Store.of(config)
        self.name = name
        self.doing = doing
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        beat(self.store, self.name, self.doing)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()
        try:
            with self.store.writing() as session:
                session.execute(delete(Worker).where(Worker.name == self.name))
        except SQLAlchemyError as error:
            # Others will see that it shows itself no more.
            LOG.warning("not taken off the list: %s", type(error).__name__)
        finally:
            self.store.dispose()

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                beat(self.store, self.name, self.doing)
            except SQLAlchemyError as error:
                # The lock was not to be had, or the database is away: the next second tells.
                LOG.warning("not shown to be alive: %s", type(error).__name__)


def sweep(store: Store, name: str) -> list[str]:
    """Take over what workers that stopped showing themselves have left, and return its names."""
    with store.reading() as session:
        dead = session.scalars(
            select(Worker.name).where(
                Worker.name != name, Worker.seen_at < database_now(session) - DEAD_AFTER
            )
        ).all()
    if not dead:
        return []
    left = [status.workflow_id for status in DBOS.list_workflows(status="PENDING", executor_id=list(dead))]
    for workflow in left:
        DBOS.resume_workflow(workflow, queue_name=durable.QUEUE)
    delivery.release(store, *dead)
    with store.writing() as session:
        session.execute(delete(Worker).where(Worker.name.in_(dead)))
    return left


def sign_journal(store: Store, config: Config) -> None:
    """Sign the journal if it is time to."""
    every = timedelta(minutes=config.checkpoint_minutes)
    with store.reading() as session:
        is_due = journal.is_checkpoint_due(session, every)
    # Only then a writing transaction, which others wait for.
    if is_due:
        with store.writing() as session:
            journal.checkpoint(session)


def serve(config: Config, name: str, stop: threading.Event) -> None:
    """Work until told to stop.

    Parameters
    ----------
    name : str
        Stable name of this worker: after a crash, the same name takes up what it had begun.

    Raises
    ------
    Refusal
        `worker-name-missing`, or `worker-name-taken`: each of two would take what the other has claimed for
        its own, and letters would leave twice.
    """
    if not name.strip():
        raise Refusal("worker-name-missing")
    file_name = f"worker-{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"
    with holding(config.instance / file_name, Refusal("worker-name-taken", name=name)):
        _serve(config, name, stop)


def _serve(config: Config, name: str, stop: threading.Event) -> None:
    store = Store.of(config)
    round_ = Round(store, config, tasks(store, config, name, stop))
    with Heart(config, name, round_.doing):
        # What a worker of this name had claimed when it ended; one name is one process.
        delivery.release(store, name)
        try:
            _launch(store, config, name)
            while not stop.wait(BEAT_SECONDS):
                _go_round(store, round_)
        finally:
            DBOS.destroy()
            store.dispose()


def _go_round(store: Store, round_: Round) -> None:
    try:
        # Nothing is decided by a time that is not believed.
        if not _is_in_doubt(store):
            round_()
    except SQLAlchemyError as error:
        away = unavailable(error)
        if away is None:
            raise
        # It may come back: pages say so meanwhile, and the next second tries again.
        LOG.warning("nothing is looked after: %s", away.code)


def _is_in_doubt(store: Store) -> bool:
    with store.reading() as session:
        return timekeeping.in_doubt(session)


def tasks(store: Store, config: Config, name: str, stop: threading.Event) -> dict[str, Task]:
    """Return what a worker looks after beside jobs, in this order."""
    deliver = delivery.Delivery(store, config, name, stop)
    return {
        "sweep": lambda store, _config: sweep(store, name),
        "journal": sign_journal,
        **ROUND,
        "letters": lambda _store, _config: deliver(),
        "pruning": delivery.Pruning(),
    }


def _launch(store: Store, config: Config, name: str) -> None:
    """Let DBOS give this worker its jobs, in threads of its own."""
    settings: DBOSConfig = {
        "name": "assemblee",
        "system_database_url": store.url.render_as_string(hide_password=False),
        "dbos_system_schema": durable.SCHEMA,
        "application_version": durable.APPLICATION_VERSION,
        "executor_id": name,
        "log_level": "WARNING",
    }
    DBOS(config=settings)

    @DBOS.step(name="work")
    def work(job_id: int) -> None:
        run_in_child(store, config, job_id)

    @DBOS.workflow(name=durable.WORKFLOW, max_recovery_attempts=100)
    def workflow(job_id: int) -> None:
        work(job_id)

    DBOS.launch()
    DBOS.register_queue(durable.QUEUE, worker_concurrency=1, polling_interval_sec=0.5)
