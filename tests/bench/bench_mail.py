"""Measure letters: against the former way, among refusals, of an idle outbox, beside a server that fails.

    python tests/bench/bench_mail.py [--letters N] [--sent N] [sqlite] [postgresql]

The former way opened a connection and a transaction for each letter, and paused a second after fifty. The
mail server runs in a process of its own and takes 20 ms to greet, without TLS and sign-in, which would take
longer. Both ways take turns, so that whatever else the machine does falls on both. PostgreSQL is the server
that TEST_PG_URL names, else one started here. Only the ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import multiprocessing
import smtplib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from assemblee import clock, migrations
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.worker import BEAT_SECONDS
from assemblee.mail import composing, delivery, outbox
from assemblee.mail.carriers import ServerFailedError
from assemblee.mail.delivery import Delivery
from assemblee.mail.models import Mail, waits
from tests.bench.bench_journal import postgresql
from tests.mail import server

FORMER_BATCH = 50
GREETING_SECONDS = 0.02
FORMER_LETTERS = 100
TURNS = 20
POSTS = 150
TURNS_OF_POSTS = 5
IDLE_QUESTIONS = 200
FAULTS: Mapping[str, Mapping[str, Any] | None] = {
    "hangs before its greeting": {"hangs_at": "CONNECT"},
    "hangs after a letter": {"hangs_at": "TEXT"},
    "refuses every letter for good": {"answers": {"RCPT": "550 5.1.1 unknown"}},
    "refuses every letter for now": {"answers": {"RCPT": "451 4.3.0 later"}},
    "drops each connection in a letter": {"drops_at": "DATA"},
    "is away for a day": None,
}
RATE_WANTED, REFUSED_WANTED, IDLE_WANTED, POSTS_WANTED = 3.0, 0.9, 0.001, 1.5


Tell = Callable[[Mapping[str, Any]], None]


def serve(pipe: Connection) -> None:
    """Run the mail server until told to end; addresses that begin with `no` are refused."""
    with server.running() as behaviour:
        behaviour.greets_after = GREETING_SECONDS
        behaviour.to = lambda one: "550 5.1.1 unknown" if one.startswith("no") else server.OK
        pipe.send(behaviour.port)
        while (order := pipe.recv()) is not None:
            behaviour.hangs_at, behaviour.drops_at, behaviour.answers = (
                order.get("hangs_at", ""),
                order.get("drops_at", ""),
                order.get("answers", {}),
            )
            behaviour.letters.clear()
            pipe.send("done")


@contextmanager
def mail_server() -> Iterator[tuple[int, Tell]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()

    def tell(order: Mapping[str, Any]) -> None:
        ours.send(order)
        ours.recv()

    try:
        yield ours.recv(), tell
    finally:
        ours.send(None)
        process.join()


def fill(store: Store, letters: int, refused: int = 0) -> None:
    """Write letters, refused ones spread evenly among them."""
    now = clock.now()
    step = letters // refused if refused else 0
    with store.writing() as session:
        session.execute(delete(Mail))
        session.execute(
            insert(Mail),
            [
                {
                    "recipient": f"{'no' if step and number % step == 0 else 'p'}{number}@example.org",
                    "subject": "Votre page pour voter",
                    "body": "Bonjour,\n\nvotre page :\nhttps://example.org/vote/abcdef/\n" * 5,
                    "written_at": now,
                    "due_at": now,
                }
                for number in range(letters)
            ],
        )


def former_one(store: Store, config: Config) -> bool:
    """Send one letter as the former outbox did: newest first, a connection each, in a transaction."""
    due = select(Mail).where(waits(), Mail.due_at <= clock.now()).order_by(Mail.id.desc()).limit(1)
    with store.reading() as session:
        if session.scalar(due) is None:
            return False
    with store.writing() as session:
        mail = session.scalar(due.with_for_update(skip_locked=True))
        if mail is None:
            return False
        letter = composing.compose(mail, composing.read_sender(config.mail_sender))
        with smtplib.SMTP(config.smtp_host, config.smtp_port, timeout=20) as opened:
            opened.sendmail(letter.sender, letter.recipient, letter.content)
        mail.sent_at = clock.now()
        mail.recipient = mail.body = ""
        return True


def former_seconds(store: Store, config: Config) -> float:
    """Return the seconds that a letter took in the former way."""
    fill(store, FORMER_LETTERS)
    begun = time.perf_counter()
    for _ in range(FORMER_LETTERS):
        assert former_one(store, config)
    return (time.perf_counter() - begun) / FORMER_LETTERS


def seconds(store: Store, config: Config, letters: int, refused: int = 0) -> float:
    """Return the seconds that each of those letters takes that leave."""
    fill(store, letters, refused)
    deliver = Delivery(store, config, "bench")
    sent = 0
    begun = time.perf_counter()
    while just := deliver():
        sent += just
    assert sent == letters - refused
    return (time.perf_counter() - begun) / sent


def measure_rates(store: Store, config: Config, letters: int) -> None:
    kind = store.url.get_backend_name()
    each = letters // TURNS
    turns = [
        (
            former_seconds(store, config),
            seconds(store, config, each - each // 10),
            seconds(store, config, each, each // 10),
        )
        for _turn in range(TURNS)
    ]
    # Of each the turn that was least disturbed.
    former, now, among = (min(one) * 1000 for one in zip(*turns, strict=True))
    pause = BEAT_SECONDS * 1000
    former_round, now_round = former + pause / FORMER_BATCH, now * (1 + BEAT_SECONDS / delivery.BATCH_SECONDS)
    print(
        f"{kind}: a letter {now:.2f} ms on one connection, {former:.2f} ms on one each: "
        f"{former / now:.1f} times the rate, {RATE_WANTED} wanted; with the pauses of the round "
        f"{former_round / now_round:.1f} times"
    )
    print(
        f"{kind}: a tenth of {letters} refused: the others leave at {now / among:.2f} of their rate, "
        f"{REFUSED_WANTED} wanted"
    )
    assert former / now >= RATE_WANTED
    assert now / among >= REFUSED_WANTED


def measure_idle(store: Store, sent: int) -> None:
    now = clock.now()
    with store.writing() as session:
        session.execute(delete(Mail))
        block = {"recipient": "", "subject": "Votre page", "body": "", "written_at": now, "due_at": now}
        for start in range(0, sent, 50_000):
            rows = [{**block, "sent_at": now} for _ in range(min(50_000, sent - start))]
            session.execute(insert(Mail), rows)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    took = []
    for _ in range(IDLE_QUESTIONS):
        with store.reading() as session:
            begun = time.perf_counter()
            assert session.scalar(delivery.due_now()) is None
            took.append(time.perf_counter() - begun)
    median = statistics.median(took)
    kind = store.url.get_backend_name()
    print(f"{kind}: {sent} letters sent, none waits: asked in {median * 1000:.2f} ms, 1 wanted")
    assert median < IDLE_WANTED
    with store.writing() as session:
        session.execute(delete(Mail))


def posts(store: Store) -> float:
    """Return within what time 95 of 100 acts are done, each of which writes a letter of its own."""
    took = []
    for _ in range(POSTS):
        begun = time.perf_counter()
        with store.writing() as session:
            outbox.write(session, "p@example.org", "Lien", "un lien")
        took.append(time.perf_counter() - begun)
        time.sleep(0.005)
    return statistics.quantiles(took, n=20)[-1]


def work(config: Config, shift: timedelta, pipe: Connection) -> None:
    """Send in a process of its own, as a worker does, and try again each second."""
    store = Store.of(config)
    deliver = Delivery(store, config, "bench", threading.Event(), timeout=0.7)
    with clock.shifted(shift):
        pipe.send("ready")
        while not pipe.poll(BEAT_SECONDS):
            with suppress(ServerFailedError):
                deliver()
    store.dispose()


@contextmanager
def sending(config: Config, shift: timedelta) -> Iterator[None]:
    """Send meanwhile, and end before anything else is measured."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(config, shift, there), daemon=True)
    process.start()
    here.recv()
    try:
        yield
    finally:
        here.send("end")
        process.join()
        assert process.exitcode == 0, "who sends must not have fallen over"


