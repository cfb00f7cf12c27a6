"""Reads of texts: an author's petitions, those to check, similar ones, offers to merge, files."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.petitions.petition.marks import folded
from assemblee.petitions.petition.models import (
    Attachment,
    Petition,
    PetitionState,
    Ruling,
)
from assemblee.petitions.text.merging import MERGEABLE
from assemblee.refusal import Refusal


def offers(session: Session, petition: Petition) -> list[Petition]:
    """Return the petitions whose authors would merge them into this one."""
    query = select(Petition).where(Petition.offered_to_id == petition.id, Petition.state.in_(MERGEABLE))
    return list(session.scalars(query.order_by(Petition.id)))


def attachment(session: Session, petition: Petition, number: int) -> Attachment:
    """Return a file of a petition.

    Raises
    ------
    Refusal
        `document-unknown`.
    """
    attachment = session.get(Attachment, number)
    if attachment is None or attachment.petition_id != petition.id:
        raise Refusal("document-unknown", status=404)
    return attachment


MOST_SIMILAR = 5


# Words of fewer letters join others and say nothing.
SHORTEST_WORD = 4


# Two texts that share this much of their words may be about the same.
ALIKE = 0.25


def of_author(session: Session, mandate_id: int, account: int | None) -> list[Petition]:
    """Return the petitions of an author, newest first."""
    query = select(Petition).where(Petition.mandate_id == mandate_id, Petition.account_id == account)
    return list(session.scalars(query.order_by(Petition.id.desc())))


def to_check(session: Session, mandate_id: int, account: int | None) -> list[Petition]:
    """Return the petitions that await a word of a guarantor, the most urgent first."""
    spoken = select(Ruling.petition_id).where(Ruling.account_id == account)
    query = select(Petition).where(
        Petition.mandate_id == mandate_id,
        Petition.state.in_((PetitionState.CHECK, PetitionState.APPEAL)),
        Petition.id.not_in(spoken),
        Petition.account_id.is_distinct_from(account),
    )
    return list(session.scalars(query.order_by(Petition.check_by, Petition.id)))


def similar(session: Session, mandate_id: int, title: str, text: str = "") -> list[Petition]:
    """Return the open petitions whose words are most like these, the nearest first.

    Likeness is the cosine of the two sets of words of four letters or more (Salton & McGill 1983, 4.4).
    """
    query = select(Petition).where(
        Petition.mandate_id == mandate_id, Petition.state.in_((PetitionState.OPEN, PetitionState.REACHED))
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
