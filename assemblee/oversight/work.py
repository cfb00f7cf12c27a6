"""What the worker does for the guarantors: it mails them the journal's checkpoints."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs import rounds
from assemblee.oversight import actions


def mail_checkpoints(store: Store, config: Config) -> None:
    """Mail the newest checkpoint, if it is time to."""
    with store.reading() as session:
        if actions.due(session) is None:
            return
    try:
        with store.writing() as session:
            actions.mail_checkpoint(session, config.base_url)
    except IntegrityError:
        # Another worker has just sent this one.
        return


rounds.enter("checkpoint-letters", mail_checkpoints)
