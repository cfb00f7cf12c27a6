"""What becomes of the places of a person who is erased: drawn by lot, by their pool; else by address."""

from __future__ import annotations

import secrets

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.assemblies.meetings import ledger
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import roles
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat, SeatState
from assemblee.i18n import marked
from assemblee.mail.addresses import key_of
from assemblee.mandates.erasing import ROOMS, Fate, Room, Trace
from assemblee.pools.actions import ON_ERASE
from assemblee.security import WORKER, Actor


def forget(session: Session, volunteer_id: int) -> None:
    """Free the places of a person who is erased, and erase what they showed and wrote."""
    _free(session, select(Seat).where(Seat.volunteer_id == volunteer_id))


def _free(session: Session, theirs: Select[Seat]) -> None:
    numbers = session.scalars(theirs.order_by(Seat.id)).all()
    if not numbers:
        return
    seats.locked(session, numbers[0].term)
    again = theirs.order_by(Seat.id).execution_options(populate_existing=True)
    for seat in session.scalars(again).all():
        ledger.forget(session, seat)
        term = seat.term
        if seat.state == SeatState.INVITED:
            seats.move(session, WORKER, term, [seat], SeatState.DECLINED, cause="erased")
        elif seat.state == SeatState.ALTERNATE:
            seats.move(session, WORKER, term, [seat], SeatState.ENDED, cause="erased")
        elif seat.holds:
            seat.until = queries.today(session, term.mandate)
            seats.move(session, WORKER, term, [seat], SeatState.EXCUSED, cause="erased")
            roles.take(session, WORKER, seat)
        seat.volunteer_id = seat.public_name = None
        # What was written of somebody nominated is theirs as well.
        seat.name = seat.email = seat.reason = None
        # The link that the person has opens nothing any more.
        seat.nonce = secrets.token_hex(seats.NONCE_BYTES)


def _nominated(account: Account) -> Select[Seat]:
    return select(Seat).where(Seat.email_key == key_of(account.email), Seat.volunteer_id.is_(None))


def _tell(session: Session, account: Account) -> list[Trace]:
    found = session.scalars(_nominated(account).order_by(Seat.id)).all()
    goes = [
        Trace(
            Fate.GOES,
            marked("your nomination to “%(body)s”, with what was written of you"),
            {"body": queries.title(session, seat.term)},
        )
        for seat in found
    ]
    lines = Trace(Fate.STAYS, marked("that this place was held, by a number, and on which days"))
    return [*goes, lines] if found else []


def _erase(session: Session, actor: Actor, account: Account) -> None:
    del actor
    _free(session, _nominated(account))


ON_ERASE.append(forget)
ROOMS["assemblies"] = Room(_tell, _erase)
