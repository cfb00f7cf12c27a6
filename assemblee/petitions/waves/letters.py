"""What inhabitants are told whom a wave invites, in both languages."""

from __future__ import annotations

from typing import cast

from sqlalchemy.orm import Session

from assemblee.config import Config
from assemblee.days import day_in
from assemblee.mail import outbox
from assemblee.mail.letters import addressed
from assemblee.petitions.waves.models import Wave
from assemblee.pools.models import Volunteer

INVITED = "Vous êtes invité·e à prendre part · You are invited to take part"
INVITED_TEXT = """\
Bonjour,

La pétition « {title} » a réuni assez de signatures : une agora extraordinaire va être tirée au sort pour en
délibérer. Il manque des volontaires qui vous ressemblent, et le sort vous a désigné·e parmi les habitants.
Vous êtes libre d’accepter ou non. Pour être volontaire, ouvrez cette page d’ici le {until} :

{link}

Votre code : {code}

Hello,

The petition “{title}” has enough signatures: an extraordinary assembly will be drawn by lot to deliberate on
it. Volunteers like you are missing, and you were drawn among the inhabitants. You are free to accept or not.
To volunteer, open the page above before {until}; your code is above.
"""


def page(session: Session) -> str:
    """Return the address at which a code is typed."""
    return f"{cast(Config, session.info['settings']).base_url}/invitation/"


def invited(session: Session, wave: Wave, person: Volunteer, code: str) -> None:
    """Invite somebody who has an address."""
    petition = wave.petition
    zone = petition.mandate.time_zone
    until = day_in(wave.answer_until, zone).strftime("%d/%m/%Y") if wave.answer_until else ""
    text = INVITED_TEXT.format(
        title=petition.title, until=until, link=f"{page(session)}?code={code}", code=code
    )
    outbox.write(
        session, str(person.email), INVITED, addressed(text, person.name), expires_at=wave.answer_until
    )
