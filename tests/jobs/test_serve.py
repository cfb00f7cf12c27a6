from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from assemblee import config as settings
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.models import Worker
from assemblee.jobs.worker import child_environment
from assemblee.server import alone, threads_each
from tests import make
from tests.answers import refused

HOLDING = """
import sys
from pathlib import Path
from assemblee.config import Config
from assemblee.server import alone
with alone(Config(instance=Path("."), secret_key="s" * 48, database_url=sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
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


def kill_worker(parent: int) -> None:
    """Kill the worker that a server started, as a machine short of memory would."""
    for folder in Path("/proc").glob("[0-9]*"):
        words = (folder / "cmdline").read_bytes().split(b"\0")
        of_ours = f"PPid:\t{parent}\n" in (folder / "status").read_text()
        if of_ours and b"worker" in words:
            os.kill(int(folder.name), signal.SIGKILL)


def seen_after(store: Store, moment: datetime) -> bool:
    """Whether the worker shows itself well after a moment."""
    with store.reading() as session:
        return session.scalars(select(Worker.seen_at)).one() > moment + timedelta(seconds=4)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "the server did not come up or go down in time"
        time.sleep(0.2)


@pytest.mark.parametrize(("processes", "threads"), [(1, 8), (2, 4), (3, 2), (4, 2), (32, 2)])
def test_processes_share_eight_threads_and_have_two_at_least(processes: int, threads: int) -> None:
    assert threads_each(processes) == threads


def test_one_serves_an_sqlite_at_a_time_and_whoever_dies_makes_room(config: Config) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(config.database_url)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=child_environment(config),
        text=True,
    )
    with held:
        assert held.stdout is not None
        assert held.stdout.readline() == "held\n"
        moved = replace(config, instance=config.instance / "elsewhere")
        with refused("served-already"), alone(moved):
            pass
        held.kill()
    for _ in range(2):
        with alone(config):
            pass


def test_a_server_of_its_own_knows_who_writes(config: Config) -> None:
    on_server = replace(config, database_url="postgresql://nobody@localhost/nothing")
    with alone(on_server), alone(on_server), alone(replace(config, database_url="sqlite://")):
        assert [path.name for path in config.instance.iterdir() if path.name.endswith("serving")] == []


SLOW_HEAD = b"GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
SLOW_BODY = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n"
DONE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
HUGE = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n"


@pytest.fixture
def served(config: Config, store: Store) -> Iterator[int]:
    """Give the port of a bare server, without a proxy in front and without a worker beside."""
    (config.instance / settings.FILE).write_text(f'secret_key = "{config.secret_key}"\n', encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "assemblee", "serve", "--no-worker", "--port", str(port)]
    server = subprocess.Popen(command, env=child_environment(config))
    try:
        wait_until(lambda: answers(port))
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def first_line(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        return client.recv(100).partition(b"\r\n")[0]


def until(client: socket.socket, said: bytes, *, answers: int) -> bytes:
    """Read until so many answers have come, and return all that was read."""
    while said.count(b"ok\n") < answers:
        piece = client.recv(4096)
        assert piece, said
        said += piece
    return said


def test_those_who_send_byte_by_byte_silence_nobody(served: int) -> None:
    slow = []
    # More than the threads, and more than the connections that are held at once.
    for kind in (SLOW_HEAD, SLOW_BODY, DONE) * 200:
        slow.append(socket.create_connection(("127.0.0.1", served), timeout=10))
        slow[-1].sendall(kind)
    try:
        # Between their bytes somebody is answered, each time.
        for _ in range(5):
            for client in slow:
                with suppress(OSError):
                    client.send(b"a")
            assert answers(served)
    finally:
        for client in slow:
            client.close()


def test_a_request_that_comes_in_pieces_is_answered_whole(served: int) -> None:
    with socket.create_connection(("127.0.0.1", served), timeout=10) as client:
        # Two in one, the second of which ends later: the connection is kept for it.
        asked = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        client.sendall(asked + asked[:20])
        said = until(client, b"", answers=1)
        for byte in asked[20:]:
            client.sendall(bytes([byte]))
        until(client, said, answers=2)
    body = b"email=zoe%40example.org&password=" + b"x" * 3_000_000
    head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    # Without its form token: what counts is that all of it was read.
    assert first_line(served, head + body).startswith(b"HTTP/1.1 4")


def test_what_has_no_end_or_no_measure_is_refused_at_once(served: int) -> None:
    assert first_line(served, CHUNKED) == b"HTTP/1.1 411 Length Required"
    assert first_line(served, HUGE) == b"HTTP/1.1 413 Content Too Large"
    assert first_line(served, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 10_000).startswith(b"HTTP/1.1 431")
    assert first_line(served, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert answers(served)


def readable_by_others(folder: Path) -> list[str]:
    return [str(path) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


def test_whatever_a_command_writes_is_for_its_own_account(tmp_path: Path) -> None:
    folder, port = tmp_path / "made" / "here", free_port()
    environment = {**os.environ, "ASSEMBLEE_INSTANCE": str(folder)}
    environment.pop("ASSEMBLEE_DATABASE_URL", None)

    def command(*words: str) -> subprocess.Popen[bytes]:
        # As most machines are set, where everybody reads what is written.
        return subprocess.Popen([sys.executable, "-m", "assemblee", *words], env=environment, umask=0o022)

    for words in (
        ("init", "--base-url", f"http://127.0.0.1:{port}"),
        ("db", "upgrade"),
        ("user", "add", "zoe@example.org", "--operator", "--password", make.PASSWORD),
        ("user", "add", "noe@example.org", "--password", make.PASSWORD),
        ("journal", "key"),
    ):
        assert command(*words).wait(120) == 0, words
        assert readable_by_others(folder) == [], words
    server = command("serve", "--port", str(port))
    try:
        wait_until(lambda: answers(port))
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        asked.request("GET", "/sign-in/link")
        answer = asked.getresponse()
        cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
        assert found is not None
        form = urlencode({"csrf_token": found.group(1), "email": "zoe@example.org"})
        kind = "application/x-www-form-urlencoded"
        asked.request("POST", "/sign-in/link", form, {"Cookie": cookie, "Content-Type": kind})
        assert asked.getresponse().status == 200
        asked.close()
        wait_until(lambda: len(list((folder / "outbox").glob("*.eml"))) == 1)
        assert {"config.toml", "assemblee.sqlite", "keys", "outbox"} <= {one.name for one in folder.iterdir()}
        assert readable_by_others(folder) == []
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    assert readable_by_others(folder) == []


def test_serving_keeps_one_worker_alive_and_stops_it_too(config: Config, store: Store) -> None:
    (config.instance / settings.FILE).write_text(f'secret_key = "{config.secret_key}"\n', encoding="utf-8")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "assemblee", "serve", "--port", str(port)], env=child_environment(config)
    )
    try:
        wait_until(lambda: answers(port))
        other = subprocess.run(
            [sys.executable, "-m", "assemblee", "serve", "--port", str(free_port()), "--no-worker"],
            env=child_environment(config),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (other.returncode, other.stderr.partition(":")[0]) == (2, "served-already")
        assert answers(port), "the first goes on"
        wait_until(lambda: workers(store) == [f"web-{socket.gethostname()}"])
        with store.reading() as session:
            began = session.scalars(select(Worker.started_at)).one()
        kill_worker(server.pid)
        wait_until(lambda: seen_after(store, began))
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    assert workers(store) == []
    assert not answers(port)
