"""Who comes to a meeting: absences said beforehand, check-ins at the door, and the sheet that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import ledger
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.models import Attendance, Meeting, Presence
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat
from assemblee.config import Config
from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor

SALT = "check-in"


def _row(session: Session, meeting: Meeting, seat: Seat) -> Attendance:
    row = session.get(Attendance, (meeting.id, seat.id))
    if row is None:
        row = Attendance(meeting_id=meeting.id, seat_id=seat.id)
        session.add(row)
    return row


def announce(session: Session, seat: Seat, meeting: Meeting, *, is_away: bool) -> None:
    """Note that a member cannot come, or can after all; no reason is asked, and no line is written.

    Raises
    ------
    Refusal
        `seat-holds-no-place`, `meeting-is-cancelled`, `meeting-has-begun`, `absence-announced` or
        `absence-not-announced`.
    """
    meeting = meetings.locked(session, meeting)
    if not seat.holds:
        raise Refusal("seat-holds-no-place")
    meetings.require_ahead(session, meeting)
    row = _row(session, meeting, seat)
    if (row.announced_at is not None) == is_away:
        raise Refusal("absence-announced" if is_away else "absence-not-announced")
    row.announced_at = database_now(session) if is_away else None
    session.flush()


def _serializer(settings: Config) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=SALT)


def entry_pass(settings: Config, meeting: Meeting, seat: Seat) -> str:
    """Return what the code of a member at the door of a meeting carries: it says nothing of the person."""
    return str(_serializer(settings).dumps([meeting.id, seat.id, seat.nonce]))


def seat_of_pass(session: Session, settings: Config, meeting: Meeting, text: str) -> Seat:
    """Return the seat whose member shows a code at the door.

    Raises
    ------
    Refusal
        `entry-pass-void`.
    """
    try:
        number, seat_id, nonce = _serializer(settings).loads(text)
    except (BadSignature, ValueError, TypeError):
        raise Refusal("entry-pass-void", status=404) from None
    seat = session.get(Seat, seat_id)
    if seat is None or number != meeting.id or seat.nonce != nonce or seat.term_id != meeting.term_id:
        raise Refusal("entry-pass-void", status=404)
    return seat


def check_in(session: Session, meeting: Meeting, seat: Seat) -> Attendance:
    """Note that a member has come; the sheet is recorded afterwards.

    Raises
    ------
    Refusal
        `seat-holds-no-place`, `meeting-is-cancelled`, `meeting-is-recorded` or `check-in-too-early` (before
        the day of the meeting).
    """
    meeting = meetings.locked(session, meeting)
    if not seat.holds:
        raise Refusal("seat-holds-no-place")
    meetings.require_convened(meeting)
    if meeting.recorded_at is not None:
        raise Refusal("meeting-is-recorded")
    if queries.today(session, meeting.term.mandate) < meeting.days[0]:
        raise Refusal("check-in-too-early")
    row = _row(session, meeting, seat)
    row.checked_in_at = row.checked_in_at or database_now(session)
    session.flush()
    return row


def take(session: Session, actor: Actor, meeting: Meeting, states: Mapping[int, Presence]) -> Meeting:
    """Record who was there, once the meeting has begun; recording again corrects it, with a leaf of its own.

    Parameters
    ----------
    states : mapping of int to Presence
        By number of the seat; of everybody who is expected, and of nobody else.

    Raises
    ------
    Refusal
        `meeting-is-cancelled`, `meeting-not-begun`, `attendance-incomplete`, `seat-unknown` or
        `attendance-paid` (somebody who would not have been there is paid already).
    """
    meeting = meetings.locked(session, meeting)
    meetings.require_convened(meeting)
    now = database_now(session)
    if now < meeting.starts_at:
        raise Refusal("meeting-not-begun")
    called = meeting_queries.expected(session, meeting)
    missing = {seat.id for seat in called} - set(states)
    if missing:
        raise Refusal("attendance-incomplete", status=422, people=len(missing))
    if set(states) - {seat.id for seat in called}:
        raise Refusal("seat-unknown", status=404)
    for seat in called:
        _row(session, meeting, seat).state = states[seat.id]
    meeting.recorded_at = now
    session.flush()
    ledger.accrue(session, meeting)
    counts = Counter(states.values())
    rows: list[tree.Canonical] = [[number, str(state)] for number, state in sorted(states.items())]
    record(
        session,
        actor,
        "attendance-recorded",
        mandate=meeting.term.mandate_id,
        meeting=meeting.id,
        present=counts[Presence.PRESENT],
        excused=counts[Presence.EXCUSED],
        absent=counts[Presence.ABSENT],
        list=tree.fingerprint([meeting.salt, rows]),
    )
    return meeting
