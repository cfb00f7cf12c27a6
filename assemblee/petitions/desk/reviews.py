"""Reviews: an assembly whose petition fell below its threshold goes on, or guarantors ask to stop it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.days import days_after
from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates.queries import guarantors
from assemblee.petitions.desk import letters
from assemblee.petitions.desk.models import Invalidation, Opinion, Review, ReviewOutcome
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.petition.moving import locked
from assemblee.petitions.rules.queries import rules_of
from assemblee.refusal import Refusal
from assemblee.security import Actor


def open_one(session: Session, petition: Petition) -> Review | None:
    """Return the review of a petition that is under way, if there is one."""
    return session.scalar(
        select(Review)
        .where(Review.petition_id == petition.id, Review.closed_at.is_(None))
        .execution_options(populate_existing=True)
    )


def of_petition(session: Session, petition: Petition) -> list[Review]:
    """Return the reviews of a petition, newest first."""
    return list(
        session.scalars(select(Review).where(Review.petition_id == petition.id).order_by(Review.id.desc()))
    )


def begin(session: Session, actor: Actor, petition: Petition, cause: Invalidation) -> Review:
    """Open a review of a locked petition, or leave the one that is under way; guarantors are told."""
    review = open_one(session, petition)
    if review is not None:
        return review
    closes_at = days_after(
        database_now(session), rules_of(petition.version).review_days, petition.mandate.time_zone
    )
    leaf = record(
        session,
        actor,
        "petition-review-opened",
        mandate=petition.mandate_id,
        petition=petition.id,
        set_aside=cause.leaf,
        counted=petition.counted,
        until=closes_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    made = Review(
        petition_id=petition.id,
        petition=petition,
        invalidation_id=cause.id,
        counted=petition.counted,
        opened_at=leaf.at,
        closes_at=closes_at,
        leaf=leaf.position,
        opinions=[],
    )
    session.add(made)
    session.flush()
    letters.review(session, made)
    return made


def say(session: Session, actor: Actor, review: Review, *, keeps: bool, reason: str) -> Review:
    """Say as a guarantor whether the assembly goes on; the last one to speak closes the review.

    Raises
    ------
    Refusal
        `account-unknown`, `review-closed`, `review-reason-missing`, `review-not-guarantor` or
        `review-already-said`.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    if not reason.strip():
        raise Refusal("review-reason-missing", status=422)
    petition = locked(session, review.petition)
    review = session.get_one(Review, review.id, populate_existing=True)
    if review.closed_at is not None or database_now(session) >= review.closes_at:
        raise Refusal("review-closed")
    if actor.account not in guarantors(session, petition.mandate_id):
        raise Refusal("review-not-guarantor", status=403)
    if any(one.account_id == actor.account for one in review.opinions):
        raise Refusal("review-already-said")
    leaf = record(
        session,
        actor,
        "petition-review-said",
        mandate=petition.mandate_id,
        petition=petition.id,
        review=review.leaf,
        keeps=keeps,
        reason=tree.fingerprint(reason.strip()),
    )
    review.opinions.append(
        Opinion(account_id=actor.account, keeps=keeps, reason=reason.strip(), at=leaf.at, leaf=leaf.position)
    )
    session.flush()
    if {one.account_id for one in review.opinions} >= set(guarantors(session, petition.mandate_id)):
        _close(session, actor, petition, review)
    return review


def close(session: Session, actor: Actor, review: Review) -> Review:
    """Close a review whose deadline has passed; more for stopping than for keeping, or it goes on.

    Raises
    ------
    Refusal
        `review-closed` or `review-still-open`.
    """
    petition = locked(session, review.petition)
    review = session.get_one(Review, review.id, populate_existing=True)
    if review.closed_at is not None:
        raise Refusal("review-closed")
    if database_now(session) < review.closes_at:
        raise Refusal("review-still-open")
    return _close(session, actor, petition, review)


def settle(session: Session, actor: Actor, petition: Petition) -> None:
    """Close the review of a locked petition whose threshold is reached again: there is nothing to decide."""
    review = open_one(session, petition)
    rules = rules_of(petition.version)
    if review is None or rules.opening is None:
        return
    tally = rules.tally(petition.counted, queries.by_district(session, petition))
    if all(one.step.is_met(tally) for one in rules.steps[: rules.opening + 1]):
        _close(session, actor, petition, review, is_reached=True)


def _close(
    session: Session, actor: Actor, petition: Petition, review: Review, *, is_reached: bool = False
) -> Review:
    keep = sum(one.keeps for one in review.opinions)
    stop = len(review.opinions) - keep
    review.outcome = ReviewOutcome.STOP if stop > keep and not is_reached else ReviewOutcome.KEEP
    leaf = record(
        session,
        actor,
        "petition-review-closed",
        mandate=petition.mandate_id,
        petition=petition.id,
        review=review.leaf,
        outcome=review.outcome,
        keep=keep,
        stop=stop,
        reached_again=is_reached,
    )
    review.closed_at, review.result_leaf = leaf.at, leaf.position
    session.flush()
    letters.reviewed(session, review)
    return review


def by_number(session: Session, petition: Petition, number: int) -> Review:
    """Return a review of a petition.

    Raises
    ------
    Refusal
        `review-unknown`.
    """
    review = session.get(Review, number)
    if review is None or review.petition_id != petition.id:
        raise Refusal("review-unknown", status=404)
    return review


def overdue(session: Session) -> list[Review]:
    """Return the reviews whose deadline has passed, and that nobody has closed."""
    now = database_now(session)
    query = select(Review).where(Review.closed_at.is_(None), Review.closes_at <= now)
    return list(session.scalars(query.order_by(Review.id)))


def to_say(session: Session, mandate_id: int, account: int | None) -> list[Review]:
    """Return the reviews of a mandate that await a word of a guarantor."""
    said = select(Opinion.review_id).where(Opinion.account_id == account)
    return list(
        session.scalars(
            select(Review)
            .join(Petition, Petition.id == Review.petition_id)
            .where(
                Petition.mandate_id == mandate_id,
                Review.closed_at.is_(None),
                Review.closes_at > database_now(session),
                Review.id.not_in(said),
            )
            .order_by(Review.closes_at, Review.id)
        )
    )
