"""The check of a petition by one guarantor, and the appeal to the others; silence opens it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee.days import days_after
from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates.queries import guarantors
from assemblee.petitions.petition import counting
from assemblee.petitions.petition.models import Petition, PetitionState, Ruling, Stage
from assemblee.petitions.petition.moving import locked, move, require, require_author
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.text import letters as text_letters
from assemblee.refusal import Refusal
from assemblee.security import WORKER, Actor


def take_sponsor(session: Session, actor: Actor, petition: Petition) -> None:
    """Hand a locked petition to the guarantors once it has its sponsors."""
    rules = rules_of(petition.version)
    if petition.state != PetitionState.SPONSORS or petition.counted < rules.sponsors:
        return
    move(session, petition, PetitionState.CHECK)
    petition.check_by = days_after(database_now(session), rules.check_days, petition.mandate.time_zone)
    record(
        session,
        actor,
        "petition-sponsored",
        mandate=petition.mandate_id,
        petition=petition.id,
        sponsors=petition.counted,
    )
    text_letters.to_check(session, petition, petition.check_by)


def rule(
    session: Session, actor: Actor, petition: Petition, *, is_admitted: bool, ground: int | None, reason: str
) -> Ruling:
    """Admit a petition, or refuse it on a published ground, with a reason.

    Raises
    ------
    Refusal
        `petition-is-...`, `petition-own` (nobody checks their own), `petition-reason-missing` or
        `petition-ground-unknown`.
    """
    petition = locked(session, petition)
    require(petition, PetitionState.CHECK)
    made = _say(session, actor, petition, Stage.CHECK, is_admitted=is_admitted, ground=ground, reason=reason)
    if is_admitted:
        open_for_signing(session, actor, petition, "admitted")
    else:
        _refuse(session, petition)
    text_letters.ruled(session, petition)
    return made


def appeal(session: Session, actor: Actor, petition: Petition, text: str) -> None:
    """Ask the other guarantors to look at a refusal again, once.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`, `petition-is-...`, `petition-reason-missing`, `petition-appeal-late`,
        `petition-appealed-already` or `petition-appeal-nobody` (there is no other guarantor).
    """
    petition = locked(session, petition)
    require_author(actor, petition)
    require(petition, PetitionState.REFUSED)
    if not text.strip():
        raise Refusal("petition-reason-missing", status=422)
    if petition.appeal_text is not None:
        raise Refusal("petition-appealed-already")
    now = database_now(session)
    if petition.appeal_by is None or now >= petition.appeal_by:
        raise Refusal("petition-appeal-late", status=410)
    if not _others(session, petition):
        raise Refusal("petition-appeal-nobody")
    move(session, petition, PetitionState.APPEAL)
    petition.ended_at = None
    petition.appeal_text = text.strip()
    petition.appeal_by = _appeal_until(petition, now)
    session.flush()
    record(
        session,
        actor,
        "petition-appealed",
        mandate=petition.mandate_id,
        petition=petition.id,
        text=tree.fingerprint(petition.appeal_text),
    )
    text_letters.to_check(
        session, petition, petition.appeal_by, beside=[one.account_id for one in petition.rulings]
    )


def hear(
    session: Session, actor: Actor, petition: Petition, *, is_admitted: bool, ground: int | None, reason: str
) -> Ruling:
    """Say, as one of the other guarantors, what should become of an appeal; more than half of them decide.

    Raises
    ------
    Refusal
        As `rule`, or `petition-ruled-already` (each guarantor speaks once, and not on their own refusal).
    """
    petition = locked(session, petition)
    require(petition, PetitionState.APPEAL)
    made = _say(session, actor, petition, Stage.APPEAL, is_admitted=is_admitted, ground=ground, reason=reason)
    session.refresh(petition, ["rulings"])
    said = [one.is_admitted for one in petition.rulings if one.stage == Stage.APPEAL]
    others = len(set(_others(session, petition)) | {one.account_id for one in petition.rulings[1:]})
    # Those who are left could change nothing any more.
    if 2 * max(sum(said), len(said) - sum(said)) > others or len(said) == others:
        _decide(session, actor, petition)
    return made


def lapse(session: Session, petition: Petition) -> None:
    """Do what a deadline asks for: silence opens a petition, and an appeal is judged by who spoke."""
    petition = locked(session, petition)
    now = database_now(session)
    if petition.state == PetitionState.CHECK and petition.check_by is not None and now >= petition.check_by:
        open_for_signing(session, WORKER, petition, "silence")
        text_letters.ruled(session, petition)
    elif (
        petition.state == PetitionState.APPEAL
        and petition.appeal_by is not None
        and now >= petition.appeal_by
    ):
        _decide(session, WORKER, petition)


def _decide(session: Session, actor: Actor, petition: Petition) -> None:
    """Close an appeal: as many for as against, or nobody at all, and the petition opens."""
    said = [one.is_admitted for one in petition.rulings if one.stage == Stage.APPEAL]
    if 2 * sum(said) >= len(said):
        open_for_signing(session, actor, petition, "appeal" if said else "silence")
    else:
        _refuse(session, petition)
        record(
            session,
            actor,
            "petition-appeal-refused",
            mandate=petition.mandate_id,
            petition=petition.id,
            admitting=sum(said),
            refusing=len(said) - sum(said),
        )
    text_letters.ruled(session, petition)


def _others(session: Session, petition: Petition) -> list[int]:
    """Return the guarantors who can hear an appeal."""
    out = {petition.account_id, *(one.account_id for one in petition.rulings if one.stage == Stage.CHECK)}
    return [one for one in guarantors(session, petition.mandate_id) if one not in out]


def _say(
    session: Session,
    actor: Actor,
    petition: Petition,
    stage: Stage,
    *,
    is_admitted: bool,
    ground: int | None,
    reason: str,
) -> Ruling:
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    if petition.account_id == actor.account:
        raise Refusal("petition-own", status=403)
    if not reason.strip():
        raise Refusal("petition-reason-missing", status=422)
    if not is_admitted and (ground is None or not 0 <= ground < len(rules_of(petition.version).grounds)):
        raise Refusal("petition-ground-unknown", status=422)
    if is_admitted:
        # The opening that may follow locks terms, which goes before the journal.
        counting.hold_terms(session, petition)
    made = Ruling(
        petition_id=petition.id,
        account_id=actor.account,
        stage=stage,
        is_admitted=is_admitted,
        ground=None if is_admitted else ground,
        reason=reason.strip(),
        at=database_now(session),
        leaf=-1,
    )
    session.add(made)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("petition-ruled-already") from None
    leaf = record(
        session,
        actor,
        "petition-ruled",
        mandate=petition.mandate_id,
        petition=petition.id,
        stage=str(stage),
        admitted=is_admitted,
        ground=-1 if made.ground is None else made.ground,
        reason=tree.fingerprint(made.reason),
    )
    made.leaf = leaf.position
    session.flush()
    return made


def _refuse(session: Session, petition: Petition) -> None:
    move(session, petition, PetitionState.REFUSED)
    if petition.appeal_text is None:
        petition.appeal_by = _appeal_until(petition, database_now(session))


def _appeal_until(petition: Petition, now: datetime) -> datetime:
    return days_after(now, rules_of(petition.version).appeal_days, petition.mandate.time_zone)


def open_for_signing(session: Session, actor: Actor, petition: Petition, cause: str) -> None:
    """Open a locked petition for signatures, and cross what its sponsors already reach."""
    counting.hold_terms(session, petition)
    move(session, petition, PetitionState.OPEN)
    now = database_now(session)
    petition.opened_at = now
    petition.closes_at = days_after(now, rules_of(petition.version).open_days, petition.mandate.time_zone)
    session.flush()
    record(session, actor, "petition-opened", mandate=petition.mandate_id, petition=petition.id, cause=cause)
    counting.cross(session, actor, petition)
