"""A web process that is killed while people vote, and voters who press the button again."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assemblee import config as settings
from assemblee.config import Config
from assemblee.consultations import letters
from assemblee.consultations.models import Consultation, RollEntry
from assemblee.db import Store
from assemblee.jobs.worker import child_environment
from assemblee.mandates.models import Mandate
from tests import make, voting

# A request takes some tens of milliseconds: the kill falls before, in the middle of, or after its commit.
LONGEST_WAIT = 0.06
PATIENCE = 60.0


def web_process(master: int) -> int | None:
    """Return the process that answers requests, a child of the server's own."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            status = (folder / "status").read_text()
        except OSError:
            continue
        if f"PPid:\t{master}\n" in status and b"worker" not in words:
            return int(folder.name)
    return None


class Voter:
    """Somebody whose device asks again until it is answered."""

    def __init__(self, port: int, link: str, consultation: Consultation, number: int) -> None:
        self.port, self.link, self.box = port, link, f"/votes/{consultation.id}/ballots"
        self.device = voting.Device(consultation)
        self.headers = {"X-Forwarded-For": f"10.9.{number // 250}.{number % 250}"}
        self.receipts: list[str] = []

    def _send(self, method: str, path: str, content: object = None, **headers: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            body = None if content is None else json.dumps(content)
            connection.request(method, path, body, {**self.headers, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers.get("Set-Cookie", "")
        finally:
            connection.close()

    def ask(self, method: str, path: str, content: object = None, **headers: str) -> tuple[int, str, str]:
        """Send a request until it is answered."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._send(method, path, content, **headers)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < end, "the server did not come back"
                time.sleep(0.02)

    def mark(self) -> None:
        status, page, cookie = self.ask("GET", self.link)
        assert status == 200, page
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        headers = {"X-CSRFToken": token.group(1), "Cookie": cookie.partition(";")[0]}
        content = {"blinded": self.device.blinded.message.hex()}
        status, answer, _ = self.ask("POST", f"{self.link}mark", content, **headers)
        assert status == 200, answer
        signature = bytes.fromhex(json.loads(answer)["signature"])
        self.device.signature = voting.blind.finalize(
            self.device.key, self.device.prepared, signature, self.device.blinded.inverse
        )

    def cast(self, ballot: bytes) -> None:
        content = {
            "prepared": self.device.prepared.hex(),
            "signature": self.device.signature.hex(),
            "ballot": ballot.hex(),
        }
        status, answer, _ = self.ask("POST", self.box, content)
        assert status == 200, answer
        self.receipts.append(json.loads(answer)["receipt"])


@contextmanager
def serving(config: Config) -> Iterator[tuple[int, int]]:
    """Serve in another process; give its port and its number."""
    (config.instance / settings.FILE).write_text(
        f'secret_key = "{config.secret_key}"\ntrusted_proxies = 1\n', encoding="utf-8"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "assemblee", "serve", "--port", str(port), "--no-worker"]
    with subprocess.Popen(command, env=child_environment(config)) as server:
        try:
            yield port, server.pid
        finally:
            server.terminate()


def kill_soon(master: int, wait: float) -> threading.Thread:
    """Kill the web process after a moment, as a machine without memory would."""

    def kill() -> None:
        time.sleep(wait)
        found = web_process(master)
        if found is not None:
            os.kill(found, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def vote_under_kills(config: Config, store: Store, mandate: Mandate, kills: int) -> tuple[int, int]:
    """Kill the web process while each of so many people is marked, and while every second one votes.

    Returns
    -------
    (int, int)
        Kills, and how many people were answered only after asking again.
    """
    source = random.Random(kills)  # noqa: S311 - when to kill
    pool = make.pool(store, mandate, people=kills)
    guarantors = voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool)
    entries: list[RollEntry] = voting.roll(store, made)
    done, last = 0, {}
    with serving(config) as (port, master):
        for number, entry in enumerate(entries):
            voter = Voter(port, f"/vote/{letters.token(config, entry)}/", made, number)
            voter.ask("GET", "/health")
            killer = kill_soon(master, source.random() * LONGEST_WAIT)
            voter.mark()
            killer.join()
            done += 1
            voter.ask("GET", "/health")
            ballots = [bytes(source.randrange(4) for _ in voting.COMMITTEES) for _ in range(2)]
            for ballot in ballots[: 1 + number % 2]:
                killer = kill_soon(master, source.random() * LONGEST_WAIT) if number % 2 else None
                voter.cast(ballot)
                if killer is not None:
                    killer.join()
                    done += 1
            last[voter.receipts[-1]] = entry.id
    counted = voting.count(store, made, guarantors)
    assert (counted.marks, counted.ballots) == (kills, kills)
    with store.reading() as session:
        board = {ballot.receipt for ballot in voting.queries.ballots(session, counted)}
    assert board == set(last)
    return done, len(entries)
