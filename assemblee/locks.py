"""What one process of a machine holds at a time; it is free again when the process ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assemblee.refusal import Refusal


@contextmanager
def holding(path: Path, refused: Refusal) -> Iterator[None]:
    """Hold a file, until the end of this process and of those that it forks.

    Raises
    ------
    Refusal
        The one that is given: another process holds it.
    """
    with path.open("a", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise refused from None
        yield
