"""Signers who all ask at once, in processes that are killed at random; what they were told is the ledger."""

from __future__ import annotations

import multiprocessing
import random
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from signal import SIGKILL

from sqlalchemy import func, select

from assemblee.assemblies.terms.models import Term
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs.models import Job
from assemblee.journal.models import Leaf
from assemblee.mail.models import Mail
from assemblee.petitions.petition import letters, queries
from assemblee.petitions.petition.models import Crossing, Petition
from tests import petitioning
from tests.petitions.signing import signers

# Each is a copy of one that has loaded everything, so that dying often costs little.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([signers.__name__])
# Fewer sign in a second, so that a process that is to die is still at work then.
PACE = 250
# How many have sent their form and not been answered: as many share the connections of their process.
AT_ONCE = 200


@dataclass
class Ledger:
    """Who has yet to sign, who is signing, and who was told that their signature counts."""

    waiting: list[int]
    given: set[int] = field(default_factory=set)
    kills: int = 0
    died: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def _serve(config: Config, petition: int, ledger: Ledger, source: random.Random, threads: int) -> None:
    """Let a process sign until nobody waits; begin it again, with those it left unsaid, when it dies."""
    while True:
        with ledger.lock:
            taken, ledger.waiting = ledger.waiting[::2] or ledger.waiting, ledger.waiting[1::2]
            if not taken:
                return
            # The last one to be killed is not the last one to sign.
            will_die = ledger.kills > 0
            ledger.kills -= will_die
            pause = source.random() * len(taken) / PACE
        words, saying = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=signers.take, args=(config, petition, threads, taken, saying))
        process.start()
        # Its end is then held by the process alone, and closes with it.
        saying.close()
        said = _heard(words, process, pause if will_die else None)
        process.join()
        with ledger.lock:
            ledger.died += process.exitcode == -SIGKILL
            ledger.given |= said
            ledger.waiting += [number for number in taken if number not in said]


def _heard(words: Connection, process: BaseProcess, pause: float | None) -> set[int]:
    """Return whose signature a process said to be kept; a pause after the first one, it may be killed."""
    said: set[int] = set()
    killer = threading.Timer(pause, process.kill) if pause is not None else None
    # What was half said when it was killed was not said.
    with suppress(EOFError, OSError), words:
        while True:
            said.add(words.recv())
            if killer and len(said) == 1:
                killer.start()
    if killer:
        killer.cancel()
    return said


def cross_under_kills(
    config: Config, store: Store, found: Petition, people: int, *, processes: int, kills: int, seed: int
) -> Ledger:
    """Let people sign while their processes are killed, and check that the step was crossed once."""
    ledger = Ledger(list(range(people)), kills=kills)
    source = random.Random(seed)  # noqa: S311 - when to kill
    before = petitioning.fresh(store, found).counted
    served = (config, found.id, ledger, source, AT_ONCE // processes)
    crews = [threading.Thread(target=_serve, args=served) for _ in range(processes)]
    for crew in crews:
        crew.start()
    for crew in crews:
        crew.join()
    assert ledger.given == set(range(people))
    check_crossed_once(store, found, before + people)
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
