"""Reads of accounts: by address, by the token of a sign-in, and which factors one has."""

from __future__ import annotations

import hashlib

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from assemblee import clock
from assemblee.accounts.models import Account, Authenticator, RecoveryCode, SecurityKey, SignIn
from assemblee.mail.addresses import mailbox
from assemblee.refusal import Refusal


def token_hash(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_sign_in(session: Session, token: str) -> SignIn | None:
    """Return the sign-in that a cookie names, if it is still open and its account enabled."""
    sign_in = session.scalar(
        select(SignIn).options(joinedload(SignIn.account)).where(SignIn.token_hash == token_hash(token))
    )
    if sign_in is None or sign_in.ended_at is not None or sign_in.expires_at <= clock.now():
        return None
    return None if sign_in.account.disabled_at else sign_in


def password_hash(session: Session, email: str) -> str | None:
    """Return the stored hash of an address that may sign in by password."""
    account = account_by_email(session, email)
    return account.password_hash if account and account.disabled_at is None else None


def account_by_email(session: Session, email: str) -> Account | None:
    """Return the account of an address, however it is written."""
    try:
        address = mailbox(email).address
    except Refusal:
        return None
    return session.scalar(select(Account).where(Account.email == address))


def authenticator_of(session: Session, account_id: int) -> Authenticator | None:
    """Return the app of an account, confirmed or not."""
    return session.scalar(select(Authenticator).where(Authenticator.account_id == account_id))


def security_keys_of(session: Session, account_id: int) -> list[SecurityKey]:
    """Return the security keys of an account, the oldest first."""
    return list(
        session.scalars(
            select(SecurityKey).where(SecurityKey.account_id == account_id).order_by(SecurityKey.id)
        )
    )


def has_factor(session: Session, account_id: int) -> bool:
    """Tell whether an account has a second factor: a confirmed app, or a security key."""
    app = exists().where(Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None))
    key = exists().where(SecurityKey.account_id == account_id)
    return bool(session.scalar(select(app | key)))


def recovery_codes_left(session: Session, account_id: int) -> int:
    """Return how many recovery codes of an account are unused."""
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id)
    return session.scalar(left) or 0
