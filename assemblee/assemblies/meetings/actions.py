"""The verbs of a meeting: convene its members, change what they were told, and cancel it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assemblee.assemblies.meetings import letters as meeting_letters
from assemblee.assemblies.meetings.models import Attendance, Meeting, MeetingState
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Term
from assemblee.days import day_in
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
SALT_BYTES = 16


@dataclass(frozen=True)
class MeetingFacts:
    """What members are told of a meeting.

    Parameters
    ----------
    title, agenda : str
    starts_at, ends_at : datetime
        With a time zone.
    place : str
        Where it is held; everybody may know it.
    link : str
        Where it is held or followed from afar; only members know it.
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    link: str = ""
    agenda: str = ""


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text, as the journal knows it."""
    return hashlib.sha256(text.encode()).hexdigest()


def require_link(link: str) -> str | None:
    """Return an address of the web, or none where none is given.

    Raises
    ------
    Refusal
        `link-invalid`: whoever follows it must not run a script.
    """
    address = link.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        raise Refusal("link-invalid", status=422) from None
    if address and (parts.scheme not in {"https", "http"} or not parts.netloc):
        raise Refusal("link-invalid", status=422)
    return address or None


def locked(session: Session, meeting: Meeting) -> Meeting:
    """Return a meeting as it stands now; nobody else can change it before this transaction ends."""
    seats.locked(session, meeting.term)
    return session.scalars(
        select(Meeting).where(Meeting.id == meeting.id).execution_options(populate_existing=True)
    ).one()


def require_convened(meeting: Meeting) -> None:
    """Refuse what nobody does with a meeting that does not take place.

    Raises
    ------
    Refusal
        `meeting-is-cancelled`.
    """
    if meeting.is_cancelled:
        raise Refusal("meeting-is-cancelled")


def require_ahead(session: Session, meeting: Meeting) -> None:
    """Refuse what comes too late for a meeting.

    Raises
    ------
    Refusal
        `meeting-is-cancelled` or `meeting-has-begun`.
    """
    require_convened(meeting)
    if database_now(session) >= meeting.starts_at:
        raise Refusal("meeting-has-begun")


def _checked(session: Session, term: Term, facts: MeetingFacts) -> MeetingFacts:
    facts = replace(
        facts,
        title=facts.title.strip(),
        place=facts.place.strip(),
        link=require_link(facts.link) or "",
        agenda=facts.agenda.strip(),
    )
    if not facts.title:
        raise Refusal("meeting-title-missing", status=422)
    if not facts.place and not facts.link:
        raise Refusal("meeting-place-missing", status=422)
    if facts.starts_at >= facts.ends_at:
        raise Refusal("meeting-times-crossed", status=422)
    if facts.starts_at <= database_now(session):
        raise Refusal("meeting-in-the-past", status=422)
    zone = term.mandate.time_zone
    first, last = day_in(facts.starts_at, zone), day_in(facts.ends_at, zone)
    if first < term.first or last > term.last:
        raise Refusal("meeting-outside-term", status=422)
    return facts


def _write(meeting: Meeting, facts: MeetingFacts) -> None:
    meeting.title, meeting.place, meeting.link = facts.title, facts.place, facts.link or None
    meeting.starts_at, meeting.ends_at, meeting.agenda = facts.starts_at, facts.ends_at, facts.agenda


def _told(session: Session, actor: Actor, meeting: Meeting) -> None:
    """Write the leaf of what members are now told; the texts themselves stay out of the journal."""
    meeting.changed_at = database_now(session)
    session.flush()
    record(
        session,
        actor,
        "meeting-cancelled"
        if meeting.is_cancelled
        else "meeting-moved"
        if meeting.sequence
        else "meeting-convened",
        mandate=meeting.term.mandate_id,
        term=meeting.term_id,
        meeting=meeting.id,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at.strftime(MOMENT),
        ends_at=meeting.ends_at.strftime(MOMENT),
        agenda=text_hash(meeting.agenda),
    )


def convene(session: Session, actor: Actor, term: Term, facts: MeetingFacts) -> Meeting:
    """Call everybody who holds a place in a term to a meeting, by letter.

    Raises
    ------
    Refusal
        `term-is-...`, `term-is-suspended`, `meeting-title-missing`, `meeting-place-missing` (neither a place
        nor a link), `link-invalid`, `meeting-times-crossed`, `meeting-in-the-past` or `meeting-outside-term`.
    """
    term = seats.locked(session, term)
    if not term.is_open:
        raise Refusal(f"term-is-{term.state}")
    queries.require_running(session, term)
    now = database_now(session)
    meeting = Meeting(
        term_id=term.id,
        state=MeetingState.CONVENED,
        sequence=0,
        convened_at=now,
        told_at=now,
        changed_at=now,
        salt=secrets.token_hex(SALT_BYTES),
    )
    _write(meeting, _checked(session, term, facts))
    session.add(meeting)
    session.flush()
    _told(session, actor, meeting)
    for seat in queries.seats(session, term, HOLDING):
        meeting_letters.convened(session, seat, meeting)
    return meeting


def move(session: Session, actor: Actor, meeting: Meeting, facts: MeetingFacts, reason: str) -> Meeting:
    """Change what members were told of a meeting, and tell them; on other times, absences are asked anew.

    Raises
    ------
    Refusal
        `meeting-is-cancelled`, `meeting-has-begun`, `meeting-reason-missing`, `meeting-unchanged`, and those
        of `convene`.
    """
    meeting = locked(session, meeting)
    require_ahead(session, meeting)
    queries.require_running(session, meeting.term)
    if not reason.strip():
        raise Refusal("meeting-reason-missing", status=422)
    facts = _checked(session, meeting.term, facts)
    before = (meeting.title, meeting.starts_at, meeting.ends_at, meeting.place, meeting.link, meeting.agenda)
    _write(meeting, facts)
    after = (meeting.title, meeting.starts_at, meeting.ends_at, meeting.place, meeting.link, meeting.agenda)
    if before == after:
        raise Refusal("meeting-unchanged", status=422)
    meeting.reason, meeting.sequence = reason.strip(), meeting.sequence + 1
    if before[1:3] != after[1:3]:
        meeting.told_at = database_now(session)
        session.execute(
            update(Attendance).where(Attendance.meeting_id == meeting.id).values(announced_at=None)
        )
    _told(session, actor, meeting)
    for seat in queries.seats(session, meeting.term, HOLDING):
        meeting_letters.moved(session, seat, meeting)
    return meeting


def cancel(session: Session, actor: Actor, meeting: Meeting, reason: str) -> Meeting:
    """Call a meeting off before it begins, and tell its members why.

    Raises
    ------
    Refusal
        `meeting-is-cancelled`, `meeting-has-begun` or `meeting-reason-missing`.
    """
    meeting = locked(session, meeting)
    require_ahead(session, meeting)
    if not reason.strip():
        raise Refusal("meeting-reason-missing", status=422)
    meeting.state, meeting.reason = MeetingState.CANCELLED, reason.strip()
    meeting.sequence += 1
    _told(session, actor, meeting)
    for seat in queries.seats(session, meeting.term, HOLDING):
        meeting_letters.cancelled(session, seat, meeting)
    return meeting
