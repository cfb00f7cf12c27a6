"""Reads of consultations: the rules, the roll, the box and the board."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from assemblee.consultations.models import (
    Ballot,
    BoxPart,
    Consultation,
    ConsultationState,
    CountStart,
    NamedBallot,
    Phase,
    RollEntry,
    SheetEntry,
    VotingCode,
    VotingMeans,
)
from assemblee.db import database_now
from assemblee.pools.models import Volunteer
from assemblee.refusal import Refusal
from votes.consultation import Rules, read_rules
from votes.outcome import needed, unranked
from votes.receipts import BadReceipt, read_receipt

# The job that leaves nothing of the box in the files of the database.
WIPE = "box-wipe"
FEWEST_SHOWN = 10


def consultation(session: Session, mandate_id: int, number: int) -> Consultation:
    """Return a consultation of a mandate.

    Raises
    ------
    Refusal
        `consultation-unknown`.
    """
    consultation = session.get(Consultation, number)
    if consultation is None or consultation.mandate_id != mandate_id:
        raise Refusal("consultation-unknown", status=404)
    return consultation


def settled(session: Session, number: int) -> Consultation:
    """Return a consultation whose rules are settled, of any mandate.

    Raises
    ------
    Refusal
        `consultation-unknown`.
    """
    consultation = session.get(Consultation, number)
    if consultation is None or consultation.rules_text is None:
        raise Refusal("consultation-unknown", status=404)
    return consultation


def consultations(session: Session, mandate_id: int, *, with_drafts: bool) -> list[Consultation]:
    """Return the consultations of a mandate, newest first; drafts are for those who write them."""
    query = select(Consultation).where(Consultation.mandate_id == mandate_id)
    if not with_drafts:
        query = query.where(Consultation.settled_at.is_not(None))
    return list(session.scalars(query.order_by(Consultation.opens_at.desc(), Consultation.id.desc())))


def to_count(session: Session, mandate_id: int, account: int | None) -> list[Consultation]:
    """Return the closed consultations whose count a guarantor has not started yet."""
    said = select(CountStart.consultation_id).where(CountStart.account_id == account)
    return list(
        session.scalars(
            select(Consultation)
            .where(
                Consultation.mandate_id == mandate_id,
                Consultation.state == ConsultationState.SETTLED,
                Consultation.closes_at <= database_now(session),
                Consultation.id.not_in(said),
            )
            .order_by(Consultation.closes_at)
        )
    )


def locked(session: Session, consultation: Consultation) -> Consultation:
    """Return a consultation as it is now, and keep others from changing it until this act is over."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.id == consultation.id)
        .with_for_update(of=Consultation)
        .execution_options(populate_existing=True)
    ).one()


def require_phase(session: Session, consultation: Consultation, *phases: Phase) -> None:
    """Refuse what a consultation is not ready for, by the database's time.

    Raises
    ------
    Refusal
        `consultation-is-<phase>`.
    """
    phase = consultation.phase(database_now(session))
    if phase not in phases:
        raise Refusal(f"consultation-is-{phase}")


def rules(consultation: Consultation) -> Rules:
    """Return how a consultation is answered: as it was settled, or as its draft stands."""
    return read_rules(json.loads(consultation.rules_text) if consultation.rules_text else consultation.rules)


def result(consultation: Consultation) -> dict[str, Any]:
    """Return what was published of the count.

    Raises
    ------
    Refusal
        `consultation-not-counted`.
    """
    if consultation.result_text is None:
        raise Refusal("consultation-not-counted", status=404)
    published = dict(json.loads(consultation.result_text))
    if "needed" not in published:
        # The first form of a result gave an order of the proposals below the quorum too.
        published["needed"] = needed(rules(consultation), published["roll"])
        if not published["quorum_met"]:
            published["tally"] = unranked(published["tally"])
    return published


def entries(session: Session, consultation: Consultation) -> list[RollEntry]:
    """Return the roll, in the order in which it was written."""
    return list(
        session.scalars(
            select(RollEntry)
            .options(joinedload(RollEntry.volunteer))
            .where(RollEntry.consultation_id == consultation.id)
            .order_by(RollEntry.id)
        )
    )


def _named(consultation: Consultation, wanted: str) -> Select[RollEntry]:
    """Select the entries in whose name or address some letters stand, in any of the usual cases."""
    query = select(RollEntry).outerjoin(Volunteer).where(RollEntry.consultation_id == consultation.id)
    if not wanted:
        return query
    # SQLite knows upper and lower case of plain letters only.
    spellings = {wanted, wanted.lower(), wanted.upper(), wanted.title()}
    columns = (Volunteer.name, Volunteer.email, RollEntry.name, RollEntry.email)
    return query.where(
        or_(*(column.icontains(one, autoescape=True) for column in columns for one in spellings))
    )


