"""The work of consultations that waits until an act is over: nothing of the box stays in the files."""

from __future__ import annotations

import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.config import Config
from assemblee.consultations import codes
from assemblee.consultations.models import BoxPart, CodeLink, SheetEntry, VotingCode
from assemblee.consultations.queries import WIPE
from assemblee.db import Store
from assemblee.jobs import rounds
from assemblee.jobs.actions import WORK, Landing, Progress

# All of an hour go together: when each code served cannot be told.
FORGET_SECONDS = 3600.0
_next_forgetting = 0.0
TABLES = tuple(table.__tablename__ for table in (BoxPart, SheetEntry, VotingCode, CodeLink))


def wipe(store: Store, _consultation: int, _progress: Progress) -> Landing:
    """Leave no earlier state of the box in the files: it would show the order in which ballots came."""
    store.wipe(*TABLES)

    def land(_session: Session) -> None:
        """Write nothing: what is gone leaves no trace."""

    return land


def forget_used_codes(store: Store, _config: Config) -> None:
    """Erase once an hour whose the codes were that have served."""
    global _next_forgetting  # noqa: PLW0603 - one worker runs in a process
    if time.monotonic() < _next_forgetting:
        return
    _next_forgetting = time.monotonic() + FORGET_SECONDS
    with store.reading() as session:
        if session.scalar(select(CodeLink.entry_id).limit(1)) is None:
            return
    with store.writing() as session:
        forgotten = codes.forget(session)
    if forgotten:
        store.wipe(CodeLink.__tablename__)


WORK[WIPE] = wipe
rounds.enter("voting-codes", forget_used_codes)
