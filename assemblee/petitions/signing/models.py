"""What ties signatures to people: codes from letters, and two of whom a guarantor says that they are two."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from assemblee.db import Base


class ToldApart(Base):
    """Two signatures that look like one person's, of which a guarantor says that they are two people's."""

    __tablename__ = "petition_told_apart"

    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("signature.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    leaf: Mapped[int]


class SigningCode(Base):
    """The keyed hash of the code by which an inhabitant of a register signs petitions."""

    __tablename__ = "signing_code"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"), index=True)
    code_mark: Mapped[str] = mapped_column(unique=True)
    printed_at: Mapped[datetime]
