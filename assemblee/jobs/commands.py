"""`assemblee worker` and the child process that it starts."""

from __future__ import annotations

import signal
import socket
import threading

import click

from assemblee import config
from assemblee.db import Store
from assemblee.jobs import actions
from assemblee.jobs import worker as worker_process


@click.command("worker")
@click.option("--name", default=socket.gethostname, help="Stable name of this worker; one name, one process.")
def worker(name: str) -> None:
    """Do the long work, and send the mail, until stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker_process.serve(config.load(), name, stop)


@click.group("jobs")
def jobs() -> None:
    """Look after long work."""


@jobs.command("run")
@click.argument("job_id", type=int)
def run(job_id: int) -> None:
    """Do one job here and now; the worker's child process."""
    worker_process.leave_with_parent()
    store = Store.of(config.load())
    actions.run(store, job_id)
    store.dispose()
