"""Plays consultations: writes one, settles it, lets people vote with real tokens, and counts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Inspector, inspect, select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.consultations import casting, counting, drafting, marking, queries, settling
from assemblee.consultations.models import Consultation, Mode, RollEntry
from assemblee.db import Store
from assemblee.mail.models import Mail
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate, RoleHolding
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Actor, Role
from votes import blind

COMMITTEES = ("Affaires sociales", "Défense", "Finances")
SCALE = [["À rejeter", "Reject"], ["Passable", "Passable"], ["Bien", "Good"], ["Très bien", "Very good"]]
JUDGMENT: dict[str, Any] = {
    "kind": "majority-judgment",
    "proposals": list(COMMITTEES),
    "scale": SCALE,
    "default": {"mode": "static", "grade": 0},
    "quorum": [0, 1],
}
YES_NO: dict[str, Any] = {
    "kind": "yes-no",
    "proposals": ["Voter pour la loi"],
    "quorum": [1, 4],
    "threshold": [1, 2, "more-than"],
}
NOMINAL: dict[str, Any] = {"kind": "nominal", "proposals": list(COMMITTEES), "quorum": [0, 1]}
MEASURES: dict[str, Any] = {
    "kind": "multi-criteria",
    "proposals": ["Un train de nuit", "Une maison de santé"],
    "criteria": [
        {"name": ["Urgence", "Urgency"], "scale": SCALE},
        {"name": ["Importance", "Importance"], "scale": SCALE[:3]},
    ],
    "routing": {"name": ["Suite", "Next"], "options": [["Pacte", "Pact"], ["Convention", "Convention"]]},
    "combination": {"mode": "pareto"},
    "default": {"mode": "median"},
    "quorum": [0, 1],
}
KINDS = (JUDGMENT, YES_NO, NOMINAL, MEASURES)
OPEN_FOR = timedelta(days=7)


def guarantors(store: Store, place: Mandate, number: int = 2) -> list[Actor]:
    """Return the guarantors of a mandate, whom it is given if it has none."""
    roles = frozenset({Role.EVERYONE, Role.SIGNED_IN, Role.GUARANTOR})
    with store.writing() as session:
        held = list(
            session.scalars(
                select(RoleHolding.account_id)
                .where(RoleHolding.mandate_id == place.id, RoleHolding.role == Role.GUARANTOR)
                .order_by(RoleHolding.account_id)
            )
        ) or [
            mandates.give_role(
                session, COMMAND_LINE, place, f"garant{one}@example.org", Role.GUARANTOR
            ).account_id
            for one in range(number)
        ]
        return [Actor(account, roles, second_factor=True) for account in held]


def facts(pool: Pool, rules: dict[str, Any] = JUDGMENT, **changes: Any) -> drafting.Facts:  # noqa: ANN401 - any of its fields
    made = drafting.Facts(
        title="Quelle commission ?",
        explanation="La députée siège dans une seule commission permanente.",
        arguments=[("for", "Finances", "Elle suit le budget."), ("against", "Finances", "Trop technique.")],
        rules=rules,
        mode=Mode.SECRET,
        opens_at=clock.now(),
        closes_at=clock.now() + OPEN_FOR,
        guarantors=2,
        roll=("pool", pool.id),
    )
    return replace(made, **changes)


def written(store: Store, place: Mandate, given: drafting.Facts) -> Consultation:
    with store.writing() as session:
        return drafting.write(session, COMMAND_LINE, session.get_one(Mandate, place.id), given)


def settled(
    store: Store,
    place: Mandate,
    pool: Pool,
    rules: dict[str, Any] = JUDGMENT,
    **changes: Any,  # noqa: ANN401 - the same
) -> Consultation:
    """Give a consultation that is open, of a mandate that has its guarantors."""
    made = written(store, place, facts(pool, rules, **changes))
    with store.writing() as session:
        settling.settle(session, COMMAND_LINE, session.get_one(Consultation, made.id))
    return fresh(store, made)


def fresh(store: Store, row: Consultation) -> Consultation:
    with store.reading() as session:
        found = session.get_one(Consultation, row.id)
        _ = found.rules_text, found.result_text, found.sealed_key, found.mandate, found.starts
        session.expunge_all()
        return found


def roll(store: Store, consultation: Consultation) -> list[RollEntry]:
    with store.reading() as session:
        found = queries.entries(session, consultation)
        for entry in found:
            _ = entry.consultation, entry.volunteer
        session.expunge_all()
        return found


class Device:
    """What a voter's device keeps: the token, and what it asked to be signed."""

    def __init__(self, consultation: Consultation) -> None:
        self.key = casting.public_key(consultation)
        self.prepared = blind.prepare(secrets.token_bytes(32))
        self.blinded = blind.blind(self.key, self.prepared)
        self.signature = b""

    def mark(self, session: Session, entry: RollEntry) -> None:
        answer = marking.sign_token(session, session.get_one(RollEntry, entry.id), self.blinded.message)
        self.signature = blind.finalize(self.key, self.prepared, answer, self.blinded.inverse)

    def cast(self, session: Session, consultation: Consultation, ballot: bytes) -> casting.Receipt:
        found = session.get_one(Consultation, consultation.id)
        return casting.cast(session, found, self.prepared, self.signature, ballot)


def vote(store: Store, consultation: Consultation, entry: RollEntry, ballot: bytes) -> casting.Receipt:
    """Let a voter be marked and cast a ballot."""
    device = Device(consultation)
    with store.writing() as session:
        device.mark(session, entry)
    with store.writing() as session:
        return device.cast(session, consultation, ballot)


def sent_code(store: Store) -> str:
    """Return the voting code that was mailed last."""
    with store.reading() as session:
        body = session.scalars(select(Mail.body).order_by(Mail.id.desc())).first() or ""
    found = re.search(r"^    ([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})$", body, re.MULTILINE)
    assert found, body
    return found.group(1)


@contextmanager
def after_closing(consultation: Consultation) -> Iterator[None]:
    """Live a minute after a consultation has closed."""
    until: datetime = consultation.closes_at
    with clock.shifted(until - clock.now() + timedelta(minutes=1)):
        yield


def count(store: Store, consultation: Consultation, people: list[Actor]) -> Consultation:
    """Let guarantors start the count, after closing."""
    with after_closing(consultation):
        for one in people:
            with store.writing() as session:
                counting.start(session, one, session.get_one(Consultation, consultation.id))
    return fresh(store, consultation)


def inspector(store: Store) -> Inspector:
    return inspect(store.engine)
