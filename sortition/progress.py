"""How long work tells its caller where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called as ``progress(done, total, phase)``; the receiver throttles."""


def silent(done: int, total: int, phase: str) -> None:
    """Take a report and do nothing with it."""
