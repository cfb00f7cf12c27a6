"""Signers who all ask at once, in processes that are killed at random; what they were told is the ledger."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import func, select

from assemblee.assemblies.models import Term
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.models import Job
from assemblee.jobs.worker import child_environment
from assemblee.journal.models import Leaf
from assemblee.mail import Mail
from assemblee.petitions import letters, queries
from assemblee.petitions.models import Crossing, Petition
from assemblee.server import THREADS
from tests import petitioning


@dataclass
class Ledger:
    """Who has yet to sign, who is signing, and who was told that their signature counts."""

    waiting: list[int]
    given: set[int] = field(default_factory=set)
    kills: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def _serve(config: Config, petition: int, threads: int, ledger: Ledger, source: random.Random) -> None:
    """Let a process sign until nobody waits; begin it again, with those it left unsaid, when it dies."""
    command = [
        sys.executable, "-m", "tests.petitions.signers",
        config.database_url, str(config.instance), str(petition), str(threads),
    ]  # fmt: skip
    while True:
        with ledger.lock:
            taken, ledger.waiting = ledger.waiting[::2] or ledger.waiting, ledger.waiting[1::2]
            if not taken:
                return
            # The last one to be killed is not the last one to sign.
            will_die = ledger.kills > 0
            ledger.kills -= will_die
            pause = source.random() * 3
        with subprocess.Popen(
            command, env=child_environment(config), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("".join(f"{number}\n" for number in taken))
            process.stdin.close()
            killer = threading.Thread(target=_kill, args=(process, pause)) if will_die else None
            if killer:
                killer.start()
            said = {int(line) for line in process.stdout if line.endswith("\n")}
            process.wait()
            if killer:
                killer.join()
        with ledger.lock:
            ledger.given |= said
            ledger.waiting += [number for number in taken if number not in said]


def _kill(process: subprocess.Popen[str], pause: float) -> None:
    # From the first signature on, and not while Python is still loading what it needs.
    time.sleep(1.5 + pause)
    process.kill()


def cross_under_kills(
    config: Config, store: Store, found: Petition, signers: int, *, processes: int, kills: int, seed: int
) -> Ledger:
    """Let people sign while their processes are killed, and check that the step was crossed once."""
    ledger = Ledger(list(range(signers)), kills=kills)
    source = random.Random(seed)  # noqa: S311 - when to kill
    before = petitioning.fresh(store, found).counted
    # Each process answers with as many threads as the web server's; everybody else waits for their turn.
    crews = [
        threading.Thread(target=_serve, args=(config, found.id, THREADS, ledger, source))
        for _ in range(processes)
    ]
    for crew in crews:
        crew.start()
    for crew in crews:
        crew.join()
    assert ledger.given == set(range(signers))
    check_crossed_once(store, found, before + signers)
    return ledger


def check_crossed_once(store: Store, found: Petition, counted: int) -> None:
    """One crossing of each step, one assembly, one notice to each, and the count of the ledger."""
    with store.reading() as session:
        row = session.get_one(Petition, found.id)
        assert row.counted == queries.counted(session, row) == counted
        assert row.term_id is not None
        assert session.scalar(select(func.count()).select_from(Crossing)) == row.steps == 2
        assert session.scalar(select(func.count()).where(Leaf.event == "petition-crossed")) == 2
        assert session.scalar(select(func.count()).where(Leaf.event == "extraordinary-opened")) == 1
        assert session.scalar(select(func.count()).select_from(Term).where(Term.subject.is_not(None))) == 1
        assert session.scalar(select(func.count()).where(Job.kind == queries.WAVE)) == 1
        notices = session.scalars(select(Mail.recipient).where(Mail.subject == letters.CROSSED)).all()
    # At each of the two crossings, the author and the guarantor.
    assert sorted(notices) == sorted(["autrice@example.org", "garante9@example.org"] * 2)
    petitioning.check_count(store, found)
