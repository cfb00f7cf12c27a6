"""Signatures on paper: sheets, what two people read on them, and samples that guarantors check."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assemblee.db import Base
from assemblee.petitions.petition.models import Petition, Signature


class SheetState(StrEnum):
    """Whether a sheet was read, and by enough people."""

    PRINTED = "printed"
    READ = "read"
    DIFFERENT = "different"
    ENTERED = "entered"


class Sheet(Base):
    """A printed sheet of lines to sign on; two people who read it alike enter it."""

    __tablename__ = "petition_sheet"
    __table_args__ = (UniqueConstraint("petition_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"))
    number: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    printed_at: Mapped[datetime]
    entered_at: Mapped[datetime | None]
    leaf: Mapped[int | None]

    petition: Mapped[Petition] = relationship()
    readings: Mapped[list[SheetReading]] = relationship(order_by="SheetReading.id", back_populates="sheet")
    lines: Mapped[list[PaperLine]] = relationship(order_by="PaperLine.line", back_populates="sheet")


class SheetReading(Base):
    """What one person read on a sheet, kept until somebody else reads the same."""

    __tablename__ = "petition_sheet_reading"
    __table_args__ = (UniqueConstraint("sheet_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("petition_sheet.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    lines: Mapped[list[Any]]
    at: Mapped[datetime]

    sheet: Mapped[Sheet] = relationship(back_populates="readings")


class PaperLine(Base):
    """Where on paper a signature stands."""

    __tablename__ = "petition_paper_line"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("petition_sheet.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id"), unique=True)

    sheet: Mapped[Sheet] = relationship(back_populates="lines")
    signature: Mapped[Signature] = relationship()


class Sample(Base):
    """A random sample of the lines on paper that count, and what guarantors found of it.

    ``dice`` is what was thrown in public, from which the seed follows. ``low`` and ``high`` bound the number
    of valid lines among the ``population``.
    """

    __tablename__ = "petition_sample"
    __table_args__ = (
        CheckConstraint("size > 0 AND size <= population", name="size"),
        Index(
            "uq_petition_sample_open",
            "petition_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"), index=True)
    dice: Mapped[str]
    population: Mapped[int]
    size: Mapped[int]
    drawn_at: Mapped[datetime]
    leaf: Mapped[int]
    closed_at: Mapped[datetime | None]
    valid: Mapped[int | None]
    middle: Mapped[int | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
    result_leaf: Mapped[int | None]

    petition: Mapped[Petition] = relationship()
    lines: Mapped[list[SampledLine]] = relationship(order_by="SampledLine.place", back_populates="sample")


class SampledLine(Base):
    """A line of a sample; ``place`` is its number among the lines that counted."""

    __tablename__ = "petition_sampled_line"
    __table_args__ = (UniqueConstraint("sample_id", "signature_id"),)

    sample_id: Mapped[int] = mapped_column(ForeignKey("petition_sample.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id"))
    is_valid: Mapped[bool | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime | None]

    sample: Mapped[Sample] = relationship(back_populates="lines")
    signature: Mapped[Signature] = relationship()
