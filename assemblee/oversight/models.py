"""Which checkpoints of the journal were sent to the guarantors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from assemblee.db import Base


class CheckpointLetter(Base):
    """A checkpoint that was mailed to the guarantors, once."""

    __tablename__ = "checkpoint_letter"

    checkpoint_size: Mapped[int] = mapped_column(
        ForeignKey("checkpoint.size"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
