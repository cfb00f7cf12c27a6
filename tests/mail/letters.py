"""Letters of tests, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.mail import outbox
from assemblee.mail.models import Mail, is_aside, waits


def write(store: Store, *recipients: str, expires_at: datetime | None = None, subject: str = "Lien") -> None:
    """Write letters, the first of which is the newest, so that it is sent first."""
    with store.writing() as session:
        for recipient in reversed(recipients):
            outbox.write(session, recipient, subject, "Bonjour,\n\nun lien.\n", expires_at=expires_at)
            session.flush()


def waiting(store: Store) -> list[str]:
    with store.reading() as session:
        return sorted(session.scalars(select(Mail.recipient).where(waits())))


def aside(store: Store) -> dict[str, str | None]:
    with store.reading() as session:
        rows = session.execute(select(Mail.recipient, Mail.reason).where(is_aside())).all()
    return {row.recipient: row.reason for row in rows}


def row(store: Store, number: int = 1) -> Mail:
    with store.reading() as session:
        return session.get_one(Mail, number)


@contextmanager
def later(**by: float) -> Iterator[None]:
    with clock.shifted(timedelta(**by)):
        yield
