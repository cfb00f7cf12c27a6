"""Accounts, sign-ins, second factors, one-time links and failed attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from assemblee.db import Base
from assemblee.mail.addresses import key_of


class Account(Base):
    """A person who can sign in; ``email_key`` is the mailbox that the address leads to."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    email_key: Mapped[str | None] = mapped_column(index=True)
    password_hash: Mapped[str | None]
    is_operator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    @validates("email")
    def _follow(self, _name: str, email: str) -> str:
        self.email_key = key_of(email)
        return email


class SignIn(Base):
    """One open session of an account; the cookie holds the token whose hash is here."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Noted once a minute at most; none where the sign-in is older than this column.
    used_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
    challenge: Mapped[str | None]
    challenge_until: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class Authenticator(Base):
    """The app that shows an account's codes: a secret that both sides know, kept encrypted.

    Without `confirmed_at` nobody has shown yet that the app has the secret, and no code of it counts.
    """

    __tablename__ = "authenticator"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    sealed_secret: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code on paper for the day the app or the key is lost; its row goes when it is used."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str]


class SecurityKey(Base):
    """A WebAuthn credential: the public half of a key that never leaves its device."""

    __tablename__ = "security_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    # 32 bits without a sign (WebAuthn Level 2, section 6.1): more than INTEGER holds on PostgreSQL.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A link sent by mail that works once, for one purpose, until it expires."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    email: Mapped[str]
    payload: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FailedAttempt(Base):
    """A password or a code that was wrong, so that one account cannot be tried without end."""

    __tablename__ = "failed_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
