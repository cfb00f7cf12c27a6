"""What the rolls of votes know of somebody whom no pool knows, and who erases themselves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.consultations.models import RollEntry
from assemblee.i18n import marked
from assemblee.mail.addresses import key_of
from assemblee.mandates.erasing import ROOMS, Fate, Room, Trace
from assemblee.pools.models import Volunteer
from assemblee.security import Actor


def _entries(session: Session, account: Account) -> Sequence[RollEntry]:
    """Return the places of a person on rolls, whether a pool knows them or not."""
    key = key_of(account.email)
    rows = session.scalars(
        select(RollEntry)
        .outerjoin(Volunteer, Volunteer.id == RollEntry.volunteer_id)
        .where(or_(RollEntry.email == account.email, Volunteer.email_key == key))
        .order_by(RollEntry.id)
    ).all()
    return [row for row in rows if key_of(row.address) == key]


def _tell(session: Session, account: Account) -> list[Trace]:
    found = _entries(session, account)
    return [
        Trace(
            Fate.NAMELESS,
            marked("a line on the roll of “%(vote)s”, which says whether this line has voted, never what"),
            {"vote": row.consultation.title},
        )
        for row in found
    ]


def _erase(session: Session, actor: Actor, account: Account) -> None:
    del actor
    for row in _entries(session, account):
        row.name = row.email = None


ROOMS["consultations"] = Room(_tell, _erase)
