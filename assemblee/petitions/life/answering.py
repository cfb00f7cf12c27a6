"""What follows a crossing: the answer to a step, the assembly's report, the official answer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.petitions.life import letters as life_letters
from assemblee.petitions.petition.models import Crossing, Petition, PetitionState
from assemblee.petitions.petition.moving import locked, move, require
from assemblee.refusal import Refusal
from assemblee.security import Actor


def _written(text: str) -> str:
    if not text.strip():
        raise Refusal("petition-answer-missing", status=422)
    return text.strip()


def answer_step(session: Session, actor: Actor, petition: Petition, number: int, text: str) -> Crossing:
    """Publish the representative's answer to a step that was crossed; it is given once.

    Raises
    ------
    Refusal
        `petition-answer-missing`, `petition-step-not-crossed` or `petition-step-answered`.
    """
    answer = _written(text)
    petition = locked(session, petition)
    crossing = session.scalar(
        select(Crossing)
        .where(Crossing.petition_id == petition.id, Crossing.number == number)
        .execution_options(populate_existing=True)
    )
    if crossing is None:
        raise Refusal("petition-step-not-crossed", status=422)
    if crossing.answer is not None:
        raise Refusal("petition-step-answered")
    crossing.answer, crossing.answered_at = answer, database_now(session)
    record(
        session,
        actor,
        "petition-step-answered",
        mandate=petition.mandate_id,
        petition=petition.id,
        step=number,
        answer=tree.fingerprint(answer),
    )
    life_letters.answered(session, petition)
    return crossing


def report(session: Session, actor: Actor, petition: Petition, text: str) -> None:
    """Publish the report of the assembly that a petition opened, once.

    Raises
    ------
    Refusal
        `petition-answer-missing`, `petition-is-...` or `petition-reported-already`.
    """
    written = _written(text)
    petition = locked(session, petition)
    require(petition, PetitionState.REACHED)
    if petition.report is not None:
        raise Refusal("petition-reported-already")
    petition.report = written
    record(
        session,
        actor,
        "petition-reported",
        mandate=petition.mandate_id,
        petition=petition.id,
        report=tree.fingerprint(written),
    )
    life_letters.answered(session, petition)


def answer(session: Session, actor: Actor, petition: Petition, text: str) -> None:
    """Publish the representative's official answer to the report, once.

    Raises
    ------
    Refusal
        `petition-answer-missing`, `petition-is-...` or `petition-report-missing`: the assembly speaks first.
    """
    written = _written(text)
    petition = locked(session, petition)
    require(petition, PetitionState.REACHED)
    if petition.report is None:
        raise Refusal("petition-report-missing")
    move(session, petition, PetitionState.ANSWERED)
    petition.answer, petition.answered_at = written, database_now(session)
    record(
        session,
        actor,
        "petition-answered",
        mandate=petition.mandate_id,
        petition=petition.id,
        answer=tree.fingerprint(written),
    )
    life_letters.answered(session, petition)


def archive(session: Session, actor: Actor, petition: Petition) -> None:
    """Close a petition that has its answer; what signers wrote is erased six months later.

    Raises
    ------
    Refusal
        `petition-is-...`.
    """
    found = locked(session, petition)
    require(found, PetitionState.ANSWERED)
    close(session, actor, found)


def close(session: Session, actor: Actor, petition: Petition) -> None:
    """Close a locked petition, answered or not."""
    move(session, petition, PetitionState.ARCHIVED)
    record(session, actor, "petition-archived", mandate=petition.mandate_id, petition=petition.id)
