"""Meetings of those who sit, attendance, minutes, documents and modules, table plans, and what is paid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assemblee.assemblies.terms.models import Seat, Term
from assemblee.days import INSTANT, day_in
from assemblee.db import Base

NOTICE = timedelta(days=7)
_IS_STIPEND = text("meeting_id IS NOT NULL")


class MeetingState(StrEnum):
    """Whether a meeting takes place."""

    CONVENED = "convened"
    CANCELLED = "cancelled"


class Presence(StrEnum):
    """What the attendance sheet says of somebody."""

    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class LineState(StrEnum):
    """Where a line of the ledger stands."""

    DECLARED = "declared"
    REFUSED = "refused"
    DUE = "due"
    PAID = "paid"


class Meeting(Base):
    """One meeting of a term.

    ``sequence`` counts its changes, as calendars want to know. ``told_at`` is when its members were last told
    of its time. ``salt`` is mixed into what the journal hashes of its people, so that few absences cannot be
    guessed from a hash.
    """

    __tablename__ = "meeting"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="times"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), index=True)
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str]
    link: Mapped[str | None]
    agenda: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    sequence: Mapped[int]
    convened_at: Mapped[datetime]
    told_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    salt: Mapped[str]

    term: Mapped[Term] = relationship()
    minutes: Mapped[Minutes | None] = relationship(back_populates="meeting")

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.state == MeetingState.CANCELLED

    @property
    def is_short_notice(self) -> bool:
        """Whether its members were told less than a week before."""
        return self.starts_at - self.told_at < NOTICE

    @property
    def days(self) -> list[date]:
        """The days on which it sits, in the mandate's zone."""
        zone = self.term.mandate.time_zone
        first = day_in(self.starts_at, zone)
        # One that ends at midnight has not sat on the day that begins then.
        last = day_in(self.ends_at - INSTANT, zone)
        return [first + timedelta(days=count) for count in range((last - first).days + 1)]


class Attendance(Base):
    """One seat and one meeting: an absence said beforehand, a check-in, and what the sheet says."""

    __tablename__ = "attendance"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True, index=True)
    announced_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    state: Mapped[str | None]

    meeting: Mapped[Meeting] = relationship()
    seat: Mapped[Seat] = relationship()


class Minutes(Base):
    """What was said in a meeting; those who were present approve the text as it is hashed here."""

    __tablename__ = "minutes"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    text: Mapped[str]
    hash: Mapped[str]
    published_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="minutes")


class Approval(Base):
    """One present member's yes to the minutes of a meeting."""

    __tablename__ = "minutes_approval"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("minutes.meeting_id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    at: Mapped[datetime]


class Document(Base):
    """A file for the members of a term, or for everybody; one that is withdrawn keeps its hash only."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), index=True)
    name: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    size: Mapped[int]
    sha256: Mapped[str]
    is_public: Mapped[bool]
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class TrainingModule(Base):
    """Something to read or watch before one votes."""

    __tablename__ = "training_module"

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), index=True)
    title: Mapped[str]
    text: Mapped[str]
    link: Mapped[str | None]
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ModuleDone(Base):
    """One member's word that a module is done."""

    __tablename__ = "module_done"

    module_id: Mapped[int] = mapped_column(ForeignKey("training_module.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    at: Mapped[datetime]


class TablePlan(Base):
    """People of a meeting at tables, for several rounds; the document comes from the worker."""

    __tablename__ = "table_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    tables: Mapped[int]
    rounds: Mapped[int]
    seed: Mapped[str]
    people: Mapped[list[Any]]
    document: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]

    meeting: Mapped[Meeting] = relationship()


class LedgerLine(Base):
    """Money for a member: a stipend for a day of a meeting, or an expense that the member declares.

    ``purpose`` is the member's own words, erased with the person; ``reason`` is why an expense was refused.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        # Two meetings on one day are one day's pay.
        Index(
            "uq_ledger_line_stipend",
            "seat_id",
            "day",
            unique=True,
            sqlite_where=_IS_STIPEND,
            postgresql_where=_IS_STIPEND,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    day: Mapped[date] = mapped_column(Date)
    cents: Mapped[int]
    purpose: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str | None]
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    seat: Mapped[Seat] = relationship()
    meeting: Mapped[Meeting | None] = relationship()

    @property
    def is_stipend(self) -> bool:
        """Whether it comes from the attendance sheet, and not from the member."""
        return self.meeting_id is not None
