"""The verbs of an author: write, change, add files, look for sponsors, withdraw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.assemblies.papers import documents
from assemblee.days import days_after
from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Attachment, Petition, PetitionState
from assemblee.petitions.petition.moving import locked, move, require, require_author
from assemblee.petitions.rules.queries import current, rules_of
from assemblee.petitions.text import checking
from assemblee.refusal import Refusal
from assemblee.security import Actor
from assemblee.written import has_letter, one_line, visible

LONGEST_TITLE, LONGEST_AIM, LONGEST_TEXT, LONGEST_NAME = 150, 300, 10_000, 100
MOST_ATTACHMENTS = 5
LARGEST_ATTACHMENT = 5 * 1024 * 1024
# Of one account in a mandate: petitions that wait to be submitted or sponsored, petitions written in a day
# (one that is withdrawn at once is kept too), and all its files together; and files of all in a mandate.
MOST_WAITING, MOST_A_DAY = 5, 10
MOST_OF_ACCOUNT, MOST_OF_MANDATE = 100 * 2**20, 2 * 2**30
WAITING = (PetitionState.DRAFT, PetitionState.SPONSORS)


@dataclass(frozen=True)
class PetitionFacts:
    """What an author writes.

    Parameters
    ----------
    title, text : str
        In plain words.
    aim : str
        The law or the topic that it is about.
    category : str
        One of the rules'.
    author : str
        The name that everybody sees.
    """

    title: str
    aim: str
    category: str
    text: str
    author: str


def _take(petition: Petition, facts: PetitionFacts, categories: tuple[str, ...]) -> None:
    bounds = {"title": LONGEST_TITLE, "aim": LONGEST_AIM, "text": LONGEST_TEXT, "author": LONGEST_NAME}
    for name, most in bounds.items():
        value = (visible if name == "text" else one_line)(getattr(facts, name))
        if not has_letter(value) or len(value) > most:
            raise Refusal(f"petition-{name}-length", status=422, most=most)
        setattr(petition, name, value)
    if facts.category not in categories:
        raise Refusal("petition-category-unknown", status=422)
    petition.category = facts.category


def _require_room(session: Session, account_id: int, mandate_id: int) -> None:
    # Two petitions that are written at once count one after the other.
    session.get_one(Account, account_id, with_for_update=True)
    own = select(func.count()).where(Petition.account_id == account_id, Petition.mandate_id == mandate_id)
    if (session.scalar(own.where(Petition.state.in_(WAITING))) or 0) >= MOST_WAITING:
        raise Refusal("petition-drafts-too-many", most=MOST_WAITING)
    day = database_now(session) - timedelta(days=1)
    if (session.scalar(own.where(Petition.written_at > day)) or 0) >= MOST_A_DAY:
        raise Refusal("petition-written-too-many", most=MOST_A_DAY)


def _require_space(session: Session, petition: Petition, size: int) -> None:
    session.get_one(Account, petition.account_id, with_for_update=True)
    kept = (
        select(func.coalesce(func.sum(Attachment.size), 0))
        .join(Petition)
        .where(Petition.mandate_id == petition.mandate_id)
    )
    own = kept.where(Petition.account_id == petition.account_id)
    if session.scalars(own).one() + size > MOST_OF_ACCOUNT:
        raise Refusal("petition-files-full", status=413, megabytes=MOST_OF_ACCOUNT // 2**20)
    if session.scalars(kept).one() + size > MOST_OF_MANDATE:
        raise Refusal("petition-files-full-everywhere", status=413)


def write(session: Session, actor: Actor, mandate: Mandate, facts: PetitionFacts) -> Petition:
    """Write a petition down, under the rules in force; only its author sees it.

    Raises
    ------
    Refusal
        `petition-rules-missing`, `petition-title-length` (or aim, text, author), `petition-category-unknown`,
        `account-unknown`, `petition-drafts-too-many` or `petition-written-too-many`.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    _require_room(session, actor.account, mandate.id)
    version = current(session, mandate.id)
    made = Petition(
        mandate_id=mandate.id,
        rules_id=version.id,
        account_id=actor.account,
        state=PetitionState.DRAFT,
        written_at=database_now(session),
        counted=0,
        steps=0,
        sessions=[],
    )
    _take(made, facts, rules_of(version).categories)
    session.add(made)
    session.flush()
    record(session, actor, "petition-written", mandate=mandate.id, petition=made.id, rules=version.number)
    return made


