"""The watch over the clock: the last time that was believed, and the operator's word when one is not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assemblee import clock, plausible
from assemblee.db import WATCHED, Store, is_postgresql
from assemblee.journal.models import ClockReading
from assemblee.refusal import Refusal

WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class Reading:
    """What the clock of the database says, and what was believed of it last; no shift moves any of it."""

    now: datetime
    noted: datetime | None
    word: datetime | None

    def is_plausible(self, *, strictly: bool = False) -> bool:
        """Tell whether one can go by it."""
        return plausible.is_plausible(self.now, self.noted, self.word, strictly=strictly)


def read(session: Session) -> Reading:
    """Return what the clock of the database says."""
    now, noted, word = session.execute(WATCHED).one()
    return Reading(now - clock.shift(), noted, word)


def in_doubt(session: Session) -> bool:
    """Tell whether nothing may be decided by time: the database's leapt, or ours is not the same."""
    found = read(session)
    return not found.is_plausible() or abs(clock.real() - found.now) > plausible.STEP


def note(session: Session, now: datetime, **more: datetime) -> None:
    """Note a time that is believed."""
    values = {"noted_at": now, **more}
    made = (postgresql if is_postgresql(session) else sqlite).insert(ClockReading).values(id=1, **values)
    session.execute(made.on_conflict_do_update(index_elements=[ClockReading.id], set_=values))


def keep(session: Session) -> bool:
    """Note the time, as the worker does each second, if it is believed, and tell whether it is."""
    found = read(session)
    if not found.is_plausible(strictly=True):
        return False
    note(session, found.now)
    return True


def wait(store: Store) -> None:
    """Wait until one can go by the time."""
    while True:
        with store.reading() as session:
            if read(session).is_plausible():
                return
        time.sleep(WAIT_SECONDS)


def accept(session: Session) -> Reading:
    """Take the word of the operator that the time of the database is right, and return what it was.

    Raises
    ------
    Refusal
        `clock-not-in-doubt`.
    """
    found = read(session)
    if found.is_plausible(strictly=True):
        raise Refusal("clock-not-in-doubt")
    note(session, found.now, accepted_at=found.now)
    plausible.believe(clock.real())
    return found
