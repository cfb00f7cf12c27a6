"""Jobs and the workers that are alive."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from assemblee.db import Base


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (JobState.WAITING, JobState.RUNNING)
# The work of living a mandate at another time, as the demo does: a job for each year, which is its subject.
# Until the last one is done, nothing comes about in that mandate by itself.
LIFE = "life"


class Job(Base):
    """One piece of long work."""

    __tablename__ = "job"
    __table_args__ = (
        # The same work on the same subject is open at most once, whoever asks and however often.
        Index(
            "uq_job_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'running')"),
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
        # The newest of a kind on a subject is asked for by pages, among all that ever were.
        Index("ix_job_kind_subject", "kind", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[int]
    mandate_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(index=True)
    phase: Mapped[str] = mapped_column(default="")
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    failure: Mapped[dict[str, Any] | None]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether the work may still land a result."""
        return self.state in OPEN


class Worker(Base):
    """A worker process, when it last showed that it lives, and what it is at beside jobs."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    task: Mapped[str | None]
    task_since: Mapped[datetime | None]


class WorkerTask(Base):
    """A task of the workers' round that failed when it was last tried; one that succeeds has no row.

    Only the name of the error is kept: its words may hold an address, or the values of a statement.
    """

    __tablename__ = "worker_task"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    error: Mapped[str]
    first_failed_at: Mapped[datetime]
    last_failed_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