def change(session: Session, actor: Actor, petition: Petition, facts: PetitionFacts) -> None:
    """Write a draft anew.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`, `petition-is-...`, or as `write`.
    """
    petition = locked(session, petition)
    require_author(actor, petition)
    require(petition, PetitionState.DRAFT)
    _take(petition, facts, rules_of(petition.version).categories)


def attach(
    session: Session, actor: Actor, petition: Petition, *, file_name: str, content: bytes
) -> Attachment:
    """Add a file to a draft.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`, `petition-is-...`, `document-name-invalid`, `document-empty`,
        `document-too-large`, `petition-attachments-too-many`, `petition-files-full` or
        `petition-files-full-everywhere`.
    """
    petition = locked(session, petition)
    require_author(actor, petition)
    require(petition, PetitionState.DRAFT)
    name = documents.checked_name(file_name)
    if not content:
        raise Refusal("document-empty", status=422)
    if len(content) > LARGEST_ATTACHMENT:
        raise Refusal("document-too-large", status=413, megabytes=LARGEST_ATTACHMENT // 2**20)
    if len(petition.attachments) >= MOST_ATTACHMENTS:
        raise Refusal("petition-attachments-too-many", status=422, most=MOST_ATTACHMENTS)
    _require_space(session, petition, len(content))
    made = Attachment(
        name=name,
        media_type=documents.media_type(name),
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        at=database_now(session),
    )
    petition.attachments.append(made)
    session.flush()
    return made


def detach(session: Session, actor: Actor, petition: Petition, attachment_id: int) -> None:
    """Take a file off a draft.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`, `petition-is-...` or `document-unknown`.
    """
    petition = locked(session, petition)
    require_author(actor, petition)
    require(petition, PetitionState.DRAFT)
    file = session.get(Attachment, attachment_id)
    if file is None or file.petition_id != petition.id:
        raise Refusal("document-unknown", status=404)
    session.delete(file)


def submit(session: Session, actor: Actor, petition: Petition) -> None:
    """Let an author look for sponsors; from now on the text does not change.

    Raises
    ------
    Refusal
        `petition-of-somebody-else` or `petition-is-...`.
    """
    petition = locked(session, petition)
    require_author(actor, petition)
    move(session, petition, PetitionState.SPONSORS)
    petition.closes_at = days_after(
        database_now(session), rules_of(petition.version).sponsor_days, petition.mandate.time_zone
    )
    record(
        session,
        actor,
        "petition-submitted",
        mandate=petition.mandate_id,
        petition=petition.id,
        text=fingerprint(petition),
    )
    checking.take_sponsor(session, actor, petition)


def fingerprint(petition: Petition) -> str:
    """Return the hash of everything that people sign, attachments included."""
    return tree.fingerprint(
        {
            "aim": petition.aim,
            "attachments": [[one.name, one.sha256] for one in petition.attachments],
            "category": petition.category,
            "text": petition.text,
            "title": petition.title,
        }
    )


def withdraw(session: Session, actor: Actor, petition: Petition, reason: str) -> None:
    """Give a petition up, before it reaches the step that opens an assembly.

    Raises
    ------
    Refusal
        `petition-of-somebody-else`, `petition-is-...` or `petition-reason-missing`.
    """
    if not reason.strip():
        raise Refusal("petition-reason-missing", status=422)
    petition = locked(session, petition)
    require_author(actor, petition)
    move(session, petition, PetitionState.WITHDRAWN)
    petition.end_reason = reason.strip()
    record(
        session,
        actor,
        "petition-withdrawn",
        mandate=petition.mandate_id,
        petition=petition.id,
        counted=petition.counted,
        reason=tree.fingerprint(petition.end_reason),
    )
