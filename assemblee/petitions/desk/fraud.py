"""Against fraud: guarantors set signatures aside by a condition whose effect was shown, and restore them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.petitions.desk import reviews
from assemblee.petitions.desk.models import Invalidation, SetAside
from assemblee.petitions.petition import counting, queries
from assemblee.petitions.petition.models import (
    ENDED,
    Origin,
    Petition,
    PetitionState,
    Signature,
    SignatureState,
)
from assemblee.petitions.petition.moving import locked
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing import doubles
from assemblee.refusal import Refusal
from assemblee.security import Actor
from votes.threshold import reached

MOST_IDS = 1_000
LONGEST = 200
SALT_BYTES = 16


@dataclass(frozen=True)
class Condition:
    """Which of the signatures that count are meant: those that all given parts describe.

    Parameters
    ----------
    network : str
        The network that they were sent from, as it is kept.
    domain : str
        What follows the @ of their address.
    seconds_below : int or None
        Their form was filled in fewer seconds.
    since, until : datetime or None
        They count since this moment or later, and until before that one.
    name_like : str
        Their name holds this.
    ids : tuple of int
        Numbers of signatures.
    """

    network: str = ""
    domain: str = ""
    seconds_below: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    name_like: str = ""
    ids: tuple[int, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Return the parts that are given, as they are kept and hashed."""
        return {
            name: value.isoformat()
            if isinstance(value, datetime)
            else list(value)
            if name == "ids"
            else value
            for name, value in asdict(self).items()
            if value not in ("", None, ())
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Condition:
        """Return the condition of a document."""
        moments = {
            name: datetime.fromisoformat(document[name]) for name in ("since", "until") if name in document
        }
        return cls(**{**document, **moments, "ids": tuple(document.get("ids", ()))})

    def clauses(self) -> list[ColumnElement[bool]]:
        """Return the condition as the database takes it.

        Raises
        ------
        Refusal
            `fraud-condition-empty` or `fraud-condition-too-long`.
        """
        if max(map(len, (self.network, self.domain, self.name_like))) > LONGEST or len(self.ids) > MOST_IDS:
            raise Refusal("fraud-condition-too-long", status=422)
        conditions: list[ColumnElement[bool]] = []
        if self.network:
            conditions.append(Signature.network == self.network)
        if self.domain:
            conditions.append(Signature.email.iendswith(f"@{self.domain}", autoescape=True))
        if self.seconds_below is not None:
            conditions.append(Signature.seconds < self.seconds_below)
        if self.since is not None:
            conditions.append(Signature.counted_at >= self.since)
        if self.until is not None:
            conditions.append(Signature.counted_at < self.until)
        if self.name_like:
            conditions.append(Signature.name.icontains(self.name_like, autoescape=True))
        if self.ids:
            conditions.append(Signature.id.in_(self.ids))
        if not conditions:
            raise Refusal("fraud-condition-empty", status=422)
        return conditions


@dataclass(frozen=True)
class Effect:
    """What setting signatures aside would do.

    Parameters
    ----------
    signatures : tuple of Signature
        Those that would count no more.
    before, after : int
        The count, now and then.
    lost : tuple of int
        The steps, from 1, that are reached now and would not be any more.
    opens_review : bool
        Whether guarantors would have to say if an assembly that was opened goes on.
    fingerprint : str
        A hash of what is shown, so that what is applied is the same.
    """

    signatures: tuple[Signature, ...]
    before: int
    after: int
    lost: tuple[int, ...]
    opens_review: bool
    fingerprint: str


def effect(session: Session, petition: Petition, condition: Condition) -> Effect:
    """Return what a condition would set aside now; nothing is written.

    Raises
    ------
    Refusal
        `fraud-condition-empty` or `fraud-condition-too-long`.
    """
    concerned = session.scalars(
        select(Signature)
        .where(
            Signature.petition_id == petition.id,
            Signature.state == SignatureState.COUNTED,
            *condition.clauses(),
        )
        .order_by(Signature.id)
    ).all()
    rules = rules_of(petition.version)
    steps = [one.step for one in rules.steps]
    districts = queries.by_district(session, petition)
    now = reached(steps, rules.tally(petition.counted, districts))
    for one in concerned:
        if one.district is not None:
            districts[one.district] -= 1
    after = petition.counted - len(concerned)
    then = reached(steps, rules.tally(after, districts))
    lost = tuple(range(then + 1, now + 1))
    opening = rules.opening
    opens_review = (
        bool(concerned) and opening is not None and then <= opening and _has_opened(petition, opening)
    )
    return Effect(
        tuple(concerned),
        petition.counted,
        after,
        lost,
        opens_review,
        tree.fingerprint([petition.id, condition.to_document(), [one.id for one in concerned], list(lost)]),
    )


def _has_opened(petition: Petition, opening: int) -> bool:
    return petition.steps > opening or petition.term_id is not None or petition.state == PetitionState.REACHED


def set_aside(
    session: Session, actor: Actor, petition: Petition, condition: Condition, reason: str, *, shown: str
) -> Invalidation:
    """Let the signatures that a condition describes count no more, exactly as it was shown.

    An assembly that they opened stays open: below its threshold, guarantors review it.

    Parameters
    ----------
    shown : str
        The fingerprint of the effect that was shown.

    Raises
    ------
    Refusal
        `petition-is-...`, `fraud-reason-missing`, `fraud-condition-empty`, `fraud-condition-too-long`,
        `fraud-changed` or `fraud-nothing`.
    """
    if not reason.strip():
        raise Refusal("fraud-reason-missing", status=422)
    petition = locked(session, petition)
    if petition.state in (*ENDED, PetitionState.DRAFT):
        raise Refusal(f"petition-is-{petition.state}")
    shown_effect = effect(session, petition, condition)
    if shown_effect.fingerprint != shown:
        raise Refusal("fraud-changed")
    if not shown_effect.signatures:
        raise Refusal("fraud-nothing", status=422)
    counting.discount(session, petition, shown_effect.signatures, SignatureState.SET_ASIDE)
    salt = secrets.token_hex(SALT_BYTES)
    leaf = record(
        session,
        actor,
        "signatures-set-aside",
        mandate=petition.mandate_id,
        petition=petition.id,
        lines=_lines(shown_effect.signatures),
        condition=tree.fingerprint([salt, condition.to_document()]),
        reason=tree.fingerprint([salt, reason.strip()]),
        counted=petition.counted,
    )
    made = Invalidation(
        petition_id=petition.id,
        petition=petition,
        account_id=actor.account,
        condition=condition.to_document(),
        salt=salt,
        number=len(shown_effect.signatures),
        reason=reason.strip(),
        at=leaf.at,
        leaf=leaf.position,
        rows=[SetAside(signature_id=one.id) for one in shown_effect.signatures],
    )
    session.add(made)
    session.flush()
    if shown_effect.opens_review:
        reviews.begin(session, actor, petition, made)
    return made


def _lines(signatures: Sequence[Signature]) -> list[tree.Canonical]:
    return [one.leaf for one in signatures]


def restore(session: Session, actor: Actor, invalidation: Invalidation, reason: str) -> int:
    """Let the signatures of an invalidation count again, and return how many do.

    Who has signed again meanwhile counts once: what they signed later goes on counting, and this is a double.

    Raises
    ------
    Refusal
        `petition-is-...`, `fraud-reason-missing` or `fraud-already-restored`.
    """
    if not reason.strip():
        raise Refusal("fraud-reason-missing", status=422)
    petition = locked(session, invalidation.petition)
    invalidation = session.get_one(Invalidation, invalidation.id, populate_existing=True)
    if invalidation.restored_at is not None:
        raise Refusal("fraud-already-restored")
    if petition.state in (*ENDED, PetitionState.DRAFT):
        raise Refusal(f"petition-is-{petition.state}")
    counting.hold_terms(session, petition)
    rows = session.scalars(
        select(Signature)
        .join(SetAside, SetAside.signature_id == Signature.id)
        .where(SetAside.invalidation_id == invalidation.id, Signature.state == SignatureState.SET_ASIDE)
        .order_by(Signature.id)
        .execution_options(populate_existing=True)
    ).all()
    again = []
    for one in rows:
        other = _signed_since(session, petition, one, invalidation.at)
        if other is not None:
            one.state, one.instead_of_id = SignatureState.DOUBLE, other.id
            session.flush()
        else:
            again.append(one)
    invalidation.restored_by_id, invalidation.restored_at = actor.account, database_now(session)
    invalidation.restored_reason = reason.strip()
    leaf = record(
        session,
        actor,
        "signatures-restored",
        mandate=petition.mandate_id,
        petition=petition.id,
        lines=_lines(again),
        set_aside=invalidation.leaf,
        reason=tree.fingerprint([invalidation.salt, reason.strip()]),
        counted=petition.counted + len(again),
    )
    invalidation.restored_leaf = leaf.position
    counting.recount(session, actor, petition, again)
    reviews.settle(session, actor, petition)
    return len(again)


def _signed_since(
    session: Session, petition: Petition, signature: Signature, moment: datetime
) -> Signature | None:
    """Return what the same person has signed since on paper, or online since they did on paper."""
    for other in doubles.twins(session, petition, signature):
        is_later = other.counted_at is not None and other.counted_at >= moment
        if is_later and Origin.PAPER in (signature.origin, other.origin):
            return other
    return None


def invalidation(session: Session, petition: Petition, number: int) -> Invalidation:
    """Return an invalidation of a petition.

    Raises
    ------
    Refusal
        `invalidation-unknown`.
    """
    invalidation = session.get(Invalidation, number)
    if invalidation is None or invalidation.petition_id != petition.id:
        raise Refusal("invalidation-unknown", status=404)
    return invalidation


def invalidations(session: Session, petition: Petition) -> list[Invalidation]:
    """Return what was set aside of a petition, newest first."""
    query = select(Invalidation).where(Invalidation.petition_id == petition.id)
    return list(session.scalars(query.order_by(Invalidation.id.desc())))


def forget(session: Session, petition: Petition) -> None:
    """Erase what the conditions and reasons of an ended petition say of people; what was done stays."""
    for one in invalidations(session, petition):
        one.condition, one.reason = {}, ""
        one.restored_reason = None if one.restored_reason is None else ""


def with_networks(until: datetime) -> Select[Invalidation]:
    """Return the invalidations up to a moment whose condition names a network."""
    return select(Invalidation).where(
        Invalidation.at <= until, Invalidation.condition["network"].as_string().is_not(None)
    )


def forget_networks(session: Session, until: datetime) -> None:
    """Take the networks out of the conditions up to a moment; which signatures they concerned stays."""
    for one in session.scalars(with_networks(until)):
        one.condition = {name: value for name, value in one.condition.items() if name != "network"}