def count_named(session: Session, consultation: Consultation, wanted: str) -> int:
    """Count the entries of the roll in whose name or address some letters stand."""
    return session.scalar(select(func.count()).select_from(_named(consultation, wanted).subquery())) or 0


def named(
    session: Session, consultation: Consultation, wanted: str, *, offset: int, limit: int
) -> list[RollEntry]:
    """Return a page of the entries in whose name or address some letters stand."""
    query = _named(consultation, wanted).options(joinedload(RollEntry.volunteer)).order_by(RollEntry.id)
    return list(session.scalars(query.offset(offset).limit(limit)))


def entry_for_update(session: Session, number: int) -> RollEntry:
    """Return an entry of the roll, and keep others from marking it until this act is over."""
    return session.scalars(
        select(RollEntry)
        .where(RollEntry.id == number)
        .with_for_update(of=RollEntry)
        .execution_options(populate_existing=True)
    ).one()


def marks(session: Session, consultation: Consultation, means: VotingMeans | None = None) -> int:
    """Count who is marked on the roll, by one means or by any."""
    query = select(func.count()).where(
        RollEntry.consultation_id == consultation.id, RollEntry.means.is_not(None)
    )
    if means is not None:
        query = query.where(RollEntry.means == means)
    return session.scalar(query) or 0


def part_numbers(session: Session, consultation: Consultation) -> int:
    """Count the parts of the ballot box."""
    return session.scalar(select(func.count()).where(BoxPart.consultation_id == consultation.id)) or 0


def parts_for_update(session: Session, consultation: Consultation) -> list[BoxPart]:
    """Return every part of the ballot box, and keep ballots from coming in until this act is over."""
    return list(
        session.scalars(
            select(BoxPart)
            .where(BoxPart.consultation_id == consultation.id)
            .order_by(BoxPart.number)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def named_ballots(session: Session, consultation: Consultation) -> list[NamedBallot]:
    """Return the ballots that bear a name, in the order of the roll."""
    return list(
        session.scalars(
            select(NamedBallot)
            .join(RollEntry)
            .options(joinedload(NamedBallot.entry).joinedload(RollEntry.volunteer))
            .where(RollEntry.consultation_id == consultation.id)
            .order_by(RollEntry.id)
        )
    )


def ballots(session: Session, consultation: Consultation) -> list[Ballot]:
    """Return the counted ballots, in the order of the board."""
    return list(
        session.scalars(
            select(Ballot).where(Ballot.consultation_id == consultation.id).order_by(Ballot.position)
        )
    )


def on_board(session: Session, consultation: Consultation, receipt: str) -> Ballot:
    """Return the counted ballot of a receipt as a voter types it.

    Raises
    ------
    Refusal
        `receipt-malformed` or `receipt-unknown`.
    """
    try:
        wanted = read_receipt(receipt)
    except BadReceipt:
        raise Refusal("receipt-malformed", status=422) from None
    ballot = session.scalar(
        select(Ballot).where(Ballot.consultation_id == consultation.id, Ballot.receipt == wanted)
    )
    if ballot is None:
        raise Refusal("receipt-unknown", status=404)
    return ballot


def board(session: Session, consultation: Consultation, *, offset: int, limit: int) -> list[Ballot]:
    """Return a page of the board."""
    return list(
        session.scalars(
            select(Ballot)
            .where(Ballot.consultation_id == consultation.id)
            .order_by(Ballot.position)
            .offset(offset)
            .limit(limit)
        )
    )


def sheets(session: Session, consultation: Consultation) -> tuple[int, int]:
    """Count the paper ballots that were printed, and those of them that are in the box."""
    printed = select(func.count()).where(
        VotingCode.consultation_id == consultation.id, VotingCode.is_sheet.is_(True)
    )
    entered = printed.where(VotingCode.is_entered.is_(True))
    return session.scalar(printed) or 0, session.scalar(entered) or 0


def unfinished_sheets(session: Session, consultation: Consultation) -> int:
    """Count the paper ballots that one person has entered and no second one the same way."""
    return (
        session.scalar(
            select(func.count(func.distinct(SheetEntry.digest))).where(
                SheetEntry.consultation_id == consultation.id
            )
        )
        or 0
    )


def is_small(consultation: Consultation) -> bool:
    """Whether so few voted in secret that their ballots, shown one by one, would tell who they are of."""
    return consultation.is_secret and (consultation.ballots or 0) < FEWEST_SHOWN
