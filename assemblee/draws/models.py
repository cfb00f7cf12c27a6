"""Draws and the tickets that were picked in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

import sortition
from assemblee.db import Base
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal


class State(StrEnum):
    """How far a draw has come."""

    PREPARED = "prepared"
    INFEASIBLE = "infeasible"
    FEASIBLE = "feasible"
    READY = "ready"
    HELD = "held"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """Whether a picked ticket counts."""

    DRY = "dry"
    REAL = "real"


class Draw(Base):
    """One prepared draw, with the people and quotas as they were when it was prepared."""

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"), index=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"), index=True)
    title: Mapped[str]
    size: Mapped[int]
    rule: Mapped[str]
    tickets: Mapped[int]
    state: Mapped[str]
    # Without it, the published hash of a small pool could be guessed row by row.
    salt: Mapped[str]
    quotas: Mapped[list[Any]]
    people: Mapped[dict[str, Any]]
    feasibility: Mapped[dict[str, Any] | None]
    lottery_text: Mapped[str | None] = mapped_column(deferred=True)
    lottery_hash: Mapped[str | None]
    prepared_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]

    pool: Mapped[Pool] = relationship()
    outcomes: Mapped[list[Outcome]] = relationship(order_by="Outcome.id", back_populates="draw")

    def require(self, *states: State) -> None:
        """Refuse an act that this draw is not ready for.

        Raises
        ------
        Refusal
            `draw-is-<state>`: what stands in the way is where the draw is now.
        """
        if self.state not in states:
            raise Refusal(f"draw-is-{self.state}")

    def core_quotas(self) -> sortition.Quotas:
        """Return the frozen quotas as the core takes them."""
        return sortition.Quotas(tuple(sortition.Cell(*cell) for cell in self.quotas))

    def core_pool(self) -> sortition.Pool:
        """Return the frozen people as the core takes them."""
        return sortition.Pool.from_rows(list(self.people), list(self.people.values()), self.core_quotas())


class Outcome(Base):
    """A ticket that was picked: the panel it names, and the seed that anyone can replay it from."""

    __tablename__ = "outcome"
    __table_args__ = (
        Index(
            "uq_outcome_real",
            "draw_id",
            unique=True,
            sqlite_where=text("kind = 'real'"),
            postgresql_where=text("kind = 'real'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), index=True)
    kind: Mapped[str]
    seed: Mapped[str]
    ticket: Mapped[int]
    members: Mapped[list[Any]]
    at: Mapped[datetime]

    draw: Mapped[Draw] = relationship(back_populates="outcomes")
