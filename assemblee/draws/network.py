"""The worker brings the announced round of drand by itself, where the installation may ask the network."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

from sqlalchemy import select
from sqlalchemy.orm import defer, selectinload

from assemblee.config import Config
from assemblee.db import Store, database_now
from assemblee.draws import choice
from assemblee.draws.models import Draw, DrawState
from assemblee.jobs import rounds
from assemblee.refusal import Refusal
from assemblee.security import WORKER

TIMEOUT_SECONDS = 10
TRY_AGAIN_SECONDS = 30
LONGEST_ANSWER = 10_000

_next_try: dict[int, float] = {}


def awaiting(store: Store) -> list[Draw]:
    """Return the draws whose round is out, and that nothing holds up."""
    with store.reading() as session:
        now = database_now(session)
        due = session.scalars(
            select(Draw)
            .options(defer(Draw.people), selectinload(Draw.guarantors), selectinload(Draw.suspensions))
            .where(Draw.state == DrawState.READY, Draw.beacon_at <= now)
        ).all()
        return [
            draw
            for draw in due
            if (draw.beacon or {}).get("kind") == "drand"
            and draw.suspended is None
            and not draw.has_lapsed(now)
        ]


def signature_of(address: str, beacon: Mapping[str, Any]) -> str:
    """Ask the network for a round that was announced.

    Raises
    ------
    OSError
        The network cannot be reached.
    ValueError
        It answered something that is not JSON.
    """
    request = Request(f"{address}/{beacon['chain']}/public/{beacon['round']}")  # noqa: S310 - from the settings
    with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the same
        document = json.loads(answer.read(LONGEST_ANSWER))
    return str(document["signature"]) if isinstance(document, dict) and "signature" in document else ""


def fetch_rounds(store: Store, config: Config) -> None:
    """Record the round of each draw that waits for one; a round that cannot be had is asked for again."""
    if not config.drand_url:
        return
    for draw in awaiting(store):
        if time.monotonic() < _next_try.get(draw.id, 0):
            continue
        _next_try[draw.id] = time.monotonic() + TRY_AGAIN_SECONDS
        try:
            signature = signature_of(config.drand_url, draw.beacon or {})
            with store.writing() as session:
                choice.record_round(session, WORKER, draw, signature)
        except (OSError, HTTPException, ValueError, RecursionError, Refusal):
            # Whoever is there can still bring the round by hand; the page says so.
            continue


rounds.enter("draw-rounds", fetch_rounds)
