"""Reads of what the representative has to answer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.petitions.petition.models import (
    Petition,
    PetitionState,
)


def to_answer(session: Session, mandate_id: int) -> list[Petition]:
    """Return the petitions that await a word of the representative: those with a step that was crossed."""
    query = select(Petition).where(
        Petition.mandate_id == mandate_id,
        Petition.steps > 0,
        Petition.state.in_((PetitionState.OPEN, PetitionState.REACHED, PetitionState.ANSWERED)),
    )
    return list(session.scalars(query.order_by(Petition.id)))
