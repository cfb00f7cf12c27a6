"""Signing without an account: asked for on a form, confirmed by a link, withdrawn by the same link."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from assemblee.accounts.actions import clean_email
from assemblee.db import database_now, moment, read_moment
from assemblee.journal.actions import record
from assemblee.petitions import checking, counting, doubles, letters, queries
from assemblee.petitions.codes import match
from assemblee.petitions.marks import email_mark, person_mark, require_lasting
from assemblee.petitions.models import Origin, Petition, Signature, SignatureState, State
from assemblee.petitions.moving import locked_number
from assemblee.petitions.rulebook import rules_of
from assemblee.petitions.rules import Rules
from assemblee.refusal import Refusal
from assemblee.security import Actor

# How long a link waits to be used; who is slower asks again.
PENDING_DAYS = 7
# Whoever presses the button again and again gets one message.
SEND_AGAIN_AFTER = timedelta(minutes=10)
NETWORK_WINDOW = timedelta(hours=1)
# A library or a market stall signs at this pace; a machine is faster.
MOST_OF_NETWORK = 100
SALT_BYTES = 16
# Two who write one address at once meet at most once; a third time something else is wrong.
TRIES = 3
LONGEST = 200


@dataclass(frozen=True)
class Facts:
    """What a signer writes.

    Parameters
    ----------
    district, place : str
        One of the districts of the rules, or where the signer lives where the rules name none.
    is_public : bool
        Whether everybody may see their name beside the petition.
    wants_news : bool
        Whether they want to know what comes of it.
    code : str
        The personal code of a letter, or nothing.
    """

    name: str
    email: str
    district: str = ""
    place: str = ""
    is_public: bool = False
    wants_news: bool = False
    code: str = ""


@dataclass(frozen=True)
class Stamp:
    """What a form says of itself: a mark that serves once, and the seconds that it was open."""

    mark: str
    seconds: int


def by_nonce(session: Session, nonce: str, *beside: ExecutableOption) -> Signature:
    """Return the signature that a link opens, with what is to be read beside it.

    Raises
    ------
    Refusal
        `signature-link-void`.
    """
    found = session.scalar(select(Signature).where(Signature.nonce == nonce).options(*beside))
    if found is None:
        raise Refusal("signature-link-void", status=404)
    return found


def require_signable(petition: Petition, now: datetime) -> None:
    """Refuse a signature where none is taken.

    Raises
    ------
    Refusal
        `petition-is-...`.
    """
    if not queries.can_be_signed(petition, now):
        raise Refusal(f"petition-is-{queries.phase(petition, now)}", status=410)


def ask(
    session: Session, petition: Petition, facts: Facts, stamp: Stamp, *, network: str | None, language: str
) -> None:
    """Keep what a signer wrote until they confirm it, and send them the link.

    Whether the address has signed already is said to its mailbox alone.

    Raises
    ------
    Refusal
        `petition-is-...`, `signature-name-missing`, `signature-place-missing`, `email-invalid`,
        `email-disposable`, `personal-code-unknown`, `personal-code-used` (under another address),
        `signing-too-many` (of one network) or `form-used`.
    """
    now = database_now(session)
    require_signable(petition, now)
    rules = rules_of(petition.version)
    _check(rules, facts)
    email = clean_email(facts.email)
    require_lasting(email)
    _require_pace(session, network, now)
    mark = email_mark(session, petition.mandate_id, email)
    person = person_mark(session, petition.mandate_id, facts.name, facts.district or facts.place)
    volunteer = match(session, petition.mandate_id, facts.code) if facts.code else None
    if facts.code and volunteer is None:
        raise Refusal("personal-code-unknown", status=422)
    for attempt in range(1, TRIES + 1):
        kept = _same_mailbox(session, petition, mark)
        _free_code(session, petition, volunteer, mark)
        found = _row_for(rules, kept, person)
        if found is not None and found.state not in (SignatureState.PENDING, SignatureState.WITHDRAWN):
            if _is_mail_due(found, now):
                found.mailed_at = now
                letters.already(session, found, email)
            return
        row = found or _new(petition, mark, _free_slot(kept))
        is_sending = row.form_mark != stamp.mark and _is_mail_due(row, now)
        try:
            with session.begin_nested():
                _write(row, facts, email, now)
                if is_sending:
                    row.mailed_at = now
                row.person_mark, row.volunteer_id = person, volunteer
                row.form_mark, row.seconds = stamp.mark, stamp.seconds
                row.network, row.language = network, language
                session.add(row)
                session.flush()
        except IntegrityError:
            if _is_form_used(session, petition, mark, stamp):
                raise Refusal("form-used", status=422) from None
            if attempt == TRIES:
                raise
            # The same person at the same moment: what they wrote first is there now.
            session.expire_all()
            continue
        if is_sending:
            letters.confirm(session, row, days=PENDING_DAYS)
        return


def _check(rules: Rules, facts: Facts) -> None:
    if not facts.name.strip() or len(facts.name) > LONGEST:
        raise Refusal("signature-name-missing", status=422)
    known = facts.district in rules.districts if rules.districts else 0 < len(facts.place.strip()) <= LONGEST
    if not known:
        raise Refusal("signature-place-missing", status=422)


def _require_pace(session: Session, network: str | None, now: datetime) -> None:
    if network is None:
        return
    since = now - NETWORK_WINDOW
    of_late = select(func.count()).where(Signature.network == network, Signature.asked_at >= since)
    if (session.scalar(of_late) or 0) >= MOST_OF_NETWORK:
        raise Refusal("signing-too-many", status=429)


def _same_mailbox(session: Session, petition: Petition, mark: str) -> Sequence[Signature]:
    return session.scalars(
        select(Signature)
        .where(Signature.petition_id == petition.id, Signature.email_mark == mark)
        .order_by(Signature.slot)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _free_code(session: Session, petition: Petition, volunteer: int | None, mark: str) -> None:
    """Take a personal code from whoever wrote it and never confirmed: it may have been guessed.

    Raises
    ------
    Refusal
        `personal-code-used`.
    """
    if volunteer is None:
        return
    holder = session.scalar(
        select(Signature).where(Signature.petition_id == petition.id, Signature.volunteer_id == volunteer)
    )
    if holder is None or holder.email_mark == mark:
        return
    if holder.state != SignatureState.PENDING:
        raise Refusal("personal-code-used", status=422)
    holder.volunteer_id = None
    session.flush()


def _row_for(rules: Rules, kept: Sequence[Signature], person: str) -> Signature | None:
    """Return the row that an asker stands in, or nothing if there is room for a new one."""
    for row in kept:
        if row.person_mark == person:
            return row
    if len(kept) < rules.per_address:
        return None
    # Nobody may bar somebody's mailbox by writing it on a form: what was never confirmed gives way.
    waiting = [row for row in kept if row.state in (SignatureState.PENDING, SignatureState.WITHDRAWN)]
    return min(waiting, key=lambda row: row.asked_at) if waiting else kept[0]


def _free_slot(kept: Sequence[Signature]) -> int:
    taken = {row.slot for row in kept}
    return next(slot for slot in range(len(kept) + 1) if slot not in taken)


def _new(petition: Petition, mark: str, slot: int) -> Signature:
    return Signature(
        petition_id=petition.id,
        origin=Origin.ONLINE,
        state=SignatureState.PENDING,
        email_mark=mark,
        slot=slot,
        is_sponsor=False,
        nonce=secrets.token_urlsafe(24),
        salt=secrets.token_hex(SALT_BYTES),
    )


def _write(row: Signature, facts: Facts, email: str, now: datetime) -> None:
    if row.state == SignatureState.WITHDRAWN:
        row.state, row.salt, row.leaf = SignatureState.PENDING, secrets.token_hex(SALT_BYTES), None
        row.counted_at = row.counted_on = row.ended_at = None
    row.name, row.email = facts.name.strip(), email
    row.district, row.place = facts.district or None, facts.place.strip() or None
    row.is_public, row.wants_news = facts.is_public, facts.wants_news
    row.asked_at = now


def _is_form_used(session: Session, petition: Petition, mark: str, stamp: Stamp) -> bool:
    holder = session.scalar(select(Signature).where(Signature.form_mark == stamp.mark))
    return holder is not None and (holder.petition_id, holder.email_mark) != (petition.id, mark)


def _is_mail_due(row: Signature, now: datetime) -> bool:
    return row.mailed_at is None or now - row.mailed_at >= SEND_AGAIN_AFTER


def _held(session: Session, signature: Signature) -> tuple[Petition, Signature, datetime]:
    """Lock the petition that a signature stands in, wherever a merge has taken it meanwhile.

    The moment is that at which the turn of this act came, however long it has waited.
    """
    number = signature.petition_id
    while True:
        petition = locked_number(session, number)
        found, now = session.execute(
            select(Signature, moment(session))
            .where(Signature.id == signature.id)
            .execution_options(populate_existing=True)
        ).one()
        if found.petition_id == petition.id:
            return petition, found, read_moment(now)
        number = found.petition_id


def confirm(session: Session, signature: Signature) -> Signature:
    """Count a signature, once, however often its link is used.

    Raises
    ------
    Refusal
        `petition-is-...`, `signature-is-...` or `signature-link-old`.
    """
    petition, found, now = _held(session, signature)
    if found.counts:
        return found
    if found.state != SignatureState.PENDING:
        raise Refusal(f"signature-is-{found.state}", status=410)
    require_signable(petition, now)
    if now - found.asked_at > timedelta(days=PENDING_DAYS):
        raise Refusal("signature-link-old", status=410)
    found.is_sponsor = petition.state == State.SPONSORS
    actor = Actor()
    # Somebody who has signed on paper counts once: this signature stands instead of that one.
    doubles.yield_to(session, petition, found)
    counting.count(session, actor, petition, found)
    checking.take_sponsor(session, actor, petition)
    return found


def withdraw(session: Session, signature: Signature) -> None:
    """Take a signature back, as long as no assembly was opened by it.

    Raises
    ------
    Refusal
        `signature-is-...` or `signature-threshold-crossed`.
    """
    petition, found, _ = _held(session, signature)
    if not found.counts:
        raise Refusal(f"signature-is-{found.state}", status=410)
    opening = rules_of(petition.version).opening
    if opening is not None and petition.steps > opening:
        raise Refusal("signature-threshold-crossed")
    counting.discount(session, petition, [found], SignatureState.WITHDRAWN)
    record(
        session,
        Actor(),
        "signature-withdrawn",
        mandate=petition.mandate_id,
        petition=petition.id,
        line=found.leaf,
    )
    forget(found)


def forget(signature: Signature) -> None:
    """Erase what a row says of a person; its marks stay, so that they still count once."""
    signature.name = signature.email = signature.district = signature.place = None
    signature.network = signature.seconds = signature.volunteer_id = None
    signature.is_public = signature.wants_news = False


def show(session: Session, signature: Signature, *, is_public: bool) -> None:
    """Show a signer's name beside the petition, or hide it again.

    Raises
    ------
    Refusal
        `signature-is-...`.
    """
    found = session.get_one(Signature, signature.id, with_for_update=True, populate_existing=True)
    if not found.counts:
        raise Refusal(f"signature-is-{found.state}", status=410)
    found.is_public = is_public
