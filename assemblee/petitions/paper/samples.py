"""Guarantors look at a random sample of the lines on paper, and say how many of all are valid by it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.petitions.paper.models import Sample, SampledLine
from assemblee.petitions.petition.models import ENDED, Origin, Petition, Signature, SignatureState
from assemblee.petitions.petition.moving import locked
from assemblee.refusal import Refusal
from assemblee.security import Actor
from votes.sampling import CONFIDENCE, estimate, sample

LEAST_DICE, MOST_DICE = 20, 200
MOST_LINES = 1_000
TAG = b"assemblee-sample-1\n"


def seed_of(dice: str) -> bytes:
    """Return the seed that thrown dice give: SHA-256 of a tag and their digits.

    Examples
    --------
    >>> seed_of("1 2 3").hex()[:16] == seed_of("123").hex()[:16]
    True
    """
    return hashlib.sha256(TAG + "".join(dice.split()).encode()).digest()


def population(session: Session, petition: Petition) -> list[Signature]:
    """Return the signatures on paper that count, in the order of the journal."""
    return list(
        session.scalars(
            select(Signature)
            .where(
                Signature.petition_id == petition.id,
                Signature.origin == Origin.PAPER,
                Signature.state == SignatureState.COUNTED,
            )
            .order_by(Signature.leaf)
        )
    )


def draw(session: Session, actor: Actor, petition: Petition, dice: str, size: int) -> Sample:
    """Draw a sample of the lines on paper that count, by dice that were thrown in public.

    Raises
    ------
    Refusal
        `petition-is-...`, `sample-dice-invalid`, `sample-nothing-to-check`, `sample-size-invalid` or
        `sample-already-open`.
    """
    petition = locked(session, petition)
    if petition.state in ENDED:
        raise Refusal(f"petition-is-{petition.state}")
    thrown = "".join(dice.split())
    if not (thrown.isascii() and thrown.isdigit() and LEAST_DICE <= len(thrown) <= MOST_DICE):
        raise Refusal("sample-dice-invalid", status=422, least=LEAST_DICE)
    lines = population(session, petition)
    if not lines:
        raise Refusal("sample-nothing-to-check")
    most = min(len(lines), MOST_LINES)
    if not 1 <= size <= most:
        raise Refusal("sample-size-invalid", status=422, most=most)
    places = sample(seed_of(thrown), len(lines), size)
    made = Sample(
        petition_id=petition.id,
        dice=thrown,
        population=len(lines),
        size=size,
        drawn_at=database_now(session),
        leaf=0,
        lines=[SampledLine(place=place, signature_id=lines[place].id) for place in places],
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise Refusal("sample-already-open") from None
    leaf = record(
        session,
        actor,
        "paper-sample-drawn",
        mandate=petition.mandate_id,
        petition=petition.id,
        sample=made.id,
        dice=thrown,
        population=len(lines),
        among=tree.fingerprint([one.leaf for one in lines]),
        lines=[lines[place].leaf for place in places],
    )
    made.leaf = leaf.position
    session.flush()
    return made


def judge(session: Session, actor: Actor, sample: Sample, verdicts: Mapping[int, bool]) -> Sample:
    """Note which lines of a sample are valid; once all are judged, the estimate is published.

    Parameters
    ----------
    verdicts : mapping of int to bool
        By the place of a line; a line that was judged before may be judged anew until the end.

    Raises
    ------
    Refusal
        `account-unknown`, `sample-closed` or `sample-line-unknown`.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    petition = locked(session, sample.petition)
    sample = session.get_one(Sample, sample.id, populate_existing=True)
    if sample.closed_at is not None:
        raise Refusal("sample-closed")
    lines = {line.place: line for line in sample.lines}
    if not verdicts.keys() <= lines.keys():
        raise Refusal("sample-line-unknown", status=422)
    now = database_now(session)
    for place, is_valid in verdicts.items():
        line = lines[place]
        line.is_valid, line.account_id, line.at = is_valid, actor.account, now
    session.flush()
    if any(line.is_valid is None for line in sample.lines):
        return sample
    valid = sum(bool(line.is_valid) for line in sample.lines)
    result = estimate(sample.population, sample.size, valid)
    leaf = record(
        session,
        actor,
        "paper-sample-judged",
        mandate=petition.mandate_id,
        petition=petition.id,
        sample=sample.id,
        population=result.population,
        size=result.size,
        valid=result.valid,
        middle=result.middle,
        low=result.low,
        high=result.high,
        confidence=str(CONFIDENCE),
    )
    sample.valid, sample.middle, sample.low, sample.high = valid, result.middle, result.low, result.high
    sample.closed_at, sample.result_leaf = leaf.at, leaf.position
    session.flush()
    return sample


def by_number(session: Session, petition: Petition, number: int) -> Sample:
    """Return a sample of a petition.

    Raises
    ------
    Refusal
        `sample-unknown`.
    """
    sample = session.get(Sample, number)
    if sample is None or sample.petition_id != petition.id:
        raise Refusal("sample-unknown", status=404)
    return sample


def of_petition(session: Session, petition: Petition) -> list[Sample]:
    """Return the samples of a petition, newest first."""
    query = select(Sample).where(Sample.petition_id == petition.id)
    return list(session.scalars(query.order_by(Sample.id.desc())))
