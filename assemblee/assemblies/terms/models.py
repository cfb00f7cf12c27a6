"""Terms of bodies, the seats of people in them, and how each came about."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

import sortition
from assemblee.db import Base
from assemblee.draws.models import Draw
from assemblee.mail.addresses import key_of
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Volunteer
from sortition import timetable


class TermState(StrEnum):
    """How far a term has come."""

    PLANNED = "planned"
    FILLING = "filling"
    RUNNING = "running"
    ENDED = "ended"
    DROPPED = "dropped"


class SeatState(StrEnum):
    """Where a person stands in a term."""

    ALTERNATE = "alternate"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    SWORN = "sworn"
    SITTING = "sitting"
    RESIGNED = "resigned"
    EXCUSED = "excused"
    ENDED = "ended"


class SeatOrigin(StrEnum):
    """How a person came to a term."""

    PANEL = "panel"
    ALTERNATE = "alternate"
    REPLACEMENT = "replacement"
    ROTA = "rota"
    NOMINATION = "nomination"


class AnswerMeans(StrEnum):
    """How an answer reached the organisers."""

    LINK = "link"
    MAIL = "mail"
    PHONE = "phone"
    LETTER = "letter"
    COUNTER = "counter"


HOLDING = (SeatState.ACCEPTED, SeatState.SWORN, SeatState.SITTING)
_HOLDS = text("state IN ('accepted', 'sworn', 'sitting')")
OPEN = (TermState.FILLING, TermState.RUNNING)
# What a seat can become from each state; from those that are not here, nothing any more.
STEPS = {
    SeatState.ALTERNATE: {SeatState.INVITED, SeatState.ENDED},
    SeatState.INVITED: {SeatState.ACCEPTED, SeatState.DECLINED, SeatState.UNANSWERED, SeatState.ENDED},
    SeatState.ACCEPTED: {SeatState.SWORN, SeatState.RESIGNED, SeatState.EXCUSED, SeatState.ENDED},
    SeatState.SWORN: {SeatState.SITTING, SeatState.RESIGNED, SeatState.EXCUSED, SeatState.ENDED},
    SeatState.SITTING: {SeatState.RESIGNED, SeatState.EXCUSED, SeatState.ENDED},
}


class Term(Base):
    """One run of a body.

    ``quotas`` are those that its members answer to, known once its people are; ``began_with`` says how full
    it was on its first day, and why it was not if it was not. ``subject`` is the law of an extraordinary
    assembly. ``needs`` are the labels of the terms whose people it depends on.
    """

    __tablename__ = "term"
    __table_args__ = (
        UniqueConstraint("mandate_id", "body", "number"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("first <= last", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    body: Mapped[str]
    number: Mapped[int]
    part: Mapped[int]
    size: Mapped[int]
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    freeze_by: Mapped[date | None] = mapped_column(Date)
    hold_by: Mapped[date | None] = mapped_column(Date)
    answer_by: Mapped[date] = mapped_column(Date)
    parent_label: Mapped[str | None]
    needs: Mapped[list[Any]]
    subject: Mapped[str | None]
    state: Mapped[str]
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draw.id"), unique=True)
    quotas: Mapped[list[Any]]
    began_with: Mapped[dict[str, Any] | None]
    planned_at: Mapped[datetime]

    mandate: Mapped[Mandate] = relationship()
    draw: Mapped[Draw | None] = relationship()
    seats: Mapped[list[Seat]] = relationship(order_by="Seat.id", back_populates="term")

    @property
    def label(self) -> str:
        """The name of the term in the timetable, such as `ordinary-assembly/2`."""
        return f"{self.body}/{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether people are invited to it, or sit in it."""
        return self.state in OPEN

    def planned(self) -> timetable.PlannedTerm:
        """Return the term as the timetable knows it."""
        return timetable.PlannedTerm(
            body=self.body,
            number=self.number,
            part=self.part,
            size=self.size,
            first=self.first,
            last=self.last,
            freeze_by=self.freeze_by,
            hold_by=self.hold_by,
            answer_by=self.answer_by,
            parent=self.parent_label,
            needs=tuple(self.needs),
        )

    def core_quotas(self) -> sortition.Quotas:
        """Return the quotas of its members as the core takes them."""
        return sortition.Quotas(tuple(sortition.Cell(*cell) for cell in self.quotas))


