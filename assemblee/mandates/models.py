"""Mandates, the versions of their charters, and the roles that people hold in them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assemblee.accounts.models import Account
from assemblee.db import Base
from assemblee.journal import tree


class Mandate(Base):
    """One mandate on this installation."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("term_start < term_end", name="term"),
        CheckConstraint("inhabitants_over_16 > 0", name="inhabitants"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    representative: Mapped[str]
    territory: Mapped[str]
    inhabitants_over_16: Mapped[int]
    term_start: Mapped[date] = mapped_column(Date)
    term_end: Mapped[date] = mapped_column(Date)
    time_zone: Mapped[str]
    created_at: Mapped[datetime]


class RoleHolding(Base):
    """A role that an account holds in a mandate."""

    __tablename__ = "role_holding"
    __table_args__ = (UniqueConstraint("mandate_id", "account_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str]
    since: Mapped[datetime]

    account: Mapped[Account] = relationship()
    mandate: Mapped[Mandate] = relationship()


class CharterVersion(Base):
    """One version of a mandate's charter; it is never changed, the next one takes its place."""

    __tablename__ = "charter_version"
    __table_args__ = (UniqueConstraint("mandate_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    reason: Mapped[str]
    published_at: Mapped[datetime]

    @property
    def hash(self) -> str:
        """The SHA-256 of the document, as the journal knows it."""
        return hashlib.sha256(tree.canonical(self.document)).hexdigest()
