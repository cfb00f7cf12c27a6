"""The count: guarantors start it together; box, roll and tokens are compared, and the result is hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee.consultations import queries
from assemblee.consultations.models import (
    Ballot,
    CodeLink,
    Consultation,
    ConsultationState,
    CountStart,
    Phase,
    RollEntry,
    VotingCode,
)
from assemblee.consultations.queries import WIPE
from assemblee.consultations.settling import roll_root
from assemblee.db import database_now
from assemblee.jobs import actions as jobs
from assemblee.journal import actions as journal
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor
from votes.box import Box, DamagedBox
from votes.consultation import Rules
from votes.outcome import outcome
from votes.receipts import board_leaf, commitment, receipt

MARKED, NOT_MARKED = b"\x01", b"\x00"


def start(session: Session, actor: Actor, consultation: Consultation) -> Consultation:
    """Say, as a guarantor, that the count may start; the last one who must say so starts it.

    Where the box holds more ballots than the roll has marks, or either was tampered with, nothing is counted:
    the consultation is contested, and the journal says why.

    Raises
    ------
    Refusal
        `account-unknown`, `consultation-is-...`, `sheets-unfinished` or `count-already-started`.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    consultation = queries.locked(session, consultation)
    queries.require_phase(session, consultation, Phase.CLOSED)
    unfinished = queries.unfinished_sheets(session, consultation)
    if unfinished:
        raise Refusal("sheets-unfinished", sheets=unfinished)
    said = CountStart(
        consultation_id=consultation.id, account_id=actor.account, at=database_now(session), leaf=0
    )
    try:
        with session.begin_nested():
            session.add(said)
    except IntegrityError:
        raise Refusal("count-already-started") from None
    number = session.scalar(select(func.count()).where(CountStart.consultation_id == consultation.id)) or 0
    said.leaf = record(
        session,
        actor,
        "count-started",
        mandate=consultation.mandate_id,
        consultation=consultation.id,
        guarantors=number,
        needed=consultation.guarantors,
    ).position
    if number >= consultation.guarantors:
        _count(session, actor, consultation, number)
    return consultation


def _in_box(session: Session, consultation: Consultation, rules: Rules) -> list[tuple[bytes, bytes]]:
    """Return tokens and ballots, sorted by token.

    Raises
    ------
    votes.box.DamagedBox
    """
    if not consultation.is_secret:
        return sorted((named.token, named.ballot) for named in queries.named_ballots(session, consultation))
    size = len(rules.columns)
    return [
        one
        for part in queries.parts_for_update(session, consultation)
        for one in Box.read(part.content, size)
    ]


def matrix(ballots: Sequence[bytes], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return ballots as an array of bytes, shape (ballots, answers)."""
    return np.frombuffer(b"".join(ballots), dtype=np.uint8).reshape(len(ballots), width)


def _count(session: Session, actor: Actor, consultation: Consultation, guarantors: int) -> None:
    rules = queries.rules(consultation)
    roll = roll_lines(session, consultation)
    marks = sum(is_marked for _, is_marked in roll)
    frozen = json.loads(str(consultation.rules_text))["roll"]["root"]
    try:
        box = _in_box(session, consultation, rules)
    except DamagedBox:
        _contest(session, actor, consultation, "box-damaged", marks=marks, ballots=0)
        return
    if roll_root([line for line, _ in roll]) != frozen:
        _contest(session, actor, consultation, "roll-altered", marks=marks, ballots=len(box))
        return
    if len(box) > marks:
        _contest(session, actor, consultation, "ballots-exceed-marks", marks=marks, ballots=len(box))
        return
    consultation.marks, consultation.ballots = marks, len(box)
    counted = outcome(
        rules,
        matrix([ballot for _, ballot in box], len(rules.columns)),
        consultation=consultation.id,
        roll=len(roll),
        marks=marks,
    )
    text = tree.canonical(counted)
    consultation.result_text = text.decode()
    consultation.state, consultation.counted_at = ConsultationState.COUNTED, database_now(session)
    if box:
        _keep(session, consultation, box)
    _empty(session, consultation)
    consultation.counted_leaf = record(
        session,
        actor,
        "consultation-counted",
        mandate=consultation.mandate_id,
        consultation=consultation.id,
        marks=marks,
        ballots=len(box),
        board=box_root(box),
        roll=marked_root(roll),
        result=hashlib.sha256(text).hexdigest(),
        guarantors=guarantors,
    ).position
    journal.checkpoint(session)
    jobs.start(session, WIPE, consultation.id, mandate=consultation.mandate_id)


def box_root(box: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the root over tokens and ballots, in the order of the board."""
    return tree.root(tree.leaf_hash(board_leaf(*one)) for one in box).hex()


def marked_root(roll: Iterable[tuple[bytes, bool]]) -> str:
    """Return the root over the roll as it is published, with its marks."""
    marked = (line + (MARKED if is_marked else NOT_MARKED) for line, is_marked in roll)
    return tree.root(map(tree.leaf_hash, marked)).hex()


def _contest(
    session: Session, actor: Actor, consultation: Consultation, reason: str, *, marks: int, ballots: int
) -> None:
    """Publish that the count was stopped, and why: what is in the box stays for whoever looks into it."""
    consultation.state, consultation.contested_for = ConsultationState.CONTESTED, reason
    consultation.marks, consultation.ballots = marks, ballots
    record(
        session,
        actor,
        "count-contested",
        mandate=consultation.mandate_id,
        consultation=consultation.id,
        reason=reason,
        marks=marks,
        ballots=ballots,
    )


def roll_lines(session: Session, consultation: Consultation) -> list[tuple[bytes, bool]]:
    """Return the published roll: who is on it under a commitment, and whether they are marked; sorted."""
    rows = session.execute(
        select(RollEntry.reference, RollEntry.salt, RollEntry.means).where(
            RollEntry.consultation_id == consultation.id
        )
    )
    return sorted(
        (commitment(consultation.id, reference, bytes.fromhex(salt)), means is not None)
        for reference, salt, means in rows
    )


def _keep(session: Session, consultation: Consultation, ballots: Sequence[tuple[bytes, bytes]]) -> None:
    session.execute(
        insert(Ballot),
        [
            {
                "consultation_id": consultation.id,
                "token": token.hex(),
                "receipt": receipt(consultation.id, token, ballot),
                "position": position,
                "cells": ballot,
            }
            for position, (token, ballot) in enumerate(ballots)
        ],
    )


def _empty(session: Session, consultation: Consultation) -> None:
    """Throw away what only the vote itself needed."""
    for part in queries.parts_for_update(session, consultation):
        part.content = b""
    for table in (VotingCode, CodeLink):
        session.execute(delete(table).where(table.consultation_id == consultation.id))
    if consultation.is_secret:
        # Of people whom no pool knows nothing is kept once their link has served.
        session.execute(
            update(RollEntry)
            .where(RollEntry.consultation_id == consultation.id)
            .values(name=None, email=None)
        )
    consultation.sealed_key = None
    session.flush()
