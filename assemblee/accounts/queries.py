"""Reads of accounts."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assemblee import clock
from assemblee.accounts.models import Account, SignIn


def token_hash(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_sign_in(session: Session, token: str) -> SignIn | None:
    """Return the sign-in that a cookie names, if it is still open and its account enabled."""
    found = session.scalar(
        select(SignIn).options(joinedload(SignIn.account)).where(SignIn.token_hash == token_hash(token))
    )
    if found is None or found.ended_at is not None or found.expires_at <= clock.now():
        return None
    return None if found.account.disabled_at else found


def password_hash(session: Session, email: str) -> str | None:
    """Return the stored hash of an address that may sign in by password."""
    account = account_by_email(session, email)
    return account.password_hash if account and account.disabled_at is None else None


def account_by_email(session: Session, email: str) -> Account | None:
    """Return the account of an address, however it is written."""
    return session.scalar(select(Account).where(Account.email == email.strip().lower()))
