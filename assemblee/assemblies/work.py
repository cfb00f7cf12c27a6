"""The long work of assemblies, done by the worker: rotas, and what comes about as days pass."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee.assemblies.meetings import table_plans
from assemblee.assemblies.rotation import turning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Rota, Term
from assemblee.config import Config
from assemblee.db import Store, database_now
from assemblee.draws import queries as draw_queries
from assemblee.jobs import queries as job_queries
from assemblee.jobs import rounds
from assemblee.jobs.actions import WORK, Failed, Landing, Progress
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates.models import Mandate
from assemblee.security import WORKER
from sortition import protocol, rotation

TURN_SECONDS = 60.0


def rota_seed(seed: str, body: str) -> bytes:
    """Return the seed of a rota, which follows from that of the draw of the parent's members."""
    return protocol.digest(f"{protocol.PROTOCOL}/rota", bytes.fromhex(seed), body)


def draw_rotas(store: Store, parent_id: int, progress: Progress) -> Landing:
    """Spread the members of a term over the groups that are drawn from it."""
    made: list[tuple[str, bytes, list[str], list[int], dict[str, Any]]] = []
    with store.reading() as session:
        above = session.get_one(Term, parent_id)
        draw = queries.source_draw(session, above)
        outcome = draw_queries.real_outcome(draw) if draw is not None else None
        if draw is None or outcome is None:
            raise Failed("draw-not-held")
        members = sorted(seat.pseudonym for seat in queries.seats(session, above, HOLDING))
        pool = queries.members_pool(session, above, members)
        groups: dict[str, list[Term]] = {}
        for child in queries.children(session, above):
            if queries.rota(session, above, child.body) is None:
                groups.setdefault(child.body, []).append(child)
        shapes = {body: ([term.id for term in terms], terms[0].size) for body, terms in groups.items()}
    for body, (numbers, size) in shapes.items():
        seed = rota_seed(outcome.seed, body)
        try:
            rota = rotation.rota(pool, len(numbers), size, seed, progress)
        except sortition.SortitionError as error:
            raise Failed(error.code) from error
        made.append((body, seed, members, numbers, rota.to_document()))

    def land(session: Session) -> None:
        row = seats.locked(session, session.get_one(Term, parent_id))
        for body, seed, people, numbers, document in made:
            session.add(
                Rota(
                    parent_id=row.id,
                    body=body,
                    seed=seed.hex(),
                    members=people,
                    terms=numbers,
                    document=document,
                    at=database_now(session),
                )
            )
            session.flush()
            record(
                session,
                WORKER,
                "rota-drawn",
                mandate=row.mandate_id,
                term=row.id,
                body=body,
                seed=seed.hex(),
                terms=numbers,
                members=tree.fingerprint(people),
                rota=tree.fingerprint(document),
                within=bool(document["within"]),
            )

    return land


class Turning:
    """Turns the bodies of every mandate once in a while."""

    def __init__(self) -> None:
        self.last = float("-inf")

    def __call__(self, store: Store, config: Config) -> bool:
        """Do what is due, unless it was just done; tell which."""
        del config
        if time.monotonic() - self.last < TURN_SECONDS:
            return rounds.NOT_NOW
        self.last = time.monotonic()
        with store.reading() as session:
            apart = job_queries.lives(session)
            mandates = session.scalars(select(Mandate).order_by(Mandate.id)).all()
            numbers = [
                number
                for mandate in mandates
                if mandate.id not in apart
                for number in turning.awake(session, mandate)
            ]

        def turn(number: int) -> None:
            with store.writing() as session:
                turning.turn_term(session, WORKER, session.get_one(Term, number))

        # What breaks in one term must not hold up the others.
        rounds.each("term", numbers, turn)
        return True


WORK[queries.ROTA] = draw_rotas
WORK[table_plans.KIND] = table_plans.compute
rounds.enter("terms", Turning())
