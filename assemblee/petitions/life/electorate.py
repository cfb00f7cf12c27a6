"""The signers of a petition as the roll of a consultation: whoever's signature counts when it is settled."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.consultations.rolls import SOURCES, Source, Voter
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import PUBLIC, Petition, Signature, SignatureState


def _petitions(session: Session, mandate_id: int) -> list[tuple[int, str]]:
    rows = session.scalars(
        select(Petition)
        .where(Petition.mandate_id == mandate_id, Petition.state.in_(PUBLIC), Petition.erased_at.is_(None))
        .order_by(Petition.id)
    )
    return [(one.id, one.title) for one in rows]


def _signers(session: Session, mandate_id: int, number: int) -> list[Voter]:
    petition = queries.petition(session, mandate_id, number)
    signatures = session.scalars(
        select(Signature)
        .where(Signature.petition_id == petition.id, Signature.state == SignatureState.COUNTED)
        .order_by(Signature.id)
    )
    return [Voter(f"signature-{one.id}", None, one.name, one.email) for one in signatures]


SOURCES["petition"] = Source(_petitions, _signers)
