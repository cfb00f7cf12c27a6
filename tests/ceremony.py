"""Plays a ceremony as six guarantors on their own machines would, in shifted time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.db import Store, database_now
from assemblee.draws import beacons, bundle, ceremony, choice, freezing, lotteries, queries
from assemblee.draws.freezing import Terms
from assemblee.draws.models import Draw, Publication
from assemblee.journal import actions as journal
from assemblee.journal import notes
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Actor, Role
from sortition import protocol
from tests import make
from tests.answers import Visitor

# A national lottery says the day and not the hour, so that secrets are open the day before.
COSIGN, REVEAL, BEACON = timedelta(hours=1), timedelta(hours=2), timedelta(hours=50)
BALLS = [[4], [7], [1]]
LOTO = [[3, 12, 25, 33, 48], [7]]
# A real round of quicknet.
ROUND = 20791007
SIGNATURE = "8d2c8bbc37170dbacc5e280a21d4e195cff5f32a19fd6a58633fa4e4670478b5fb39bc13dd8f8c4372c5a76191198ac5"


@dataclass(frozen=True)
class Guarantor:
    """A guarantor and the private key on their own machine."""

    actor: Actor
    signer: notes.Signer

    @property
    def name(self) -> str:
        return self.signer.name

    def secret(self) -> bytes:
        return hashlib.sha256(f"the secret of {self.name}".encode()).digest()

    def cosign_note(self, draw: Draw) -> str:
        commitment = bytes.fromhex(str(draw.commitment))
        bound = protocol.guarantor_commitment(self.name, commitment, self.secret())
        text = protocol.cosign_text(draw.id, commitment, bytes.fromhex(str(draw.lottery_hash)), bound)
        return str(self.signer.sign(text))

    def cancel_note(self, draw: Draw) -> str:
        text = protocol.cancel_text(draw.id, bytes.fromhex(str(draw.commitment)), str(draw.cancel_reason))
        return str(self.signer.sign(text))


def guarantor_of(account: int) -> Guarantor:
    """Return the guarantor who holds an account, with the key that follows from it."""
    actor = Actor(account, frozenset({Role.EVERYONE, Role.SIGNED_IN, Role.GUARANTOR}))
    seed = hashlib.sha256(f"key {account}".encode()).digest()
    return Guarantor(actor, notes.Signer.of(f"guarantor-{account}", seed))


def guarantors(store: Store, place: Mandate, number: int = 6) -> list[Guarantor]:
    """Give guarantors to a mandate, each with a registered key."""
    found = []
    for place_of in range(number):
        with store.writing() as session:
            held = mandates.give_role(
                session, COMMAND_LINE, place, f"garant{place_of}@example.org", Role.GUARANTOR
            )
            guarantor = guarantor_of(held.account_id)
            journal.register_key(session, guarantor.actor, held.account_id, str(guarantor.signer.key))
        found.append(guarantor)
    return found


def terms(store: Store, **changes: object) -> Terms:
    """Return terms whose deadlines lie one, two and fifty hours ahead."""
    with store.reading() as session:
        now = database_now(session).replace(microsecond=0)
    values: dict[str, object] = {
        "publication": Publication.SEALED,
        "alternates": 2,
        "beacon": "loto",
        "cosign_until": now + COSIGN,
        "reveal_until": now + REVEAL,
        "beacon_at": lotteries.READY_MADE["loto"].following(now + BEACON),
    }
    return Terms(**{**values, **changes})


def frozen(
    store: Store, pool: Pool, *, rule: str = "leximin", tickets: int = 1_000_000, **changes: object
) -> Draw:
    """Prepare, check, freeze and compute a draw of a pool."""
    return freeze(store, make.draw(store, pool, rule=rule, tickets=tickets), **changes)


def freeze(store: Store, draw: Draw, **changes: object) -> Draw:
    """Check, freeze and compute a prepared draw."""
    make.finish_jobs(store)
    with store.writing() as session:
        freezing.freeze(session, COMMAND_LINE, draw, terms(store, **changes))
    make.finish_jobs(store)
    return make.fresh(store, draw)


def awaiting_round(store: Store) -> Draw:
    """Bring a draw to where it waits for a real round of quicknet, in days gone by."""
    moment = beacons.round_time(ROUND)
    with clock.shifted(moment - timedelta(hours=6) - clock.now()):
        place = make.mandate(store)
        pool, team = make.pool(store, place), guarantors(store, place)
        draw = frozen(store, pool, beacon="drand", beacon_at=moment)
        for guarantor in team[:4]:
            cosign(store, draw, guarantor)
    return draw


def team_of(store: Store, pool: Pool) -> list[Guarantor]:
    """Give six guarantors to the mandate of a pool."""
    with store.reading() as session:
        place = session.get_one(Mandate, pool.mandate_id)
        session.expunge(place)
    return guarantors(store, place)


def ready_draw(store: Store, pool: Pool) -> Draw:
    """Bring a draw of a pool to where the guarantors sign."""
    team_of(store, pool)
    return frozen(store, pool)


def hold(store: Store, draw: Draw) -> Draw:
    """Let four guarantors sign and two type the numbers, so that a draw is held."""
    team = [guarantor_of(part.account_id) for part in draw.guarantors]
    for guarantor in team[:4]:
        cosign(store, draw, guarantor)
    with after(draw.beacon_at):
        for guarantor in team[:2]:
            type_numbers(store, draw, guarantor, BALLS if draw.tickets == 1000 else LOTO)
    return make.fresh(store, draw)


@contextmanager
def after(moment: datetime | None, seconds: float = 2) -> Iterator[None]:
    """Live just after a moment."""
    assert moment is not None
    with clock.shifted(moment - clock.now() + timedelta(seconds=seconds)):
        yield


def cosign(store: Store, draw: Draw, guarantor: Guarantor, text: str | None = None) -> None:
    with store.writing() as session:
        ceremony.cosign(session, guarantor.actor, draw, text or guarantor.cosign_note(draw))


def reveal(store: Store, draw: Draw, guarantor: Guarantor, secret: str | None = None) -> None:
    with store.writing() as session:
        ceremony.reveal(session, guarantor.actor, draw, secret or guarantor.secret().hex())


def type_numbers(store: Store, draw: Draw, guarantor: Guarantor, numbers: list[list[int]]) -> bool:
    with store.writing() as session:
        return choice.type_numbers(session, guarantor.actor, draw, numbers)


def held(
    store: Store,
    pool: Pool,
    team: list[Guarantor],
    *,
    signers: Collection[int] = range(6),
    revealers: Collection[int] = range(6),
    **changes: object,
) -> Draw:
    """Play a whole ceremony, with the numbers of the national lottery as beacon unless told otherwise."""
    draw = frozen(store, pool, **changes)
    for place in signers:
        cosign(store, draw, team[place])
    with after(draw.cosign_until):
        for place in revealers:
            reveal(store, draw, team[place])
    numbers = BALLS if (draw.beacon or {}).get("kind") == "balls" else LOTO
    with after(draw.beacon_at):
        for place in list(signers)[:2]:
            type_numbers(store, draw, team[place], numbers)
    return make.fresh(store, draw)


def history(store: Store, draw: Draw) -> list[str]:
    """Return the events of a frozen draw, first to last."""
    with store.reading() as session:
        return [leaf.event for leaf in bundle.history(session, queries.any_draw(session, draw.id))]


def document(draw: Draw) -> dict[str, object]:
    """Return ``draw.json``."""
    found: dict[str, object] = json.loads(draw.frozen_text or "")
    return found


@lru_cache
def password_hash() -> str:
    return accounts.hash_password(make.PASSWORD, "somebody@example.org")


def person(app: Flask, store: Store, email: str, role: Role | None = None) -> Visitor:
    """Give an account a password, and a role if it has none yet, and sign it in."""
    with store.writing() as session:
        account = accounts.ensure(session, email)
        account.password_hash = password_hash()
        if role is not None:
            place = session.scalars(select(Mandate).order_by(Mandate.id)).first()
            assert place is not None
            mandates.give_role(session, COMMAND_LINE, place, email, role)
    return Visitor(app, email)
