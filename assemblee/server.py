"""Serving: gunicorn with threads, and one worker process beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

from assemblee import migrations
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.worker import child_environment
from assemblee.refusal import Refusal

THREADS = 8
STOP_SECONDS = 10


class _Server(BaseApplication):  # type: ignore[misc]
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
    store = Store(settings.database_url)
    try:
        if migrations.current(store) != migrations.newest():
            raise Refusal("database-not-migrated")
    finally:
        store.dispose()


def serve(settings: Config, *, host: str, port: int, workers: int, with_worker: bool) -> int:
    """Serve until stopped, and return the exit status."""
    require_current(settings)
    beside = None
    if with_worker:
        beside = subprocess.Popen(
            [sys.executable, "-m", "assemblee", "worker", "--name", "beside-web"],
            env=child_environment(settings),
        )
    options = {
        "bind": f"{host}:{port}",
        "workers": workers,
        "threads": THREADS,
        "worker_class": "gthread",
        "loglevel": "warning",
        "control_socket_disable": True,
    }
    try:
        _Server(settings, options).run()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    finally:
        if beside is not None:
            beside.send_signal(signal.SIGTERM)
            try:
                beside.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                beside.kill()
    return 0
