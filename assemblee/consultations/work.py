"""The work of consultations that waits until an act is over: nothing of the box stays in the files."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee.consultations.models import BoxPart, SheetEntry, VotingCode
from assemblee.consultations.queries import WIPE
from assemblee.db import Store
from assemblee.jobs.actions import WORK, Landing, Progress

TABLES = tuple(table.__tablename__ for table in (BoxPart, SheetEntry, VotingCode))


def wipe(store: Store, _consultation: int, _progress: Progress) -> Landing:
    """Leave no earlier state of the box in the files: it would show the order in which ballots came."""
    store.wipe(*TABLES)

    def land(_session: Session) -> None:
        """Write nothing: what is gone leaves no trace."""

    return land


WORK[WIPE] = wipe
