"""Seating at tables: several rounds in which each table mirrors the whole, and people meet new people."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

import sortition
from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.models import Meeting, TablePlan
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Term
from assemblee.db import Store, database_now
from assemblee.jobs import actions as jobs
from assemblee.jobs.actions import Landing, Progress
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import WORKER
from sortition import seating

KIND = "tables"
SEED_BYTES = 32
FEWEST_AT_A_TABLE = 2
MOST_ROUNDS = 12


def ask(session: Session, meeting: Meeting, tables: int, rounds: int) -> TablePlan:
    """Ask for a plan of tables over those who have not said that they cannot come; the worker computes it.

    Raises
    ------
    Refusal
        `meeting-is-cancelled`, `tables-impossible` (fewer than two people at a table, or more than twelve
        rounds) or `job-already-open`.
    """
    meeting = meetings.locked(session, meeting)
    meetings.require_convened(meeting)
    away = {
        number
        for number, row in meeting_queries.attendance(session, meeting).items()
        if row.announced_at is not None
    }
    people = sorted(
        seat.pseudonym for seat in queries.seats(session, meeting.term, HOLDING) if seat.id not in away
    )
    most = len(people) // FEWEST_AT_A_TABLE
    if not (1 <= tables <= most and 1 <= rounds <= MOST_ROUNDS):
        raise Refusal("tables-impossible", status=422, people=len(people), most=most, rounds=MOST_ROUNDS)
    plan = TablePlan(
        meeting_id=meeting.id,
        tables=tables,
        rounds=rounds,
        seed=secrets.token_bytes(SEED_BYTES).hex(),
        people=people,
        at=database_now(session),
    )
    session.add(plan)
    session.flush()
    # The subject is the meeting, so that a meeting has one plan under way at most.
    jobs.start(session, KIND, meeting.id, mandate=meeting.term.mandate_id)
    return plan


def compute(store: Store, meeting_id: int, progress: Progress) -> Landing:
    """Seat the people of the newest plan of a meeting."""
    with store.reading() as session:
        plan = meeting_queries.latest_plan(session, session.get_one(Meeting, meeting_id))
        if plan is None:
            raise jobs.Failed("plan-missing")
        number, pool = plan.id, _pool(session, plan.meeting.term, plan.people)
        shape = (plan.tables, plan.rounds, bytes.fromhex(plan.seed))
    progress(0, 0, "tables")
    document: dict[str, Any] = seating.seat(pool, *shape).to_document()

    def land(session: Session) -> None:
        row = session.get_one(TablePlan, number)
        row.document = document
        session.flush()
        # Who is not at a table has said that they cannot come: the hashes are salted.
        record(
            session,
            WORKER,
            "tables-drawn",
            mandate=row.meeting.term.mandate_id,
            meeting=row.meeting_id,
            tables=row.tables,
            rounds=row.rounds,
            seed=row.seed,
            people=tree.fingerprint([row.meeting.salt, row.people]),
            seating=tree.fingerprint([row.meeting.salt, document]),
            deviation=document["deviation"],
            repeated=document["repeated"],
        )

    return land


def _pool(session: Session, term: Term, people: list[str]) -> sortition.Pool:
    if queries.source_draw(session, term) is not None:
        return queries.members_pool(session, term, people)
    # Those who were nominated have no traits to mirror: they only meet each other.
    return sortition.Pool(tuple(people), (), (), np.zeros((len(people), 0), dtype=np.int64))
