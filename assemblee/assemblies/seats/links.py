"""Who comes by the link in their mail: the seat that it opens, and the name under which its holder acts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms.models import Seat
from assemblee.forms import current_config
from assemblee.refusal import Refusal
from assemblee.security import Actor, Role


def seat_of(session: Session, token: str) -> Seat:
    """Return the seat that a link opens.

    Raises
    ------
    Refusal
        `seat-link-void`.
    """
    seat = letters.seat_of(session, current_config(), token)
    if seat is None:
        raise Refusal("seat-link-void", status=404)
    return seat


def holder(seat: Seat) -> Actor:
    """Return who acts through the link of a seat: the journal knows the seat, never the person."""
    return Actor(None, frozenset({Role.EVERYONE}), f"seat-{seat.id}")
