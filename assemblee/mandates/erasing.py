"""A person erases themselves: each room says what goes, what loses its name and what stays, and erases it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from assemblee.accounts import actions as accounts
from assemblee.accounts.models import Account
from assemblee.i18n import marked
from assemblee.journal.actions import record
from assemblee.mail.models import Mail
from assemblee.mandates import queries
from assemblee.mandates.models import RoleHolding
from assemblee.refusal import Refusal
from assemblee.security import Actor, Role


class Fate(StrEnum):
    """What becomes of something that is known of a person."""

    GOES = "goes"
    NAMELESS = "nameless"
    STAYS = "stays"


@dataclass(frozen=True)
class Trace:
    """Something that is known of a person, in a sentence of the catalogue, and what becomes of it."""

    fate: Fate
    sentence: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Room:
    """What a room knows of people, by the account that their address leads to.

    Parameters
    ----------
    tell : callable
        Gives what the room knows of a person.
    erase : callable
        Erases it, as far as ``tell`` has said.
    """

    tell: Callable[[Session, Account], list[Trace]]
    erase: Callable[[Session, Actor, Account], None]


# In the order in which their locks are taken, which is that of the rooms.
ROOMS: dict[str, Room] = {}
ORDER = ("pools", "assemblies", "consultations", "petitions")


def _rooms() -> list[Room]:
    return [ROOMS[name] for name in ORDER if name in ROOMS]


def traces(session: Session, account: Account) -> list[Trace]:
    """Return everything that is known of a person, and what would become of it."""
    of_the_account = [
        Trace(Fate.GOES, marked("your account: address, password, second factors, open sign-ins")),
        Trace(Fate.GOES, marked("letters to you that have not left yet")),
        Trace(Fate.STAYS, marked("a line of the journal: somebody has erased their data, without a name")),
    ]
    return [*(trace for room in _rooms() for trace in room.tell(session, account)), *of_the_account]


def require_erasable(session: Session, account: Account) -> None:
    """Refuse to erase somebody on whom others count: roles are given back first.

    Raises
    ------
    Refusal
        `account-holds-roles`.
    """
    held = {holding.role for holding in queries.mandates_of(session, account)}
    if account.is_operator or held - {Role.CITIZEN}:
        raise Refusal("account-holds-roles")


def erase(session: Session, actor: Actor, account: Account) -> None:
    """Erase a person from every room, and their account, in one transaction.

    Raises
    ------
    Refusal
        `account-holds-roles`.
    """
    require_erasable(session, account)
    for room in _rooms():
        room.erase(session, actor, account)
    session.execute(delete(Mail).where(Mail.recipient == account.email))
    session.execute(delete(RoleHolding).where(RoleHolding.account_id == account.id))
    accounts.forget(session, account)
    account.password_hash = None
    record(session, actor, "account-erased", account=account.id)
