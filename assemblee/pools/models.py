"""Pools, categories with their quotas, volunteers, and files waiting for a yes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from assemblee.db import Base
from assemblee.mail.addresses import key_of


class VolunteerState(StrEnum):
    """Where a volunteer stands."""

    VOLUNTEER = "volunteer"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Pool(Base):
    """A register of volunteers."""

    __tablename__ = "pool"
    __table_args__ = (CheckConstraint("size > 0", name="size"), UniqueConstraint("mandate_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    name: Mapped[str]
    size: Mapped[int]
    is_open: Mapped[bool]
    # Mixed into the hashes of references, so that the erased cannot be guessed from a list of addresses.
    salt: Mapped[str]
    created_at: Mapped[datetime]
    # Raised by each change of people, quotas or size, so that a page knows without reading everybody whether
    # an answer is that of the pool as it stands.
    revision: Mapped[int] = mapped_column(default=0)
    # What each column of the last file held, so that the next one of its kind is read alike.
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What became of each line of the last file, in numbers, and when.
    last_import: Mapped[dict[str, Any] | None]

    categories: Mapped[list[Category]] = relationship(
        order_by="Category.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Category(Base):
    """One question by which people are told apart, such as age."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("pool_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    name: Mapped[str]
    position: Mapped[int]
    # By what rule the value follows from a birth or a postcode (`sortition.derivation`); none if it is given.
    rule: Mapped[dict[str, Any] | None]

    values: Mapped[list[Quota]] = relationship(
        order_by="Quota.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Quota(Base):
    """One answer to a question, and how many people of it a panel holds at least and at most."""

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint("category_id", "name"),
        CheckConstraint("minimum >= 0 AND minimum <= maximum", name="bounds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    name: Mapped[str]
    position: Mapped[int]
    minimum: Mapped[int]
    maximum: Mapped[int]
    # How far a suggestion of other quotas may go; none where the organisers have set no such bound.
    minimum_flex: Mapped[int | None]
    maximum_flex: Mapped[int | None]


class Volunteer(Base):
    """A person who came forward, or the number of one who was erased."""

    __tablename__ = "volunteer"
    __table_args__ = (UniqueConstraint("pool_id", "reference_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"), index=True)
    reference_hash: Mapped[str | None]
    reference: Mapped[str | None]
    name: Mapped[str | None]
    email: Mapped[str | None] = mapped_column(index=True)
    # The mailbox that the address leads to, by which the same person is known again.
    email_key: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    address: Mapped[str | None]
    traits: Mapped[dict[str, Any]]
    # The birth or postcode from which a trait follows, by category.
    sources: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whether the person agreed that a draw publishes these answers under a pseudonym.
    may_publish: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]
    joined_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @validates("email")
    def _follow(self, _name: str, email: str | None) -> str | None:
        self.email_key = key_of(email)
        return email


class PoolCheck(Base):
    """The newest answer to whether a panel of a pool exists, beside the hash of what it answers.

    The row stands empty from the moment at which the first check is asked for: the worker that brings the
    answer then writes to this row alone, and waits for nobody who holds the pool.
    """

    __tablename__ = "pool_check"

    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"), primary_key=True)
    fingerprint: Mapped[str | None]
    # That of the pool when it was read.
    revision: Mapped[int | None]
    document: Mapped[dict[str, Any] | None]
    checked_at: Mapped[datetime | None]


class ImportDraft(Base):
    """A file that was read and shown, and waits for the organiser's yes."""

    __tablename__ = "import_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    file_name: Mapped[str]
    # What the organiser chose of how it is read: `imports.Choices`.
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    content: Mapped[bytes]
    made_at: Mapped[datetime]
    # Whose yes it has while the worker takes it in, and whether these people agreed to an open draw.
    kept_by: Mapped[int | None]
    may_publish: Mapped[bool] = mapped_column(default=False)
