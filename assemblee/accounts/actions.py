"""The verbs of accounts: add, sign in and out, change a password, disable."""

from __future__ import annotations

import base64
import secrets
import threading
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.accounts.models import (
    Account,
    Authenticator,
    FailedAttempt,
    OneTimeLink,
    RecoveryCode,
    SecurityKey,
    SignIn,
)
from assemblee.accounts.passwords import require_uncommon
from assemblee.accounts.queries import account_by_email, token_hash
from assemblee.mail.addresses import mailbox
from assemblee.refusal import Refusal

SIGN_IN_LENGTH = timedelta(days=14)
# Not at each request: pages are read, and a note is written.
USE_NOTED_EVERY = timedelta(minutes=1)
LINK_LENGTH = timedelta(hours=24)
ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPTS_ALLOWED = 10
PASSWORD_MINIMUM = 12
# What a form takes: who was given a longer one on the command line could not sign in.
PASSWORD_MAXIMUM = 1_000

_hasher = PasswordHasher()
# Each hash takes 64 MiB and most of a core; more at once would starve the pages.
_hashing = threading.BoundedSemaphore(2)


def _decoy() -> str:
    """Return a hash that no password has, as costly to try as a real one.

    It is tried when the address is unknown: the time of an answer does not tell which addresses exist.
    """
    salt, digest = (
        base64.b64encode(bytes(length)).decode().rstrip("=")
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def hash_password(password: str, address: str) -> str:
    """Hash the password of an address with argon2id.

    Raises
    ------
    Refusal
        `password-short`, `password-long`, `password-common` or `password-is-address`.
    """
    if len(password) < PASSWORD_MINIMUM:
        raise Refusal("password-short", status=422, minimum=PASSWORD_MINIMUM)
    if len(password) > PASSWORD_MAXIMUM:
        raise Refusal("password-long", status=422, maximum=PASSWORD_MAXIMUM)
    require_uncommon(password, address)
    with _hashing:
        return _hasher.hash(password)


def add(session: Session, email: str, *, password: str | None = None, is_operator: bool = False) -> Account:
    """Add an account.

    Raises
    ------
    Refusal
        `email-invalid`, `account-exists`, or as `hash_password`.
    """
    address = mailbox(email).address
    account = Account(
        email=address,
        password_hash=hash_password(password, address) if password else None,
        is_operator=is_operator,
        created_at=clock.now(),
    )
    session.add(account)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("account-exists") from None
    return account


def ensure(session: Session, email: str) -> Account:
    """Return the account of an address, made now if there is none."""
    return account_by_email(session, email) or add(session, email)


def open_session(session: Session, account: Account) -> str:
    """Open a sign-in and return the token for the cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            account_id=account.id,
            token_hash=token_hash(token),
            opened_at=clock.now(),
            expires_at=clock.now() + SIGN_IN_LENGTH,
            used_at=clock.now(),
        )
    )
    return token


def password_matches(stored: str | None, password: str) -> bool:
    """Tell whether a password is the one of a stored hash; as slow when there is none.

    Called outside of any transaction: on SQLite half a second of hashing would stop every other writer.
    """
    try:
        with _hashing:
            _hasher.verify(stored or _decoy(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


def require_attempts_left(session: Session, email: str) -> None:
    """Refuse an address that was tried too often of late.

    Raises
    ------
    Refusal
        `sign-in-too-many`.
    """
    if failures_of_late(session, email.strip().lower()) >= ATTEMPTS_ALLOWED:
        raise Refusal("sign-in-too-many", status=429, seconds=int(ATTEMPT_WINDOW.total_seconds()))


def failures_of_late(session: Session, key: str) -> int:
    """Return how often an address, or the second factor of an account, was tried in vain of late."""
    since = clock.now() - ATTEMPT_WINDOW
    failures = select(func.count()).where(
        FailedAttempt.email_hash == token_hash(key), FailedAttempt.at >= since
    )
    return session.scalar(failures) or 0


def note_failure(session: Session, key: str) -> None:
    """Note that a password or a code was wrong, and forget old failures."""
    session.execute(delete(FailedAttempt).where(FailedAttempt.at < clock.now() - ATTEMPT_WINDOW))
    session.add(FailedAttempt(email_hash=token_hash(key), at=clock.now()))


def sign_in(session: Session, email: str, proven: str | None) -> str | None:
    """Open a sign-in for a proven password and return its token, else note the failure.

    Parameters
    ----------
    proven : str or None
        The stored hash that the password matched; none if it matched nothing. It must still be the account's.

    Raises
    ------
    Refusal
        `sign-in-too-many`.
    """
    require_attempts_left(session, email)
    account = account_by_email(session, email)
    if proven and account and account.disabled_at is None and account.password_hash == proven:
        return open_session(session, account)
    note_failure(session, email.strip().lower())
    return None


def note_use(session: Session, token: str) -> None:
    """Note that a sign-in is used now, unless that was noted within the last minute."""
    session.execute(
        update(SignIn)
        .where(
            SignIn.token_hash == token_hash(token),
            or_(SignIn.used_at.is_(None), SignIn.used_at < clock.now() - USE_NOTED_EVERY),
        )
        .values(used_at=clock.now())
    )


def close_session(session: Session, token: str) -> None:
    """End the sign-in that a cookie names."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def close_sessions(session: Session, account: Account, *, except_token: str = "") -> None:
    """End every sign-in of an account but one."""
    session.execute(
        update(SignIn)
        .where(
            SignIn.account_id == account.id,
            SignIn.ended_at.is_(None),
            SignIn.token_hash != token_hash(except_token),
        )
        .values(ended_at=clock.now())
    )


def change_password(session: Session, account: Account, current: str, new: str, *, token: str) -> None:
    """Change a password and end the account's other sessions.

    Raises
    ------
    Refusal
        `password-wrong`, or as `hash_password`.
    """
    if not password_matches(account.password_hash, current):
        raise Refusal("password-wrong", status=422)
    account.password_hash = hash_password(new, account.email)
    close_sessions(session, account, except_token=token)


def disable(session: Session, account: Account) -> None:
    """Disable an account and end its sessions.

    Raises
    ------
    Refusal
        `account-already-disabled`, or `account-last-operator`: somebody must keep the keys.
    """
    if account.disabled_at is not None:
        raise Refusal("account-already-disabled")
    if account.is_operator:
        # The rows are locked so that two operators cannot disable each other at once.
        others = session.scalars(
            select(Account.id)
            .where(Account.is_operator, Account.disabled_at.is_(None))
            .order_by(Account.id)
            .with_for_update()
        ).all()
        if set(others) <= {account.id}:
            raise Refusal("account-last-operator")
    account.disabled_at = clock.now()
    close_sessions(session, account)


def forget(session: Session, account: Account) -> None:
    """Erase the address of an account and its factors, and end its sessions; the row's number stays."""
    remove_factors(session, account.id)
    session.execute(delete(SignIn).where(SignIn.account_id == account.id))
    session.execute(delete(OneTimeLink).where(OneTimeLink.email == account.email))
    account.email = f"erased-{account.id}"
    account.disabled_at = account.disabled_at or clock.now()


def remove_factors(session: Session, account_id: int) -> None:
    """Remove every second factor of an account."""
    for table in (Authenticator, SecurityKey, RecoveryCode):
        session.execute(delete(table).where(table.account_id == account_id))


def issue_link(session: Session, email: str, purpose: str, payload: dict[str, Any] | None = None) -> str:
    """Make a one-time link and return its token; only the hash is kept."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < clock.now()))
    session.add(
        OneTimeLink(
            token_hash=token_hash(token),
            purpose=purpose,
            email=mailbox(email).address,
            payload=payload or {},
            expires_at=clock.now() + LINK_LENGTH,
        )
    )
    return token


def peek_link(session: Session, token: str, purpose: str) -> OneTimeLink:
    """Return a link that can still be used, without using it.

    Raises
    ------
    Refusal
        `link-unusable`: unknown, used, or expired; the answer does not tell which.
    """
    link = session.scalar(
        select(OneTimeLink).where(OneTimeLink.token_hash == token_hash(token), OneTimeLink.purpose == purpose)
    )
    if link is None or link.used_at is not None or link.expires_at <= clock.now():
        raise Refusal("link-unusable", status=410)
    return link


def use_link(session: Session, token: str, purpose: str) -> OneTimeLink:
    """Use a link, once, even when two requests bring it at the same time.

    Raises
    ------
    Refusal
        `link-unusable`.
    """
    link = peek_link(session, token, purpose)
    # The condition in the UPDATE, not the read above, decides which of two requests wins.
    claimed = session.scalar(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(OneTimeLink.id)
    )
    if claimed is None:
        raise Refusal("link-unusable", status=410)
    return link
