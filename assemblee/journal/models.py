"""The tables of the log; triggers in the migrations refuse UPDATE and DELETE on all but the witness keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from assemblee.db import Base


class Leaf(Base):
    """One act, as it was written."""

    __tablename__ = "leaf"
    __table_args__ = (CheckConstraint("position >= 0", name="position"),)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    mandate_id: Mapped[int | None] = mapped_column(index=True)
    event: Mapped[str]
    body: Mapped[str]
    hash: Mapped[str]


class TreeNode(Base):
    """The hash over the 2^level leaves from `position` x 2^level on; level 0 are the leaves' own hashes."""

    __tablename__ = "tree_node"
    __table_args__ = (CheckConstraint("level >= 1 AND position >= 0", name="place"),)

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str]


class Checkpoint(Base):
    """The log as it stood at one size, signed by its key: `note` is a signed note of C2SP."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[str]
    note: Mapped[str]
    at: Mapped[datetime]


class ClockReading(Base):
    """The last time that was believed, and when the operator last said that the time is right; one row."""

    __tablename__ = "clock_reading"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    noted_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]


class WitnessKey(Base):
    """A key by which a guarantor signs; an account has one at a time, and nobody has another's."""

    __tablename__ = "witness_key"
    __table_args__ = (
        Index(
            "uq_witness_key_active",
            "account_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str]
    key: Mapped[str]
    public_key: Mapped[str] = mapped_column(unique=True)
    registered_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class Cosignature(Base):
    """A guarantor's word that a checkpoint goes on from all those they saw before."""

    __tablename__ = "cosignature"

    checkpoint_size: Mapped[int] = mapped_column(
        ForeignKey("checkpoint.size"), primary_key=True, autoincrement=False
    )
    witness_key_id: Mapped[int] = mapped_column(
        ForeignKey("witness_key.id"), primary_key=True, autoincrement=False
    )
    timestamp: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[str]
    at: Mapped[datetime]
