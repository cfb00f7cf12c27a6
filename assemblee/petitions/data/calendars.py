"""The calendar of a petition: the last day to sign, the sessions of its assembly, and the report."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from assemblee import calendars
from assemblee.config import Config
from assemblee.days import day_in
from assemblee.petitions.petition.models import ENDED, Petition

MEDIA_TYPE = calendars.MEDIA_TYPE


def of_petition(session: Session, petition: Petition) -> bytes:
    """Return the public calendar of a petition."""
    settings: Config = session.info["settings"]
    host = urlsplit(settings.base_url).hostname or "assemblee"
    made = calendars.calendar(petition.title)
    stamp = petition.opened_at or petition.written_at
    title = petition.title
    days: list[tuple[str, str, date]] = []
    if petition.closes_at is not None and petition.opened_at is not None and petition.state not in ENDED:
        last = day_in(petition.closes_at, petition.mandate.time_zone)
        days.append(("close", _("Last day to sign: %(petition)s", petition=title), last))
    for place, one in enumerate(petition.sessions, 1):
        summary = _("Meeting %(number)s of the assembly: %(petition)s", number=place, petition=title)
        days.append((f"session-{place}", summary, date.fromisoformat(one)))
    if petition.report_by is not None:
        days.append(("report", _("Report of the assembly: %(petition)s", petition=title), petition.report_by))
    for which, summary, on in days:
        name = f"petition-{petition.id}-{which}@{host}"
        made.add_component(calendars.day(name, summary, stamp, on))
    return bytes(made.to_ical())
