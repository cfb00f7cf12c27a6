"""What people who sign, online or on paper, are told by mail, in both languages."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from assemblee.mail import outbox
from assemblee.petitions.petition.letters import signature_page
from assemblee.petitions.petition.models import PetitionState, Signature

ENTERED = "Votre signature sur papier · Your signature on paper"
ENTERED_TEXT = """\
Bonjour,

Une feuille de papier porte votre nom et cette adresse : vous avez signé « {title} ».
Votre signature est comptée. Cette page sert à le vérifier, et à la retirer si elle n’est pas de vous :

{link}

Hello,

A sheet of paper has your name and this address: you signed “{title}”. Your signature is counted. On the page
above you can check that, or take it back if it is not yours.
"""


def entered(session: Session, signature: Signature) -> None:
    """Tell somebody that their signature on paper counts, with the link to take it back."""
    text = ENTERED_TEXT.format(title=signature.petition.title, link=signature_page(session, signature))
    outbox.write(session, str(signature.email), ENTERED, text)


CONFIRM = "Confirmez votre signature · Confirm your signature"


ALREADY = "Vous avez déjà signé · You have signed already"


CONFIRM_TEXT = """\
Bonjour,

Vous avez demandé à signer : « {title} ».
Ouvrez cette page et confirmez d’ici {days} jours ; sans cela, votre signature ne compte pas :

{link}

Gardez ce message : la même page sert à retirer votre signature et à vérifier qu’elle est comptée.
Si vous n’avez rien demandé, vous n’avez rien à faire.

Hello,

You asked to sign: “{title}”. Open the page above and confirm within {days} days; otherwise your signature
does not count. Keep this message: the same page is for withdrawing your signature, and for checking that it
is counted. If you did not ask for it, you need not do anything.
"""


ALREADY_TEXT = """\
Bonjour,

Cette adresse a déjà signé « {title} » : une personne compte une fois. Votre page :

{link}

Hello,

This address has signed “{title}” already: a person counts once. Your page is above.
"""


def confirm(session: Session, signature: Signature, *, days: int) -> None:
    """Send a signer the link by which they confirm."""
    link = signature_page(session, signature)
    petition = signature.petition
    text = CONFIRM_TEXT.format(title=petition.title, link=link, days=days)
    void_at = signature.asked_at + timedelta(days=days)
    # Who supports a draft in time may still confirm once it is open to all.
    if petition.state != PetitionState.SPONSORS and petition.closes_at is not None:
        void_at = min(void_at, petition.closes_at)
    outbox.write(session, str(signature.email), CONFIRM, text, expires_at=void_at)


def already(session: Session, signature: Signature, email: str) -> None:
    """Tell somebody who asks again that they have signed."""
    link = signature_page(session, signature)
    outbox.write(session, email, ALREADY, ALREADY_TEXT.format(title=signature.petition.title, link=link))
