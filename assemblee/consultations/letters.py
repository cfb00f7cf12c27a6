"""What voters are told by mail, in both languages, and the link or the code by which they vote."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from assemblee.config import Config
from assemblee.consultations import queries
from assemblee.consultations.models import Consultation, RollEntry
from assemblee.mail import outbox

SALT = "vote"
INVITED = "Vous êtes invité·e à voter · You are invited to vote"
CODE = "Votre code de vote · Your voting code"

ASKED = """\
Bonjour,

Vous êtes appelé·e à voter : « {title} ».
Le vote est ouvert du {opens} au {closes}. Cette page n’est que pour vous, sans compte ni mot de passe :

{link}

Ne transmettez pas ce message : qui l’a peut voter à votre place.

Hello,

You are invited to vote: “{title}”.
The vote is open from {opens} to {closes}. This page is yours alone, without account or password:

{link}

Do not pass this message on: whoever has it can vote in your place.
"""
CODED = """\
Bonjour,

Voici votre code pour voter : « {title} » (jusqu’au {closes}).

    {code}

Tapez-le sur cette page, la même pour tout le monde :

{link}

Ce code n’est pas lié à votre nom dans nos registres, mais qui lit ce message peut voter à votre place.

Hello,

Here is your code to vote: “{title}” (until {closes}). Type it on the page above, which is the same for
everybody. This code is not tied to your name in our records, but whoever reads this message can vote in
your place.
"""


def _serializer(settings: Config) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=SALT)


def token(settings: Config, entry: RollEntry) -> str:
    """Return what the address of a voter's page carries: it says nothing of the person."""
    return str(_serializer(settings).dumps([entry.id, entry.nonce]))


def entry_of(session: Session, settings: Config, text: str) -> RollEntry | None:
    """Return the entry of the roll that a link opens."""
    try:
        number, nonce = _serializer(settings).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    entry = session.get(RollEntry, number)
    return entry if entry is not None and entry.nonce == nonce else None


def _settings(session: Session) -> Config:
    return cast(Config, session.info["settings"])


def _times(consultation: Consultation) -> dict[str, str]:
    zone = ZoneInfo(consultation.mandate.time_zone)
    return {
        "opens": consultation.opens_at.astimezone(zone).strftime("%d/%m/%Y %H:%M"),
        "closes": consultation.closes_at.astimezone(zone).strftime("%d/%m/%Y %H:%M"),
    }


def invited(session: Session, consultation: Consultation) -> None:
    """Send everybody on the roll, who can be written to, the link to their page."""
    settings = _settings(session)
    times = _times(consultation)
    for entry in queries.entries(session, consultation):
        if entry.address:
            link = f"{settings.base_url}/vote/{token(settings, entry)}/"
            outbox.write(
                session,
                entry.address,
                INVITED,
                ASKED.format(title=consultation.title, link=link, **times),
                expires_at=consultation.closes_at,
            )


def code(session: Session, entry: RollEntry, text: str) -> None:
    """Send a voter the code that stands for their token."""
    consultation = entry.consultation
    link = f"{_settings(session).base_url}/votes/{consultation.id}/code"
    letter = CODED.format(title=consultation.title, code=text, link=link, **_times(consultation))
    outbox.write(session, str(entry.address), CODE, letter, expires_at=consultation.closes_at)
