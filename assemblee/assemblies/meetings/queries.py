"""Reads of meetings: those of a term, who is expected, who came, and what awaits the organisers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from assemblee.assemblies.meetings.models import (
    Approval,
    Attendance,
    Document,
    Meeting,
    MeetingState,
    Minutes,
    ModuleDone,
    Presence,
    TablePlan,
    TrainingModule,
)
from assemblee.assemblies.terms.models import HOLDING, Seat, Term
from assemblee.db import database_now
from assemblee.refusal import Refusal


@dataclass(frozen=True)
class Turnout:
    """How many came to a meeting."""

    present: int
    excused: int
    absent: int

    @property
    def expected(self) -> int:
        """How many were expected."""
        return self.present + self.excused + self.absent


@dataclass(frozen=True)
class MyMeeting:
    """A meeting as one member sees it."""

    meeting: Meeting
    attendance: Attendance | None
    has_approved: bool
    is_ahead: bool

    @property
    def is_announced(self) -> bool:
        """Whether the member has said that they cannot come."""
        return self.attendance is not None and self.attendance.announced_at is not None

    @property
    def was_present(self) -> bool:
        """Whether the sheet says that the member was there."""
        return self.attendance is not None and self.attendance.state == Presence.PRESENT

    @property
    def awaits_approval(self) -> bool:
        """Whether the minutes wait for this member's word."""
        minutes = self.meeting.minutes
        return self.was_present and minutes is not None and not (minutes.approved_at or self.has_approved)


def meeting(session: Session, term: Term, meeting_id: int) -> Meeting:
    """Return a meeting of a term.

    Raises
    ------
    Refusal
        `meeting-unknown`.
    """
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or meeting.term_id != term.id:
        raise Refusal("meeting-unknown", status=404)
    return meeting


def meetings(session: Session, term: Term) -> list[Meeting]:
    """Return the meetings of a term, the earliest first."""
    return list(
        session.scalars(
            select(Meeting)
            .options(joinedload(Meeting.minutes))
            .where(Meeting.term_id == term.id)
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )


def expected(session: Session, meeting: Meeting) -> list[Seat]:
    """Return the seats that are called to a meeting: those that held a place when it took place."""
    return list(
        session.scalars(
            select(Seat)
            .options(joinedload(Seat.volunteer))
            .where(
                Seat.term_id == meeting.term_id,
                Seat.answered_at <= meeting.ends_at,
                or_(
                    Seat.state.in_(HOLDING),
                    and_(Seat.place.is_not(None), Seat.until >= meeting.days[0]),
                ),
            )
            .order_by(Seat.place, Seat.id)
        )
    )


def attendance(session: Session, meeting: Meeting) -> dict[int, Attendance]:
    """Return what is known of the presence of each seat at a meeting."""
    rows = session.scalars(select(Attendance).where(Attendance.meeting_id == meeting.id))
    return {row.seat_id: row for row in rows}


def turnouts(session: Session, meetings: Collection[Meeting]) -> dict[int, Turnout]:
    """Return how many came to each meeting whose attendance is recorded."""
    counts: dict[int, Counter[str]] = {one.id: Counter() for one in meetings if one.recorded_at is not None}
    rows = session.execute(
        select(Attendance.meeting_id, Attendance.state, func.count())
        .where(Attendance.meeting_id.in_(counts), Attendance.state.is_not(None))
        .group_by(Attendance.meeting_id, Attendance.state)
    )
    for number, state, people in rows:
        counts[number][str(state)] = people
    return {
        number: Turnout(one[Presence.PRESENT], one[Presence.EXCUSED], one[Presence.ABSENT])
        for number, one in counts.items()
    }


def mine(session: Session, seat: Seat) -> list[MyMeeting]:
    """Return the meetings that a seat was called to, the earliest first."""
    rows = {
        row.meeting_id: row
        for row in session.scalars(select(Attendance).where(Attendance.seat_id == seat.id))
    }
    approved = set(session.scalars(select(Approval.meeting_id).where(Approval.seat_id == seat.id)))
    now = database_now(session)
    return [
        MyMeeting(one, rows.get(one.id), one.id in approved, not one.is_cancelled and now < one.starts_at)
        for one in meetings(session, seat.term)
        if seat.holds or (seat.until is not None and one.days[0] <= seat.until)
    ]


def present(session: Session, meeting: Meeting) -> list[Seat]:
    """Return the seats that the attendance sheet of a meeting says were there."""
    return list(
        session.scalars(
            select(Seat)
            .join(Attendance, Attendance.seat_id == Seat.id)
            .where(Attendance.meeting_id == meeting.id, Attendance.state == Presence.PRESENT)
            .order_by(Seat.id)
        )
    )


def attended(session: Session, seat: Seat) -> list[Meeting]:
    """Return the meetings at which a seat was present, the earliest first."""
    return list(
        session.scalars(
            select(Meeting)
            .join(Attendance, Attendance.meeting_id == Meeting.id)
            .where(Attendance.seat_id == seat.id, Attendance.state == Presence.PRESENT)
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )


def approvals(session: Session, meeting: Meeting) -> int:
    """Count those who were present and have approved the minutes of a meeting."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Approval)
            .join(
                Attendance,
                and_(Attendance.meeting_id == Approval.meeting_id, Attendance.seat_id == Approval.seat_id),
            )
            .where(Approval.meeting_id == meeting.id, Attendance.state == Presence.PRESENT)
        )
        or 0
    )


def documents(session: Session, term: Term) -> list[Document]:
    """Return the documents of a term, withdrawn ones too, without their content."""
    return list(session.scalars(select(Document).where(Document.term_id == term.id).order_by(Document.id)))


def modules(session: Session, term: Term) -> list[TrainingModule]:
    """Return what members of a term have to learn, as it stands."""
    return list(
        session.scalars(
            select(TrainingModule)
            .where(TrainingModule.term_id == term.id, TrainingModule.withdrawn_at.is_(None))
            .order_by(TrainingModule.id)
        )
    )


def modules_done(session: Session, seat: Seat) -> set[int]:
    """Return the modules that a member has marked as done."""
    return set(session.scalars(select(ModuleDone.module_id).where(ModuleDone.seat_id == seat.id)))


def latest_plan(session: Session, meeting: Meeting) -> TablePlan | None:
    """Return the newest plan of tables of a meeting, computed or not."""
    return session.scalar(
        select(TablePlan).where(TablePlan.meeting_id == meeting.id).order_by(TablePlan.id.desc()).limit(1)
    )


def short_notice(session: Session, mandate_id: int) -> list[Meeting]:
    """Return the meetings of a mandate whose members were told less than a week before."""
    return [one for one in _convened(session, mandate_id) if one.is_short_notice]


def unrecorded(session: Session, mandate_id: int) -> list[Meeting]:
    """Return the meetings of a mandate that are over, and whose attendance nobody has recorded."""
    now = database_now(session)
    return [one for one in _convened(session, mandate_id) if one.recorded_at is None and one.ends_at <= now]


def without_minutes(session: Session, mandate_id: int) -> list[Meeting]:
    """Return the meetings of a mandate that are recorded, and whose minutes nobody has written."""
    written = set(session.scalars(select(Minutes.meeting_id)))
    return [
        one for one in _convened(session, mandate_id) if one.recorded_at is not None and one.id not in written
    ]


def _convened(session: Session, mandate_id: int) -> list[Meeting]:
    return list(
        session.scalars(
            select(Meeting)
            .join(Term)
            .options(joinedload(Meeting.term))
            .where(Term.mandate_id == mandate_id, Meeting.state == MeetingState.CONVENED)
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )
