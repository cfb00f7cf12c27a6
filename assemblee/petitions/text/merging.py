"""Two petitions that ask for the same become one, if both authors want it; people count once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.journal.actions import record
from assemblee.petitions.petition import counting
from assemblee.petitions.petition.models import Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.petition.moving import locked, move, require, require_author
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.text import checking
from assemblee.petitions.text import letters as text_letters
from assemblee.refusal import Refusal
from assemblee.security import Actor

MERGEABLE = (PetitionState.SPONSORS, PetitionState.OPEN)


def offer(session: Session, actor: Actor, petition: Petition, into: Petition) -> None:
    """Offer, as its author, to merge a petition into another one.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`, `petition-is-...` or `petition-merge-itself`.
    """
    if petition.id == into.id or petition.mandate_id != into.mandate_id:
        raise Refusal("petition-merge-itself", status=422)
    petition = locked(session, petition)
    require_author(actor, petition)
    require(petition, *MERGEABLE)
    # One that everybody signs takes no text that no guarantor has seen, nor the other way round.
    require(into, PetitionState(petition.state))
    petition.offered_to_id = into.id
    session.flush()
    record(
        session,
        actor,
        "petition-merge-offered",
        mandate=petition.mandate_id,
        petition=petition.id,
        into=into.id,
    )
    text_letters.offered(session, into, petition)


def accept(session: Session, actor: Actor, petition: Petition, offered: Petition) -> None:
    """Take another petition in, as the author of the one that stays, with all its signatures.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`, `petition-is-...`, `petition-merge-itself` or
        `petition-merge-not-offered`.
    """
    if petition.id == offered.id:
        raise Refusal("petition-merge-itself", status=422)
    # In the order of their numbers, so that two merges never wait for each other.
    rows = {row.id: locked(session, row) for row in sorted((petition, offered), key=lambda one: one.id)}
    into, source = rows[petition.id], rows[offered.id]
    require_author(actor, into)
    if source.offered_to_id != into.id:
        raise Refusal("petition-merge-not-offered")
    require(source, *MERGEABLE)
    require(into, PetitionState(source.state))
    counting.hold_terms(session, into)
    moved, doubled = _divide(session, into, source)
    move(session, source, PetitionState.MERGED)
    source.merged_into_id = into.id
    source.counted = 0
    for row, other in doubled:
        row.state, row.instead_of_id = SignatureState.DOUBLE, other
    for row in moved:
        row.petition_id = into.id
    into.counted += sum(row.counts for row in moved)
    session.flush()
    record(
        session,
        actor,
        "petitions-merged",
        mandate=into.mandate_id,
        petition=into.id,
        merged=source.id,
        counted=into.counted,
        doubled=[row.leaf for row, _ in doubled if row.leaf is not None],
    )
    checking.take_sponsor(session, actor, into)
    counting.cross(session, actor, into)


def _divide(
    session: Session, into: Petition, source: Petition
) -> tuple[list[Signature], list[tuple[Signature, int]]]:
    """Return which signatures come over, and which are of somebody who has signed here, with that one.

    Those that were set aside stay where guarantors find them.
    """
    here = _signatures(session, into)
    room = rules_of(into.version).per_address
    moved: list[Signature] = []
    doubled: list[tuple[Signature, int]] = []
    for row in _signatures(session, source):
        if row.state not in (SignatureState.PENDING, SignatureState.COUNTED):
            continue
        same = _same_person(here, row, room)
        if same is None:
            taken = {other.slot for other in here if other.email_mark == row.email_mark}
            row.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
            moved.append(row)
            here.append(row)
        elif row.counts and same.state in (SignatureState.COUNTED, SignatureState.SET_ASIDE):
            doubled.append((row, same.id))
        elif row.counts:
            # Theirs here was never confirmed, or was taken back: the one that counts takes its place.
            row.slot = same.slot
            same.email_mark = same.volunteer_id = None
            here.remove(same)
            moved.append(row)
            here.append(row)
    session.flush()
    return moved, doubled


def _same_person(here: Sequence[Signature], row: Signature, room: int) -> Signature | None:
    if row.volunteer_id is not None:
        for other in here:
            if other.volunteer_id == row.volunteer_id:
                return other
    if row.email_mark is None:
        return next((other for other in here if other.counts and other.person_mark == row.person_mark), None)
    housemates = [other for other in here if other.email_mark == row.email_mark]
    namesake = next((other for other in housemates if other.person_mark == row.person_mark), None)
    return namesake or (housemates[0] if len(housemates) >= room else None)


def _signatures(session: Session, petition: Petition) -> list[Signature]:
    return list(
        session.scalars(
            select(Signature)
            .where(Signature.petition_id == petition.id)
            .order_by(Signature.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
