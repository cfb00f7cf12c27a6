"""What is to be done next in the bodies of a mandate, and what has not gone as charter and calendar say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.terms import queries, replay
from assemblee.assemblies.terms.models import HOLDING, Seat, SeatState, Term, TermState, TermSuspension
from assemblee.draws.models import DrawState
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from sortition import timetable

WEEK = timedelta(days=7)
# How long after the first day of a term people may still be waiting for their oath.
OATH = timedelta(days=14)


@dataclass(frozen=True)
class Task:
    """Something that is to be done for a term.

    Parameters
    ----------
    code : str
        Stable name of what is to be done.
    term : Term
    due : date or None
        By when; none where it is due at once.
    number : int
        How many people it is about.
    """

    code: str
    term: Term
    due: date | None = None
    number: int = 0

    def is_late(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.due is not None and self.due < today


@dataclass(frozen=True)
class Deviation:
    """Something that is not as the charter or the calendar say."""

    code: str
    term: Term | None
    words: Mapping[str, object]


def counts(session: Session, mandate_id: int) -> dict[int, Counter[str]]:
    """Count the seats of each term by state."""
    by_term: dict[int, Counter[str]] = {}
    rows = session.execute(select(Seat.term_id, Seat.state).join(Term).where(Term.mandate_id == mandate_id))
    for row in rows:
        by_term.setdefault(row.term_id, Counter())[row.state] += 1
    return by_term


def tasks(session: Session, mandate: Mandate, horizon: timedelta = WEEK) -> list[Task]:
    """Return what the organisers have to do in the days to come, the most urgent first."""
    today = queries.today(session, mandate)
    charter = charters.current(session, mandate)
    held = counts(session, mandate.id)
    tasks = [
        task
        for term in queries.terms(session, mandate.id)
        for task in _of_term(term, charter.body(term.body).recipe, held.get(term.id, Counter()), today)
        if task.due is None or task.due <= today + horizon
    ]
    tasks += [
        Task("task-attendance", meeting.term) for meeting in meeting_queries.unrecorded(session, mandate.id)
    ]
    tasks += [
        Task("task-minutes", meeting.term) for meeting in meeting_queries.without_minutes(session, mandate.id)
    ]
    return sorted(tasks, key=lambda task: (task.due or today, task.term.first, task.code))


def _of_term(term: Term, recipe: timetable.Recipe, held: Counter[str], today: date) -> Iterator[Task]:
    if term.state == TermState.PLANNED and today <= term.last:
        yield from _to_draw(term, recipe)
    if term.is_open:
        free = term.size - sum(held[state] for state in (*HOLDING, SeatState.INVITED))
        if free > 0:
            yield Task("task-vacancies", term, number=free)
        if held[SeatState.INVITED]:
            yield Task("task-answers", term, max(term.answer_by, today), held[SeatState.INVITED])
        if held[SeatState.ACCEPTED]:
            yield Task("task-oath", term, term.first, held[SeatState.ACCEPTED])


def _to_draw(term: Term, recipe: timetable.Recipe) -> Iterator[Task]:
    if recipe.source == "nomination":
        yield Task("task-nominate", term, term.answer_by, term.size)
    elif recipe.source == "pool" and (term.draw is None or term.draw.state == DrawState.CANCELLED):
        yield Task("task-prepare", term, term.freeze_by)
    elif recipe.source == "pool" and term.draw is not None:
        if term.draw.frozen_at is None:
            yield Task("task-freeze", term, term.freeze_by)
        elif term.draw.state != DrawState.HELD:
            yield Task("task-hold", term, term.hold_by)


def deviations(session: Session, mandate: Mandate) -> list[Deviation]:
    """Return everything that is not as the charter, the calendar or the journal say, found by itself."""
    today = queries.today(session, mandate)
    charter = charters.current(session, mandate)
    terms = queries.terms(session, mandate.id)
    late = [task for task in tasks(session, mandate) if task.is_late(today) and task.code != "task-oath"]
    deviations = [Deviation(f"late-{task.code[5:]}", task.term, {"due": task.due}) for task in late]
    held = counts(session, mandate.id)
    running = [term for term in terms if term.state == TermState.RUNNING]
    away = queries.distances(session, running)
    for term in terms:
        deviations += _in_term(term, held.get(term.id, Counter()), away.get(term.id, 0), today)
    stopped = select(TermSuspension).options(joinedload(TermSuspension.term)).join(Term)
    for one in session.scalars(
        stopped.where(Term.mandate_id == mandate.id, TermSuspension.lifted_at.is_(None))
    ):
        deviations.append(Deviation("suspended", one.term, {"reason": one.reason}))
    planned = [term.planned() for term in terms]
    deviations += [
        Deviation("days-uncovered", None, {"body": charter.body(body).name, "first": first, "last": last})
        for body, first, last in timetable.gaps(planned, charter.recipes, charter.calendar)
    ]
    deviations += [
        Deviation("short-notice", meeting.term, {"title": meeting.title, "day": meeting.starts_at})
        for meeting in meeting_queries.short_notice(session, mandate.id)
    ]
    deviations += [
        Deviation("journal-contradicts", None, {"seat": seat})
        for seat in replay.contradictions(session, mandate.id)
    ]
    return deviations


def _in_term(term: Term, held: Counter[str], away: int, today: date) -> Iterator[Deviation]:
    if term.state == TermState.RUNNING:
        free = term.size - sum(held[state] for state in HOLDING)
        if free > 0:
            yield Deviation("places-free", term, {"free": free, "size": term.size})
        if away:
            yield Deviation("off-quotas", term, {"distance": away})
        if held[SeatState.ACCEPTED] and today > term.first + OATH:
            yield Deviation("oath-missing", term, {"people": held[SeatState.ACCEPTED]})
    began = term.began_with
    if began and began["vacant"]:
        yield Deviation("began-with-vacancies", term, {"free": began["vacant"], "size": term.size})
