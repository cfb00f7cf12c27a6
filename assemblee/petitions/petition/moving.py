"""What every verb of a petition begins with: its row locked, and a step that its state allows."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from assemblee.db import database_now
from assemblee.petitions.petition.models import ENDED, STEPS, Petition, PetitionState
from assemblee.refusal import Refusal
from assemblee.security import Actor

LOCKED = (
    select(Petition)
    .where(Petition.id == bindparam("number"))
    # Whoever only refers to the row, such as a new signature, does not wait.
    .with_for_update(key_share=True, of=Petition)
    .options(joinedload(Petition.mandate), joinedload(Petition.version))
    .execution_options(populate_existing=True)
)


def locked(session: Session, petition: Petition) -> Petition:
    """Return a petition as it stands now; nobody else can change it before this transaction ends.

    The petition is locked before the mandate, and both before the journal.
    """
    return session.scalars(LOCKED, {"number": petition.id}).one()


def require(petition: Petition, *states: PetitionState) -> None:
    """Refuse what is not done to a petition in its state.

    Raises
    ------
    Refusal
        `petition-is-...`.
    """
    if petition.state not in states:
        raise Refusal(f"petition-is-{petition.state}")


def require_author(actor: Actor, petition: Petition) -> None:
    """Refuse what only its author does with a petition.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`.
    """
    if actor.account is None or petition.account_id != actor.account:
        raise Refusal("petition-of-somebody-else", status=403)


def move(session: Session, petition: Petition, state: PetitionState) -> None:
    """Bring a locked petition to its next state.

    Raises
    ------
    Refusal
        `petition-is-...`.
    """
    if state not in STEPS.get(PetitionState(petition.state), ()):
        raise Refusal(f"petition-is-{petition.state}")
    petition.state = state
    if state in ENDED:
        petition.ended_at = database_now(session)
    session.flush()
