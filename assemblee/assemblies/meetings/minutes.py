"""The minutes of a meeting: written by the organisers, approved by those who were there, then public."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import letters as meeting_letters
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.models import Approval, Attendance, Meeting, Minutes, Presence
from assemblee.assemblies.terms.models import Seat
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor


def publish(session: Session, actor: Actor, meeting: Meeting, text: str) -> Minutes:
    """Give the members the minutes of a meeting; another text voids the approvals of the one before.

    Raises
    ------
    Refusal
        `meeting-not-recorded` (who may approve is not known yet), `minutes-text-missing`,
        `minutes-are-approved` or `minutes-unchanged`.
    """
    meeting = meetings.locked(session, meeting)
    if meeting.recorded_at is None:
        raise Refusal("meeting-not-recorded")
    written = text.strip()
    if not written:
        raise Refusal("minutes-text-missing", status=422)
    minutes = session.get(Minutes, meeting.id, populate_existing=True)
    if minutes is not None and minutes.approved_at is not None:
        raise Refusal("minutes-are-approved")
    if minutes is not None and minutes.text == written:
        raise Refusal("minutes-unchanged", status=422)
    minutes = minutes or Minutes(meeting_id=meeting.id)
    minutes.text, minutes.hash = written, meetings.text_hash(written)
    minutes.published_at = database_now(session)
    session.add(minutes)
    session.execute(delete(Approval).where(Approval.meeting_id == meeting.id))
    session.flush()
    record(
        session,
        actor,
        "minutes-published",
        mandate=meeting.term.mandate_id,
        meeting=meeting.id,
        minutes=minutes.hash,
    )
    for seat in meeting_queries.present(session, meeting):
        meeting_letters.minutes_await(session, seat, meeting)
    return minutes


def approve(session: Session, actor: Actor, seat: Seat, meeting: Meeting, shown: str) -> Minutes:
    """Say that the minutes are true; more than half of those present make them public.

    Parameters
    ----------
    shown : str
        The hash of the text that the member has read.

    Raises
    ------
    Refusal
        `minutes-missing`, `minutes-are-approved`, `minutes-not-present`, `minutes-changed` or
        `minutes-approved-already`.
    """
    meeting = meetings.locked(session, meeting)
    minutes = session.get(Minutes, meeting.id, populate_existing=True)
    if minutes is None:
        raise Refusal("minutes-missing", status=404)
    if minutes.approved_at is not None:
        raise Refusal("minutes-are-approved")
    row = session.get(Attendance, (meeting.id, seat.id))
    if row is None or row.state != Presence.PRESENT:
        raise Refusal("minutes-not-present")
    if minutes.hash != shown:
        raise Refusal("minutes-changed")
    if session.get(Approval, (meeting.id, seat.id)) is not None:
        raise Refusal("minutes-approved-already")
    session.add(Approval(meeting_id=meeting.id, seat_id=seat.id, at=database_now(session)))
    session.flush()
    approvals = meeting_queries.approvals(session, meeting)
    people = len(meeting_queries.present(session, meeting))
    if 2 * approvals > people:
        minutes.approved_at = database_now(session)
        session.flush()
        record(
            session,
            actor,
            "minutes-approved",
            mandate=meeting.term.mandate_id,
            meeting=meeting.id,
            minutes=minutes.hash,
            approvals=approvals,
            present=people,
        )
    return minutes
