from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from assemblee import config as settings
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.models import Worker
from assemblee.jobs.worker import child_environment

pytestmark = [pytest.mark.slow, pytest.mark.only("sqlite")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().read() == b"ok\n"
    except (ConnectionError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def workers(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Worker.name)))


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "the server did not come up or go down in time"
        time.sleep(0.2)


def test_serving_starts_one_worker_and_stops_it_too(config: Config, store: Store) -> None:
    (config.instance / settings.FILE).write_text(f'secret_key = "{config.secret_key}"\n', encoding="utf-8")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "assemblee", "serve", "--port", str(port)], env=child_environment(config)
    )
    try:
        wait_until(lambda: answers(port))
        wait_until(lambda: workers(store) == ["beside-web"])
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    assert workers(store) == []
    assert not answers(port)
