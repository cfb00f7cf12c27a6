"""The time, as a value that tests and the demo can shift."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_shift = timedelta()


def now() -> datetime:
    """Return the current time in UTC, as shifted."""
    return datetime.now(UTC) + _shift


def shift() -> timedelta:
    """Return how far this process lives from the present; nought but in tests and in the demo."""
    return _shift


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Live earlier or later for a while, in the whole process; shifts inside one another add up.

    The time of the database follows (`assemblee.db.database_now`), and with it every deadline.
    """
    global _shift  # noqa: PLW0603 - one process lives at one time
    before = _shift
    _shift = before + by
    try:
        yield
    finally:
        _shift = before
