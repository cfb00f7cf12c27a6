"""A form that is sent twice acts once: a double click, Back and again, a page that was kept.

A form that bears `macros/forms.html::once` carries a value of its own. The first transaction that it opens
takes the value; whoever brings it again is led to where the first one went, before a view looks at it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import g, request
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from assemblee import clock
from assemblee.db import Base
from assemblee.security import current_actor

ONCE = "once"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LONGEST = 64
KEPT = timedelta(days=2)


class SentForm(Base):
    """A form that has acted. Of its value and its sender the hash is kept, and where the act led."""

    __tablename__ = "sent_form"

    mark: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    led_to: Mapped[str | None]


class SentBeforeError(Exception):
    """A form is sent that has acted already."""

    def __init__(self, mark: str) -> None:
        super().__init__(mark)
        self.mark = mark


def fresh() -> str:
    """Return the value of a new form."""
    return secrets.token_urlsafe(16)


def mark() -> str | None:
    """Return the mark of the form that is being sent, if it bears a value."""
    # What a program sends as it is has no fields, and its view bounds it before anything reads it.
    if request.mimetype not in FORMS:
        return None
    value = request.form.get(ONCE, "")[:LONGEST]
    if not value:
        return None
    return hashlib.sha256(f"{value}\n{current_actor().label}\n{request.path}".encode()).hexdigest()


def take(session: Session) -> None:
    """Take the value of the form that is being sent, in the transaction of its act; once a request.

    Raises
    ------
    SentBeforeError
        It was taken before, or by another request that has just ended.
    """
    found = mark()
    if found is None or g.get("once") == found:
        return
    now = clock.now()
    session.execute(delete(SentForm).where(SentForm.at < now - KEPT))
    session.add(SentForm(mark=found, at=now, led_to=None))
    try:
        session.flush()
    except IntegrityError:
        raise SentBeforeError(found) from None
    g.once = found


def require_unsent(session: Session) -> None:
    """Refuse a form that has acted, before anything says what is no longer possible since then.

    Raises
    ------
    SentBeforeError
        It was sent before.
    """
    found = mark()
    if found is not None and g.get("once") != found and session.get(SentForm, found) is not None:
        raise SentBeforeError(found)


def led_to(session: Session, found: str) -> str | None:
    """Return where the act of a form led, if it led anywhere."""
    return session.scalar(select(SentForm.led_to).where(SentForm.mark == found))


def remember(session: Session, found: str, address: str) -> None:
    """Note where the act of a form led."""
    session.execute(update(SentForm).where(SentForm.mark == found).values(led_to=address))
