"""The table of leaves; triggers in the migrations refuse UPDATE and DELETE on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
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
