"""What people who sign, online or on paper, are told by mail, in both languages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from assemblee.i18n import told
from assemblee.mail import outbox
from assemblee.mail.letters import addressed
from assemblee.petitions.petition.letters import signature_page
from assemblee.petitions.petition.models import Signature

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
    outbox.write(session, str(signature.email), ENTERED, addressed(text, signature.name))


CONFIRM = "Confirmez votre signature · Confirm your signature"


ALREADY = "Vous avez déjà signé · You have signed already"


CONFIRM_TEXT = """\
Bonjour,

Vous avez demandé à signer : « {title} ».
Ouvrez cette page et confirmez avant le {until_fr} ; sans cela, votre signature ne compte pas :

{link}

Gardez ce message : la même page sert à retirer votre signature et à vérifier qu’elle est comptée.
Si vous n’avez rien demandé, vous n’avez rien à faire.

Hello,

You asked to sign: “{title}”. Open the page above and confirm before {until_en}; otherwise your
signature does not count. Keep this message: the same page is for withdrawing your signature, and for
checking that it is counted. If you did not ask for it, you need not do anything.
"""


ALREADY_TEXT = """\
Bonjour,

Cette adresse a déjà signé « {title} » : une personne compte une fois. Votre page :

{link}

Hello,

This address has signed “{title}” already: a person counts once. Your page is above.
"""


def confirm(session: Session, signature: Signature, last: datetime, zone: str) -> None:
    """Send a signer the link by which they confirm, which works until a moment, told in a zone."""
    link = signature_page(session, signature)
    text = CONFIRM_TEXT.format(
        title=signature.petition.title,
        link=link,
        until_fr=told(last, zone, "fr"),
        until_en=told(last, zone, "en"),
    )
    outbox.write(session, str(signature.email), CONFIRM, addressed(text, signature.name), expires_at=last)


def already(session: Session, signature: Signature, email: str) -> None:
    """Tell somebody who asks again that they have signed."""
    link = signature_page(session, signature)
    outbox.write(session, email, ALREADY, ALREADY_TEXT.format(title=signature.petition.title, link=link))
