"""Who a wave has drawn: their codes by mail or in printed letters, and the answer that a code brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.mail.addresses import mailbox
from assemblee.petitions.petition.moving import locked
from assemblee.petitions.signing import codes
from assemblee.petitions.waves import letters
from assemblee.petitions.waves.models import Candidate, Invitation, Wave, WaveState
from assemblee.pools import actions as pool_actions
from assemblee.pools.models import Pool, Volunteer
from assemblee.refusal import Refusal
from assemblee.security import Actor
from assemblee.written import has_letter, one_line

INVITATION = "invitation-code"
# A code is typed on a page that is the same for every mandate.
ANYWHERE = 0
LONGEST_NAME = 200


@dataclass(frozen=True)
class InvitationLetter:
    """A letter to print: the number of the row that was drawn, to whom, and the code, shown this once."""

    place: int
    name: str
    code: str


@dataclass(frozen=True)
class Answer:
    """What somebody writes who volunteers by a code; the address may be empty."""

    name: str
    email: str
    traits: dict[str, str]
    may_publish: bool = False


def _new_code(session: Session, invitation: Invitation) -> str:
    code = codes.new()
    invitation.code_mark = codes.mark(session, INVITATION, ANYWHERE, code)
    invitation.sent_at = database_now(session)
    return code


def send_mails(session: Session, wave: Wave) -> int:
    """Write to those of a drawn wave who have an address, and return how many they are.

    Raises
    ------
    Refusal
        `wave-is-...`.
    """
    locked(session, wave.petition)
    _require_drawn(wave)
    waiting = [
        (one, one.inhabitant) for one in _unsent(session, wave) if one.inhabitant and one.inhabitant.email
    ]
    for one, person in waiting:
        one.is_mailed = True
        letters.invited(session, wave, person, _new_code(session, one))
    session.flush()
    return len(waiting)


def print_letters(session: Session, actor: Actor, wave: Wave, number: int) -> list[InvitationLetter]:
    """Make the codes of the next people of a drawn wave who have no address, and return their letters.

    Raises
    ------
    Refusal
        `wave-is-...`, `letters-number-invalid` or `letters-none-left`.
    """
    petition = locked(session, wave.petition)
    _require_drawn(wave)
    if not 1 <= number <= codes.MOST_AT_ONCE:
        raise Refusal("letters-number-invalid", status=422, most=codes.MOST_AT_ONCE)
    waiting = _unsent(session, wave)[:number]
    if not waiting:
        raise Refusal("letters-none-left")
    return _print(session, actor, petition.mandate_id, wave, waiting)


def print_again(session: Session, actor: Actor, wave: Wave, place: int) -> InvitationLetter:
    """Make a new code for somebody whose letter was lost; the earlier one is worth nothing from then on.

    Raises
    ------
    Refusal
        `wave-is-...`, `invitation-unknown` or `invitation-answered`.
    """
    petition = locked(session, wave.petition)
    _require_drawn(wave)
    invitation = session.scalar(
        select(Invitation).where(Invitation.wave_id == wave.id, Invitation.place == place)
    )
    if invitation is None or invitation.inhabitant is None:
        raise Refusal("invitation-unknown", status=404)
    if invitation.answered_at is not None:
        raise Refusal("invitation-answered")
    (letter,) = _print(session, actor, petition.mandate_id, wave, [invitation])
    return letter


def _print(
    session: Session, actor: Actor, mandate_id: int, wave: Wave, people: Sequence[Invitation]
) -> list[InvitationLetter]:
    made = [InvitationLetter(one.place, _name(one), _new_code(session, one)) for one in people]
    session.flush()
    record(
        session,
        actor,
        "wave-letters-printed",
        mandate=mandate_id,
        petition=wave.petition_id,
        letters=len(made),
    )
    return made


def _name(invitation: Invitation) -> str:
    person = invitation.inhabitant
    return (person and (person.name or person.reference)) or str(invitation.place)


def _require_drawn(wave: Wave) -> None:
    if wave.state != WaveState.DRAWN:
        raise Refusal(f"wave-is-{wave.state}")


def _unsent(session: Session, wave: Wave) -> list[Invitation]:
    return list(
        session.scalars(
            select(Invitation)
            .options(joinedload(Invitation.inhabitant))
            .where(
                Invitation.wave_id == wave.id,
                Invitation.sent_at.is_(None),
                Invitation.volunteer_id.is_not(None),
            )
            .order_by(Invitation.place)
        )
    )


def by_code(session: Session, code: str) -> Invitation:
    """Return the invitation of a code.

    Raises
    ------
    Refusal
        `invitation-code-unknown`, `invitation-answered` or `invitation-over`.
    """
    mark = codes.mark(session, INVITATION, ANYWHERE, code)
    invitation = (
        session.scalar(
            select(Invitation)
            .options(joinedload(Invitation.inhabitant), joinedload(Invitation.wave))
            .where(Invitation.code_mark == mark)
        )
        if mark
        else None
    )
    if invitation is None:
        raise Refusal("invitation-code-unknown", status=422)
    _require_open(session, invitation)
    return invitation


def _require_open(session: Session, invitation: Invitation) -> None:
    if invitation.answered_at is not None:
        raise Refusal("invitation-answered")
    until = invitation.wave.answer_until
    if until is None or database_now(session) > until:
        raise Refusal("invitation-over", status=410)


def pool_of(session: Session, invitation: Invitation) -> Pool:
    """Return the pool that an invitation leads into.

    Raises
    ------
    Refusal
        `pool-unknown`.
    """
    pool = session.get(Pool, invitation.wave.pool_id)
    if pool is None:
        raise Refusal("pool-unknown", status=404)
    return pool


def known_traits(session: Session, invitation: Invitation) -> dict[str, str]:
    """Return the answers that the register gives already, where the pool asks the same."""
    person = invitation.inhabitant
    if person is None:
        return {}
    offered = {
        one.name: {value.name for value in one.values} for one in pool_of(session, invitation).categories
    }
    return {name: value for name, value in person.traits.items() if value in offered.get(name, ())}


def volunteer_by_code(session: Session, code: str, answer: Answer) -> Volunteer:
    """Take somebody who was invited into the pool.

    Raises
    ------
    Refusal
        `invitation-code-unknown`, `invitation-answered`, `invitation-over`, `invitation-name-missing`,
        `email-invalid`, `pool-unknown`, `volunteer-traits-invalid` or `volunteer-already-in`.
    """
    invitation = by_code(session, code)
    if not has_letter(answer.name) or len(answer.name) > LONGEST_NAME:
        raise Refusal("invitation-name-missing", status=422)
    # The pool before the invitation: who is erased from it comes the same way.
    pool = pool_actions.locked(session, pool_of(session, invitation))
    invitation = session.get_one(Invitation, invitation.id, with_for_update=True, populate_existing=True)
    _require_open(session, invitation)
    person = pool_actions.volunteer(
        session,
        Actor(),
        pool,
        name=one_line(answer.name),
        email=mailbox(answer.email).address if answer.email.strip() else None,
        traits=answer.traits,
        may_publish=answer.may_publish,
        invitation=f"invitation-{invitation.id}",
    )
    invitation.answered_at, invitation.joined_id = database_now(session), person.id
    session.flush()
    return person


def unsent(session: Session, wave: Wave) -> int:
    """Count the people of a wave to whom nothing was sent yet."""
    return len(_unsent(session, wave))


def figures(session: Session, wave: Wave) -> tuple[int, int, int]:
    """Return how many people a wave has drawn, written to, and brought into the pool."""
    row = session.execute(
        select(func.count(), func.count(Invitation.sent_at), func.count(Invitation.answered_at)).where(
            Invitation.wave_id == wave.id
        )
    ).one()
    return row[0], row[1], row[2]


def forget(session: Session, volunteer_id: int) -> None:
    """Let nothing of a wave lead to somebody who is erased."""
    session.execute(delete(Candidate).where(Candidate.volunteer_id == volunteer_id))
    session.execute(
        update(Invitation)
        .where(Invitation.volunteer_id == volunteer_id)
        .values(volunteer_id=None, code_mark=None)
    )
    session.execute(update(Invitation).where(Invitation.joined_id == volunteer_id).values(joined_id=None))


pool_actions.ON_ERASE.append(forget)
