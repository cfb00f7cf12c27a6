"""Casting a ballot: a token is its own right to vote, whoever brings it, and its last ballot counts."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.consultations import queries
from assemblee.consultations.models import (
    BoxPart,
    Consultation,
    NamedBallot,
    Phase,
    RollEntry,
    VotingCode,
    VotingMeans,
)
from assemblee.journal import keys
from assemblee.refusal import Refusal
from votes.ballots import NO_OPINION
from votes.blind import PublicKey, verify
from votes.box import Box, part_of
from votes.consultation import Rules
from votes.errors import BadBallot
from votes.receipts import (
    PREPARED_BYTES,
    TOKEN_BYTES,
    BadCode,
    code_digest,
    message_of_code,
    receipt,
    token_id,
)


@dataclass(frozen=True)
class Receipt:
    """What a voter keeps: the code of their ballot, and this installation's signature under it."""

    code: str
    note: str


def public_key(consultation: Consultation) -> PublicKey:
    """Return the key by which the tokens of a consultation are checked, as its rules name it."""
    named = json.loads(consultation.rules_text or "{}")["token_key"]
    return PublicKey(int(named["n"], 16), named["e"])


def checked(rules: Rules, ballot: bytes) -> bytes:
    """Return a ballot that the rules allow.

    Raises
    ------
    Refusal
        `ballot-invalid` or `ballot-incomplete`.
    """
    try:
        rules.check(ballot)
    except BadBallot as error:
        column = error.parameters.get("column")
        is_missing = isinstance(column, int) and ballot[column] == NO_OPINION
        raise Refusal("ballot-incomplete" if is_missing else "ballot-invalid", status=422) from None
    return ballot


def cast(
    session: Session, consultation: Consultation, prepared: bytes, signature: bytes, ballot: bytes
) -> Receipt:
    """Put the ballot of a token in the box.

    Parameters
    ----------
    prepared, signature : bytes
        The token: 64 bytes, and the signature over them (RFC 9474).
    ballot : bytes
        One byte for each answer (`votes.consultation`).

    Raises
    ------
    Refusal
        `token-invalid`, `ballot-invalid`, `ballot-incomplete` or `consultation-is-...`.
    """
    _require_secret(consultation)
    is_token = len(prepared) == PREPARED_BYTES
    if not is_token or not verify(public_key(consultation), prepared, signature):
        raise Refusal("token-invalid", status=403)
    return _put(session, consultation, token_id(prepared), ballot)


def cast_by_code(session: Session, consultation: Consultation, code: str, ballot: bytes) -> Receipt:
    """Put the ballot of a typed code in the box.

    Raises
    ------
    Refusal
        `code-invalid`, `ballot-invalid`, `ballot-incomplete` or `consultation-is-...`.
    """
    _require_secret(consultation)
    require_code(session, consultation, code)
    receipt = _put(session, consultation, token_id(message_of_code(code)), ballot)
    # Once more, behind the lock of the box: the code may have been replaced while this waited.
    require_code(session, consultation, code)
    return receipt


def require_code(session: Session, consultation: Consultation, code: str) -> None:
    """Refuse a code that was not given to a voter of this consultation.

    Raises
    ------
    Refusal
        `code-invalid`: the same answer for one that cannot be a code, so that nothing is learnt by trying.
    """
    try:
        known = session.get(VotingCode, (consultation.id, code_digest(code)), populate_existing=True)
    except BadCode:
        known = None
    # The code of a paper ballot is for the two people who enter it.
    if known is None or known.is_sheet:
        raise Refusal("code-invalid", status=422)


def cast_named(session: Session, entry: RollEntry, ballot: bytes) -> Receipt:
    """Keep the ballot of a voter whose name stands beside it.

    Raises
    ------
    Refusal
        `consultation-is-...`, `consultation-is-secret`, `ballot-invalid` or `ballot-incomplete`.
    """
    entry = queries.entry_for_update(session, entry.id)
    consultation = entry.consultation
    queries.require_phase(session, consultation, Phase.OPEN)
    if consultation.is_secret:
        raise Refusal("consultation-is-secret")
    checked(queries.rules(consultation), ballot)
    kept = session.get(NamedBallot, entry.id)
    if kept is None:
        kept = NamedBallot(entry_id=entry.id, token=secrets.token_bytes(TOKEN_BYTES), ballot=ballot)
        session.add(kept)
    kept.ballot = ballot
    entry.means = VotingMeans.NAMED
    session.flush()
    return _receipt(session, consultation, kept.token, ballot)


def _require_secret(consultation: Consultation) -> None:
    if not consultation.is_secret:
        raise Refusal("consultation-is-not-secret")


def _put(session: Session, consultation: Consultation, token: bytes, ballot: bytes) -> Receipt:
    put(session, consultation, token, ballot, Phase.OPEN)
    return _receipt(session, consultation, token, ballot)


def put(session: Session, consultation: Consultation, token: bytes, ballot: bytes, phase: Phase) -> None:
    """Put a ballot in its part of the box, in the phase in which it may come.

    Raises
    ------
    Refusal
        `ballot-invalid`, `ballot-incomplete` or `consultation-is-...`.
    """
    checked(queries.rules(consultation), ballot)
    bits = queries.part_numbers(session, consultation).bit_length() - 1
    part = session.scalars(
        select(BoxPart)
        .where(BoxPart.consultation_id == consultation.id, BoxPart.number == part_of(token, bits))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    # Only now: the count locks every part before it reads the time, so no ballot slips in behind it.
    session.refresh(consultation)
    queries.require_phase(session, consultation, phase)
    part.content = Box.read(part.content, len(ballot)).put(token, ballot).content
    session.flush()


def _receipt(session: Session, consultation: Consultation, token: bytes, ballot: bytes) -> Receipt:
    code = receipt(consultation.id, token, ballot)
    text = f"assemblee-receipt-1\nconsultation {consultation.id}\n{code}\n"
    return Receipt(code, str(keys.signer(session).sign(text)))
