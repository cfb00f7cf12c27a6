"""The letters with codes by which inhabitants sign, as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from assemblee import paper, qr_code
from assemblee.mandates.models import Mandate
from assemblee.petitions.signing import codes

# Invitations are written on the same sheet.
LETTERS = Path(__file__).resolve().parent / "letters.typ"


def signing_codes(
    mandate: Mandate, letters: Sequence[codes.CodeLetter], address: str, moment: datetime
) -> bytes:
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
    return paper.compiled(LETTERS, data, moment.astimezone(ZoneInfo(mandate.time_zone)))
