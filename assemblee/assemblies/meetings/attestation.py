"""The attestation that a member hands to an employer: on which days they were at which meetings."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from assemblee import paper
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.terms.models import Seat
from assemblee.days import day_in
from assemblee.i18n import day
from assemblee.mandates import charters
from assemblee.refusal import Refusal

SOURCE = Path(__file__).resolve().parent / "attestation.typ"


def pdf(session: Session, seat: Seat) -> bytes:
    """Return the attestation of a seat as PDF/A-2a and PDF/UA-1; the same presence gives the same bytes.

    Raises
    ------
    Refusal
        `attestation-empty` (no meeting, or nobody to name any more).
    """
    attended = meeting_queries.attended(session, seat)
    if not attended or not seat.known_as:
        raise Refusal("attestation-empty", status=404)
    mandate = seat.term.mandate
    zone = ZoneInfo(mandate.time_zone)
    body = charters.current(session, mandate).body(seat.term.body).name
    recorded = max(meeting.recorded_at or meeting.ends_at for meeting in attended)
    days = sorted({one for meeting in attended for one in meeting.days})
    data = {
        "title": _("Attestation of attendance"),
        "text": [
            _sentence(seat, body),
            ngettext("%(num)s day in all.", "%(num)s days in all.", len(days)),
        ],
        "head": [_("Day"), _("Hours"), _("Meeting")],
        "rows": [
            [
                _days([day(one) for one in meeting.days]),
                f"{meeting.starts_at.astimezone(zone):%H:%M} – {meeting.ends_at.astimezone(zone):%H:%M}",
                meeting.title,
            ]
            for meeting in attended
        ],
        "end": [
            _(
                "It follows the attendance sheets as recorded on %(day)s.",
                day=day(day_in(recorded, mandate.time_zone)),
            ),
        ],
        "signature": _("For the organisers"),
    }
    return paper.compiled(SOURCE, data, recorded.astimezone(zone))


def _sentence(seat: Seat, body: str) -> str:
    words = {"name": seat.known_as, "body": body, "mandate": seat.term.mandate.name}
    if seat.volunteer is None:
        return str(
            _(
                "%(name)s was nominated to sit in “%(body)s” (%(mandate)s), and was present at these "
                "meetings:",
                **words,
            )
        )
    return str(
        _(
            "%(name)s was drawn by lot to sit in “%(body)s” (%(mandate)s), and was present at these "
            "meetings:",
            **words,
        )
    )


def _days(written: list[str]) -> str:
    return written[0] if len(written) == 1 else f"{written[0]} – {written[-1]}"