def measure_posts(store: Store, config: Config, tell: Tell) -> None:
    kind = store.url.get_backend_name()
    posts(store)
    for name, order in FAULTS.items():
        # Nobody listens at the first port, so that connections are refused there.
        settings = replace(config, smtp_port=1) if order is None else config
        quiet, beside = [], []
        for turn in range(TURNS_OF_POSTS):
            # A day, in as many hours as there are turns.
            shift = timedelta(days=turn / (TURNS_OF_POSTS - 1)) if order is None else timedelta()
            with clock.shifted(shift):
                tell({})
                quiet.append(posts(store))
                tell(order or {})
                with sending(settings, shift):
                    beside.append(posts(store))
        before, after = statistics.median(quiet) * 1000, statistics.median(beside) * 1000
        print(
            f"{kind}: 95 of 100 acts within {before:.1f} ms, and {after:.1f} ms beside a mail server that "
            f"{name}: {after / before:.2f} times, {POSTS_WANTED} allowed"
        )
        assert after <= POSTS_WANTED * before
    tell({})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--sent", type=int, default=1_000_000)
    parser.add_argument("stores", nargs="*", default=["sqlite", "postgresql"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assemblee-bench-") as folder, mail_server() as (port, tell):
        for kind in options.stores:
            url = f"sqlite:///{Path(folder) / 'bench.sqlite'}" if kind == "sqlite" else postgresql(folder)
            settings = Config(
                Path(folder), "s" * 40, url, smtp_host="127.0.0.1", smtp_port=port, mails_per_minute=0
            )
            store = Store.of(settings)
            migrations.upgrade(store)
            measure_rates(store, settings, options.letters)
            measure_posts(store, settings, tell)
            measure_idle(store, options.sent)
            store.dispose()


if __name__ == "__main__":
    main()
