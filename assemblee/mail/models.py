"""The outbox: letters that wait, that have left, and that were set aside."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from assemblee.db import Base

NUMBER_BYTES = 16
LONGEST_REPLY = 200


class Reason(StrEnum):
    """Why a letter was set aside, for good."""

    UNWRITABLE = "letter-unwritable"
    UTF8_MISSING = "address-needs-utf8"
    ADDRESS_REFUSED = "address-refused"
    ADDRESS_SPARED = "address-spared"
    LETTER_REFUSED = "letter-refused"
    PUT_OFF = "letter-put-off"
    EXPIRED = "letter-expired"


# What tells of the address: who sees the person should know. The others tell of a letter.
OF_ADDRESS = (Reason.UNWRITABLE, Reason.UTF8_MISSING, Reason.ADDRESS_REFUSED, Reason.ADDRESS_SPARED)


def new_message_id() -> str:
    """Return what tells one letter from all others, in its `Message-ID`."""
    return secrets.token_hex(NUMBER_BYTES)


class Mail(Base):
    """One letter, until it is forgotten.

    It waits, it has left (`sent_at`), or it was set aside (`set_aside_at`, with the `reason` and what the
    server said, `reply`). Once it has left nothing tells any more who was written to; once it is set aside
    its text is gone, and its recipient stays, so that people can see whom no letter reaches.

    A worker that sends it has claimed it (`claimed_by`, `claimed_at`). Its `message_id` is made once: whoever
    gets it twice, after a crash between sending and noting so, has it once in the mailbox.
    """

    __tablename__ = "mail"
    __table_args__ = (
        # Each second workers ask whether something waits: the answer must not depend on what has left.
        Index(
            "ix_mail_waiting",
            "due_at",
            "id",
            sqlite_where=text("sent_at IS NULL AND set_aside_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND set_aside_at IS NULL"),
        ),
        # By address: to forget a person, to spare an address, to tell whom no letter reaches.
        Index(
            "ix_mail_recipient",
            "recipient",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
        # What left within a minute, and what left so long ago that it is forgotten.
        Index(
            "ix_mail_sent_at",
            "sent_at",
            sqlite_where=text("sent_at IS NOT NULL"),
            postgresql_where=text("sent_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(default=new_message_id)
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    unsubscribe: Mapped[str | None]
    written_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    reply: Mapped[str | None]


def waits() -> ColumnElement[bool]:
    """Tell of a letter that it waits, in the words of the index."""
    return and_(Mail.sent_at.is_(None), Mail.set_aside_at.is_(None))


def is_aside() -> ColumnElement[bool]:
    """Tell of a letter that it was set aside, in words that the index of recipients covers."""
    return and_(Mail.sent_at.is_(None), Mail.set_aside_at.is_not(None))
