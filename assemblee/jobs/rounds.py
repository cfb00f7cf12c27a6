"""The round of a worker: tasks that each stand alone, and what is known of those that fail."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.models import WorkerTask

LOG = logging.getLogger(__name__)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=5), timedelta(minutes=10)

# One that answers `NOT_NOW` did nothing, for it was not its time: it has neither failed nor succeeded.
Task = Callable[[Store, Config], object]
NOT_NOW = False
# Rooms above enter here what the worker looks after beside jobs, by a name that the house has words for.
ROUND: dict[str, Task] = {}


def enter(name: str, task: Task) -> None:
    """Let workers do a task in each of their rounds.

    Raises
    ------
    ValueError
        Another task has this name.
    """
    if name in ROUND:
        raise ValueError(name)
    ROUND[name] = task


def next_try(failures: int) -> timedelta:
    """Return how long a task rests that has failed so many times in a row."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 16)), LONGEST_RETRY)


def log(what: str, error: Exception) -> str:
    """Write to the log what failed and where, and return the name of the cause.

    Without the words of the error: they may hold addresses and names.
    """
    cause = type(error.__cause__ or error).__name__
    LOG.error("%s failed: %s\n%s", what, cause, "".join(traceback.format_tb(error.__traceback__)))
    return cause


def each(what: str, numbers: Iterable[int], act: Callable[[int], object]) -> None:
    """Do something for each of many, whatever happens with one of them.

    Raises
    ------
    Exception
        What happened last, once all have had their turn: the task has failed.
    """
    broken: Exception | None = None
    for number in numbers:
        try:
            act(number)
        except Exception as error:  # noqa: BLE001 - raised below
            log(f"{what} {number}", error)
            broken = error
    if broken is not None:
        raise broken


@dataclass
class Doing:
    """What a worker is at; its heart tells the others."""

    name: str | None = None
    since: datetime | None = None


@dataclass
class Round:
    """The tasks of one worker, done one after the other, none of which stops another."""

    store: Store
    config: Config
    tasks: dict[str, Task]
    doing: Doing = field(default_factory=Doing)

    def __call__(self) -> None:
        """Do each task once, but those that have failed of late."""
        with self.store.reading() as session:
            failing = {task.name: task.next_try_at for task in session.scalars(select(WorkerTask))}
        for name, task in self.tasks.items():
            if name in failing and failing[name] - LONGEST_RETRY <= clock.now() < failing[name]:
                continue
            self.doing.name, self.doing.since = name, clock.now()
            try:
                done = task(self.store, self.config)
            except Exception as error:  # noqa: BLE001 - see below
                # Whatever it is, a mistake of ours included: the other tasks must go on.
                self._note(name, error)
            else:
                if name in failing and done is not NOT_NOW:
                    self._clear(name)
            finally:
                self.doing.name = self.doing.since = None

    def _note(self, name: str, error: Exception) -> None:
        cause = log(f"the task {name}", error)

        def note(session: Session) -> None:
            now = clock.now()
            task = session.get(WorkerTask, name, with_for_update=True)
            if task is None:
                task = WorkerTask(name=name, failures=0, first_failed_at=now)
                session.add(task)
            task.failures += 1
            task.error, task.last_failed_at = cause, now
            task.next_try_at = now + next_try(task.failures)

        self.store.retrying(note)

    def _clear(self, name: str) -> None:
        with self.store.writing() as session:
            task = session.get(WorkerTask, name)
            if task is not None:
                session.delete(task)
