"""What both mandates of the demo begin with: settings, accounts with their factors, a mandate, a register."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import clock, config
from assemblee.accounts import actions as accounts
from assemblee.accounts import factors
from assemblee.accounts.models import Account, SignIn
from assemblee.accounts.queries import account_by_email, has_factor, token_hash
from assemblee.db import Store
from assemblee.demo import ceremony
from assemblee.demo.people import SEED, SIZE, quotas
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools import importing
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, Role

PASSWORDS = "demo.txt"
GUARANTORS = ("garant@demo.example", *(f"garant{number}@demo.example" for number in range(2, 7)))
STAFF = {
    "operateur@demo.example": None,
    "organisatrice@demo.example": Role.ORGANISER,
    **dict.fromkeys(GUARANTORS, Role.GUARANTOR),
}
VOLUNTEERS = "Volontaires"


def settings_for(port: int) -> config.Config:
    """Return the settings of the demo, made now if it is not there yet.

    Raises
    ------
    Refusal
        `demo-not-here`: the folder or the database belongs to a real installation.
    """
    folder = config.instance_folder()
    if (folder / config.FILE).exists():
        if not (folder / PASSWORDS).exists():
            raise Refusal("demo-not-here", folder=str(folder))
        # The links in mails lead to the port that is served now.
        return config.move(config.load(folder), f"http://127.0.0.1:{port}")
    if os.environ.get("ASSEMBLEE_DATABASE_URL"):
        raise Refusal("demo-not-here", folder=os.environ["ASSEMBLEE_DATABASE_URL"].rsplit("@", 1)[-1])
    return config.create(folder, base_url=f"http://127.0.0.1:{port}")


def passwords_of(settings: config.Config) -> dict[str, str]:
    """Return the passwords of the demo accounts, made once and kept beside the database."""
    path: Path = settings.instance / PASSWORDS
    if not path.exists():
        made = "".join(f"{email} {secrets.token_urlsafe(12)}\n" for email in STAFF)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(made)
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split(" ")[0]: line.split(" ")[1] for line in lines}


def seed_factors(store: Store, settings: config.Config) -> None:
    """Give each account an app and recovery codes, and write them down."""
    path = settings.instance / PASSWORDS
    written = dict(line.split(" ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    with store.writing() as session:
        for email, words in written.items():
            account = account_by_email(session, email)
            if account is not None and not has_factor(session, account.id):
                written[email] = " ".join([words.split(" ")[0], *_enrol(session, account)])
        # Before the commit: a secret that the database has is never lost, and one it lacks is made again.
        path.write_text("".join(f"{email} {words}\n" for email, words in written.items()), encoding="utf-8")


def _enrol(session: Session, account: Account) -> tuple[str, ...]:
    token = accounts.open_session(session, account)
    session.flush()
    sign_in = session.scalars(select(SignIn).where(SignIn.token_hash == token_hash(token))).one()
    factors.begin_authenticator(session, sign_in)
    secret = factors.waiting_secret(session, sign_in)
    codes = factors.confirm_authenticator(session, sign_in, pyotp.TOTP(secret).at(clock.now())) or ()
    accounts.close_session(session, token)
    return (secret, *codes[:2])


def seed_mandate(store: Store, passwords: Mapping[str, str], facts: mandates.MandateFacts) -> int:
    """Create a mandate with those who run it, and return its number; one that is there is left as it is."""
    with store.writing() as session:
        mandate = session.scalar(select(Mandate).where(Mandate.slug == facts.slug))
        if mandate is not None:
            return mandate.id
        for email, role in STAFF.items():
            if account_by_email(session, email) is None:
                accounts.add(session, email, password=passwords[email], is_operator=role is None)
        mandate = mandates.create(session, COMMAND_LINE, facts)
        for email, role in STAFF.items():
            if role is not None:
                held = mandates.give_role(session, COMMAND_LINE, mandate, email, role)
                if role == Role.GUARANTOR:
                    ceremony.register(session, held.account_id, SEED)
        return mandate.id


def seed_pool(
    store: Store, mandate_id: int, people: Callable[[], bytes], tolerance: int, name: str = VOLUNTEERS
) -> int:
    """Bring a register of people, once; that of the volunteers alone takes others by its form."""
    with store.writing() as session:
        pool = session.scalar(select(Pool).where(Pool.mandate_id == mandate_id, Pool.name == name))
        if pool is not None:
            return pool.id
        pool = pools.create(session, COMMAND_LINE, mandate_id, name, SIZE)
        pools.set_quotas(session, COMMAND_LINE, pool, quotas(tolerance), SIZE)
        draft = importing.stage(session, pool, people(), "personnes.csv", None)
        is_open = name == VOLUNTEERS
        importing.apply_import(session, COMMAND_LINE, pool, draft.id, may_publish=is_open)
        if is_open:
            pools.set_open(session, COMMAND_LINE, pool, is_open=True)
        return pool.id
