"""Plays the life of petitions: rules, a text, sponsors, a check, signers; and recounts from the journal."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.db import Store
from assemblee.journal import checks
from assemblee.journal import queries as journal
from assemblee.journal.models import Leaf
from assemblee.mail.models import Mail
from assemblee.mandates import actions as mandates
from assemblee.mandates import charters
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition import published, queries
from assemblee.petitions.petition.models import Petition, PetitionState, Signature
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules import rulebook
from assemblee.petitions.rules.document import ANSWER, ASSEMBLY, Opening, PetitionRules, ready_made
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.text import checking, drafting
from assemblee.petitions.text.drafting import PetitionFacts
from assemblee.security import COMMAND_LINE, Actor, Role
from tests import make
from votes.threshold import Step, Threshold

FACTS = PetitionFacts(
    title="Des cantines bio dans les collèges",
    aim="Loi agriculture et alimentation",
    category="Éducation et jeunesse",
    text="Nous demandons que les cantines des collèges servent des repas bio, et que la loi le finance.",
    author="Ondine Quatrevents",
)


ORGANISER, GUARANTOR = "organisatrice@example.org", "garante1@example.org"


def rules(
    place: Mandate, *, answer: int = 2, assembly: int = 4, sponsors: int = 1, **changes: object
) -> PetitionRules:
    """Return rules with low thresholds."""
    found = replace(
        ready_made(place.inhabitants_over_16),
        sponsors=sponsors,
        steps=(
            Opening(ANSWER, Step(Threshold.read(str(answer)))),
            Opening(ASSEMBLY, Step(Threshold.read(str(assembly)))),
        ),
    )
    return replace(found, **changes)


def publish(store: Store, place: Mandate, found: PetitionRules | None = None) -> None:
    """Publish a charter, if there is none, and rules for petitions."""
    with store.writing() as session:
        row = session.get_one(Mandate, place.id)
        if not _has_charter(session, row):
            charters.publish(session, COMMAND_LINE, row, charters.ready_made(row), "")
        rulebook.publish(session, COMMAND_LINE, row, found or rules(place), "")


def _has_charter(session: Session, place: Mandate) -> bool:
    return mandate_queries.charter(session, place) is not None


def author(store: Store, email: str = "autrice@example.org") -> Actor:
    """Return somebody with an account of their own."""
    return Actor(make.account(store, email).id, frozenset({Role.EVERYONE, Role.SIGNED_IN}))


def guarantor(store: Store, place: Mandate, number: int = 1) -> Actor:
    """Return a guarantor."""
    with store.writing() as session:
        held = mandates.give_role(
            session,
            COMMAND_LINE,
            session.get_one(Mandate, place.id),
            f"garante{number}@example.org",
            Role.GUARANTOR,
        )
        return Actor(held.account_id, frozenset({Role.EVERYONE, Role.SIGNED_IN, Role.GUARANTOR}))


def written(store: Store, place: Mandate, actor: Actor, facts: PetitionFacts = FACTS) -> Petition:
    """Return a draft."""
    with store.writing() as session:
        return drafting.write(session, actor, session.get_one(Mandate, place.id), facts)


def submitted(store: Store, place: Mandate, actor: Actor, facts: PetitionFacts = FACTS) -> Petition:
    """Return a petition that looks for sponsors, or has them if it needs none."""
    found = written(store, place, actor, facts)
    with store.writing() as session:
        drafting.submit(session, actor, session.get_one(Petition, found.id))
    return fresh(store, found)


def opened(
    store: Store,
    place: Mandate,
    actor: Actor | None = None,
    facts: PetitionFacts = FACTS,
    ruling: Actor | None = None,
) -> Petition:
    """Return a petition with its sponsors, opened by nobody's silence but by a guarantor's word."""
    found = submitted(store, place, actor or author(store), facts)
    with store.reading() as session:
        needed = rule_queries.rules_of(session.get_one(Petition, found.id).version).sponsors
    for number in range(needed):
        sign(store, found, f"marraine{number}@example.org", f"Marraine {number}")
    ruling = ruling or guarantor(store, place, 9)
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        checking.rule(session, ruling, row, is_admitted=True, ground=None, reason="Rien ne s’y oppose.")
    return fresh(store, found)


def stamp(seconds: int = 20) -> signing.Stamp:
    """Return the stamp of a fresh form."""
    return signing.Stamp(secrets.token_hex(16), seconds)


def ask(
    store: Store,
    found: Petition,
    email: str,
    name: str = "Ysaline Tournesol",
    *,
    network: str | None = None,
    **changes: object,
) -> None:
    """Fill the form."""
    facts = replace(signing.SignerFacts(name, email, place="Le Val"), **changes)
    used = stamp()

    def fill(session: Session) -> None:
        row = session.get_one(Petition, found.id)
        signing.ask(session, row, facts, used, network=network, language="fr")

    store.retrying(fill)


def row_of(store: Store, found: Petition, email: str) -> Signature:
    """Return the signature of an address."""
    with store.reading() as session:
        row = session.scalar(
            select(Signature).where(Signature.petition_id == found.id, Signature.email == email)
        )
        assert row is not None, email
        return row


def confirm(store: Store, signature: Signature) -> Signature:
    """Use the link of the mail."""
    with store.writing() as session:
        return signing.confirm(session, session.get_one(Signature, signature.id).nonce)


def sign(
    store: Store, found: Petition, email: str, name: str = "Ysaline Tournesol", **changes: object
) -> Signature:
    """Fill the form and use the link."""
    ask(store, found, email, name, **changes)
    return confirm(store, row_of(store, found, email))


def fresh(store: Store, found: Petition) -> Petition:
    """Return a petition as it stands now, with what hangs on it."""
    with store.reading() as session:
        row = session.get_one(Petition, found.id)
        _ = row.mandate, row.version, row.term, row.rulings, row.crossings, row.attachments
        session.expunge_all()
        return row


def letters(store: Store, subject: str) -> list[str]:
    """Return who was written to about something."""
    with store.reading() as session:
        return list(session.scalars(select(Mail.recipient).where(Mail.subject == subject).order_by(Mail.id)))


def recounted(leaves: Iterable[dict[str, Any]], petition: int) -> int:
    """Count a petition's signatures as a stranger does, from the lines of the journal alone."""
    counting: dict[int, int] = {}
    for line in leaves:
        data, event = line["data"], line["event"]
        if event in {"signature-withdrawn", "paper-signature-doubled"}:
            gone = [data["line"]]
        else:
            gone = {"signatures-set-aside": data.get("lines"), "petitions-merged": data.get("doubled")}.get(
                event
            )
        for one in gone or ():
            del counting[one]
        if event == "signature-counted":
            counting[line["position"]] = data["petition"]
        elif event == "signatures-restored":
            counting.update(dict.fromkeys(data["lines"], data["petition"]))
        elif event == "petitions-merged":
            moved = [one for one, owner in counting.items() if owner == data["merged"]]
            counting.update(dict.fromkeys(moved, data["petition"]))
    return sum(owner == petition for owner in counting.values())


def lines(store: Store) -> list[dict[str, Any]]:
    """Return the lines of the journal, each with its position."""
    with store.reading() as session:
        rows = session.execute(select(Leaf.position, Leaf.body).order_by(Leaf.position))
        return [{**json.loads(row.body), "position": row.position} for row in rows]


def check_count(store: Store, found: Petition) -> None:
    """Hold the count on the row against the rows, and against the journal."""
    with store.reading() as session:
        row = session.get_one(Petition, found.id)
        assert row.counted == queries.counted(session, row)
        # What petitions show, and only that: some tests hold a draw without its ceremony.
        (events,) = (events for events, compare in checks.PUBLISHED if compare is published.differences)
        told = checks._told(session, events, journal.size(session))
        assert list(published.differences(session, told)) == []
    if row.state != PetitionState.MERGED:
        assert row.counted == recounted(lines(store), row.id)


def act(store: Store, found: Petition, verb: Callable[[Session, Petition], object]) -> object:
    """Let a verb act on a petition, in a transaction of its own."""
    with store.writing() as session:
        return verb(session, session.get_one(Petition, found.id))
