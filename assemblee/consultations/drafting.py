"""The verbs of a consultation before it is settled: write it, change it, give it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assemblee.consultations import queries, rolls
from assemblee.consultations.models import Consultation, ConsultationState, Mode, Phase
from assemblee.db import database_now
from assemblee.jobs import actions as jobs
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates.models import Mandate
from assemblee.refusal import Refusal
from assemblee.security import Actor
from votes.consultation import read_rules
from votes.errors import BadQuestion

# A named vote is for those who can see each other raise their hand.
LARGEST_NAMED_ROLL = 200
SIDES = ("for", "against", "about")
# Where organisers write what may not fit; the other rules are chosen from lists.
PLACES = ("proposals", "criteria", "routing")


@dataclass(frozen=True)
class Facts:
    """What organisers write of a consultation.

    Parameters
    ----------
    arguments : sequence of (side, title, text)
        A side is one of `SIDES`.
    rules : dict
        Kind, proposals, scale and whatever else `votes.consultation.read_rules` reads.
    guarantors : int
        How many of them start the count together.
    roll : (str, int)
        Kind and number of a roll (`rolls.offers`).
    """

    title: str
    explanation: str
    arguments: Sequence[tuple[str, str, str]]
    rules: dict[str, Any]
    mode: Mode
    opens_at: datetime
    closes_at: datetime
    guarantors: int
    roll: tuple[str, int]


def _check(session: Session, mandate_id: int, facts: Facts) -> None:
    if not facts.title.strip() or not facts.explanation.strip():
        raise Refusal("consultation-text-missing", status=422)
    if facts.opens_at >= facts.closes_at:
        raise Refusal("consultation-times-invalid", status=422)
    if facts.guarantors < 1:
        raise Refusal("consultation-guarantors-invalid", status=422)
    if any(side not in SIDES or not title.strip() for side, title, _ in facts.arguments):
        raise Refusal("consultation-argument-invalid", status=422)
    try:
        read_rules(facts.rules)
    except BadQuestion as error:
        place = str(error.parameters["place"]).partition(".")[0]
        raise Refusal(f"consultation-{place if place in PLACES else 'rules'}-invalid", status=422) from None
    kind, number = facts.roll
    if number not in {offered for name, offered, _ in rolls.offers(session, mandate_id) if name == kind}:
        raise Refusal("roll-unknown", status=422)


def _take(consultation: Consultation, facts: Facts) -> None:
    consultation.title = facts.title.strip()
    consultation.explanation = facts.explanation.strip()
    consultation.arguments = [list(argument) for argument in facts.arguments]
    consultation.rules = facts.rules
    consultation.mode = facts.mode
    consultation.opens_at = facts.opens_at.replace(second=0, microsecond=0)
    consultation.closes_at = facts.closes_at.replace(second=0, microsecond=0)
    consultation.guarantors = facts.guarantors
    consultation.roll_source, consultation.roll_source_id = facts.roll


def write(session: Session, actor: Actor, mandate: Mandate, facts: Facts) -> Consultation:
    """Write a consultation down; nobody can vote until it is settled.

    Raises
    ------
    Refusal
        `consultation-text-missing`, `consultation-times-invalid`, `consultation-guarantors-invalid`,
        `consultation-argument-invalid`, `roll-unknown`, or `consultation-...-invalid` for proposals,
        criteria, routing or other rules.
    """
    _check(session, mandate.id, facts)
    made = Consultation(
        mandate_id=mandate.id, state=ConsultationState.DRAFT, written_at=database_now(session)
    )
    _take(made, facts)
    session.add(made)
    session.flush()
    record(session, actor, "consultation-written", mandate=mandate.id, consultation=made.id)
    return made


def change(session: Session, actor: Actor, consultation: Consultation, facts: Facts) -> None:
    """Write a consultation anew, as long as it is not settled.

    Raises
    ------
    Refusal
        `consultation-is-...`, or as `write`.
    """
    consultation = queries.locked(session, consultation)
    queries.require_phase(session, consultation, Phase.DRAFT)
    _check(session, consultation.mandate_id, facts)
    _take(consultation, facts)
    record(
        session, actor, "consultation-changed", mandate=consultation.mandate_id, consultation=consultation.id
    )


def cancel(session: Session, actor: Actor, consultation: Consultation, reason: str) -> None:
    """Give a consultation up, before it closes; ballots that are in the box are never read.

    Raises
    ------
    Refusal
        `consultation-reason-missing` or `consultation-is-...`.
    """
    if not reason.strip():
        raise Refusal("consultation-reason-missing", status=422)
    consultation = queries.locked(session, consultation)
    queries.require_phase(session, consultation, Phase.DRAFT, Phase.ANNOUNCED, Phase.OPEN)
    # A ballot locks its part of the box, not the consultation.
    for part in queries.parts_for_update(session, consultation):
        part.content = b""
    consultation.state = ConsultationState.CANCELLED
    consultation.cancel_reason = reason.strip()
    consultation.sealed_key = None
    if consultation.rules_text is not None:
        jobs.start(session, queries.WIPE, consultation.id, mandate=consultation.mandate_id)
    record(
        session,
        actor,
        "consultation-cancelled",
        mandate=consultation.mandate_id,
        consultation=consultation.id,
        reason=tree.fingerprint(consultation.cancel_reason),
    )
