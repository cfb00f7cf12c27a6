"""The letters of invitation, as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from assemblee import paper, qr_code
from assemblee.i18n import day
from assemblee.petitions.signing.prints import LETTERS
from assemblee.petitions.waves import invited
from assemblee.petitions.waves.models import Wave


def invitations(
    wave: Wave, letters: Sequence[invited.InvitationLetter], address: str, moment: datetime
) -> bytes:
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
    return paper.compiled(LETTERS, data, moment.astimezone(ZoneInfo(petition.mandate.time_zone)))
