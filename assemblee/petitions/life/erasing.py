"""What the petitions know of a person who erases themselves: signatures, and petitions that they wrote."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.i18n import marked
from assemblee.mandates.erasing import ROOMS, Fate, Room, Trace
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.marks import email_mark
from assemblee.petitions.petition.models import Attachment, Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.petition.moving import locked
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing import actions as signing
from assemblee.security import Actor

SIGNABLE = (PetitionState.SPONSORS, PetitionState.OPEN)


def _signatures(session: Session, account: Account) -> Sequence[Signature]:
    marks = [email_mark(session, place, account.email) for place in session.scalars(select(Mandate.id)).all()]
    theirs = select(Signature).where(Signature.email_mark.in_(marks)).order_by(Signature.id)
    return session.scalars(theirs).all()


def _petitions(session: Session, account: Account) -> Sequence[Petition]:
    return session.scalars(
        select(Petition).where(Petition.account_id == account.id).order_by(Petition.id)
    ).all()


def _can_be_taken_back(signature: Signature) -> bool:
    petition = signature.petition
    opening = rules_of(petition.version).opening
    is_open = opening is None or petition.steps <= opening
    return signature.counts and petition.state in SIGNABLE and is_open


def _tell(session: Session, account: Account) -> list[Trace]:
    found = []
    for petition in _petitions(session, account):
        named = {"title": petition.title}
        if petition.state == PetitionState.DRAFT:
            found.append(Trace(Fate.GOES, marked("your draft “%(title)s”, with its files"), named))
        else:
            found.append(Trace(Fate.NAMELESS, marked("the petition “%(title)s”: people have read it"), named))
    for signature in _signatures(session, account):
        named = {"title": signature.petition.title}
        if _can_be_taken_back(signature) or signature.state == SignatureState.PENDING:
            found.append(Trace(Fate.GOES, marked("your signature under “%(title)s”"), named))
        else:
            found.append(
                Trace(Fate.NAMELESS, marked("a signature under “%(title)s”, which is counted"), named)
            )
    return found


def _erase(session: Session, actor: Actor, account: Account) -> None:
    del actor
    for petition in _petitions(session, account):
        row = locked(session, petition)
        if row.state == PetitionState.DRAFT:
            session.execute(delete(Attachment).where(Attachment.petition_id == row.id))
            session.delete(row)
        else:
            row.account_id, row.author = None, ""
    for signature in _signatures(session, account):
        if signature.state == SignatureState.PENDING:
            session.delete(signature)
            continue
        if _can_be_taken_back(signature):
            signing.withdraw(session, signature.nonce)
        else:
            locked(session, signature.petition)
            signing.forget(signature)
        signature.email_mark = signature.person_mark = signature.form_mark = None
        signature.salt = ""
    session.flush()


ROOMS["petitions"] = Room(_tell, _erase)
