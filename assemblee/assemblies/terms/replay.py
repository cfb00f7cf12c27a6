"""The seats of a mandate as the journal alone tells them, to set beside what the tables say."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.assemblies.terms.models import Seat, Term
from assemblee.journal.models import Leaf


@dataclass(frozen=True)
class Told:
    """What the journal says of one seat."""

    term: int
    person: str
    state: str
    place: int | None


def journal_seats(session: Session, mandate_id: int) -> dict[int, Told]:
    """Return every seat of a mandate as the leaves of its changes leave it, by number."""
    told: dict[int, Told] = {}
    bodies = session.scalars(
        select(Leaf.body)
        .where(Leaf.mandate_id == mandate_id, Leaf.event == "seats-changed")
        .order_by(Leaf.position)
    )
    for body in bodies:
        data = json.loads(body)["data"]
        for number, person, place in data["seats"]:
            told[number] = Told(data["term"], person, data["state"], place)
    return told


def table_seats(session: Session, mandate_id: int) -> dict[int, Told]:
    """Return every seat of a mandate as the tables have it, by number."""
    rows = session.execute(
        select(Seat.id, Seat.term_id, Seat.pseudonym, Seat.state, Seat.place)
        .join(Term)
        .where(Term.mandate_id == mandate_id)
    )
    return {row.id: Told(row.term_id, row.pseudonym, row.state, row.place) for row in rows}


def contradictions(session: Session, mandate_id: int) -> list[int]:
    """Return the numbers of the seats that the journal and the tables do not tell alike."""
    told, kept = journal_seats(session, mandate_id), table_seats(session, mandate_id)
    return sorted(number for number in told | kept if told.get(number) != kept.get(number))
