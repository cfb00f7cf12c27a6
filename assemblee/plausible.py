"""Whether a time can be believed: beside the last one that was, and beside a clock that nobody sets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

# Less than the hour by which a clock in a wrong zone is wrong, more than a machine takes to start again.
AHEAD = timedelta(minutes=45)
# What a clock may be put back, or step, without a word: more is no correction of its drift.
STEP = timedelta(minutes=5)
# For so long a process that saw the time pass may vouch for it alone, when no worker noted it.
WITNESSED = timedelta(days=1)


@dataclass(frozen=True)
class Seen:
    """A time that this process believed, beside the clock that nobody sets.

    Parameters
    ----------
    word : datetime or None
        When the operator last said that the time is right: a later word makes what was seen before void.
    """

    steady: float
    at: datetime
    word: datetime | None = None

    def drift(self, now: datetime) -> timedelta:
        """Return how far a time is from where it should be by now."""
        return now - self.at - timedelta(seconds=steady() - self.steady)


_database: Seen | None = None
_machine: Seen | None = None


def steady() -> float:
    """Return the seconds of a clock that goes on while the machine sleeps, and that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def is_plausible(
    now: datetime, noted: datetime | None, word: datetime | None, *, strictly: bool = False
) -> bool:
    """Tell whether the time of the database can be believed.

    Parameters
    ----------
    noted : datetime or None
        The last time that was believed and noted in the database.
    word : datetime or None
        When the operator last said that the time is right.
    strictly : bool
        As the worker, whose own notes the others measure by: that it saw the time pass is not enough.
    """
    global _database  # noqa: PLW0603 - what one process has seen
    seen = _database if _database is not None and _database.word == word else None
    if seen is not None and abs(seen.drift(now)) > STEP:
        return False
    leap = now - noted if noted is not None else timedelta()
    is_near = -STEP <= leap <= AHEAD
    if not is_near and (strictly or seen is None or not -STEP <= leap <= WITNESSED):
        return False
    _database = Seen(steady(), now, word)
    return True


def has_jumped(now: datetime) -> bool:
    """Tell whether the clock of this machine has left the one that nobody sets; asks no database."""
    global _machine  # noqa: PLW0603 - the same
    if _machine is not None and abs(_machine.drift(now)) > STEP:
        return True
    _machine = Seen(steady(), now)
    return False


def believe(now: datetime) -> None:
    """Take the clock of this machine as right from now on."""
    global _machine  # noqa: PLW0603 - the same
    _machine = Seen(steady(), now)
