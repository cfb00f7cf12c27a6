"""Draws, their people under pseudonyms, the guarantors' part in them, and the tickets that were picked."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

import sortition
from assemblee.db import Base
from assemblee.pools.models import Pool, Volunteer
from assemblee.refusal import Refusal


class DrawState(StrEnum):
    """How far a draw has come."""

    PREPARED = "prepared"
    INFEASIBLE = "infeasible"
    FEASIBLE = "feasible"
    FROZEN = "frozen"
    READY = "ready"
    HELD = "held"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """Whether a picked ticket counts."""

    DRY = "dry"
    REAL = "real"


class Publication(StrEnum):
    """What is published of the people of a frozen draw."""

    OPEN = "open"
    SEALED = "sealed"


class Draw(Base):
    """One prepared draw, with the people and quotas as they were when it was prepared.

    ``people`` holds traits by pseudonym once the draw is frozen, by number of the volunteer before.
    ``frozen_text`` and ``result_text`` are ``draw.json`` and ``result.json`` of `docs/verify.md`,
    ``sealed_rows`` its ``rows.json``, encrypted, and ``last_leaf`` the position of the draw's newest leaf.
    """

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"), index=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"), index=True)
    title: Mapped[str]
    size: Mapped[int]
    rule: Mapped[str]
    tickets: Mapped[int]
    state: Mapped[str]
    quotas: Mapped[list[Any]]
    people: Mapped[dict[str, Any]]
    # By what rules values of categories followed from births and postcodes, as it was prepared.
    derived: Mapped[dict[str, Any]] = mapped_column(default=dict)
    feasibility: Mapped[dict[str, Any] | None]
    lottery_text: Mapped[str | None] = mapped_column(deferred=True)
    lottery_hash: Mapped[str | None]
    publication: Mapped[str | None]
    alternates: Mapped[int | None]
    threshold: Mapped[int | None]
    beacon: Mapped[dict[str, Any] | None]
    beacon_found: Mapped[dict[str, Any] | None]
    frozen_text: Mapped[str | None] = mapped_column(deferred=True)
    commitment: Mapped[str | None]
    pool_root: Mapped[str | None]
    sealed_rows: Mapped[bytes | None] = mapped_column(deferred=True)
    result_text: Mapped[str | None] = mapped_column(deferred=True)
    last_leaf: Mapped[int | None]
    prepared_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    cosign_until: Mapped[datetime | None]
    reveal_until: Mapped[datetime | None]
    beacon_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]

    pool: Mapped[Pool] = relationship()
    outcomes: Mapped[list[Outcome]] = relationship(order_by="Outcome.id", back_populates="draw")
    guarantors: Mapped[list[Part]] = relationship(order_by="Part.name", back_populates="draw")
    suspensions: Mapped[list[Suspension]] = relationship(order_by="Suspension.id", back_populates="draw")
    objections: Mapped[list[Objection]] = relationship(order_by="Objection.id", back_populates="draw")

    def require(self, *states: DrawState) -> None:
        """Refuse an act that this draw is not ready for.

        Raises
        ------
        Refusal
            `draw-is-<state>`: what stands in the way is where the draw is now.
        """
        if self.state not in states:
            raise Refusal(f"draw-is-{self.state}")

    @property
    def cosigned(self) -> int:
        """How many guarantors have cosigned."""
        return sum(part.note is not None for part in self.guarantors)

    @property
    def suspended(self) -> Suspension | None:
        """The suspension that holds the draw up, if there is one."""
        return next((one for one in self.suspensions if one.lifted_at is None), None)

    def has_lapsed(self, now: datetime) -> bool:
        """Whether too few guarantors cosigned in time, so that the draw can never be held."""
        return (
            self.state in {DrawState.FROZEN, DrawState.READY}
            and self.cosign_until is not None
            and self.threshold is not None
            and now > self.cosign_until
            and self.cosigned < self.threshold
        )

    def step(self, now: datetime) -> int:
        """Return which of the seven steps of the ceremony is under way; 8 once all are done."""
        if self.state == DrawState.HELD:
            return 8
        if self.state != DrawState.READY:
            return 2 if self.state == DrawState.FROZEN else 1
        for number, deadline in ((3, self.cosign_until), (4, self.reveal_until)):
            if deadline is not None and now <= deadline:
                return number
        return 5

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
    alternates: Mapped[list[Any]]
    at: Mapped[datetime]

    draw: Mapped[Draw] = relationship(back_populates="outcomes")


class DrawEntry(Base):
    """Who stands behind a pseudonym of a draw; erasing the person cuts the link and destroys the salt."""

    __tablename__ = "draw_entry"
    __table_args__ = (UniqueConstraint("draw_id", "pseudonym"), UniqueConstraint("draw_id", "volunteer_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"))
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    pseudonym: Mapped[str]
    salt: Mapped[str | None]

    draw: Mapped[Draw] = relationship()
    volunteer: Mapped[Volunteer | None] = relationship()


class Part(Base):
    """What one guarantor of a frozen draw has done in it: cosigned, shown the secret, typed numbers."""

    __tablename__ = "draw_guarantor"
    __table_args__ = (UniqueConstraint("draw_id", "account_id"), UniqueConstraint("draw_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str]
    key: Mapped[str]
    note: Mapped[str | None]
    bound_secret: Mapped[str | None]
    cosigned_at: Mapped[datetime | None]
    secret: Mapped[str | None]
    revealed_at: Mapped[datetime | None]
    numbers: Mapped[list[Any] | None]
    typed_at: Mapped[datetime | None]
    cancel_note: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]

    draw: Mapped[Draw] = relationship(back_populates="guarantors")


class Suspension(Base):
    """A guarantor's stop, with its public reason, until enough guarantors lift it."""

    __tablename__ = "draw_suspension"
    __table_args__ = (
        Index(
            "uq_draw_suspension_open",
            "draw_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"))
    name: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    draw: Mapped[Draw] = relationship(back_populates="suspensions")
    lifts: Mapped[list[Lift]] = relationship(order_by="Lift.id")


class Objection(Base):
    """What a guarantor objects to in a frozen draw, and the organisers' answer; both stay public."""

    __tablename__ = "draw_objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), index=True)
    name: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]
    answer_until: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]

    draw: Mapped[Draw] = relationship(back_populates="objections")


class Lift(Base):
    """A guarantor's word that a suspension may end."""

    __tablename__ = "draw_suspension_lift"
    __table_args__ = (UniqueConstraint("suspension_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    suspension_id: Mapped[int] = mapped_column(ForeignKey("draw_suspension.id"))
    name: Mapped[str]
    at: Mapped[datetime]


class LotteryDays(Base):
    """When a national lottery is drawn, as an operator wrote it down.

    ``weekdays`` count from 0, a Monday; ``hour`` is that from which its numbers are out, in Paris.
    """

    __tablename__ = "lottery_days"

    name: Mapped[str] = mapped_column(primary_key=True)
    weekdays: Mapped[list[Any]]
    hour: Mapped[str]
    source: Mapped[str]
    written_at: Mapped[datetime]
