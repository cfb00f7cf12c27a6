"""What guarantors and organisers are told of reviews, in both languages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee.mail import outbox
from assemblee.mandates import queries as mandates
from assemblee.petitions.desk.models import Review, ReviewOutcome
from assemblee.petitions.petition import letters
from assemblee.petitions.petition.models import Petition
from assemblee.security import Role

REVIEW = "Une agora sous son seuil · An assembly below its threshold"
REVIEW_TEXT = """\
Bonjour,

Des signatures de « {title} » ont été écartées : il en reste {counted}, moins que le seuil. L’agora qu’elle a
ouverte reste ouverte. Dites, avant le {until_fr}, si elle doit continuer :

{link}

Hello,

Signatures of “{title}” were set aside: {counted} are left, fewer than the threshold. The assembly that it
opened stays open. Say before {until_en} whether it should go on, on the page above.
"""
REVIEWED = "Une agora sous son seuil : la décision · An assembly below its threshold: the decision"
OUTCOMES = {
    ReviewOutcome.KEEP: ("L’agora continue.", "The assembly goes on."),
    ReviewOutcome.STOP: (
        "Les garant·es demandent à l’organisation d’arrêter l’agora.",
        "The guarantors ask the organisers to stop the assembly.",
    ),
}
REVIEWED_TEXT = """\
Bonjour,

« {title} » : {french}

{link}

Hello,

“{title}”: {english} The page above gives the reasons.
"""


def _staff(session: Session, petition: Petition, *roles: Role) -> list[str]:
    held = mandates.holdings(session, petition.mandate)
    found = [one.account for one in held if one.role in roles and one.account.disabled_at is None]
    return list(dict.fromkeys(account.email for account in found))


def _page(session: Session, review: Review) -> str:
    return letters.page_of(session, review.petition) + "/desk/"


def review(session: Session, opened: Review) -> None:
    """Ask the guarantors of a mandate whether an assembly goes on."""
    text = REVIEW_TEXT.format(
        title=opened.petition.title,
        counted=opened.counted,
        **letters.until(opened.petition, opened.closes_at),
        link=_page(session, opened),
    )
    for email in _staff(session, opened.petition, Role.GUARANTOR):
        outbox.write(session, email, REVIEW, text, expires_at=opened.closes_at)


def reviewed(session: Session, closed: Review) -> None:
    """Tell organisers and guarantors how a review ended."""
    french, english = OUTCOMES[ReviewOutcome(str(closed.outcome))]
    text = REVIEWED_TEXT.format(
        title=closed.petition.title,
        french=french,
        english=english,
        link=letters.page_of(session, closed.petition),
    )
    for email in _staff(session, closed.petition, Role.ORGANISER, Role.GUARANTOR):
        outbox.write(session, email, REVIEWED, text)
