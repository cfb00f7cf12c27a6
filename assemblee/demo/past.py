"""A neighbour whose mandate is over, lived from its first day to its last: a job for each year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.db import Store
from assemblee.demo import ceremony, years
from assemblee.demo.people import INHABITANTS, SEED, respondents
from assemblee.demo.seeding import seed_mandate, seed_pool
from assemblee.jobs import actions as jobs
from assemblee.jobs import durable
from assemblee.jobs import queries as job_queries
from assemblee.jobs.models import LIFE, OPEN, Job, JobState
from assemblee.mail import outbox
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate

SLUG = "val-d-amont"
YEARS = 5
VOLUNTEERS, TOLERANCE = 1_800, 3
AHEAD, SINCE, AFTERWARDS = timedelta(days=90), timedelta(days=30), timedelta(days=2)


def seed(store: Store, passwords: Mapping[str, str]) -> int:
    """Let a neighbour begin a mandate that ended lately; its years are lived afterwards, as long work."""
    last = date(clock.now().year, 6, 30)
    if last > (clock.now() - SINCE).date():
        last = date(last.year - 1, 6, 30)
    first = date(last.year - YEARS, 7, 1)
    facts = mandates.MandateFacts(
        slug=SLUG,
        name="Mandat délibératif du Val-d’Amont",
        representative="Anatole Sanscravate",
        territory="Val-d’Amont (circonscription imaginaire)",
        inhabitants_over_16=INHABITANTS,
        term_start=first,
        term_end=last,
    )
    with ceremony.at(datetime.combine(first - AHEAD, time(9), UTC)):
        return seed_mandate(store, passwords, facts)


def begin(session: Session, mandate_id: int) -> None:
    """Let the past be lived, from wherever an earlier call was killed or somebody stopped it."""
    newest = job_queries.newest(session, LIFE, mandate_id)
    if newest is None or newest.state in {JobState.CANCELLED, JobState.FAILED}:
        jobs.start(session, LIFE, newest.subject if newest else 1, mandate=mandate_id)


def live_year(store: Store, year: int, progress: jobs.Progress) -> jobs.Landing:
    """Live one year of the mandate that is over, counted from its first day; the next one follows."""
    with store.reading() as session:
        mandate = session.scalars(select(Mandate).where(Mandate.slug == SLUG)).one()
    first, last = mandate.term_start, mandate.term_end
    total = last.year - first.year
    say(f"Val-d'Amont: year {year} of {total} / année {year} sur {total}")
    progress(year, total, "year")
    with (
        durable.done_here(),
        outbox.withheld(),
        ceremony.at(datetime.combine(first - AHEAD, time(9), UTC)),
    ):
        people = partial(respondents, "VA", 1, VOLUNTEERS)
        pool_id = seed_pool(store, mandate.id, people, TOLERANCE)
        lived = years.Years(store, mandate.id, pool_id, SEED, say)
        lived.plan(first, last)
        begins = first - AHEAD if year == 1 else _anniversary(first, year - 1)
        ends = _anniversary(first, year) if year < total else last + AFTERWARDS
        lived.live(begins, ends, lambda: progress(year, total, "year"))

    def land(session: Session) -> None:
        if year < total:
            jobs.start(session, LIFE, year + 1, mandate=mandate.id)
            return
        for line in years.summary(session, mandate.id):
            say(f"  {line}")

    return land


def say(line: str) -> None:
    """Tell whoever has started the demo, in their terminal."""
    print(line, flush=True)


def _anniversary(first: date, years: int) -> date:
    return first.replace(year=first.year + years)


def live_here(store: Store) -> None:
    """Live in this process what there is to live, instead of leaving it to a worker."""
    while True:
        with store.reading() as session:
            waiting = session.scalar(select(Job.id).where(Job.kind == LIFE, Job.state.in_(OPEN)))
        if waiting is None:
            return
        jobs.run(store, waiting)


jobs.WORK[LIFE] = live_year
