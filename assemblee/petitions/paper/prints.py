"""What is printed for petitions: sheets to sign on, and letters with personal codes, as PDF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from flask_babel import gettext as _

from assemblee import qr_code
from assemblee.i18n import day, language
from assemblee.mandates.models import Mandate
from assemblee.petitions.paper.models import Sheet
from assemblee.petitions.paper.sheets import LINES
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.rules.rulebook import rules_of
from assemblee.petitions.signing import codes
from assemblee.petitions.waves import invited
from assemblee.petitions.waves.models import Wave

# Fifteen lines and what is above them stay on one page.
LONGEST_AIM = 200
FOLDER = Path(__file__).resolve().parent


def _compiled(source: str, data: dict[str, Any], moment: datetime, zone: str) -> bytes:
    data |= {
        "language": language(),
        "date": moment.astimezone(ZoneInfo(zone)).date().isoformat().split("-"),
    }
    # Values go in as data and never as markup, whatever people have written in them.
    return typst.compile(
        (FOLDER / source).read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(moment.timestamp()),
    )


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
    return _compiled("sheets.typ", data, rows[-1].printed_at, petition.mandate.time_zone)


def invitations(wave: Wave, letters: Sequence[invited.Letter], address: str, moment: datetime) -> bytes:
    """Return the letters of people whom a wave invites, who volunteer by the code in them."""
    petition = wave.petition
    until = day(wave.answer_until) if wave.answer_until else ""
    data = {
        "title": _("You are invited to take part"),
        "text": [
            _(
                "The petition “%(title)s” has enough signatures: an extraordinary assembly will be drawn by "
                "lot to deliberate on it.",
                title=petition.title,
            ),
            _(
                "Volunteers like you are missing, and you were drawn among the inhabitants. You are free to "
                "accept or not."
            ),
            _("To volunteer, open this page before %(day)s and type your code.", day=until),
        ],
        "label": _("Your code"),
        "address": address,
        "alternative": _("QR code of the page where you volunteer"),
        "letters": [
            {
                "name": one.name,
                "code": one.code,
                "square": str(qr_code.svg(f"{address}?code={one.code}")),
                "note": _("You are row %(row)s of the published list of this draw.", row=one.place),
                "is_last": one is letters[-1],
            }
            for one in letters
        ],
    }
    return _compiled("letters.typ", data, moment, petition.mandate.time_zone)


def signing_codes(mandate: Mandate, letters: Sequence[codes.Letter], address: str, moment: datetime) -> bytes:
    """Return the letters by which inhabitants of a register sign petitions."""
    data = {
        "title": _("Your code to sign petitions"),
        "text": [
            _(
                "Inhabitants can sign petitions to %(representative)s; from a number of signatures on, an "
                "assembly drawn by lot opens.",
                representative=mandate.representative,
            ),
            _("This code shows that you live here. It is yours alone, and you may sign without it."),
        ],
        "label": _("Your code"),
        "address": address,
        "alternative": _("QR code of the list of petitions"),
        "letters": [
            {
                "name": one.name,
                "code": one.code,
                "square": str(qr_code.svg(address)),
                "note": _("Whoever has this code can sign in your place: keep it."),
                "is_last": one is letters[-1],
            }
            for one in letters
        ],
    }
    return _compiled("letters.typ", data, moment, mandate.time_zone)
