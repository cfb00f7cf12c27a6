"""What signers, authors, organisers and guarantors are told by mail, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import mail
from assemblee.accounts.models import Account
from assemblee.config import Config
from assemblee.mandates.models import RoleHolding
from assemblee.petitions.petition.models import Petition, Signature, SignatureState
from assemblee.petitions.rules.document import ANSWER, ASSEMBLY, Opening
from assemblee.security import Role

CONFIRM = "Confirmez votre signature · Confirm your signature"
ALREADY = "Vous avez déjà signé · You have signed already"
TO_CHECK = "Une pétition attend un·e garant·e · A petition awaits a guarantor"
RULED = "Votre pétition : la réponse · Your petition: the answer"
CROSSED = "Une pétition a atteint son seuil · A petition has reached its threshold"
ANSWERED = "Une pétition a sa réponse · A petition has its answer"
OFFERED = "On vous propose de réunir deux pétitions · Somebody offers to merge two petitions"

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
TO_CHECK_TEXT = """\
Bonjour,

La pétition « {title} » attend l’avis d’un·e garant·e avant le {until} :

{link}

Sans réponse à cette date, elle s’ouvre à la signature.

Hello,

The petition “{title}” awaits the word of a guarantor before {until}; without one it opens for signatures.
"""
RULED_TEXT = """\
Bonjour,

Votre pétition « {title} » a reçu sa réponse ; elle est ici, avec ses raisons :

{link}

Hello,

Your petition “{title}” has been answered; the page above gives the reasons.
"""
CROSSED_TEXT = """\
Bonjour,

La pétition « {title} » a atteint {counted} signatures.
{opens_fr}

{link}

Hello,

The petition “{title}” has reached {counted} signatures.
{opens_en}
"""
OPENS = {
    ANSWER: (
        "L’élu·e doit y répondre publiquement.",
        "The representative has to answer it in public.",
    ),
    ASSEMBLY: (
        "Une agora extraordinaire s’ouvre : elle est tirée au sort, et la page donne ses dates.",
        "An extraordinary assembly opens: it is drawn by lot, and the page gives its dates.",
    ),
}
ANSWERED_TEXT = """\
Bonjour,

La pétition « {title} » a reçu une réponse ou un rapport :

{link}

Hello,

The petition “{title}” has received an answer or a report; the page above has it.
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


def _settings(session: Session) -> Config:
    return cast(Config, session.info["settings"])


def page_of(session: Session, petition: Petition) -> str:
    """Return the address of a petition."""
    return f"{_settings(session).base_url}/m/{petition.mandate.slug}/petitions/{petition.id}"


def signature_page(session: Session, signature: Signature) -> str:
    """Return the address of a signer's own page."""
    return f"{_settings(session).base_url}/signatures/{signature.nonce}"


def _day(petition: Petition, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(petition.mandate.time_zone)).strftime("%d/%m/%Y %H:%M")


def confirm(session: Session, signature: Signature, *, days: int) -> None:
    """Send a signer the link by which they confirm."""
    link = signature_page(session, signature)
    text = CONFIRM_TEXT.format(title=signature.petition.title, link=link, days=days)
    mail.write(session, str(signature.email), CONFIRM, text)


def already(session: Session, signature: Signature, email: str) -> None:
    """Tell somebody who asks again that they have signed."""
    link = signature_page(session, signature)
    mail.write(session, email, ALREADY, ALREADY_TEXT.format(title=signature.petition.title, link=link))


def to_check(session: Session, petition: Petition, until: datetime, *, beside: Iterable[int] = ()) -> None:
    """Ask the guarantors of a mandate for their word, but for those who have given it."""
    link = page_of(session, petition) + "/check"
    text = TO_CHECK_TEXT.format(title=petition.title, link=link, until=_day(petition, until))
    for account in _holders(session, petition, Role.GUARANTOR):
        if account.id not in {*beside, petition.account_id}:
            mail.write(session, account.email, TO_CHECK, text)


def ruled(session: Session, petition: Petition) -> None:
    """Tell an author what was decided."""
    _to_author(
        session, petition, RULED, RULED_TEXT.format(title=petition.title, link=page_of(session, petition))
    )


def offered(session: Session, petition: Petition, other: Petition) -> None:
    """Tell an author that another one offers to merge."""
    text = OFFERED_TEXT.format(title=petition.title, other=other.title, link=page_of(session, petition))
    _to_author(session, petition, OFFERED, text)


def crossed(session: Session, petition: Petition, opening: Opening) -> None:
    """Tell everybody who has a part in it that a step was crossed; each address once."""
    french, english = OPENS.get(opening.opens, (opening.promise, opening.promise))
    text = CROSSED_TEXT.format(
        title=petition.title,
        counted=petition.counted,
        opens_fr=french,
        opens_en=english,
        link=page_of(session, petition),
    )
    _to_everybody(session, petition, CROSSED, text)


def answered(session: Session, petition: Petition) -> None:
    """Tell everybody who has a part in it that something was answered."""
    text = ANSWERED_TEXT.format(title=petition.title, link=page_of(session, petition))
    _to_everybody(session, petition, ANSWERED, text)


def _to_author(session: Session, petition: Petition, subject: str, text: str) -> None:
    for email in _author(session, petition):
        mail.write(session, email, subject, text)


def _author(session: Session, petition: Petition) -> list[str]:
    account = session.get(Account, petition.account_id) if petition.account_id else None
    return [account.email] if account is not None and account.disabled_at is None else []


def _to_everybody(session: Session, petition: Petition, subject: str, text: str) -> None:
    followers = session.scalars(
        select(Signature.email).where(
            Signature.petition_id == petition.id,
            Signature.state == SignatureState.COUNTED,
            Signature.wants_news,
            Signature.email.is_not(None),
        )
    )
    staff = _holders(session, petition, Role.ORGANISER, Role.GUARANTOR)
    # In the order of this list, and each address once.
    addresses = dict.fromkeys(
        [*_author(session, petition), *(one.email for one in staff), *map(str, followers)]
    )
    for address in addresses:
        mail.write(session, address, subject, text)


def _holders(session: Session, petition: Petition, *roles: Role) -> list[Account]:
    return list(
        session.scalars(
            select(Account)
            .join(RoleHolding, RoleHolding.account_id == Account.id)
            .where(
                RoleHolding.mandate_id == petition.mandate_id,
                RoleHolding.role.in_(roles),
                Account.disabled_at.is_(None),
            )
            .order_by(Account.id)
            .distinct()
        )
    )
