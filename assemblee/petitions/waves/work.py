"""What the worker does for waves and reviews: prepares one, brings its round, and keeps deadlines."""

from __future__ import annotations

import time
from contextlib import suppress
from http.client import HTTPException

from sqlalchemy.orm import Session

import sortition
from assemblee.config import Config
from assemblee.db import Store
from assemblee.draws import network
from assemblee.jobs import rounds
from assemblee.jobs.actions import WORK, Failed, Landing, Progress
from assemblee.petitions.desk import reviews
from assemblee.petitions.desk.models import Review
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.waves import actions as waves
from assemblee.petitions.waves.models import Wave
from assemblee.refusal import Refusal
from assemblee.security import WORKER

TRY_AGAIN_SECONDS = 30
_next_try: dict[int, float] = {}


def prepare_wave(store: Store, petition_id: int, progress: Progress) -> Landing:
    """Compare the pool with what an assembly needs, and publish whom the register has for it."""
    progress(0, 1, "wave")
    with store.reading() as session:
        try:
            planned = waves.plan(session, session.get_one(Petition, petition_id))
        except Refusal as refused:
            raise Failed(refused.code) from refused
        except sortition.SortitionError as error:
            raise Failed(error.code) from error

    def land(session: Session) -> None:
        waves.prepare(session, WORKER, session.get_one(Petition, petition_id), planned)

    return land


def fetch_rounds(store: Store, config: Config) -> None:
    """Bring the round of each wave that waits for one; one that cannot be had is asked for again."""
    if not config.drand_url:
        return
    with store.reading() as session:
        waiting = [(wave.id, wave.beacon) for wave in waves.awaiting(session)]
    for number, beacon in waiting:
        if time.monotonic() < _next_try.get(number, 0):
            continue
        _next_try[number] = time.monotonic() + TRY_AGAIN_SECONDS
        try:
            signature = network.signature_of(config.drand_url, beacon)
            with store.writing() as session:
                waves.record_round(session, WORKER, session.get_one(Wave, number), signature)
        except (OSError, HTTPException, ValueError, RecursionError, Refusal):
            # A guarantor can still bring the round by hand; the page says so.
            continue


def close_reviews(store: Store, _config: Config) -> None:
    """Close the reviews whose deadline has passed."""
    with store.reading() as session:
        overdue = [one.id for one in reviews.overdue(session)]

    def close(number: int) -> None:
        # Another worker, or a guarantor who spoke last, may have closed it meanwhile.
        with suppress(Refusal), store.writing() as session:
            reviews.close(session, WORKER, session.get_one(Review, number))

    rounds.each("review", overdue, close)


WORK[queries.WAVE] = prepare_wave
rounds.enter("wave-rounds", fetch_rounds)
rounds.enter("reviews", close_reviews)
