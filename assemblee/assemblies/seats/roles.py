"""The roles that come with a seat: who sits among the guarantors is one, for as long."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.assemblies.terms.models import Seat
from assemblee.days import day_in
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import RoleHolding
from assemblee.security import Actor, Role

ROLES = {"guarantors": Role.GUARANTOR}


def give(session: Session, actor: Actor, seat: Seat) -> None:
    """Give the role of the body to who begins to sit in it, unless they hold it already."""
    role = ROLES.get(seat.term.body)
    if role is None or not seat.address:
        return
    held = session.scalar(
        select(RoleHolding.id)
        .join(Account)
        .where(
            RoleHolding.mandate_id == seat.term.mandate_id,
            RoleHolding.role == role,
            Account.email == seat.address.lower(),
        )
    )
    if held is None:
        seat.role_holding_id = mandates.give_role(session, actor, seat.term.mandate, seat.address, role).id


def take(session: Session, actor: Actor, seat: Seat) -> None:
    """Take back the role that came with a seat; one that the organisers gave stays."""
    holding, seat.role_holding_id = seat.role_holding_id, None
    session.flush()
    role = session.get(RoleHolding, holding) if holding is not None else None
    # Numbers of deleted rows may be given again: this must still be the role that came with the seat.
    is_theirs = (
        role is not None
        and (role.mandate_id, role.role) == (seat.term.mandate_id, ROLES.get(seat.term.body))
        and (seat.since is None or day_in(role.since, seat.term.mandate.time_zone) >= seat.since)
    )
    if holding is not None and is_theirs:
        mandates.take_role(session, actor, seat.term.mandate, holding)
