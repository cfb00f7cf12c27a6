"""A poster for a shop window: the petition in large, and the QR code of the page where it is signed."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from assemblee import paper, qr_code
from assemblee.days import day_in
from assemblee.i18n import day
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.rules import wording
from assemblee.petitions.rules.queries import rules_of

SOURCE = Path(__file__).resolve().parent / "poster.typ"
LONGEST_AIM = 320


def pdf(petition: Petition, address: str) -> bytes:
    """Return the poster as PDF/A-2a and PDF/UA-1; the same petition gives the same bytes.

    Parameters
    ----------
    petition : Petition
    address : str
        Of the page that the QR code opens.
    """
    rules = rules_of(petition.version)
    opened = petition.opened_at or petition.written_at
    zone = ZoneInfo(petition.mandate.time_zone)
    aim = petition.aim if len(petition.aim) <= LONGEST_AIM else petition.aim[: LONGEST_AIM - 1].rstrip() + "…"
    text = []
    if rules.opening is not None:
        goal = rules.steps[rules.opening]
        text.append(
            _(
                "From %(signatures)s on, an extraordinary assembly of inhabitants drawn by lot opens.",
                signatures=wording.needed(goal, rules),
            )
        )
    text.append(_("For inhabitants over 16. No account; half a minute."))
    if petition.closes_at is not None:
        text.append(_("Until %(day)s.", day=day(day_in(petition.closes_at, petition.mandate.time_zone))))
    data = {
        "title": petition.title,
        "mandate": f"{petition.mandate.name} · {petition.mandate.territory}",
        "aim": aim,
        "call": _("Sign here"),
        "text": text,
        "address": address,
        "code": str(qr_code.svg(address)),
        "alternative": _("QR code of the page where this petition is signed"),
    }
    return paper.compiled(SOURCE, data, opened.astimezone(zone))
