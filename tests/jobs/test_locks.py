"""One name, one worker process: two of one name would each take what the other has claimed for its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs import worker
from assemblee.jobs.models import Worker
from assemblee.locks import holding
from assemblee.refusal import Refusal
from tests.answers import refused

pytestmark = pytest.mark.only("sqlite")
HOLD = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
TAKEN = Refusal("worker-name-taken", name="one")


def test_what_is_held_is_free_again_when_it_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holding(path, TAKEN), refused("worker-name-taken"), holding(path, TAKEN):
        pytest.fail("held twice")
    with holding(path, TAKEN):
        pass


def test_it_is_free_when_the_process_that_held_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with refused("worker-name-taken"), holding(path, TAKEN):
            pytest.fail("held twice")
        other.kill()
    with holding(path, TAKEN):
        pass


def test_a_second_worker_of_a_name_does_not_start(
    config: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, stop = threading.Event(), threading.Event()

    def work(_config: Config, _name: str, stopped: threading.Event) -> None:
        begun.set()
        stopped.wait()

    monkeypatch.setattr(worker, "_serve", work)
    first = threading.Thread(target=worker.serve, args=(config, "one", stop))
    first.start()
    assert begun.wait(10)
    try:
        with refused("worker-name-taken"):
            worker.serve(config, "one", stop)
        stop.set()
        worker.serve(config, "two", stop)
    finally:
        stop.set()
        first.join()
    with store.reading() as session:
        assert session.get(Worker, "two") is None
