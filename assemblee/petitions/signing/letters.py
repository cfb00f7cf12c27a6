"""What people who signed on paper are told by mail, in both languages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee import mail
from assemblee.petitions.petition import letters
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
    text = ENTERED_TEXT.format(
        title=signature.petition.title, link=letters.signature_page(session, signature)
    )
    mail.write(session, str(signature.email), ENTERED, text)
