"""Mail: written to an outbox table in the act's transaction, sent after it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from assemblee import clock
from assemblee.config import Config
from assemblee.db import Base, Store

BATCH = 50
RETRY_AFTER = timedelta(minutes=5)


class Mail(Base):
    """One message that waits, or was sent."""

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]


_is_withheld = False


@contextmanager
def withheld() -> Iterator[None]:
    """Let nothing leave that this process writes for a while: letters of days that are made up."""
    global _is_withheld  # noqa: PLW0603 - as the time of a process, which whoever does this shifts too
    before, _is_withheld = _is_withheld, True
    try:
        yield
    finally:
        _is_withheld = before


def write(session: Session, recipient: str, subject: str, body: str) -> None:
    """Put one message in the outbox of the current transaction."""
    now = clock.now()
    if _is_withheld:
        session.add(Mail(recipient="", subject=subject, body="", due_at=now, sent_at=now))
    else:
        session.add(Mail(recipient=recipient, subject=subject, body=body, due_at=now))


def deliver(store: Store, config: Config) -> int:
    """Send some of what is due, and return how many messages left.

    One transaction a message: a server that fails in the middle never makes an earlier one leave twice. A
    batch ends, so that the worker does its other rounds between thousands of letters.
    """
    sent = 0
    while sent < BATCH and _deliver_one(store, config):
        sent += 1
    return sent


def _deliver_one(store: Store, config: Config) -> bool:
    # Newest first: a link that somebody waits for does not queue behind everybody's letters.
    due = (
        select(Mail)
        .where(Mail.sent_at.is_(None), Mail.due_at <= clock.now())
        .order_by(Mail.id.desc())
        .limit(1)
    )
    with store.reading() as session:
        if session.scalar(due) is None:
            return False
    with store.writing() as session:
        mail = session.scalar(due.with_for_update(skip_locked=True))
        if mail is None:
            return False
        try:
            _send(mail, config)
        except (OSError, smtplib.SMTPException):
            mail.due_at = clock.now() + RETRY_AFTER
            return False
        mail.sent_at = clock.now()
        # Nobody needs to know again who was written to, nor to read a one-time link.
        mail.recipient = mail.body = ""
        return True


def _send(mail: Mail, config: Config) -> None:
    message = EmailMessage()
    message["From"] = config.mail_sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = mail.due_at
    message.set_content(mail.body)
    if not config.smtp_host:
        outbox = config.instance / "outbox"
        outbox.mkdir(parents=True, exist_ok=True)
        (outbox / f"{mail.id:06}.eml").write_bytes(message.as_bytes())
        return
    with smtplib.SMTP(config.smtp_host, config.smtp_port, timeout=20) as server:
        if config.smtp_user:
            server.starttls(context=ssl.create_default_context())
            server.login(config.smtp_user, config.smtp_password)
        server.send_message(message)
