"""The guarantors of the demo, who have no machine of their own, and the ceremonies that they play."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock
from assemblee.db import Store
from assemblee.draws import ceremony, choice, freezing, lotteries
from assemblee.draws.beacons import WITNESSES
from assemblee.draws.models import Draw, DrawState, Publication
from assemblee.jobs import actions as jobs
from assemblee.jobs.models import LIFE, OPEN, Job
from assemblee.journal import actions as journal
from assemblee.journal import notes
from assemblee.journal.queries import witness_keys, witness_name
from assemblee.security import COMMAND_LINE, Actor, Role
from sortition import protocol

# When each deadline of a ceremony falls.
COSIGN, REVEAL, BEACON = timedelta(days=3), timedelta(days=4), timedelta(days=5)


def guarantor(account: int) -> Actor:
    """Return the guarantor who holds an account."""
    return Actor(account, frozenset({Role.EVERYONE, Role.SIGNED_IN, Role.GUARANTOR}))


def _signer(actor: Actor, seed: bytes) -> notes.Signer:
    name = witness_name(actor.account or 0)
    return notes.Signer.of(name, hashlib.sha256(seed + name.encode()).digest())


def register(session: Session, account: int, seed: bytes) -> None:
    """Register the key of an invented guarantor, who may have done so for another mandate."""
    if not witness_keys(session, [account]):
        actor = guarantor(account)
        journal.register_key(session, actor, account, str(_signer(actor, seed).key))


def finish_jobs(store: Store, mandate_id: int) -> None:
    """Do the long work that waits in a mandate, in this process."""
    with store.reading() as session:
        waiting = session.scalars(
            select(Job.id)
            .where(Job.mandate_id == mandate_id, Job.kind != LIFE, Job.state.in_(OPEN))
            .order_by(Job.id)
        ).all()
    for job in waiting:
        jobs.run(store, job)


def freeze(store: Store, draw_id: int, alternates: int) -> None:
    """Freeze a checked draw with the deadlines of the demo, and compute its lottery."""
    with store.writing() as session:
        draw = session.get_one(Draw, draw_id)
        if draw.state == DrawState.FEASIBLE:
            now = full_hour()
            drawing = lotteries.READY_MADE["loto"].following(now + BEACON)
            terms = freezing.Terms(Publication.OPEN, alternates, "loto", now + COSIGN, now + REVEAL, drawing)
            freezing.freeze(session, COMMAND_LINE, draw, terms)
    finish_jobs(store, draw.mandate_id)


def play(store: Store, draw_id: int, seed: bytes, *, absent: int = 0, silent: int = 0) -> None:
    """Play the guarantors of a draw that is ready, each act at its time.

    Parameters
    ----------
    seed : bytes
        From which the keys of the invented guarantors follow.
    absent : int
        How many of them never sign.
    silent : int
        How many sign and never show their secret.
    """
    with store.writing() as session:
        draw = session.get_one(Draw, draw_id)
        if draw.state != DrawState.READY or draw.beacon_at is None:
            return
        team = [guarantor(part.account_id) for part in draw.guarantors]
        signing = team[: len(team) - absent]
        commitment, lottery_hash = (bytes.fromhex(str(text)) for text in (draw.commitment, draw.lottery_hash))
        acts: list[tuple[datetime | None, Callable[[], object]]] = []
        for place, actor in enumerate(signing):
            signer = _signer(actor, seed)
            secret = hashlib.sha256(seed + commitment + signer.name.encode()).digest()
            bound = protocol.guarantor_commitment(signer.name, commitment, secret)
            note = signer.sign(protocol.cosign_text(draw.id, commitment, lottery_hash, bound))
            acts.append((draw.frozen_at, partial(ceremony.cosign, session, actor, draw, str(note))))
            if place < len(signing) - silent:
                acts.append((draw.cosign_until, partial(ceremony.reveal, session, actor, draw, secret.hex())))
        numbers = _numbers(commitment)
        acts += [
            (draw.beacon_at, partial(choice.type_numbers, session, actor, draw, numbers))
            for actor in team[:WITNESSES]
        ]
        for place, (moment, act) in enumerate(sorted(acts, key=lambda pair: pair[0] or clock.now())):
            with at((moment or clock.now()) + timedelta(minutes=7 * (place + 1))):
                act()


def _numbers(commitment: bytes) -> list[list[int]]:
    """Return invented numbers of a national lottery: the demo cannot wait for real ones."""
    stream = sortition.Stream(commitment, "numbers")
    left = list(range(1, 50))
    drawn = sorted(left.pop(stream.below(len(left))) for _ in range(5))
    return [drawn, [1 + stream.below(10)]]


def full_hour() -> datetime:
    """Return the last full hour."""
    return clock.now().replace(minute=0, second=0, microsecond=0)


def at(moment: datetime) -> AbstractContextManager[None]:
    """Live from a moment on."""
    # SQLite tells the time in whole seconds, which would be those before the moment.
    return clock.shifted(moment + timedelta(seconds=1) - clock.now())
