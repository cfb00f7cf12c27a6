"""Calendars to subscribe to (RFC 5545): the same days give the same bytes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

MEDIA_TYPE = "text/calendar"


def calendar(name: str) -> Calendar:
    """Return an empty calendar."""
    made = Calendar()
    made.add("prodid", "-//Assemblee//Assemblee//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    return made


def event(name: str, summary: str, stamp: datetime) -> Event:
    """Return an event without its time; ``stamp`` is when it was written, not when it is read."""
    made = Event()
    made.add("uid", name)
    made.add("summary", summary)
    made.add("dtstamp", stamp)
    return made


def day(name: str, summary: str, stamp: datetime, on: date) -> Event:
    """Return an event of a whole day, which does not keep anybody busy."""
    made = event(name, summary, stamp)
    made.add("dtstart", on)
    made.add("dtend", on + timedelta(days=1))
    made.add("transp", "TRANSPARENT")
    return made
