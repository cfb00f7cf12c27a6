"""The verbs of draws outside of their ceremony: prepare, check, compute, rehearse, cancel."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

import sortition
from assemblee import clock
from assemblee.draws.ceremony import leaf, locked
from assemblee.draws.models import Draw, DrawState, Kind, Outcome
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


def prepare(
    session: Session,
    actor: Actor,
    pool: Pool,
    *,
    title: str,
    rule: str,
    tickets: int = TICKETS[0],
    size: int | None = None,
    quotas: sortition.Quotas | None = None,
    without: Mapping[int, str] = MappingProxyType({}),
) -> Draw:
    """Freeze the pool's people, quotas and size into a new draw, and start its check.

    Parameters
    ----------
    size, quotas : optional
        Those of the body that is drawn; without them, the pool's own.
    without : mapping of int to str, optional
        Volunteers who may not be drawn, by number, and why; the journal says how many there are of each kind.

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
    active = pool_queries.active(session, pool)
    left_out = Counter(without[person.id] for person in active if person.id in without)
    people = {str(person.id): dict(person.traits) for person in active if person.id not in without}
    seats = pool.size if size is None else size
    if len(people) < seats:
        raise Refusal("draw-pool-too-small", size=seats, people=len(people))
    cells = pool_queries.cells(pool) if quotas is None else quotas.cells
    rows: list[tree.Canonical] = [[cell.category, cell.value, cell.minimum, cell.maximum] for cell in cells]
    draw = Draw(
        mandate_id=pool.mandate_id,
        pool_id=pool.id,
        title=title.strip(),
        size=seats,
        rule=rule,
        tickets=tickets,
        state=DrawState.PREPARED,
        quotas=rows,
        people=people,
        derived={category.name: category.rule for category in pool.categories if category.rule},
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
        left_out=dict(sorted(left_out.items())),
        size=draw.size,
        rule=rule,
        tickets=tickets,
        derived=sorted(map(list, draw.derived.items())),
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
    draw.require(DrawState.PREPARED)
    jobs.start(session, CHECK, draw.id, mandate=draw.mandate_id)


def compute(session: Session, actor: Actor, draw: Draw) -> None:
    """Start the computation of the lottery again, after it was cancelled or broke.

    Raises
    ------
    Refusal
        `draw-is-...` or `job-already-open`.
    """
    del actor
    draw = locked(session, draw)
    draw.require(DrawState.FROZEN)
    jobs.start(session, LOTTERY, draw.id, mandate=draw.mandate_id)


def rehearse(session: Session, actor: Actor, draw: Draw, seed: str) -> Outcome:
    """Pick a ticket that does not count; nothing is written to the pool.

    Raises
    ------
    Refusal
        `draw-is-...`: only a computed lottery that was not drawn from yet can be rehearsed.
    """
    draw = locked(session, draw)
    draw.require(DrawState.READY)
    drawn = sortition.draw(lottery(draw), bytes.fromhex(seed))
    outcome = Outcome(
        draw_id=draw.id,
        kind=Kind.DRY,
        seed=seed,
        ticket=drawn.ticket,
        members=list(drawn.members),
        alternates=[],
        at=clock.now(),
    )
    session.add(outcome)
    session.flush()
    leaf(
        session,
        actor,
        draw,
        "draw-rehearsed",
        lottery=draw.lottery_hash,
        seed=seed,
        ticket=outcome.ticket,
    )
    return outcome


def cancel(session: Session, actor: Actor, draw: Draw, reason: str) -> None:
    """Cancel a draw that was not frozen, for a reason that stays public.

    Raises
    ------
    Refusal
        `draw-reason-missing` or `draw-is-...`.
    """
    if not reason.strip():
        raise Refusal("draw-reason-missing", status=422)
    draw = locked(session, draw)
    draw.require(DrawState.PREPARED, DrawState.INFEASIBLE, DrawState.FEASIBLE)
    job = job_queries.latest(session, CHECK, draw.id)
    if job is not None and job.is_open:
        jobs.cancel(session, actor, job)
    draw.state, draw.cancelled_at, draw.cancel_reason = DrawState.CANCELLED, clock.now(), reason.strip()
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
