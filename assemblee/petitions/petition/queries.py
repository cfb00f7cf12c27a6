"""Reads of petitions: lists, similar ones, and the figures of their signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from assemblee.petitions.petition.marks import folded
from assemblee.petitions.petition.models import (
    PUBLIC,
    SIGNABLE,
    Petition,
    Ruling,
    Signature,
    SignatureState,
    State,
)
from assemblee.refusal import Refusal

WAVE = "petition-wave"
MOST_SIMILAR = 5
# Words of fewer letters join others and say nothing.
SHORTEST_WORD = 4
# Two texts that share this much of their words may be about the same.
ALIKE = 0.25
OF_NUMBER = (
    select(Petition)
    .where(Petition.id == bindparam("number"), Petition.mandate_id == bindparam("mandate"))
    .options(joinedload(Petition.version))
)


@dataclass(frozen=True)
class Wanted:
    """Which petitions a list shows: ``state`` is empty for all, ``order`` is `newest` or `signatures`."""

    text: str = ""
    category: str = ""
    state: str = ""
    order: str = "newest"


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


def of_author(session: Session, mandate_id: int, account: int | None) -> list[Petition]:
    """Return the petitions of an author, newest first."""
    query = select(Petition).where(Petition.mandate_id == mandate_id, Petition.account_id == account)
    return list(session.scalars(query.order_by(Petition.id.desc())))


def to_check(session: Session, mandate_id: int, account: int | None) -> list[Petition]:
    """Return the petitions that await a word of a guarantor, the most urgent first."""
    spoken = select(Ruling.petition_id).where(Ruling.account_id == account)
    query = select(Petition).where(
        Petition.mandate_id == mandate_id,
        Petition.state.in_((State.CHECK, State.APPEAL)),
        Petition.id.not_in(spoken),
        Petition.account_id.is_distinct_from(account),
    )
    return list(session.scalars(query.order_by(Petition.check_by, Petition.id)))


def to_answer(session: Session, mandate_id: int) -> list[Petition]:
    """Return the petitions that await a word of the representative: those with a step that was crossed."""
    query = select(Petition).where(
        Petition.mandate_id == mandate_id,
        Petition.steps > 0,
        Petition.state.in_((State.OPEN, State.REACHED, State.ANSWERED)),
    )
    return list(session.scalars(query.order_by(Petition.id)))


def similar(session: Session, mandate_id: int, title: str, text: str = "") -> list[Petition]:
    """Return the open petitions whose words are most like these, the nearest first.

    Likeness is the cosine of the two sets of words of four letters or more (Salton & McGill 1983, 4.4).
    """
    query = select(Petition).where(
        Petition.mandate_id == mandate_id, Petition.state.in_((State.OPEN, State.REACHED))
    )
    asked = _words(title, text)
    scored = [(_likeness(asked, _words(one.title, one.aim, one.text)), one) for one in session.scalars(query)]
    near = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1].id))
    return [one for _, one in near[:MOST_SIMILAR]]


def _words(*texts: str) -> set[str]:
    # A plural is the same word, in French as in English.
    words = {word.rstrip("sx") for text in texts for word in folded(text).split()}
    return {word for word in words if len(word) >= SHORTEST_WORD}


def _likeness(one: set[str], other: set[str]) -> float:
    if not one or not other:
        return 0.0
    return float(len(one & other) / (len(one) * min(len(one) * 2, len(other))) ** 0.5)


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


def per_day(session: Session, found: Petition) -> list[tuple[date, int]]:
    """Return how many of the signatures that count came on each day on which one came."""
    rows = session.execute(
        select(Signature.counted_on, func.count().label("number"))
        .where(Signature.petition_id == found.id, Signature.state == SignatureState.COUNTED)
        .group_by(Signature.counted_on)
        .order_by(Signature.counted_on)
    )
    return [(row.counted_on, row.number) for row in rows]


def public_signatures(
    session: Session, found: Petition, *, offset: int, limit: int
) -> tuple[list[Signature], int]:
    """Return a page of those who agreed to show that they signed, newest first, and how many they are."""
    query = select(Signature).where(
        Signature.petition_id == found.id,
        Signature.state == SignatureState.COUNTED,
        Signature.is_public,
        Signature.name.is_not(None),
    )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return list(session.scalars(query.order_by(Signature.id.desc()).offset(offset).limit(limit))), total


def phase(found: Petition, now: datetime) -> State:
    """Return where a petition stands at a moment: that the time to sign is over follows from the time."""
    is_over = found.closes_at is not None and now >= found.closes_at
    if is_over and found.state in (State.OPEN, State.SPONSORS):
        return State.EXPIRED
    return State(found.state)


def can_be_signed(found: Petition, now: datetime) -> bool:
    """Tell whether signatures are taken at a moment."""
    return found.state in SIGNABLE and found.closes_at is not None and now < found.closes_at
