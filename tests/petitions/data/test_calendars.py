"""The calendar of a petition."""

from __future__ import annotations

from flask import Flask
from icalendar import Calendar

from assemblee.db import Store
from assemblee.petitions.petition.models import Petition
from tests.petitions.data.test_exports import place_of


def test_a_calendar_says_what_comes_next_and_gives_the_same_bytes(
    app: Flask, store: Store, petition: Petition
) -> None:
    client = app.test_client()
    first, second = (client.get(f"{place_of(petition)}/calendar.ics") for _ in range(2))
    assert first.data == second.data
    assert first.mimetype == "text/calendar"
    found = list(Calendar.from_ical(first.data).walk("VEVENT"))
    days = [event.decoded("dtstart") for event in found]
    term = petition.term
    assert term is not None
    assert len(days) == 1 + len(petition.sessions) + 1
    assert days[-1] == petition.report_by
    assert all(term.first <= day <= term.last for day in days[1:-1])
    assert len({str(event["uid"]) for event in found}) == len(found)
    assert "Zéphyr" not in first.text
