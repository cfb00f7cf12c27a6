"""What everybody who has a part in a petition is told of its answers, in both languages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee.petitions.petition.letters import page_of, to_everybody
from assemblee.petitions.petition.models import Petition

ANSWERED = "Une pétition a sa réponse · A petition has its answer"


ANSWERED_TEXT = """\
Bonjour,

La pétition « {title} » a reçu une réponse ou un rapport :

{link}

Hello,

The petition “{title}” has received an answer or a report; the page above has it.
"""


def answered(session: Session, petition: Petition) -> None:
    """Tell everybody who has a part in it that something was answered."""
    text = ANSWERED_TEXT.format(title=petition.title, link=page_of(session, petition))
    to_everybody(session, petition, ANSWERED, text)
