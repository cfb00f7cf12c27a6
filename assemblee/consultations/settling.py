"""Settling a consultation: rules and roll are frozen, hashed in the journal, and people are told."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from assemblee import vault
from assemblee.accounts.models import Account
from assemblee.consultations import letters, queries, rolls
from assemblee.consultations.drafting import LARGEST_NAMED_ROLL
from assemblee.consultations.models import BoxPart, Consultation, ConsultationState, Mode, Phase, RollEntry
from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.journal.queries import MOMENT
from assemblee.mandates.models import RoleHolding
from assemblee.refusal import Refusal
from assemblee.security import Actor, Role
from votes.blind import PublicKey, SecretKey
from votes.box import bits_for
from votes.consultation import read_rules
from votes.receipts import SALT_BYTES, commitment

FORMAT = "assemblee-consultation-1"
# Tokens can be forged with the key only while the vote lasts, and never be linked with it: 2,048 bits do.
KEY_BITS = 2048
EXPONENT = 65537
NONCE_BYTES = 12
PURPOSE = "consultation tokens"


def owner(consultation: Consultation) -> str:
    """Return whom a sealed key belongs to."""
    return f"consultation-{consultation.id}"


def roll_root(leaves: Sequence[bytes]) -> str:
    """Return the root over the sorted leaves of a roll."""
    return tree.root(tree.leaf_hash(leaf) for leaf in sorted(leaves)).hex()


def _new_key() -> SecretKey:
    numbers = rsa.generate_private_key(EXPONENT, KEY_BITS).private_numbers()
    public = numbers.public_numbers
    return SecretKey(PublicKey(public.n, public.e), numbers.d, numbers.p, numbers.q)


def _sealed(session: Session, consultation: Consultation, key: SecretKey) -> bytes:
    plain = tree.canonical([hex(number) for number in (key.public.n, key.public.e, key.d, key.p, key.q)])
    return vault.seal(session, PURPOSE, owner(consultation), plain)


def settle(session: Session, actor: Actor, consultation: Consultation) -> Consultation:
    """Freeze rules and roll, hash them in the journal, make the key of the tokens, and write to the voters.

    One whose time to open has passed opens now.

    Raises
    ------
    Refusal
        `consultation-is-...`, `consultation-times-invalid` if it would be closed already,
        `consultation-guarantors-too-few`, `consultation-named-too-large`, `roll-unknown` or `roll-empty`.
    """
    consultation = queries.locked(session, consultation)
    queries.require_phase(session, consultation, Phase.DRAFT)
    now = database_now(session).replace(microsecond=0)
    consultation.opens_at = max(consultation.opens_at, now)
    if consultation.closes_at <= consultation.opens_at:
        raise Refusal("consultation-times-invalid", status=422)
    _require_guarantors(session, consultation)
    voters = rolls.voters(
        session, consultation.mandate_id, consultation.roll_source, consultation.roll_source_id
    )
    if consultation.mode == Mode.OPEN and len(voters) > LARGEST_NAMED_ROLL:
        raise Refusal("consultation-named-too-large", status=422, most=LARGEST_NAMED_ROLL)
    entries = _write_roll(session, consultation, voters)
    key = _new_key() if consultation.is_secret else None
    root = roll_root(
        [commitment(consultation.id, row["reference"], bytes.fromhex(row["salt"])) for row in entries]
    )
    text = tree.canonical(_document(consultation, len(entries), root, key))
    consultation.rules_text, consultation.roll_size = text.decode(), len(entries)
    if key is not None:
        consultation.sealed_key = _sealed(session, consultation, key)
        session.add_all(
            BoxPart(consultation_id=consultation.id, number=number, content=b"")
            for number in range(1 << bits_for(len(entries)))
        )
    consultation.state, consultation.settled_at = ConsultationState.SETTLED, now
    session.flush()
    consultation.opened_leaf = record(
        session,
        actor,
        "consultation-opened",
        mandate=consultation.mandate_id,
        consultation=consultation.id,
        rules=hashlib.sha256(text).hexdigest(),
        roll=root,
        voters=len(entries),
        arguments=tree.fingerprint(consultation.arguments),
    ).position
    letters.invited(session, consultation)
    return consultation


def _require_guarantors(session: Session, consultation: Consultation) -> None:
    there = session.scalar(
        select(func.count(func.distinct(RoleHolding.account_id)))
        .join(Account)
        .where(
            RoleHolding.mandate_id == consultation.mandate_id,
            RoleHolding.role == Role.GUARANTOR,
            Account.disabled_at.is_(None),
        )
    )
    if (there or 0) < consultation.guarantors:
        raise Refusal("consultation-guarantors-too-few", found=there or 0, needed=consultation.guarantors)


def _write_roll(
    session: Session, consultation: Consultation, voters: Sequence[rolls.Voter]
) -> list[dict[str, str]]:
    rows = [
        {
            "consultation_id": consultation.id,
            "reference": voter.reference,
            "volunteer_id": voter.volunteer,
            "name": voter.name,
            "email": voter.email,
            "nonce": secrets.token_hex(NONCE_BYTES),
            "salt": secrets.token_hex(SALT_BYTES),
        }
        for voter in voters
    ]
    session.execute(insert(RollEntry), rows)
    return [{"reference": str(row["reference"]), "salt": str(row["salt"])} for row in rows]


def _document(
    consultation: Consultation, voters: int, root: str, key: SecretKey | None
) -> dict[str, tree.Canonical]:
    """Return ``rules.json`` of `docs/consultations.md`."""
    rules, read = consultation.rules, read_rules(consultation.rules)
    is_many = bool(read.criteria)
    return {
        "format": FORMAT,
        "consultation": consultation.id,
        "mandate": consultation.mandate.slug,
        "title": consultation.title,
        "explanation": consultation.explanation,
        "kind": read.kind,
        "mode": consultation.mode,
        "proposals": list(read.proposals),
        # What is left of another kind is not a rule of this one.
        "scale": rules["scale"] if read.scale else [],
        "criteria": rules["criteria"] if is_many else [],
        "routing": rules.get("routing") if is_many else None,
        "combination": rules["combination"] if is_many else None,
        "default": dict(read.default) if read.default else None,
        "quorum": rules["quorum"],
        "threshold": rules["threshold"] if read.threshold else None,
        "opens": consultation.opens_at.strftime(MOMENT),
        "closes": consultation.closes_at.strftime(MOMENT),
        "roll": {"size": voters, "root": root},
        "guarantors": consultation.guarantors,
        "token_key": {"n": f"{key.public.n:x}", "e": key.public.e} if key else None,
    }
