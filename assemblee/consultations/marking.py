"""Marking the roll: who takes part is marked once, in the transaction in which their token is made."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from sqlalchemy.orm import Session

from assemblee import vault
from assemblee.consultations import codes, letters, queries
from assemblee.consultations.models import (
    CodeLink,
    Consultation,
    Phase,
    RollEntry,
    VotingCode,
    VotingMeans,
)
from assemblee.consultations.settling import PURPOSE, owner
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor
from votes.blind import BadLength, OutOfRange, PublicKey, SecretKey, blind_sign
from votes.receipts import code_digest, new_code

# Whoever presses the button again and again gets one letter.
SEND_AGAIN_AFTER = timedelta(minutes=10)


def secret_key(session: Session, consultation: Consultation) -> SecretKey:
    """Return the key that signs the tokens of a consultation.

    Raises
    ------
    Refusal
        `consultation-key-unreadable`: the secret of the installation has changed since.
    """
    try:
        plain = vault.open_sealed(session, PURPOSE, owner(consultation), consultation.sealed_key or b"")
    except vault.UnreadableError:
        raise Refusal("consultation-key-unreadable", status=500) from None
    modulus, exponent, private, first, second = (int(number, 16) for number in json.loads(plain))
    return SecretKey(PublicKey(modulus, exponent), private, first, second)


def _locked(session: Session, entry: RollEntry) -> RollEntry:
    entry = queries.entry_for_update(session, entry.id)
    queries.require_phase(session, entry.consultation, Phase.OPEN)
    if not entry.consultation.is_secret:
        raise Refusal("consultation-is-not-secret", status=409)
    return entry


def sign_token(session: Session, entry: RollEntry, blinded: bytes) -> bytes:
    """Mark a voter, and sign the token that their device has blinded.

    The same request gets the same answer again, so that nothing is lost when a connection breaks or this
    process dies between the two; another one is refused, or somebody would have two ballots.

    Parameters
    ----------
    blinded : bytes
        256 bytes (RFC 9474, section 4.2).

    Returns
    -------
    bytes
        The blind signature, 256 bytes.

    Raises
    ------
    Refusal
        `consultation-is-...`, `consultation-is-not-secret`, `token-request-invalid` or
        `voter-already-marked`.
    """
    entry = _locked(session, entry)
    asked = hashlib.sha256(blinded).hexdigest()
    if entry.means is not None and (entry.means, entry.blinded) != (VotingMeans.DEVICE, asked):
        raise Refusal("voter-already-marked", means=entry.means)
    try:
        signature = blind_sign(secret_key(session, entry.consultation), blinded)
    except (BadLength, OutOfRange):
        raise Refusal("token-request-invalid", status=422) from None
    entry.means, entry.blinded = VotingMeans.DEVICE, asked
    return signature


def send_code(session: Session, entry: RollEntry) -> None:
    """Mark a voter whose device makes no token, and send them a code that stands for one.

    Who asks again some minutes later gets another code, and the one that never came is void.

    Raises
    ------
    Refusal
        `consultation-is-...`, `consultation-is-not-secret`, `voter-already-marked`, `voter-code-used` or
        `voter-without-address`.
    """
    unused = codes.hold(session, entry)
    entry = _locked(session, entry)
    if not entry.address:
        raise Refusal("voter-without-address")
    # Two clicks are one letter.
    if unused is not None and database_now(session) - unused.given_at < SEND_AGAIN_AFTER:
        return
    letters.code(session, entry, _new_code(session, entry, unused))


def print_code(session: Session, actor: Actor, entry: RollEntry) -> str:
    """Mark a voter who asks for a letter, and return the code to print in it; it is shown this once.

    A code that they were given before, and have not used, is void from then on.

    Raises
    ------
    Refusal
        `consultation-is-...`, `consultation-is-not-secret`, `voter-code-used` or `voter-already-marked`.
    """
    unused = codes.hold(session, entry)
    entry = _locked(session, entry)
    code = _new_code(session, entry, unused)
    session.flush()
    # Whom, the journal does not say: that somebody took part is nobody else's business.
    record(
        session,
        actor,
        "voting-code-printed",
        mandate=entry.consultation.mandate_id,
        consultation=entry.consultation_id,
        marks=queries.marks(session, entry.consultation, VotingMeans.CODE),
    )
    return code


def _new_code(session: Session, entry: RollEntry, unused: CodeLink | None) -> str:
    _mark(session, entry, VotingMeans.CODE, unused)
    code = new_code()
    session.add(VotingCode(consultation_id=entry.consultation_id, digest=code_digest(code), is_sheet=False))
    codes.tie(session, entry, code)
    return code


def mark_at_counter(session: Session, actor: Actor, entry: RollEntry) -> None:
    """Mark a voter who is handed a paper ballot; a code that they have not used is void from then on.

    Raises
    ------
    Refusal
        `consultation-is-...`, `consultation-is-not-secret`, `voter-code-used` or `voter-already-marked`.
    """
    unused = codes.hold(session, entry)
    entry = _locked(session, entry)
    _mark(session, entry, VotingMeans.COUNTER, unused)
    session.flush()
    record(
        session,
        actor,
        "voter-marked-at-counter",
        mandate=entry.consultation.mandate_id,
        consultation=entry.consultation_id,
        marks=queries.marks(session, entry.consultation, VotingMeans.COUNTER),
    )


def _mark(session: Session, entry: RollEntry, means: VotingMeans, unused: CodeLink | None) -> None:
    if unused is not None and entry.means == VotingMeans.CODE:
        codes.void(session, unused)
        letters.take_back_code(session, entry)
    elif entry.means is not None:
        raise Refusal("voter-already-marked", means=entry.means)
    entry.means = means
