"""The charter in force, and the act by which a new version of it is published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.journal.actions import record
from assemblee.mandates import queries
from assemblee.mandates.charter import Body, Charter, read, write
from assemblee.mandates.models import CharterVersion, Mandate
from assemblee.mandates.ready_made import ready_made
from assemblee.refusal import Refusal
from assemblee.security import Actor

__all__ = ["BEFORE_PUBLISH", "Body", "Charter", "current", "of", "publish", "ready_made", "require_within"]

IN_FORCE = "charters in force"
# Rooms above enter here what a new version must not break.
BEFORE_PUBLISH: list[Callable[[Session, Mandate, Charter], None]] = []


def of(version: CharterVersion) -> Charter:
    """Return the charter of a version."""
    return read(version.document, version.number)


def current(session: Session, mandate: Mandate) -> Charter:
    """Return the charter in force, read once in a session: each letter names its body.

    Raises
    ------
    Refusal
        `charter-missing`.
    """
    known: dict[int, Charter] = session.info.setdefault(IN_FORCE, {})
    if mandate.id not in known:
        version = queries.charter(session, mandate)
        if version is None:
            raise Refusal("charter-missing")
        known[mandate.id] = of(version)
    return known[mandate.id]


def publish(
    session: Session, actor: Actor, mandate: Mandate, charter: Charter, reason: str
) -> CharterVersion:
    """Publish the version that follows the one a charter was read from, and only that one.

    Parameters
    ----------
    charter : Charter
        Its number is that of the version it changes, 0 if there is none.
    reason : str
        Why; only the first version needs none.

    Raises
    ------
    Refusal
        `charter-changed` (somebody else has published meanwhile), `charter-reason-missing`,
        `charter-unchanged`, `charter-outside-mandate` or `charter-invalid`.
    """
    previous = queries.charter(session, mandate)
    if charter.number != (previous.number if previous else 0):
        raise Refusal("charter-changed")
    document = write(charter)
    # As any reader will: what is kept can be read again.
    draft = read(document)
    require_within(draft, mandate)
    for require in BEFORE_PUBLISH:
        require(session, mandate, draft)
    if previous is not None and not reason.strip():
        raise Refusal("charter-reason-missing", status=422)
    if previous is not None and previous.document == document:
        raise Refusal("charter-unchanged", status=422)
    version = CharterVersion(
        mandate_id=mandate.id,
        number=charter.number + 1,
        document=document,
        reason=reason.strip(),
        published_at=clock.now(),
    )
    session.add(version)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("charter-changed") from None
    session.info.get(IN_FORCE, {}).pop(mandate.id, None)
    record(
        session,
        actor,
        "charter-published",
        mandate=mandate.id,
        number=version.number,
        charter=version.hash,
        replaces=previous.hash if previous else None,
        reason=hashlib.sha256(version.reason.encode()).hexdigest(),
    )
    return version


def require_within(charter: Charter, mandate: Mandate) -> None:
    """Refuse a calendar that is not the mandate's.

    Raises
    ------
    Refusal
        `charter-outside-mandate`.
    """
    if charter.calendar.first != mandate.term_start or charter.calendar.last > mandate.term_end:
        raise Refusal("charter-outside-mandate", status=422)
