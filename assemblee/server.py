"""Serving: gunicorn with threads, and one worker process beside it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from sqlalchemy import make_url

from assemblee import migrations
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.db import CONNECTIONS, Store
from assemblee.jobs.worker import child_environment
from assemblee.locks import holding
from assemblee.reception import PatientWorker
from assemblee.refusal import Refusal

# Of all processes together, as long as each has the fewest that let one request go on while another waits.
THREADS, FEWEST_THREADS = CONNECTIONS, 2
# What a process may hold open without the system's usual limit of 1,024 files.
CONNECTED = 500
STOP_SECONDS = 10
RESTART_SECONDS = 1.0


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    def __init__(self, settings: Config, options: dict[str, Any]) -> None:
        self.settings = settings
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        # Built after the fork, so that no database connection is shared between processes.
        return create_app(self.settings)


def require_current(settings: Config) -> None:
    """Refuse to start on tables of another version.

    Raises
    ------
    Refusal
        `database-not-migrated`.
    """
    store = Store.of(settings)
    try:
        if migrations.current(store) != migrations.newest():
            raise Refusal("database-not-migrated")
    finally:
        store.dispose()


@contextmanager
def alone(settings: Config) -> Iterator[None]:
    """Hold an SQLite database as the only one who serves it, until the end of this process and its children.

    Limits are counted in memory, and a second server would double them; the lock goes with whoever holds it,
    however they end.

    Raises
    ------
    Refusal
        `served-already`.
    """
    address = make_url(settings.database_url)
    if address.get_backend_name() != "sqlite" or not address.database:
        yield
        return
    refused = Refusal("served-already", path=address.database)
    with holding(Path(f"{address.database}-serving"), refused):
        yield


def keep_worker(settings: Config, stop: threading.Event) -> None:
    """Run a worker beside the web process until told to stop, and start it again if it dies."""
    command = [sys.executable, "-m", "assemblee", "worker", "--name", f"web-{socket.gethostname()}"]
    while not stop.wait(RESTART_SECONDS):
        with subprocess.Popen(command, env=child_environment(settings)) as worker:
            while worker.poll() is None and not stop.wait(RESTART_SECONDS):
                pass
            worker.terminate()
            try:
                worker.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()


def threads_each(workers: int) -> int:
    """Return how many requests each of so many processes answers at once.

    Those that are more than the processors can answer hold locks while they wait for one, and everybody else
    waits for these: they had better not have begun.
    """
    return max(FEWEST_THREADS, THREADS // workers)


def serve(settings: Config, *, host: str, port: int, workers: int, with_worker: bool) -> int:
    """Serve until stopped, and return the exit status.

    Raises
    ------
    Refusal
        `database-not-migrated` or `served-already`.
    """
    require_current(settings)
    with alone(settings):
        return _serve(settings, host=host, port=port, workers=workers, with_worker=with_worker)


def _serve(settings: Config, *, host: str, port: int, workers: int, with_worker: bool) -> int:
    stop = threading.Event()
    beside = threading.Thread(target=keep_worker, args=(settings, stop))
    if with_worker:
        beside.start()
    options = {
        "bind": f"{host}:{port}",
        "workers": workers,
        "threads": threads_each(workers),
        "worker_class": PatientWorker,
        "worker_connections": CONNECTED,
        "loglevel": "warning",
        "control_socket_disable": True,
    }
    try:
        _Server(settings, options).run()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    finally:
        stop.set()
        if with_worker:
            beside.join()
    return 0
