"""Whose a code is while it is unused: one that never came is made void, and another one counts instead."""

from __future__ import annotations

import json

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assemblee import vault
from assemblee.consultations import queries
from assemblee.consultations.models import BoxPart, CodeLink, Consultation, Phase, RollEntry, VotingCode
from assemblee.db import database_now
from assemblee.refusal import Refusal
from votes.box import Box, part_of
from votes.receipts import code_digest, message_of_code, token_id

PURPOSE = "voting-codes"


def tie(session: Session, entry: RollEntry, code: str) -> None:
    """Keep whose a new code is, sealed with the secret of the installation."""
    plain = json.dumps([code_digest(code), token_id(message_of_code(code)).hex()]).encode()
    link = CodeLink(
        entry_id=entry.id,
        consultation_id=entry.consultation_id,
        sealed=vault.seal(session, PURPOSE, str(entry.id), plain),
        given_at=database_now(session),
    )
    session.merge(link)
    session.flush()


def _opened(session: Session, link: CodeLink) -> tuple[str, bytes]:
    """Return the digest of a code, and the token that its ballot would lie under."""
    digest, token = json.loads(vault.open_sealed(session, PURPOSE, str(link.entry_id), link.sealed))
    return digest, bytes.fromhex(token)


def hold(session: Session, entry: RollEntry) -> CodeLink | None:
    """Return the link of the code that somebody was given, if it is unused, and keep it so.

    The part of the box in which its ballot would lie is locked, before the entry of the roll as in the count:
    no ballot comes in with this code before the act is over.

    Raises
    ------
    Refusal
        `voter-code-used`.
    """
    link = session.get(CodeLink, entry.id)
    if link is None:
        return None
    _, token = _opened(session, link)
    _part(session, link.consultation_id, token, for_update=True)
    session.expire(link)
    link = session.get(CodeLink, entry.id)
    if link is None or _opened(session, link)[1] != token:
        # Somebody else has replaced it meanwhile.
        raise Refusal("voter-already-marked")
    if _is_used(session, link):
        raise Refusal("voter-code-used")
    return link


def void(session: Session, link: CodeLink) -> None:
    """Let a code that is held count for nothing."""
    digest, _ = _opened(session, link)
    session.execute(
        delete(VotingCode).where(
            VotingCode.consultation_id == link.consultation_id, VotingCode.digest == digest
        )
    )
    session.delete(link)
    session.flush()


def forget(session: Session) -> int:
    """Erase whose the codes were that have served, all at once, and those of votes that are over.

    Returns
    -------
    int
        How many were erased.
    """
    links = session.execute(
        select(CodeLink, Consultation)
        .join(Consultation, Consultation.id == CodeLink.consultation_id)
        .order_by(CodeLink.entry_id)
    ).all()
    now = database_now(session)
    over = [
        link
        for link, consultation in links
        if consultation.phase(now) != Phase.OPEN or _is_used(session, link)
    ]
    session.execute(delete(CodeLink).where(CodeLink.entry_id.in_([link.entry_id for link in over])))
    return len(over)


def _is_used(session: Session, link: CodeLink) -> bool:
    _, token = _opened(session, link)
    part = _part(session, link.consultation_id, token)
    size = len(queries.rules(session.get_one(RollEntry, link.entry_id).consultation).blank)
    return Box.read(part.content, size).get(token) is not None


def _part(session: Session, consultation_id: int, token: bytes, *, for_update: bool = False) -> BoxPart:
    consultation = queries.settled(session, consultation_id)
    bits = queries.part_numbers(session, consultation).bit_length() - 1
    query = select(BoxPart).where(
        BoxPart.consultation_id == consultation_id, BoxPart.number == part_of(token, bits)
    )
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()
