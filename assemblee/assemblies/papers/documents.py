"""Documents of a body: kept with their hash, for its members or for everybody."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import PurePosixPath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee.assemblies.meetings.models import Document
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.terms.models import Term
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor

LARGEST = 10 * 1024 * 1024
# Of a mandate together, those that were withdrawn left out: their content is gone.
MOST_OF_MANDATE = 4 * 2**30
LONGEST_NAME = 120
# What each kind is served as; a browser is never asked to show one, only to save it.
KINDS = {
    ".pdf": "application/pdf",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


def checked_name(file_name: str) -> str:
    """Return the name of a file without its folders.

    Raises
    ------
    Refusal
        `document-name-invalid`: too long, or of a kind that is not served.
    """
    plain = unicodedata.normalize("NFC", PurePosixPath(file_name.replace("\\", "/")).name)
    plain = "".join(mark for mark in plain if mark.isprintable())
    if PurePosixPath(plain).suffix.lower() not in KINDS or len(plain) > LONGEST_NAME:
        kinds = ", ".join(kind.removeprefix(".") for kind in KINDS)
        raise Refusal("document-name-invalid", status=422, kinds=kinds, most=LONGEST_NAME)
    return plain


def media_type(name: str) -> str:
    """Return what a document of a name is served as."""
    return KINDS[PurePosixPath(name).suffix.lower()]


def add(
    session: Session, actor: Actor, term: Term, *, file_name: str, content: bytes, is_public: bool
) -> Document:
    """Keep a document for the members of a term, or for everybody.

    Raises
    ------
    Refusal
        `document-name-invalid`, `document-empty`, `document-too-large` or `documents-full`.
    """
    term = seats.locked(session, term)
    name = checked_name(file_name)
    if not content:
        raise Refusal("document-empty", status=422)
    if len(content) > LARGEST:
        raise Refusal("document-too-large", status=413, megabytes=LARGEST // 2**20)
    kept = (
        select(func.coalesce(func.sum(Document.size), 0))
        .join(Term, Term.id == Document.term_id)
        .where(Term.mandate_id == term.mandate_id, Document.withdrawn_at.is_(None))
    )
    if session.scalars(kept).one() + len(content) > MOST_OF_MANDATE:
        raise Refusal("documents-full", status=413, gigabytes=MOST_OF_MANDATE // 2**30)
    document = Document(
        term_id=term.id,
        name=name,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        is_public=is_public,
        added_at=database_now(session),
    )
    session.add(document)
    session.flush()
    record(
        session,
        actor,
        "document-added",
        mandate=term.mandate_id,
        term=term.id,
        document=document.id,
        sha256=document.sha256,
        size=document.size,
        public=is_public,
    )
    return document


def withdraw(session: Session, actor: Actor, term: Term, document: Document) -> None:
    """Erase what is in a document, for instance because it named somebody; its hash stays.

    Raises
    ------
    Refusal
        `document-withdrawn`.
    """
    seats.locked(session, term)
    session.refresh(document)
    if document.withdrawn_at is not None:
        raise Refusal("document-withdrawn", status=410)
    document.content, document.withdrawn_at = None, database_now(session)
    session.flush()
    record(session, actor, "document-withdrawn", mandate=term.mandate_id, term=term.id, document=document.id)


def document(session: Session, term: Term, document_id: int, *, for_members: bool) -> Document:
    """Return a document that its reader may have.

    Raises
    ------
    Refusal
        `document-unknown` or `document-withdrawn`.
    """
    document = session.get(Document, document_id)
    if document is None or document.term_id != term.id or not (document.is_public or for_members):
        raise Refusal("document-unknown", status=404)
    if document.withdrawn_at is not None:
        raise Refusal("document-withdrawn", status=410)
    return document
