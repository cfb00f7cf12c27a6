"""What the pools know of a person who erases themselves."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.i18n import marked
from assemblee.mandates.erasing import ROOMS, Fate, Room, Trace
from assemblee.pools import actions, queries
from assemblee.security import Actor


def _tell(session: Session, account: Account) -> list[Trace]:
    found = queries.registrations(session, account.email)
    goes = [
        Trace(
            Fate.GOES,
            marked("%(name)s as a volunteer in “%(pool)s”, with all answers, and a place that is held there"),
            {"name": person.name or account.email, "pool": pool.name},
        )
        for person, pool in found
    ]
    numbers = Trace(
        Fate.STAYS,
        marked(
            "the numbers in draws that were frozen: without them nobody could check the draws. Nothing ties "
            "them to you any more"
        ),
    )
    return [*goes, numbers] if found else []


def _erase(session: Session, actor: Actor, account: Account) -> None:
    for person, pool in queries.registrations(session, account.email):
        actions.erase(session, actor, pool, person.id)
        session.flush()


ROOMS["pools"] = Room(_tell, _erase)
