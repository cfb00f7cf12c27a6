"""Reads that only the pages need: offers to merge, files, and where a petition could be merged into."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.petitions.petition.models import Attachment, Petition
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
    found = session.get(Attachment, number)
    if found is None or found.petition_id != petition.id:
        raise Refusal("document-unknown", status=404)
    return found
