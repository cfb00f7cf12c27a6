"""Signing without an account: asked for on a form, confirmed by a link, withdrawn by the same link."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from assemblee.db import NOTED, DatabaseNow, require_plausible
from assemblee.journal.actions import record
from assemblee.mail.addresses import mailbox
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition import counting, queries
from assemblee.petitions.petition.marks import email_mark, person_mark, require_lasting
from assemblee.petitions.petition.models import Origin, Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.rules.document import PetitionRules
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing import doubles
from assemblee.petitions.signing import letters as signing_letters
from assemblee.petitions.signing.codes import match
from assemblee.petitions.text import checking
from assemblee.refusal import Refusal
from assemblee.security import Actor
from assemblee.written import has_letter, one_line

# How many days a link waits to be used, unless the petition ends before; who is slower asks again.
PENDING_DAYS = 7
# Whoever presses the button again and again gets one message.
SEND_AGAIN_AFTER = timedelta(minutes=10)
NETWORK_WINDOW = timedelta(hours=1)
# A library or a market stall signs at this pace; a machine is faster.
MOST_OF_NETWORK = 100
SALT_BYTES = 16
LONGEST = 200

BY_NONCE = (
    select(Signature)
    .join(Signature.petition)
    .where(Signature.nonce == bindparam("nonce"))
    .options(
        contains_eager(Signature.petition).options(joinedload(Petition.mandate), joinedload(Petition.version))
    )
)
# The petition is locked before its signature.
HELD = (
    BY_NONCE.add_columns(DatabaseNow(), *NOTED)
    .with_for_update(key_share=True, of=(Petition, Signature))
    .execution_options(populate_existing=True)
)
# The moment, in which zone it is shown, and since when a network has signed as often as it may.
PACE = select(
    DatabaseNow(),
    *NOTED,
    select(Mandate.time_zone).where(Mandate.id == bindparam("mandate")).scalar_subquery(),
    select(Signature.asked_at)
    .where(Signature.network == bindparam("network"))
    .order_by(Signature.asked_at.desc())
    .offset(MOST_OF_NETWORK - 1)
    .limit(1)
    .scalar_subquery(),
)
# Those of a mailbox, and the one that a form has already written.
BESIDE = (
    select(Signature)
    .where(
        or_(
            and_(
                Signature.petition_id == bindparam("petition"), Signature.email_mark == bindparam("mailbox")
            ),
            Signature.form_mark == bindparam("form"),
        )
    )
    .order_by(Signature.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class SignerFacts:
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


def by_nonce(session: Session, nonce: str) -> Signature:
    """Return the signature that a link opens, with its petition.

    Raises
    ------
    Refusal
        `signature-link-void`.
    """
    signature = session.scalar(BY_NONCE, {"nonce": nonce})
    if signature is None:
        raise Refusal("signature-link-void", status=404)
    return signature


def require_signable(petition: Petition, now: datetime) -> None:
    """Refuse a signature where none is taken.

    Raises
    ------
    Refusal
        `petition-is-...`.
    """
    if not queries.can_be_signed(petition, now):
        raise Refusal(f"petition-is-{queries.phase(petition, now)}", status=410)


def confirm_until(petition: Petition, asked_at: datetime) -> datetime:
    """Return until when what was asked for can be confirmed: at most until the petition ends."""
    last = asked_at + timedelta(days=PENDING_DAYS)
    return min(last, petition.closes_at) if petition.closes_at else last


def ask(
    session: Session,
    petition: Petition,
    facts: SignerFacts,
    stamp: Stamp,
    *,
    network: str | None,
    language: str,
) -> None:
    """Keep what a signer wrote until they confirm it, and send them the link.

    Whether the address has signed already is said to its mailbox alone.

    Raises
    ------
    IntegrityError
        The same mailbox or form was written at the same moment: `Store.retrying` asks again, and finds it.
    Refusal
        `petition-is-...`, `signature-name-missing`, `signature-place-missing`, `email-invalid`,
        `email-disposable`, `personal-code-unknown`, `personal-code-used` (under another address),
        `signing-too-many` (of one network) or `form-used`.
    """
    now, zone, full_since = _pace(session, petition, network)
    require_signable(petition, now)
    rules = rules_of(petition.version)
    _check(rules, facts)
    email = mailbox(facts.email).address
    require_lasting(email)
    if full_since is not None and now - full_since <= NETWORK_WINDOW:
        left = full_since + NETWORK_WINDOW - now
        raise Refusal("signing-too-many", status=429, seconds=math.ceil(left.total_seconds()))
    mark = email_mark(session, petition.mandate_id, email)
    person = person_mark(session, petition.mandate_id, facts.name, facts.district or facts.place)
    volunteer = match(session, petition.mandate_id, facts.code) if facts.code else None
    if facts.code and volunteer is None:
        raise Refusal("personal-code-unknown", status=422)
    kept = _kept(session, petition, mark, stamp)
    _free_code(session, petition, volunteer, mark)
    signature = _row_for(rules, kept, person)
    if signature is not None and signature.state not in (SignatureState.PENDING, SignatureState.WITHDRAWN):
        if _is_mail_due(signature, now):
            signature.mailed_at = now
            signing_letters.already(session, signature, email)
        return
    row = signature or _new(petition, mark, _free_slot(kept))
    is_sending = row.form_mark != stamp.mark and _is_mail_due(row, now)
    _write(row, facts, email, now)
    if is_sending:
        row.mailed_at = now
    row.person_mark, row.volunteer_id = person, volunteer
    row.form_mark, row.seconds = stamp.mark, stamp.seconds
    row.network, row.language = network, language
    session.add(row)
    session.flush()
    if is_sending:
        signing_letters.confirm(session, row, confirm_until(petition, now), zone)


def _check(rules: PetitionRules, facts: SignerFacts) -> None:
    if not has_letter(facts.name) or len(facts.name) > LONGEST:
        raise Refusal("signature-name-missing", status=422)
    known = (
        facts.district in rules.districts if rules.districts else 0 < len(one_line(facts.place)) <= LONGEST
    )
    if not known:
        raise Refusal("signature-place-missing", status=422)


def _pace(session: Session, petition: Petition, network: str | None) -> tuple[datetime, str, datetime | None]:
    asked = {"mandate": petition.mandate_id, "network": network}
    now, noted, word, zone, full_since = session.execute(PACE, asked).one()
    require_plausible(now, noted, word)
    return now, zone, full_since


def _kept(session: Session, petition: Petition, mark: str, stamp: Stamp) -> Sequence[Signature]:
    """Return what a mailbox has signed with.

    Raises
    ------
    Refusal
        `form-used`, by another mailbox.
    """
    asked = {"petition": petition.id, "mailbox": mark, "form": stamp.mark}
    signatures = session.scalars(BESIDE, asked).all()
    kept = [row for row in signatures if (row.petition_id, row.email_mark) == (petition.id, mark)]
    if len(kept) < len(signatures):
        raise Refusal("form-used", status=422)
    return kept


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


def _row_for(rules: PetitionRules, kept: Sequence[Signature], person: str) -> Signature | None:
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


def _write(row: Signature, facts: SignerFacts, email: str, now: datetime) -> None:
    if row.state == SignatureState.WITHDRAWN:
        row.state, row.salt, row.leaf = SignatureState.PENDING, secrets.token_hex(SALT_BYTES), None
        row.counted_at = row.counted_on = row.ended_at = None
    row.name, row.email = one_line(facts.name), email
    row.district, row.place = facts.district or None, one_line(facts.place) or None
    row.is_public, row.wants_news = facts.is_public, facts.wants_news
    row.asked_at = now


def _is_mail_due(row: Signature, now: datetime) -> bool:
    return row.mailed_at is None or now - row.mailed_at >= SEND_AGAIN_AFTER


def _held(session: Session, nonce: str) -> tuple[Petition, Signature, datetime]:
    """Lock the signature of a link and the petition that it stands in."""
    row = None
    while row is None:
        row = session.execute(HELD, {"nonce": nonce}).one_or_none()
        if row is None:
            # If a merge moves it while this waits, nothing is found: it is looked for again, where it is now.
            by_nonce(session, nonce)
    signature, now, noted, word = row
    require_plausible(now, noted, word)
    return signature.petition, signature, now


def confirm(session: Session, nonce: str) -> Signature:
    """Count the signature of a link, once, however often it is used.

    Raises
    ------
    Refusal
        `signature-link-void`, `petition-is-...`, `signature-is-...` or `signature-link-old`.
    """
    petition, signature, now = _held(session, nonce)
    if signature.counts:
        return signature
    if signature.state != SignatureState.PENDING:
        raise Refusal(f"signature-is-{signature.state}", status=410)
    require_signable(petition, now)
    if now > confirm_until(petition, signature.asked_at):
        raise Refusal("signature-link-old", status=410)
    signature.is_sponsor = petition.state == PetitionState.SPONSORS
    actor = Actor()
    # Somebody who has signed on paper counts once: this signature stands instead of that one.
    doubles.yield_to(session, petition, signature)
    counting.count(session, actor, petition, signature)
    checking.take_sponsor(session, actor, petition)
    return signature


def withdraw(session: Session, nonce: str) -> None:
    """Take the signature of a link back, as long as no assembly was opened by it.

    Raises
    ------
    Refusal
        `signature-link-void`, `signature-is-...` or `signature-threshold-crossed`.
    """
    petition, signature, _ = _held(session, nonce)
    if not signature.counts:
        raise Refusal(f"signature-is-{signature.state}", status=410)
    opening = rules_of(petition.version).opening
    if opening is not None and petition.steps > opening:
        raise Refusal("signature-threshold-crossed")
    counting.discount(session, petition, [signature], SignatureState.WITHDRAWN)
    record(
        session,
        Actor(),
        "signature-withdrawn",
        mandate=petition.mandate_id,
        petition=petition.id,
        line=signature.leaf,
    )
    forget(signature)


def forget(signature: Signature) -> None:
    """Erase what a row says of a person; its marks stay, so that they still count once."""
    signature.name = signature.email = signature.district = signature.place = None
    signature.network = signature.seconds = signature.volunteer_id = None
    signature.is_public = signature.wants_news = False


def stop_news(session: Session, nonce: str) -> None:
    """Write no news of the petition any more to the signer of a link; the signature stays.

    Raises
    ------
    Refusal
        `signature-link-void` or `signature-is-...`.
    """
    _, signature, _ = _held(session, nonce)
    if not signature.counts:
        raise Refusal(f"signature-is-{signature.state}", status=410)
    signature.wants_news = False


def show(session: Session, nonce: str, *, is_public: bool) -> None:
    """Show the name of a link's signer beside the petition, or hide it again.

    Raises
    ------
    Refusal
        `signature-link-void` or `signature-is-...`.
    """
    _, signature, _ = _held(session, nonce)
    if not signature.counts:
        raise Refusal(f"signature-is-{signature.state}", status=410)
    signature.is_public = is_public
