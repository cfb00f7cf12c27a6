"""The count of signatures, and what crossing a step opens: all in the transaction of the signature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from assemblee.assemblies.rotation import planning
from assemblee.assemblies.terms.models import Term
from assemblee.days import day_in
from assemblee.db import database_now
from assemblee.jobs import actions as jobs
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates import charters
from assemblee.petitions.petition import letters, queries
from assemblee.petitions.petition.models import Crossing, Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.petition.moving import move
from assemblee.petitions.rules.document import ASSEMBLY, AssemblyPlan, PetitionRules
from assemblee.petitions.rules.queries import rules_of
from assemblee.refusal import Refusal
from assemblee.security import WORKER, Actor
from votes.threshold import reached

SATURDAY = 5
WEEK = 7


def commitment(signature: Signature) -> str:
    """Return what the journal shows of a signature: only who knows its salt can tell whose it is.

    It is the SHA-256 of the canonical JSON of the salt, name, address, district and place.
    """
    written = [signature.salt, signature.name, signature.email, signature.district, signature.place]
    return tree.fingerprint([text or "" for text in written])


def count(session: Session, actor: Actor, petition: Petition, signature: Signature) -> None:
    """Let one signature of a locked petition count from now on, and cross the steps that it reaches."""
    rules = rules_of(petition.version)
    crossed = rules.steps[petition.steps : _reached(session, petition, rules, joining=signature)]
    if any(one.opens == ASSEMBLY for one in crossed):
        # Terms are planned behind this lock, and it is never taken once the journal is held.
        planning.lock(session, petition.mandate)
    leaf = record(
        session,
        actor,
        "signature-counted",
        mandate=petition.mandate_id,
        petition=petition.id,
        signature=commitment(signature),
        origin=signature.origin,
    )
    signature.leaf = leaf.position
    signature.counted_at = leaf.at
    signature.counted_on = day_in(leaf.at, petition.mandate.time_zone)
    _enter(session, petition, [signature])
    cross(session, actor, petition)


def recount(session: Session, actor: Actor, petition: Petition, signatures: Sequence[Signature]) -> None:
    """Let signatures count again, and cross the steps that they reach; the caller has written their leaf.

    The caller calls `hold_terms` before it writes that leaf.
    """
    _enter(session, petition, signatures)
    cross(session, actor, petition)


def hold_terms(session: Session, petition: Petition) -> None:
    """Lock what an opening changes, for an act that writes a leaf before it lets signatures count."""
    planning.lock(session, petition.mandate)


def discount(
    session: Session, petition: Petition, signatures: Sequence[Signature], state: SignatureState
) -> None:
    """Let signatures of a locked petition count no more; the caller writes the leaf that says so."""
    now = database_now(session)
    petition.counted -= sum(signature.counts for signature in signatures)
    for signature in signatures:
        signature.state, signature.ended_at = state, now
    session.flush()


def _enter(session: Session, petition: Petition, signatures: Sequence[Signature]) -> None:
    petition.counted += sum(not signature.counts for signature in signatures)
    for signature in signatures:
        signature.state, signature.ended_at = SignatureState.COUNTED, None
    session.flush()


def _reached(
    session: Session, petition: Petition, rules: PetitionRules, *, joining: Signature | None = None
) -> int:
    """Return how many steps are reached, never fewer than were crossed, once a signature joins the others."""
    following = rules.steps[petition.steps :]
    if petition.state not in (PetitionState.OPEN, PetitionState.REACHED) or not following:
        return petition.steps
    counted = petition.counted + (joining is not None)
    if not following[0].step.threshold.is_met(counted, rules.inhabitants):
        return petition.steps
    has_spread = any(one.step.spread for one in following)
    districts = Counter(queries.by_district(session, petition) if has_spread else {})
    if joining is not None and joining.district:
        districts[joining.district] += 1
    return petition.steps + reached([one.step for one in following], rules.tally(counted, districts))


def cross(session: Session, actor: Actor, petition: Petition) -> None:
    """Cross every step of a locked petition that is reached; each is crossed once, and for good."""
    rules = rules_of(petition.version)
    for number in range(petition.steps, _reached(session, petition, rules)):
        opening = rules.steps[number]
        petition.steps = number + 1
        term = None
        if opening.opens == ASSEMBLY:
            term = open_assembly(session, actor, petition)
        leaf = record(
            session,
            actor,
            "petition-crossed",
            mandate=petition.mandate_id,
            petition=petition.id,
            step=number + 1,
            counted=petition.counted,
            opens=opening.opens,
            term=term.id if term else 0,
            held_back=petition.held_back or "",
        )
        session.add(
            Crossing(
                petition_id=petition.id,
                number=number + 1,
                counted=petition.counted,
                at=leaf.at,
                leaf=leaf.position,
            )
        )
        if opening.opens == ASSEMBLY:
            move(session, petition, PetitionState.REACHED)
        session.flush()
        letters.crossed(session, petition, opening)


def open_assembly(session: Session, actor: Actor, petition: Petition) -> Term | None:
    """Open the extraordinary assembly of a locked petition, with its calendar and its invitation wave.

    What keeps it from opening, such as a mandate that ends too soon, is noted and never undoes the signature:
    the worker tries again at each of its rounds.
    """
    mandate = petition.mandate
    rules = rules_of(petition.version)
    today = day_in(database_now(session), mandate.time_zone)
    first = today + timedelta(days=rules.plan.notice_days)
    last = min(first + timedelta(days=rules.plan.days - 1), mandate.term_end)
    try:
        size = charters.current(session, mandate).opened_by(planning.OPENABLE).recipe.size
        term = planning.open_extraordinary(
            session, actor, mandate, subject=petition.title, first=first, last=last, size=size
        )
    except Refusal as refused:
        petition.held_back = refused.code
        return None
    petition.held_back = None
    petition.term = term
    petition.sessions = [day.isoformat() for day in session_days(first, last, rules.plan)]
    petition.report_by = min(last + timedelta(days=rules.plan.report_days), mandate.term_end)
    session.flush()
    jobs.start(session, queries.WAVE, petition.id, mandate=mandate.id)
    return term


def try_again(session: Session, petition: Petition) -> None:
    """Open an assembly that something kept from opening, if it does so no longer."""
    planning.lock(session, petition.mandate)
    term = open_assembly(session, WORKER, petition)
    if term is not None:
        record(
            session,
            WORKER,
            "petition-assembly-opened",
            mandate=petition.mandate_id,
            petition=petition.id,
            term=term.id,
        )


def session_days(first: date, last: date, plan: AssemblyPlan) -> list[date]:
    """Return the days on which an assembly sits: Saturdays spread evenly over its term, where it has enough.

    Examples
    --------
    >>> [str(day) for day in session_days(date(2027, 3, 1), date(2027, 3, 31), Plan(sessions=3))]
    ['2027-03-06', '2027-03-13', '2027-03-27']
    """
    days = [first + timedelta(days=after) for after in range((last - first).days + 1)]
    free = [day for day in days if day.weekday() == SATURDAY]
    if len(free) < plan.sessions:
        free = days
    number = min(plan.sessions, len(free))
    gaps = max(number - 1, 1)
    return [free[place * (len(free) - 1) // gaps] for place in range(number)]
