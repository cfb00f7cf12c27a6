"""Whom the letters of a petition go to, and what is told of a crossing, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.config import Config
from assemblee.i18n import told
from assemblee.mail import outbox
from assemblee.mandates.models import RoleHolding
from assemblee.petitions.petition.models import Petition, Signature, SignatureState
from assemblee.petitions.rules.document import ANSWER, ASSEMBLY, Opening
from assemblee.security import Role

CROSSED = "Une pétition a atteint son seuil · A petition has reached its threshold"

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


def _settings(session: Session) -> Config:
    return cast(Config, session.info["settings"])


def page_of(session: Session, petition: Petition) -> str:
    """Return the address of a petition."""
    return f"{_settings(session).base_url}/m/{petition.mandate.slug}/petitions/{petition.id}"


def signature_page(session: Session, signature: Signature) -> str:
    """Return the address of a signer's own page."""
    return _page_of_nonce(session, signature.nonce)


def _page_of_nonce(session: Session, nonce: str) -> str:
    return f"{_settings(session).base_url}/signatures/{nonce}"


def until(petition: Petition, moment: datetime) -> dict[str, str]:
    """Return how both languages write a deadline, in the zone of a petition's mandate."""
    zone = petition.mandate.time_zone
    return {"until_fr": told(moment, zone, "fr"), "until_en": told(moment, zone, "en")}


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
    to_everybody(session, petition, CROSSED, text)


def to_author(session: Session, petition: Petition, subject: str, text: str) -> None:
    """Write to the author of a petition, if they still have an account."""
    for email in _author(session, petition):
        outbox.write(session, email, subject, text)


def _author(session: Session, petition: Petition) -> list[str]:
    account = session.get(Account, petition.account_id) if petition.account_id else None
    return [account.email] if account is not None and account.disabled_at is None else []


def to_everybody(session: Session, petition: Petition, subject: str, text: str) -> None:
    """Write to all who have a part in a petition: author, organisers, guarantors, signers who want news."""
    followers = session.execute(
        select(Signature.email, Signature.nonce).where(
            Signature.petition_id == petition.id,
            Signature.state == SignatureState.COUNTED,
            Signature.wants_news,
            Signature.email.is_not(None),
        )
    )
    staff = holders(session, petition, Role.ORGANISER, Role.GUARANTOR)
    # In the order of this list, and each address once; news end on the page of one's signature.
    addresses: dict[str, str | None] = dict.fromkeys(
        [*_author(session, petition), *(one.email for one in staff)]
    )
    for email, nonce in followers:
        addresses[str(email)] = _page_of_nonce(session, nonce)
    for address, page in addresses.items():
        outbox.write(session, address, subject, text, unsubscribe=page)


def holders(session: Session, petition: Petition, *roles: Role) -> list[Account]:
    """Return the open accounts that hold a role in the mandate of a petition."""
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
