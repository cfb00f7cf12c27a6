"""Factories: plain functions that bring a store to a state, through the same actions as the doors."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import assemblee.draws.work
import assemblee.pools.work  # noqa: F401 - each registers the long work of its room
import sortition
from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.accounts.models import Account, SignIn
from assemblee.config import Config
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws.models import Draw
from assemblee.jobs import actions as jobs
from assemblee.jobs.models import OPEN, Job
from assemblee.journal import keys
from assemblee.journal.models import Leaf
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools import importing
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Actor, Role

# Makes a migrated database for a folder, and gives its address as long as it is there.
NewDatabase = Callable[[Path], AbstractContextManager[str]]
PASSWORD = "une phrase facile à retenir"
SEED = hashlib.sha256(b"a seed for tests").hexdigest()
LOG_SEED = hashlib.sha256(b"the key of a journal for tests").digest()
CELLS = (
    sortition.Cell("Genre", "Femmes", 2, 2),
    sortition.Cell("Genre", "Hommes", 2, 2),
    sortition.Cell("Âge", "16–39 ans", 1, 3),
    sortition.Cell("Âge", "40 ans et plus", 1, 3),
)
FACTS = mandates.MandateFacts(
    slug="val",
    name="Mandat du Val",
    representative="Capucine Vagabonde",
    territory="Le Val",
    inhabitants_over_16=72_000,
    term_start=date(2026, 7, 1),
    term_end=date(2031, 6, 30),
)


def installation(end: ExitStack, new_database: NewDatabase) -> Store:
    """Return a fresh migrated store in a folder of its own, which go when the stack ends."""
    folder = Path(end.enter_context(tempfile.TemporaryDirectory()))
    address = end.enter_context(new_database(folder))
    settings = Config(instance=folder, secret_key="s" * 48, database_url=address)
    keys.create(settings, LOG_SEED)
    store = Store.of(settings)
    end.callback(store.dispose)
    return store


def account(store: Store, email: str, *, password: str | None = None, is_operator: bool = False) -> Account:
    with store.writing() as session:
        return accounts.add(session, email, password=password, is_operator=is_operator)


def prove(session: Session, email: str) -> None:
    """Let the sign-ins of an address have proven a second factor."""
    accounts_of = select(Account.id).where(Account.email == email)
    session.execute(
        update(SignIn).where(SignIn.account_id.in_(accounts_of)).values(second_factor_at=clock.now())
    )


def mandate(store: Store, **changes: object) -> Mandate:
    with store.writing() as session:
        return mandates.create(session, COMMAND_LINE, mandates.MandateFacts(**{**vars(FACTS), **changes}))


def organiser(store: Store, place: Mandate, email: str = "organisatrice@example.org") -> Actor:
    with store.writing() as session:
        held = mandates.give_role(session, COMMAND_LINE, place, email, Role.ORGANISER)
        return Actor(held.account_id, frozenset({Role.EVERYONE, Role.SIGNED_IN, Role.ORGANISER}))


def pool(
    store: Store,
    place: Mandate,
    *,
    cells: tuple[sortition.Cell, ...] = CELLS,
    people: int = 12,
    size: int = 4,
    name: str = "Volontaires",
) -> Pool:
    with store.writing() as session:
        made = pools.create(session, COMMAND_LINE, place.id, name, size)
        if cells:
            pools.set_quotas(session, COMMAND_LINE, made, cells, size)
    if people and cells:
        import_people(store, made, respondents(people))
    return made


def respondents(people: int, *, first: int = 1) -> bytes:
    lines = ["id,nom,courriel,Genre,Âge"]
    for number in range(first, first + people):
        gender = "Femmes" if number % 2 else "Hommes"
        age = "16–39 ans" if number % 3 else "40 ans et plus"
        lines.append(f"P{number:03},Zéphirine {number},p{number}@example.org,{gender},{age}")
    return "\n".join(lines).encode()


def import_people(store: Store, register: Pool, content: bytes, file: str = "respondents.csv") -> None:
    with store.writing() as session:
        draft = importing.stage(session, register, content, file, None)
    with store.writing() as session:
        importing.apply_import(session, COMMAND_LINE, register, draft.id)


def draw(
    store: Store, register: Pool, *, rule: str = "leximin", title: str = "Agora", tickets: int = 1_000_000
) -> Draw:
    with store.writing() as session:
        return draws.prepare(
            session,
            COMMAND_LINE,
            session.get_one(Pool, register.id),
            title=title,
            rule=rule,
            tickets=tickets,
        )


def finish_jobs(store: Store) -> None:
    """Do what waits in this process, as a worker would in its child."""
    with store.reading() as session:
        waiting = session.scalars(select(Job.id).where(Job.state.in_(OPEN)).order_by(Job.id)).all()
    for job in waiting:
        jobs.run(store, job)


def fresh(store: Store, row: Draw) -> Draw:
    with store.reading() as session:
        found = session.get_one(Draw, row.id)
        _ = found.lottery_text, found.frozen_text, found.result_text, found.sealed_rows, found.pool
        _ = found.outcomes, found.guarantors, [one.lifts for one in found.suspensions]
        _ = found.objections
        session.expunge_all()
        return found


def leaves(store: Store, event: str) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Leaf.event == event)) or 0
