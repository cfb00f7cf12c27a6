"""What we ask of DBOS: enqueue inside our transaction, and the names that client and worker share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from dbos import DBOS, DBOSClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from assemblee.db import Store

QUEUE = "work"
WORKFLOW = "assemblee-job"
SCHEMA = "dbos"
# One name for ever: a job that an older release enqueued is still ours to run.
APPLICATION_VERSION = "assemblee-1"


def migrate(store: Store) -> None:
    """Create or upgrade the tables of DBOS in the same database."""
    DBOS.migrate(store.url.render_as_string(hide_password=False), schema=SCHEMA)


@lru_cache(maxsize=8)
def _client(engine: Engine) -> DBOSClient:
    # Lazy: the client only writes through the session it is given and never opens a connection of its own.
    return DBOSClient(system_database_engine=engine, dbos_system_schema=SCHEMA, lazy=True)


def workflow_id(job_id: int) -> str:
    """Return the name under which DBOS knows a job."""
    return f"job-{job_id}"


_is_done_here = False


@contextmanager
def done_here() -> Iterator[None]:
    """Enqueue nothing for a while, in the whole process, which does itself the work that it asks for."""
    global _is_done_here  # noqa: PLW0603 - as the time of a process, which whoever does this shifts too
    before, _is_done_here = _is_done_here, True
    try:
        yield
    finally:
        _is_done_here = before


def enqueue(session: Session, job_id: int) -> None:
    """Enqueue a job in the caller's transaction."""
    if _is_done_here:
        return
    engine = session.get_bind().engine
    _client(engine).enqueue_in_transaction(
        session,
        {
            "queue_name": QUEUE,
            "workflow_name": WORKFLOW,
            "workflow_id": workflow_id(job_id),
            "app_version": APPLICATION_VERSION,
        },
        job_id,
    )
