"""What voters are told by mail, in both languages, and the link or the code by which they vote."""

from __future__ import annotations

from typing import cast

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete
from sqlalchemy.orm import Session

from assemblee.config import Config
from assemblee.consultations import queries
from assemblee.consultations.models import Consultation, RollEntry
from assemblee.i18n import LANGUAGES, told
from assemblee.mail import outbox
from assemblee.mail.letters import addressed
from assemblee.mail.models import Mail

SALT = "vote"
INVITED = "Vous êtes invité·e à voter · You are invited to vote"
CODE = "Votre code de vote · Your voting code"

ASKED = """\
Bonjour,

Vous êtes appelé·e à voter : « {title} ».
Le vote est ouvert du {opens_fr} au {closes_fr}. Cette page n’est que pour vous, sans compte ni mot de passe :

{link}

Ne transmettez pas ce message : qui l’a peut voter à votre place.

Hello,

You are invited to vote: “{title}”.
The vote is open from {opens_en} to {closes_en}. This page is yours alone, without account or password:

{link}

Do not pass this message on: whoever has it can vote in your place.
"""
CODED = """\
Bonjour,

Voici votre code pour voter : « {title} » (jusqu’au {closes_fr}).

    {code}

Tapez-le sur cette page, la même pour tout le monde :

{link}

Ce code n’est pas lié à votre nom dans nos registres, mais qui lit ce message peut voter à votre place.

Hello,

Here is your code to vote: “{title}” (until {closes_en}). Type it on the page above, which is the same for
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
    zone = consultation.mandate.time_zone
    return {
        f"{name}_{tongue}": told(moment, zone, tongue)
        for name, moment in (("opens", consultation.opens_at), ("closes", consultation.closes_at))
        for tongue in LANGUAGES
    }


def invited(session: Session, consultation: Consultation) -> None:
    """Send everybody on the roll, who can be written to, the link to their page."""
    settings = _settings(session)
    times = _times(consultation)
    for entry in queries.entries(session, consultation):
        if entry.address:
            link = f"{settings.base_url}/vote/{token(settings, entry)}/"
            letter = ASKED.format(title=consultation.title, link=link, **times)
            outbox.write(
                session,
                entry.address,
                INVITED,
                addressed(letter, entry.known_as),
                expires_at=consultation.closes_at,
            )


def take_back_code(session: Session, entry: RollEntry) -> None:
    """Keep the letter of a code that is void from leaving, if it has not left yet."""
    session.execute(
        delete(Mail).where(Mail.recipient == entry.address, Mail.subject == CODE, Mail.sent_at.is_(None))
    )


def code(session: Session, entry: RollEntry, text: str) -> None:
    """Send a voter the code that stands for their token."""
    consultation = entry.consultation
    link = f"{_settings(session).base_url}/votes/{consultation.id}/code"
    letter = CODED.format(title=consultation.title, code=text, link=link, **_times(consultation))
    outbox.write(
        session,
        str(entry.address),
        CODE,
        addressed(letter, entry.known_as),
        expires_at=consultation.closes_at,
    )