class Seat(Base):
    """One person's path in one term.

    ``nonce`` is in the link by which the person answers: a new one makes earlier links void. ``name``,
    ``email`` and ``reason`` are those of a nomination; of people drawn by lot the pool knows them.
    ``email_key`` is the mailbox that the address leads to. ``public_name`` is the name that the person agreed
    to show.
    """

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("term_id", "volunteer_id"),
        UniqueConstraint("term_id", "pseudonym"),
        Index(
            "uq_seat_place",
            "term_id",
            "place",
            unique=True,
            sqlite_where=_HOLDS,
            postgresql_where=_HOLDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"))
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    pseudonym: Mapped[str]
    origin: Mapped[str]
    rank: Mapped[int]
    place: Mapped[int | None]
    state: Mapped[str]
    nonce: Mapped[str]
    name: Mapped[str | None]
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(index=True)
    reason: Mapped[str | None]
    public_name: Mapped[str | None]
    invited_at: Mapped[datetime | None]
    answer_until: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    # No foreign key: the organisers may take the role back, and its row goes.
    role_holding_id: Mapped[int | None]

    term: Mapped[Term] = relationship(back_populates="seats")
    volunteer: Mapped[Volunteer | None] = relationship()
    changes: Mapped[list[SeatChange]] = relationship(order_by="SeatChange.id", back_populates="seat")

    @property
    def holds(self) -> bool:
        """Whether the seat holds a place."""
        return self.state in HOLDING

    @validates("email")
    def _follow(self, _name: str, email: str | None) -> str | None:
        self.email_key = key_of(email)
        return email

    @property
    def mailbox(self) -> str | None:
        """The key of where the person can be written to."""
        return self.volunteer.email_key if self.volunteer else self.email_key

    @property
    def address(self) -> str | None:
        """Where the person can be written to."""
        return self.volunteer.email if self.volunteer else self.email

    @property
    def known_as(self) -> str | None:
        """The person's name, for those who may know it."""
        return self.volunteer.name if self.volunteer else self.name


class SeatChange(Base):
    """One step of a seat: what it became, why, by which means, and the leaf that says so."""

    __tablename__ = "seat_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    state: Mapped[str]
    cause: Mapped[str]
    means: Mapped[str | None]
    at: Mapped[datetime]
    leaf: Mapped[int]

    seat: Mapped[Seat] = relationship(back_populates="changes")


class Rota(Base):
    """Who of a parent's members serves in which of the groups drawn from it, and what it was drawn from.

    ``terms`` are the numbers of the rows of the groups' terms, in the order of the groups.
    """

    __tablename__ = "rota"
    __table_args__ = (UniqueConstraint("parent_id", "body"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("term.id"))
    body: Mapped[str]
    seed: Mapped[str]
    members: Mapped[list[Any]]
    terms: Mapped[list[Any]]
    document: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    parent: Mapped[Term] = relationship()


class Replacement(Base):
    """A draw of one person for one place: who could be drawn, each with the same chance, and who was."""

    __tablename__ = "replacement"
    __table_args__ = (UniqueConstraint("draw_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), index=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"))
    number: Mapped[int]
    candidates: Mapped[list[Any]]
    chosen: Mapped[str]
    distance: Mapped[int]
    at: Mapped[datetime]


class TermSuspension(Base):
    """A guarantor's stop of a term, with its public reason: nobody is called until it is lifted."""

    __tablename__ = "term_suspension"
    __table_args__ = (
        Index(
            "uq_term_suspension_open",
            "term_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None]

    term: Mapped[Term] = relationship()
