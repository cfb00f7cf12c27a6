"""The members of a body as the roll of a consultation: whoever sits in it when the roll is settled."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Seat
from assemblee.consultations.rolls import SOURCES, Source, Voter
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate


def _bodies(session: Session, mandate_id: int) -> list[tuple[int, str]]:
    open_terms = [term for term in queries.terms(session, mandate_id) if term.is_open]
    if not open_terms:
        return []
    charter = charters.current(session, session.get_one(Mandate, mandate_id))
    return [(term.id, f"{charter.body(term.body).name} ({term.first:%d/%m/%Y})") for term in open_terms]


def _voter(seat: Seat) -> Voter:
    if seat.volunteer_id is not None:
        return Voter(f"volunteer-{seat.volunteer_id}", seat.volunteer_id)
    return Voter(f"seat-{seat.id}", None, seat.name, seat.email)


def _members(session: Session, mandate_id: int, number: int) -> list[Voter]:
    return [
        _voter(seat) for seat in queries.seats(session, queries.term(session, mandate_id, number), HOLDING)
    ]


SOURCES["term"] = Source(_bodies, _members)
