"""The mandate that goes on: its volunteers, its draw with the ceremony, its votes and its petitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock, config
from assemblee.assemblies.rotation import planning, turning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import SeatState
from assemblee.days import day_in
from assemblee.db import Store
from assemblee.demo import ceremony, petitions, votes
from assemblee.demo.people import INHABITANTS, SEED, SIZE, districts, respondents, signers
from assemblee.demo.seeding import seed_factors, seed_mandate, seed_pool
from assemblee.draws import actions as draws
from assemblee.draws.models import Draw, DrawState, Kind, Outcome
from assemblee.mandates import actions as mandates
from assemblee.mandates import charters
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, WORKER

SLUG = "val-de-brume"
ALTERNATES = 20
# It plays its draw in days gone by: how long ago it begins, and at which hour of its inhabitants.
BEFORE_TODAY = timedelta(days=10)
ZONE, OPENING_HOUR = ZoneInfo("Europe/Paris"), time(9)
# The assembly sits some weeks after its draw, whenever the demo is built.
SITS_IN = timedelta(days=25)
# A part of the register of inhabitants, who vote and are not drawn.
REGISTER, INSCRIBED = "Registre des habitants (extrait)", 400
# Of a hundred who are drawn: how many have said yes so far, and how many have answered.
ACCEPT, ANSWER = 70, 80
ASSEMBLY = "ordinary-assembly/1"

Say = Callable[[str], None]


def _facts(today: date) -> mandates.MandateFacts:
    """Return a mandate that began two months ago."""
    first = (today.replace(day=1) - timedelta(days=32)).replace(day=1)
    return mandates.MandateFacts(
        slug=SLUG,
        name="Mandat délibératif du Val-de-Brume",
        representative="Capucine Vagabonde",
        territory="Val-de-Brume (circonscription imaginaire)",
        inhabitants_over_16=INHABITANTS,
        term_start=first,
        term_end=first.replace(year=first.year + 5) - timedelta(days=1),
    )


def _plan(session: Session, mandate: Mandate) -> None:
    """Publish the charter of the demo and plan its terms; its first session begins in some weeks."""
    if mandate_queries.charter(session, mandate) is not None:
        return
    charter = charters.ready_made(mandate)
    begins = day_in(clock.now() + BEFORE_TODAY + SITS_IN, ZONE.key)
    year = begins.year if begins.month >= charter.calendar.session_first[0] else begins.year - 1
    sessions = {year: (begins, date(year + 1, *charter.calendar.session_last))}
    calendar = replace(charter.calendar, sessions=sessions)
    charters.publish(session, COMMAND_LINE, mandate, replace(charter, calendar=calendar), "")
    planning.replan(session, COMMAND_LINE, mandate, queries.today(session, mandate))


def _seed_draw(store: Store, mandate_id: int, pool_id: int, say: Say) -> Draw:
    """Bring the demo's draw to where its guarantors sign, from wherever an earlier call left it."""
    with store.writing() as session:
        mandate = session.get_one(Mandate, mandate_id)
        _plan(session, mandate)
        term = queries.term_by_label(session, mandate_id, ASSEMBLY)
        if term is None:
            raise Refusal("term-unknown")
        draw = term.draw
        if draw is None:
            draw = inviting.prepare_draw(session, COMMAND_LINE, term, session.get_one(Pool, pool_id))
    ceremony.finish_jobs(store, mandate_id)
    say("Leximin: the fairest lottery under the quotas / la loterie la plus juste sous les quotas")
    ceremony.freeze(store, draw.id, ALTERNATES)
    with store.writing() as session:
        draw = session.get_one(Draw, draw.id)
        rehearsed = session.scalar(
            select(Outcome.id).where(Outcome.draw_id == draw.id, Outcome.kind == Kind.DRY)
        )
        if draw.state == DrawState.READY and rehearsed is None:
            draws.rehearse(session, COMMAND_LINE, draw, draws.fresh_seed())
    return draw


def _answer(store: Store, mandate_id: int) -> None:
    """Let the people who were drawn be asked, and most of them answer; some have not yet."""
    with store.writing() as session:
        turning.turn(session, WORKER, session.get_one(Mandate, mandate_id))
        term = queries.term_by_label(session, mandate_id, ASSEMBLY)
        invited = queries.seats(session, term, [SeatState.INVITED]) if term else []
        if len(invited) < SIZE:
            return
        chance = sortition.Stream(SEED, "answers")
        for seat in invited:
            kind = chance.below(100)
            if kind < ACCEPT:
                seats.accept(session, COMMAND_LINE, seat)
            elif kind < ANSWER:
                seats.decline(session, COMMAND_LINE, seat)
        turning.turn(session, WORKER, session.get_one(Mandate, mandate_id))


def live(store: Store, settings: config.Config, passwords: Mapping[str, str], say: Say) -> None:
    """Bring the mandate that goes on to today, from wherever an earlier call left it."""
    say("Val-de-Brume: 72 000 inhabitants / habitants (16+), 3 000 volunteers / volontaires")
    with ceremony.at(_begins()):
        mandate_id = seed_mandate(store, passwords, _facts(day_in(clock.now(), ZONE.key)))
        pool_id = seed_pool(store, mandate_id, respondents, 1)
        people = partial(respondents, "RH", 1, INSCRIBED)
        register = seed_pool(store, mandate_id, people, 1, REGISTER)
        votes.open_all(store, mandate_id, register)
        draw = _seed_draw(store, mandate_id, pool_id, say)
        seed_factors(store, settings)
    # Two guarantors never show up: one does not sign, another does not open the secret.
    ceremony.play(store, draw.id, SEED, absent=1, silent=1)
    with ceremony.at(ceremony.full_hour()):
        say("Petitions: one opens an assembly, one is open / une ouvre une agora, une est ouverte")
        town = petitions.Town(mandate_id, pool_id, register, districts(), signers, SEED)
        petitions.live(store, town)
        _answer(store, mandate_id)
        say("Votes: a committee, twenty measures / une commission, vingt mesures")
        votes.finish(store, mandate_id, register)
    with store.reading() as session:
        draw = session.get_one(Draw, draw.id)
        say(f"Draw / tirage {draw.id}: {draw.title}, {draw.state}, lottery / loterie {draw.lottery_hash}")


def _begins() -> datetime:
    """Return when the demo begins, at a round hour of its inhabitants."""
    day = day_in(clock.now() - BEFORE_TODAY, ZONE.key)
    return datetime.combine(day, OPENING_HOUR, ZONE).astimezone(UTC)
