"""The time, as a value that tests and the demo can shift."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_shift = timedelta()
_jump = timedelta()


def now() -> datetime:
    """Return the current time in UTC, as shifted."""
    return real() + _shift


def real() -> datetime:
    """Return the time of the machine in UTC, which no shift moves: what a watch over it is kept by."""
    return datetime.now(UTC) + _jump


def jump() -> timedelta:
    """Return by how much the machine's clock is made to be wrong; nought but in tests."""
    return _jump


def shift() -> timedelta:
    """Return how far this process lives from the present; nought but in tests and in the demo."""
    return _shift


@contextmanager
def jumped(by: timedelta) -> Iterator[None]:
    """Let the clocks of the machine and of the database be wrong for a while, as when somebody sets them."""
    global _jump  # noqa: PLW0603 - one machine has one clock
    before = _jump
    _jump = before + by
    try:
        yield
    finally:
        _jump = before


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
