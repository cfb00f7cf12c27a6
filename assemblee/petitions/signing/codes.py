"""Codes that people read on paper and type: new ones, what was meant by a typed one, and whose it is."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assemblee import vault
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.petitions.signing.models import SigningCode
from assemblee.pools import actions as pools
from assemblee.pools import queries as pool_queries
from assemblee.pools.models import Pool, Volunteer
from assemblee.pools.models import VolunteerState as PersonState
from assemblee.refusal import Refusal
from assemblee.security import Actor
from votes.receipts import LOOKALIKES, SEPARATORS, SYMBOLS

# 60 bits: nobody guesses one, and it is still typed from a letter without a fault.
PERSONAL_SYMBOLS = 12
GROUP = 4
SIGNING = "signing-code"
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class CodeLetter:
    """A letter to print: to whom, and the code in it, which is shown this once."""

    name: str
    code: str


def new(symbols: int = PERSONAL_SYMBOLS) -> str:
    """Return a random code, in groups of four.

    Examples
    --------
    >>> len(new()), len(new(8))
    (14, 9)
    """
    found = "".join(secrets.choice(SYMBOLS) for _ in range(symbols))
    return "-".join(found[start : start + GROUP] for start in range(0, symbols, GROUP))


def meant(text: str, symbols: int = PERSONAL_SYMBOLS) -> str | None:
    """Return the symbols of a typed code, or nothing if it cannot be one.

    Examples
    --------
    >>> meant(" o1l2-3456 789a"), meant("nothing")
    ('01123456789A', None)
    """
    bare = text.translate(SEPARATORS)
    # Only then to upper case: letters of other alphabets would turn into ours.
    typed = bare.upper().translate(LOOKALIKES) if bare.isascii() else ""
    return typed if len(typed) == symbols and set(typed) <= set(SYMBOLS) else None


def mark(session: Session, purpose: str, mandate_id: int, code: str) -> str | None:
    """Return the keyed hash of a typed code, under which alone it is kept; nothing if it cannot be one."""
    found = meant(code)
    return vault.mark(session, purpose, str(mandate_id), found) if found else None


def match(session: Session, mandate_id: int, code: str) -> int | None:
    """Return the number of the inhabitant whose letter holds a signing code."""
    wanted = mark(session, SIGNING, mandate_id, code)
    if wanted is None:
        return None
    return session.scalar(
        select(SigningCode.volunteer_id).where(
            SigningCode.mandate_id == mandate_id, SigningCode.code_mark == wanted
        )
    )


def print_letters(session: Session, actor: Actor, register: Pool, number: int) -> list[CodeLetter]:
    """Make signing codes for the next inhabitants of a register who have none, and return their letters.

    Raises
    ------
    Refusal
        `letters-number-invalid` or `letters-none-left`.
    """
    if not 1 <= number <= MOST_AT_ONCE:
        raise Refusal("letters-number-invalid", status=422, most=MOST_AT_ONCE)
    register = pools.locked(session, register)
    people = session.scalars(
        select(Volunteer)
        .where(
            Volunteer.pool_id == register.id,
            Volunteer.state == PersonState.VOLUNTEER,
            Volunteer.id.not_in(select(SigningCode.volunteer_id)),
        )
        .order_by(Volunteer.id)
        .limit(number)
    ).all()
    if not people:
        raise Refusal("letters-none-left")
    return _write(session, actor, register, people)


def print_again(session: Session, actor: Actor, register: Pool, volunteer_id: int) -> CodeLetter:
    """Make a new code for one inhabitant, whose earlier one is worth nothing from then on.

    Raises
    ------
    Refusal
        `volunteer-unknown` or `volunteer-not-in`.
    """
    register = pools.locked(session, register)
    person = pool_queries.volunteer(session, register, volunteer_id)
    if person.state != PersonState.VOLUNTEER:
        raise Refusal("volunteer-not-in")
    session.execute(delete(SigningCode).where(SigningCode.volunteer_id == person.id))
    (letter,) = _write(session, actor, register, [person])
    return letter


def _write(session: Session, actor: Actor, register: Pool, people: Sequence[Volunteer]) -> list[CodeLetter]:
    letters = [CodeLetter(person.name or person.reference or str(person.id), new()) for person in people]
    now = database_now(session)
    session.add_all(
        SigningCode(
            volunteer_id=person.id,
            mandate_id=register.mandate_id,
            code_mark=mark(session, SIGNING, register.mandate_id, letter.code),
            printed_at=now,
        )
        for person, letter in zip(people, letters, strict=True)
    )
    session.flush()
    record(
        session,
        actor,
        "signing-codes-printed",
        mandate=register.mandate_id,
        pool=register.id,
        letters=len(letters),
    )
    return letters


def forget(session: Session, volunteer_id: int) -> None:
    """Let the code of somebody who is erased lead to nobody."""
    session.execute(delete(SigningCode).where(SigningCode.volunteer_id == volunteer_id))


pools.ON_ERASE.append(forget)
