"""What guarantors set aside as fraud, always to be restored, and reviews of what a threshold has opened."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assemblee.db import Base
from assemblee.petitions.petition.models import Petition, Signature


class ReviewOutcome(StrEnum):
    """How a review ended."""

    KEEP = "keep"
    STOP = "stop"


class Invalidation(Base):
    """Signatures that a condition described when it was applied, and that count no more until restored.

    ``salt`` hides the condition in the leaf, since it may name people and networks.
    """

    __tablename__ = "petition_invalidation"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    condition: Mapped[dict[str, Any]]
    salt: Mapped[str]
    number: Mapped[int]
    reason: Mapped[str]
    at: Mapped[datetime]
    leaf: Mapped[int]
    restored_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    restored_at: Mapped[datetime | None]
    restored_reason: Mapped[str | None]
    restored_leaf: Mapped[int | None]

    petition: Mapped[Petition] = relationship()
    rows: Mapped[list[SetAside]] = relationship(
        order_by="SetAside.signature_id", back_populates="invalidation"
    )


class SetAside(Base):
    """One signature of an invalidation."""

    __tablename__ = "petition_set_aside"

    invalidation_id: Mapped[int] = mapped_column(ForeignKey("petition_invalidation.id"), primary_key=True)
    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id"), primary_key=True, index=True)

    invalidation: Mapped[Invalidation] = relationship(back_populates="rows")
    signature: Mapped[Signature] = relationship()


class Review(Base):
    """Guarantors say whether an assembly goes on whose petition fell below its threshold afterwards."""

    __tablename__ = "petition_review"
    __table_args__ = (
        Index(
            "uq_petition_review_open",
            "petition_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"), index=True)
    invalidation_id: Mapped[int] = mapped_column(ForeignKey("petition_invalidation.id"))
    counted: Mapped[int]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    leaf: Mapped[int]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    result_leaf: Mapped[int | None]

    petition: Mapped[Petition] = relationship()
    opinions: Mapped[list[Opinion]] = relationship(order_by="Opinion.at", back_populates="review")


class Opinion(Base):
    """What one guarantor says in a review, once."""

    __tablename__ = "petition_opinion"

    review_id: Mapped[int] = mapped_column(ForeignKey("petition_review.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    keeps: Mapped[bool]
    reason: Mapped[str]
    at: Mapped[datetime]
    leaf: Mapped[int]

    review: Mapped[Review] = relationship(back_populates="opinions")
