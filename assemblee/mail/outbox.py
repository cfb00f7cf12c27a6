"""Letters are written to the outbox in the transaction of an act, and leave after it, or never."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.mail.models import Mail

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


def write(
    session: Session,
    recipient: str,
    subject: str,
    body: str,
    *,
    expires_at: datetime | None = None,
    unsubscribe: str | None = None,
) -> None:
    """Put one letter in the outbox of the current transaction.

    Parameters
    ----------
    expires_at : datetime, optional
        When the code or the link in it is void: from then on the letter does not leave any more.
    unsubscribe : str, optional
        Address at which the recipient ends the subscription that this letter is part of.
    """
    now = clock.now()
    if _is_withheld:
        session.add(Mail(recipient="", subject=subject, body="", written_at=now, due_at=now, sent_at=now))
        return
    session.add(
        Mail(
            recipient=recipient,
            subject=subject,
            body=body,
            unsubscribe=unsubscribe,
            written_at=now,
            due_at=now,
            expires_at=expires_at,
        )
    )
