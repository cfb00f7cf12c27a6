"""The sheets that people sign on, as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from assemblee import paper, qr_code
from assemblee.i18n import day
from assemblee.petitions.paper.models import Sheet
from assemblee.petitions.paper.sheets import LINES
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.rules.queries import rules_of

# Fifteen lines and what is above them stay on one page.
LONGEST_AIM = 200
SOURCE = Path(__file__).resolve().parent / "sheets.typ"


def sheets(petition: Petition, rows: Sequence[Sheet], address: str) -> bytes:
    """Return sheets to sign on as PDF/A-2a and PDF/UA-1; the same sheets give the same bytes.

    Parameters
    ----------
    address : str
        Of the page of the petition, which the QR code of each sheet opens.
    """
    has_districts = bool(rules_of(petition.version).districts)
    until = f" {_('Until %(day)s.', day=day(petition.closes_at))}" if petition.closes_at else ""
    data = {
        "title": petition.title,
        "aim": petition.aim if len(petition.aim) <= LONGEST_AIM else petition.aim[: LONGEST_AIM - 1] + "…",
        "call": _("For inhabitants over 16. Each person signs once, on paper or online.") + until,
        "head": [
            _("No."),
            _("First and last name"),
            _("District") if has_districts else _("Place"),
            _("E-mail address (optional)"),
            _("Signature"),
        ],
        "lines": LINES,
        "foot": _(
            "What is written here serves to count signatures and to check that nobody counts twice; it is "
            "erased six months after the end. With an address you get a link to check or withdraw yours."
        ),
        "alternative": _("QR code of the page of this petition"),
        "sheets": [
            {
                "number": _("Sheet %(number)s", number=one.number),
                "code": one.code,
                "square": str(qr_code.svg(f"{address}?sheet={one.code}")),
                "is_last": one is rows[-1],
            }
            for one in rows
        ],
    }
    zone = ZoneInfo(petition.mandate.time_zone)
    return paper.compiled(SOURCE, data, rows[-1].printed_at.astimezone(zone))
