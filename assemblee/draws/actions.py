"""The verbs of draws: prepare, check, compute the lottery, rehearse, hold, cancel."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import sortition
from assemblee import clock
from assemblee.draws.models import Draw, Kind, Outcome, State
from assemblee.draws.queries import CHECK, LOTTERY, lottery
from assemblee.jobs import actions as jobs
from assemblee.jobs import queries as job_queries
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.pools import actions as pools
from assemblee.pools import queries as pool_queries
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import Actor

SEED_BYTES = 32
TICKETS = (1_000_000, 1_000)


def fresh_seed() -> str:
    """Return 32 bytes of the operating system's randomness, in hexadecimal."""
    return secrets.token_hex(SEED_BYTES)


def locked(session: Session, draw: Draw) -> Draw:
    """Return the draw with its row locked, so that acts on it take turns."""
    return session.scalars(
        select(Draw).where(Draw.id == draw.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _hash_of(value: tree.Canonical) -> str:
    return hashlib.sha256(tree.canonical(value)).hexdigest()


def prepare(
    session: Session, actor: Actor, pool: Pool, *, title: str, rule: str, tickets: int = TICKETS[0]
) -> Draw:
    """Freeze the pool's people, quotas and size into a new draw, and start its check.

    Raises
    ------
    Refusal
        `draw-title-missing`, `rule-unknown`, `draw-tickets-unknown`, `draw-pool-too-small` or
        `rule-without-quotas`.
    """
    if not title.strip():
        raise Refusal("draw-title-missing", status=422)
    if rule not in sortition.RULES:
        raise Refusal("rule-unknown", status=422, rule=rule)
    if tickets not in TICKETS:
        raise Refusal("draw-tickets-unknown", status=422)
    pool = pools.locked(session, pool)
    if rule == "uniform" and pool.categories:
        raise Refusal("rule-without-quotas", status=422)
    people = {str(person.id): dict(person.traits) for person in pool_queries.active(session, pool)}
    if len(people) < pool.size:
        raise Refusal("draw-pool-too-small", size=pool.size, people=len(people))
    quotas: list[tree.Canonical] = [
        [cell.category, cell.value, cell.minimum, cell.maximum] for cell in pool_queries.cells(pool)
    ]
    draw = Draw(
        mandate_id=pool.mandate_id,
        pool_id=pool.id,
        title=title.strip(),
        size=pool.size,
        rule=rule,
        tickets=tickets,
        state=State.PREPARED,
        salt=secrets.token_hex(16),
        quotas=quotas,
        people=people,
        prepared_at=clock.now(),
    )
    session.add(draw)
    session.flush()
    record(
        session,
        actor,
        "draw-prepared",
        mandate=draw.mandate_id,
        draw=draw.id,
        pool=pool.id,
        people=len(people),
        size=draw.size,
        rule=rule,
        tickets=tickets,
        frozen=_hash_of(
            {
                "people": [[number, sorted(traits.items())] for number, traits in people.items()],
                "quotas": quotas,
                "salt": draw.salt,
            }
        ),
    )
    jobs.start(session, CHECK, draw.id, mandate=draw.mandate_id)
    return draw


def check(session: Session, actor: Actor, draw: Draw) -> None:
    """Start the check again, after it was cancelled or broke.

    Raises
    ------
    Refusal
        `draw-is-...` or `job-already-open`.
    """
    del actor
    draw = locked(session, draw)
    draw.require(State.PREPARED)
    jobs.start(session, CHECK, draw.id, mandate=draw.mandate_id)


def compute(session: Session, actor: Actor, draw: Draw) -> None:
    """Start the computation of the lottery.

    Raises
    ------
    Refusal
        `draw-is-...` or `job-already-open`.
    """
    del actor
    draw = locked(session, draw)
    draw.require(State.FEASIBLE)
    jobs.start(session, LOTTERY, draw.id, mandate=draw.mandate_id)


def _pick(session: Session, draw: Draw, kind: Kind, seed: str) -> Outcome:
    drawn = sortition.draw(lottery(draw), bytes.fromhex(seed))
    outcome = Outcome(
        draw_id=draw.id,
        kind=kind,
        seed=seed,
        ticket=drawn.ticket,
        members=[int(person) for person in drawn.members],
        at=clock.now(),
    )
    session.add(outcome)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("draw-is-held") from None
    return outcome


def rehearse(session: Session, actor: Actor, draw: Draw, seed: str) -> Outcome:
    """Pick a ticket that does not count; nothing is written to the pool.

    Raises
    ------
    Refusal
        `draw-is-...`: only a computed lottery that was not drawn from yet can be rehearsed.
    """
    draw = locked(session, draw)
    draw.require(State.READY)
    outcome = _pick(session, draw, Kind.DRY, seed)
    record(
        session,
        actor,
        "draw-rehearsed",
        mandate=draw.mandate_id,
        draw=draw.id,
        lottery=draw.lottery_hash,
        seed=seed,
        ticket=outcome.ticket,
    )
    return outcome


def hold(session: Session, actor: Actor, draw: Draw, seed: str) -> Outcome:
    """Hold a draw: pick the one ticket that counts.

    Raises
    ------
    Refusal
        `draw-is-...`: in particular `draw-is-held` the second time.
    """
    draw = locked(session, draw)
    draw.require(State.READY)
    outcome = _pick(session, draw, Kind.REAL, seed)
    draw.state, draw.held_at = State.HELD, clock.now()
    record(
        session,
        actor,
        "draw-held",
        mandate=draw.mandate_id,
        draw=draw.id,
        lottery=draw.lottery_hash,
        seed=seed,
        ticket=outcome.ticket,
        members=outcome.members,
    )
    return outcome


def cancel(session: Session, actor: Actor, draw: Draw, reason: str) -> None:
    """Cancel a draw that was not held, for a reason that stays public.

    Raises
    ------
    Refusal
        `draw-reason-missing` or `draw-is-...`.
    """
    if not reason.strip():
        raise Refusal("draw-reason-missing", status=422)
    draw = locked(session, draw)
    draw.require(State.PREPARED, State.INFEASIBLE, State.FEASIBLE, State.READY)
    for kind in (CHECK, LOTTERY):
        job = job_queries.latest(session, kind, draw.id)
        if job is not None and job.is_open:
            jobs.cancel(session, actor, job)
    draw.state, draw.cancelled_at, draw.cancel_reason = State.CANCELLED, clock.now(), reason.strip()
    # The reason is free text and may name somebody: the journal keeps only that there is one.
    record(session, actor, "draw-cancelled", mandate=draw.mandate_id, draw=draw.id)


def cancel_work(session: Session, actor: Actor, draw: Draw) -> None:
    """Stop the work under way for a draw; the draw stays where it was.

    Raises
    ------
    Refusal
        `job-already-ended`.
    """
    draw = locked(session, draw)
    for kind in (CHECK, LOTTERY):
        job = job_queries.latest(session, kind, draw.id)
        if job is not None and job.is_open:
            jobs.cancel(session, actor, job)
            return
    raise Refusal("job-already-ended")
