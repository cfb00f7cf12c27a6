"""Calendars to subscribe to: the meetings of a body, and its first and last day."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask_babel import gettext as _
from icalendar import Event
from sqlalchemy.orm import Session

from assemblee import calendars
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.models import Meeting
from assemblee.assemblies.terms.models import Seat, Term
from assemblee.config import Config
from assemblee.mandates import charters

MEDIA_TYPE = calendars.MEDIA_TYPE


def of_term(session: Session, term: Term) -> bytes:
    """Return the public calendar of a term: its meetings, without the links that only members know."""
    return _write(session, term, meeting_queries.meetings(session, term), for_member=False)


def of_seat(session: Session, seat: Seat) -> bytes:
    """Return the calendar of one member: what they are called to; it names nobody."""
    found = [one.meeting for one in meeting_queries.mine(session, seat)]
    return _write(session, seat.term, found, for_member=True)


def _write(session: Session, term: Term, meetings: Iterable[Meeting], *, for_member: bool) -> bytes:
    settings: Config = session.info["settings"]
    host = urlsplit(settings.base_url).hostname or "assemblee"
    name = charters.current(session, term.mandate).body(term.body).name
    calendar = calendars.calendar(name)
    for meeting in meetings:
        calendar.add_component(_meeting(meeting, name, host, for_member=for_member))
    if for_member:
        for day, which, summary in (
            (term.first, "first", _("First day: %(body)s", body=name)),
            (term.last, "last", _("Last day: %(body)s", body=name)),
        ):
            calendar.add_component(
                calendars.day(f"term-{term.id}-{which}@{host}", summary, term.planned_at, day)
            )
    return bytes(calendar.to_ical())


def _meeting(meeting: Meeting, body: str, host: str, *, for_member: bool) -> Event:
    event = calendars.event(f"meeting-{meeting.id}@{host}", f"{body} – {meeting.title}", meeting.changed_at)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("sequence", meeting.sequence)
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    if meeting.place:
        event.add("location", meeting.place)
    if for_member and meeting.link:
        event.add("url", meeting.link)
    if meeting.agenda:
        event.add("description", meeting.agenda)
    return event
