"""Reads of petitions: lists, similar ones, and the figures of their signatures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from assemblee.petitions.petition.models import (
    SIGNABLE,
    Petition,
    Signature,
    SignatureState,
    State,
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
    found = session.scalar(OF_NUMBER, {"number": number, "mandate": mandate_id})
    if found is None:
        raise Refusal("petition-unknown", status=404)
    return found


def counted(session: Session, found: Petition) -> int:
    """Count the signatures that count, row by row."""
    query = select(func.count()).where(
        Signature.petition_id == found.id, Signature.state == SignatureState.COUNTED
    )
    return session.scalar(query) or 0


def by_district(session: Session, found: Petition) -> dict[str, int]:
    """Return how many signatures count in each district."""
    rows = session.execute(
        select(Signature.district, func.count().label("number"))
        .where(
            Signature.petition_id == found.id,
            Signature.state == SignatureState.COUNTED,
            Signature.district.is_not(None),
        )
        .group_by(Signature.district)
    )
    return {row.district: row.number for row in rows}


def phase(found: Petition, now: datetime) -> State:
    """Return where a petition stands at a moment: that the time to sign is over follows from the time."""
    is_over = found.closes_at is not None and now >= found.closes_at
    if is_over and found.state in (State.OPEN, State.SPONSORS):
        return State.EXPIRED
    return State(found.state)


def can_be_signed(found: Petition, now: datetime) -> bool:
    """Tell whether signatures are taken at a moment."""
    return found.state in SIGNABLE and found.closes_at is not None and now < found.closes_at
