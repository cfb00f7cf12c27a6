"""What the pages of votes show, beside the lines of the journal that settled and counted them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from assemblee.consultations import queries
from assemblee.consultations.counting import box_root, marked_root, roll_lines
from assemblee.consultations.models import Consultation, ConsultationState
from assemblee.journal import tree
from assemblee.journal.checks import PUBLISHED, Told
from assemblee.journal.queries import MOMENT
from votes.receipts import receipt

OPENED, COUNTED, CONTESTED, CANCELLED = (
    "consultation-opened",
    "consultation-counted",
    "count-contested",
    "consultation-cancelled",
)
STATES = {
    COUNTED: ConsultationState.COUNTED,
    CONTESTED: ConsultationState.CONTESTED,
    CANCELLED: ConsultationState.CANCELLED,
}


def differences(session: Session, leaves: Iterator[Told]) -> Iterator[str]:
    """Say what is shown of votes that is not what the journal tells."""
    told: dict[int, dict[str, Told]] = {}
    for leaf in leaves:
        told.setdefault(leaf.data["consultation"], {})[leaf.event] = leaf
    shown = select(Consultation).options(undefer(Consultation.rules_text), undefer(Consultation.result_text))
    for vote in session.scalars(shown.order_by(Consultation.id)):
        lines = told.pop(vote.id, {})
        for what in _differing(session, vote, lines):
            yield f"vote {vote.id}: {what} not what the journal tells"
    for number in sorted(told):
        yield f"vote {number}: the journal tells of it, and it is gone"


def _differing(session: Session, vote: Consultation, lines: dict[str, Told]) -> Iterator[str]:
    states = [state for event, state in STATES.items() if event in lines]
    is_settled = vote.state not in (ConsultationState.DRAFT, ConsultationState.CANCELLED)
    if (states and states[-1] != vote.state) or (not states and vote.state in STATES.values()):
        yield "its state is"
    if any(leaf.mandate != vote.mandate_id for leaf in lines.values()):
        yield "its mandate is"
    opened, counted, contested = (lines.get(event) for event in (OPENED, COUNTED, CONTESTED))
    if opened is not None:
        yield from _rules(vote, opened)
    elif is_settled or vote.rules_text is not None:
        yield "its rules are"
    if counted is not None:
        yield from _result(session, vote, counted)
    elif vote.result_text is not None:
        yield "its result is"
    if contested is not None:
        found = {"reason": vote.contested_for, "marks": vote.marks, "ballots": vote.ballots}
        if any(contested.data[name] != value for name, value in found.items()):
            yield "why its count was stopped is"


def _rules(vote: Consultation, opened: Told) -> Iterator[str]:
    text = vote.rules_text or ""
    if _sha256(text) != opened.data["rules"]:
        yield "its rules are"
        return
    rules = json.loads(text)
    shown = {
        "title": vote.title,
        "explanation": vote.explanation,
        "mode": vote.mode,
        "guarantors": vote.guarantors,
        "opens": vote.opens_at.strftime(MOMENT),
        "closes": vote.closes_at.strftime(MOMENT),
    }
    for name, value in shown.items():
        if rules[name] != value:
            yield f"`{name}` is"
    if tree.fingerprint(vote.arguments) != opened.data["arguments"]:
        yield "a text for or against is"
    if (vote.roll_size, vote.opened_leaf) != (opened.data["voters"], opened.position):
        yield "the size of its roll, or its line, is"


def _result(session: Session, vote: Consultation, counted: Told) -> Iterator[str]:
    if _sha256(vote.result_text or "") != counted.data["result"]:
        yield "its result is"
    if (vote.marks, vote.ballots) != (counted.data["marks"], counted.data["ballots"]):
        yield "the number of marks or ballots is"
    if vote.counted_leaf != counted.position or _moment(vote.counted_at) > counted.at:
        yield "when it was counted is"
    board = queries.ballots(session, vote)
    is_received = all(one.receipt == receipt(vote.id, bytes.fromhex(one.token), one.cells) for one in board)
    if box_root((bytes.fromhex(one.token), one.cells) for one in board) != counted.data["board"]:
        yield "its board is"
    elif not is_received or [one.position for one in board] != list(range(len(board))):
        yield "a receipt of its board is"
    if marked_root(roll_lines(session, vote)) != counted.data["roll"]:
        yield "its marked roll is"


def _moment(moment: datetime | None) -> str:
    return moment.strftime(MOMENT) if moment else ""


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


PUBLISHED.append((frozenset({OPENED, *STATES}), differences))
