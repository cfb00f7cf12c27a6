"""What comes about as days pass: deadlines, the end of signing, and what is not kept any longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from assemblee.days import day_in, days_after
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk import fraud
from assemblee.petitions.life import answering
from assemblee.petitions.paper import sheets
from assemblee.petitions.petition import counting
from assemblee.petitions.petition.models import Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.petition.moving import locked, move
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing.actions import PENDING_DAYS, forget
from assemblee.petitions.text import checking
from assemblee.security import WORKER

NETWORKS_KEPT = timedelta(days=30)
SIGNATURES_KEPT = timedelta(days=183)
# Where a day begins first: the last day that it is anywhere.
EASTMOST = "Pacific/Kiritimati"


def due(session: Session) -> list[int]:
    """Return the petitions in which something is due now."""
    now = database_now(session)
    return list(
        session.scalars(
            select(Petition.id)
            .join(Mandate, Mandate.id == Petition.mandate_id)
            .where(
                or_(
                    and_(Petition.state == PetitionState.CHECK, Petition.check_by <= now),
                    and_(Petition.state == PetitionState.APPEAL, Petition.appeal_by <= now),
                    and_(
                        Petition.state.in_((PetitionState.SPONSORS, PetitionState.OPEN)),
                        Petition.closes_at <= now,
                    ),
                    and_(Petition.state == PetitionState.REACHED, Petition.held_back.is_not(None)),
                    # Whether it is over where it is, is asked when it is turned.
                    and_(Petition.state == PetitionState.REACHED, Mandate.term_end < day_in(now, EASTMOST)),
                    Petition.state == PetitionState.ANSWERED,
                    and_(Petition.ended_at <= now - SIGNATURES_KEPT, Petition.erased_at.is_(None)),
                )
            )
            .order_by(Petition.id)
        )
    )


def turn(session: Session, petition: Petition) -> None:
    """Do everything that is due in one petition; doing it twice changes nothing."""
    petition = locked(session, petition)
    now = database_now(session)
    if petition.state in (PetitionState.CHECK, PetitionState.APPEAL):
        checking.lapse(session, petition)
    elif petition.state in (PetitionState.SPONSORS, PetitionState.OPEN) and petition.closes_at is not None:
        if now >= petition.closes_at:
            _expire(session, petition)
    elif petition.state == PetitionState.REACHED and _is_over(petition.mandate, now):
        # Nobody is left to answer, and signers are not kept for an answer that will not come.
        answering.close(session, WORKER, petition)
    elif petition.state == PetitionState.REACHED and petition.held_back is not None:
        counting.try_again(session, petition)
    elif petition.state == PetitionState.ANSWERED and petition.answered_at is not None:
        days = rules_of(petition.version).answer_days
        if now > days_after(petition.answered_at, days, petition.mandate.time_zone):
            answering.archive(session, WORKER, petition)
    elif (
        petition.ended_at is not None
        and petition.erased_at is None
        and now >= petition.ended_at + SIGNATURES_KEPT
    ):
        _erase(session, petition, now)


def _is_over(mandate: Mandate, now: datetime) -> bool:
    return mandate.term_end < day_in(now, mandate.time_zone)


def _expire(session: Session, petition: Petition) -> None:
    move(session, petition, PetitionState.EXPIRED)
    record(
        session,
        WORKER,
        "petition-expired",
        mandate=petition.mandate_id,
        petition=petition.id,
        counted=petition.counted,
    )


def _erase(session: Session, petition: Petition, now: datetime) -> None:
    """Forget who signed; the rows keep what is counted, and the leaves what nobody can open any more."""
    rows = session.scalars(select(Signature).where(Signature.petition_id == petition.id)).all()
    for row in rows:
        district = row.district
        forget(row)
        # Figures of districts stay, as the count does: they name nobody any more.
        row.district = district
        row.email_mark = row.person_mark = row.form_mark = None
        row.salt = ""
    sheets.forget(session, petition)
    fraud.forget(session, petition)
    petition.erased_at = now
    session.flush()
    record(
        session,
        WORKER,
        "petition-signatures-erased",
        mandate=petition.mandate_id,
        petition=petition.id,
        counted=petition.counted,
    )


def forget_traces(session: Session) -> None:
    """Erase networks and times of filling after thirty days, and what was never confirmed in its week."""
    now = database_now(session)
    session.execute(
        update(Signature)
        .where(Signature.network.is_not(None), Signature.asked_at <= now - NETWORKS_KEPT)
        .values(network=None, seconds=None)
    )
    fraud.forget_networks(session, now - NETWORKS_KEPT)
    session.execute(
        delete(Signature).where(
            Signature.state == SignatureState.PENDING,
            Signature.asked_at <= now - timedelta(days=PENDING_DAYS),
        )
    )


def has_traces(session: Session) -> bool:
    """Tell whether something has been kept long enough."""
    now = database_now(session)
    old = or_(
        and_(Signature.network.is_not(None), Signature.asked_at <= now - NETWORKS_KEPT),
        and_(
            Signature.state == SignatureState.PENDING,
            Signature.asked_at <= now - timedelta(days=PENDING_DAYS),
        ),
    )
    return (
        session.scalar(select(Signature.id).where(old).limit(1)) is not None
        or session.scalar(fraud.with_networks(now - NETWORKS_KEPT).limit(1)) is not None
    )
