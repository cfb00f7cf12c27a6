"""What authors and guarantors are told of a text by mail, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from assemblee.mail import outbox
from assemblee.petitions.petition.letters import holders, page_of, to_author
from assemblee.petitions.petition.letters import until as written_until
from assemblee.petitions.petition.models import Petition
from assemblee.security import Role

TO_CHECK = "Une pétition attend un·e garant·e · A petition awaits a guarantor"


RULED = "Votre pétition : la réponse · Your petition: the answer"


OFFERED = "On vous propose de réunir deux pétitions · Somebody offers to merge two petitions"


TO_CHECK_TEXT = """\
Bonjour,

La pétition « {title} » attend l’avis d’un·e garant·e avant le {until_fr} :

{link}

Sans réponse à cette date, elle s’ouvre à la signature.

Hello,

The petition “{title}” awaits the word of a guarantor before {until_en}; without one it opens for signatures.
"""


RULED_TEXT = """\
Bonjour,

Votre pétition « {title} » a reçu sa réponse ; elle est ici, avec ses raisons :

{link}

Hello,

Your petition “{title}” has been answered; the page above gives the reasons.
"""


OFFERED_TEXT = """\
Bonjour,

L’auteur·e de « {other} » propose de réunir sa pétition à la vôtre, « {title} ». Les signatures seraient
jointes, et qui a signé les deux compterait une fois. À vous de décider :

{link}

Hello,

The author of “{other}” offers to merge their petition into yours, “{title}”. Signatures would be joined, and
whoever signed both would count once. It is for you to decide, on the page above.
"""


def to_check(session: Session, petition: Petition, until: datetime, *, beside: Iterable[int] = ()) -> None:
    """Ask the guarantors of a mandate for their word, but for those who have given it."""
    link = page_of(session, petition) + "/check"
    text = TO_CHECK_TEXT.format(title=petition.title, link=link, **written_until(petition, until))
    for account in holders(session, petition, Role.GUARANTOR):
        if account.id not in {*beside, petition.account_id}:
            outbox.write(session, account.email, TO_CHECK, text)


def ruled(session: Session, petition: Petition) -> None:
    """Tell an author what was decided."""
    to_author(
        session, petition, RULED, RULED_TEXT.format(title=petition.title, link=page_of(session, petition))
    )


def offered(session: Session, petition: Petition, other: Petition) -> None:
    """Tell an author that another one offers to merge."""
    text = OFFERED_TEXT.format(title=petition.title, other=other.title, link=page_of(session, petition))
    to_author(session, petition, OFFERED, text)
