"""Reads of what everybody sees: the list of petitions, who signed, signatures per day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from assemblee.petitions.petition.models import (
    PUBLIC,
    Petition,
    Signature,
    SignatureState,
)


@dataclass(frozen=True)
class Wanted:
    """Which petitions a list shows: ``state`` is empty for all, ``order`` is `newest` or `signatures`."""

    text: str = ""
    category: str = ""
    state: str = ""
    order: str = "newest"


def listed(
    session: Session, mandate_id: int, wanted: Wanted, *, offset: int, limit: int
) -> tuple[list[Petition], int]:
    """Return a page of the petitions that everybody sees, and how many there are in all."""
    query = select(Petition).where(Petition.mandate_id == mandate_id, Petition.state.in_(PUBLIC))
    if wanted.state:
        query = query.where(Petition.state == wanted.state)
    if wanted.category:
        query = query.where(Petition.category == wanted.category)
    if wanted.text:
        fields = (Petition.title, Petition.aim, Petition.text)
        query = query.where(or_(*(field.icontains(wanted.text, autoescape=True) for field in fields)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return list(session.scalars(_ordered(query, wanted.order).offset(offset).limit(limit))), total


def _ordered(query: Select[Petition], order: str) -> Select[Petition]:
    if order == "signatures":
        return query.order_by(Petition.counted.desc(), Petition.id.desc())
    return query.order_by(Petition.opened_at.desc(), Petition.id.desc())


def per_day(session: Session, petition: Petition) -> list[tuple[date, int]]:
    """Return how many of the signatures that count came on each day on which one came."""
    rows = session.execute(
        select(Signature.counted_on, func.count().label("number"))
        .where(Signature.petition_id == petition.id, Signature.state == SignatureState.COUNTED)
        .group_by(Signature.counted_on)
        .order_by(Signature.counted_on)
    )
    return [(row.counted_on, row.number) for row in rows]


def public_signatures(
    session: Session, petition: Petition, *, offset: int, limit: int
) -> tuple[list[Signature], int]:
    """Return a page of those who agreed to show that they signed, newest first, and how many they are."""
    query = select(Signature).where(
        Signature.petition_id == petition.id,
        Signature.state == SignatureState.COUNTED,
        Signature.is_public,
        Signature.name.is_not(None),
    )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return list(session.scalars(query.order_by(Signature.id.desc()).offset(offset).limit(limit))), total
