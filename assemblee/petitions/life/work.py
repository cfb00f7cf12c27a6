"""What the worker does for petitions: their deadlines, and what is not kept any longer."""

from __future__ import annotations

import time

from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs import rounds
from assemblee.petitions.life import keeping
from assemblee.petitions.petition.models import Petition

TURN_SECONDS = 60.0
_next_turn = 0.0


def turn(store: Store, _config: Config) -> bool:
    """Do what is due, a petition at a time, once a minute; tell whether it was time."""
    global _next_turn  # noqa: PLW0603 - one worker runs in a process
    if time.monotonic() < _next_turn:
        return rounds.NOT_NOW
    _next_turn = time.monotonic() + TURN_SECONDS
    turn_all(store)
    return True


def turn_all(store: Store) -> None:
    """Do what is due in every petition now."""
    with store.reading() as session:
        numbers, has_traces = keeping.due(session), keeping.has_traces(session)
    if has_traces:
        with store.writing() as session:
            keeping.forget_traces(session)

    def turn_one(number: int) -> None:
        with store.writing() as session:
            keeping.turn(session, session.get_one(Petition, number))

    rounds.each("petition", numbers, turn_one)


rounds.enter("petitions", turn)
