"""Reads of one petition: the signatures that count, its phase, and whether it can be signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from assemblee.petitions.petition.models import (
    SIGNABLE,
    Petition,
    PetitionState,
    Signature,
    SignatureState,
)
from assemblee.refusal import Refusal

WAVE = "petition-wave"
OF_NUMBER = (
    select(Petition)
    .where(Petition.id == bindparam("number"), Petition.mandate_id == bindparam("mandate"))
    .options(joinedload(Petition.version))
)


def petition(session: Session, mandate_id: int, number: int) -> Petition:
    """Return a petition of a mandate.

    Raises
    ------
    Refusal
        `petition-unknown`.
    """
    petition = session.scalar(OF_NUMBER, {"number": number, "mandate": mandate_id})
    if petition is None:
        raise Refusal("petition-unknown", status=404)
    return petition


def counted(session: Session, petition: Petition) -> int:
    """Count the signatures that count, row by row."""
    query = select(func.count()).where(
        Signature.petition_id == petition.id, Signature.state == SignatureState.COUNTED
    )
    return session.scalar(query) or 0


def by_district(session: Session, petition: Petition) -> dict[str, int]:
    """Return how many signatures count in each district."""
    rows = session.execute(
        select(Signature.district, func.count().label("number"))
        .where(
            Signature.petition_id == petition.id,
            Signature.state == SignatureState.COUNTED,
            Signature.district.is_not(None),
        )
        .group_by(Signature.district)
    )
    return {row.district: row.number for row in rows}


def phase(petition: Petition, now: datetime) -> PetitionState:
    """Return where a petition stands at a moment: that the time to sign is over follows from the time."""
    is_over = petition.closes_at is not None and now >= petition.closes_at
    if is_over and petition.state in (PetitionState.OPEN, PetitionState.SPONSORS):
        return PetitionState.EXPIRED
    return PetitionState(petition.state)


def can_be_signed(petition: Petition, now: datetime) -> bool:
    """Tell whether signatures are taken at a moment."""
    return petition.state in SIGNABLE and petition.closes_at is not None and now < petition.closes_at
