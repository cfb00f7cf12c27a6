"""A fictional constituency, to try everything on: nobody in it is real."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock, config, mail, migrations
from assemblee.accounts import actions as accounts
from assemblee.accounts import factors
from assemblee.accounts.models import Account, SignIn
from assemblee.accounts.queries import account_by_email, has_factor, token_hash
from assemblee.assemblies import inviting, planning, seats, turning
from assemblee.assemblies import queries as assembly_queries
from assemblee.assemblies.models import SeatState
from assemblee.db import Store
from assemblee.demo import ceremony, petitions, votes, years
from assemblee.demo.people import (
    CATEGORIES,
    INHABITANTS,
    SEED,
    SIZE,
    VOLUNTEERS,
    districts,
    population,
    quotas,
    respondents,
    signers,
)
from assemblee.draws import actions as draws
from assemblee.draws.models import Draw, Kind, Outcome, State
from assemblee.jobs import actions as jobs
from assemblee.jobs import durable
from assemblee.jobs import queries as job_queries
from assemblee.jobs.models import LIFE, OPEN, Job
from assemblee.jobs.models import State as JobState
from assemblee.journal import keys
from assemblee.mandates import actions as mandates
from assemblee.mandates import charters
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, WORKER, Role

__all__ = ["CATEGORIES", "VOLUNTEERS", "build", "live_year", "population", "respondents"]

SLUG = "val-de-brume"
ALTERNATES = 20
PASSWORDS = "demo.txt"
GUARANTORS = ("garant@demo.example", *(f"garant{number}@demo.example" for number in range(2, 7)))
STAFF = {
    "operateur@demo.example": None,
    "organisatrice@demo.example": Role.ORGANISER,
    **dict.fromkeys(GUARANTORS, Role.GUARANTOR),
}
# The demo plays its draw in days gone by: how long ago it begins, and at which hour of its inhabitants.
BEFORE_TODAY = timedelta(days=10)
ZONE, OPENING_HOUR = ZoneInfo("Europe/Paris"), time(9)
# The assembly of the demo sits some weeks after its draw, whenever the demo is built.
SITS_IN = timedelta(days=25)
# A neighbour whose mandate is over, which the demo lives from its first day to its last.
VOLUNTEERS_POOL = "Volontaires"
# A part of the register of inhabitants, who vote and are not drawn.
REGISTER, INSCRIBED = "Registre des habitants (extrait)", 400
PAST_SLUG = "val-d-amont"
PAST_YEARS = 5
PAST_VOLUNTEERS, PAST_TOLERANCE = 1_800, 3
# Of a hundred who are drawn: how many have said yes so far, and how many have answered.
ACCEPT, ANSWER = 70, 80
ASSEMBLY = "ordinary-assembly/1"
AHEAD, SINCE_THE_PAST, AFTERWARDS = timedelta(days=90), timedelta(days=30), timedelta(days=2)

Say = Callable[[str], None]


def _settings(port: int) -> config.Config:
    folder = config.instance_folder()
    if (folder / config.FILE).exists():
        if not (folder / PASSWORDS).exists():
            raise Refusal("demo-not-here", folder=str(folder))
        # The links in mails lead to the port that is served now.
        return config.move(config.load(folder), f"http://127.0.0.1:{port}")
    if os.environ.get("ASSEMBLEE_DATABASE_URL"):
        raise Refusal("demo-not-here", folder=os.environ["ASSEMBLEE_DATABASE_URL"].rsplit("@", 1)[-1])
    return config.create(folder, base_url=f"http://127.0.0.1:{port}")


def _passwords(settings: config.Config) -> dict[str, str]:
    """Return the passwords of the demo accounts, made once and kept beside the database."""
    path: Path = settings.instance / PASSWORDS
    if not path.exists():
        made = "".join(f"{email} {secrets.token_urlsafe(12)}\n" for email in STAFF)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(made)
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split(" ")[0]: line.split(" ")[1] for line in lines}


def _seed_factors(store: Store, settings: config.Config) -> None:
    """Give each account an app and recovery codes, and write them down."""
    path = settings.instance / PASSWORDS
    written = dict(line.split(" ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    with store.writing() as session:
        for email, words in written.items():
            account = account_by_email(session, email)
            if account is not None and not has_factor(session, account.id):
                written[email] = " ".join([words.split(" ")[0], *_enrol(session, account)])
        # Before the commit: a secret that the database has is never lost, and one it lacks is made again.
        path.write_text("".join(f"{email} {words}\n" for email, words in written.items()), encoding="utf-8")


def _enrol(session: Session, account: Account) -> tuple[str, ...]:
    token = accounts.open_session(session, account)
    session.flush()
    sign_in = session.scalars(select(SignIn).where(SignIn.token_hash == token_hash(token))).one()
    factors.begin_authenticator(session, sign_in)
    secret = factors.waiting_secret(session, sign_in)
    codes = factors.confirm_authenticator(session, sign_in, pyotp.TOTP(secret).at(clock.now())) or ()
    accounts.close_session(session, token)
    return (secret, *codes[:2])


def _seed_mandate(store: Store, passwords: Mapping[str, str], facts: mandates.MandateFacts) -> int:
    with store.writing() as session:
        mandate = session.scalar(select(Mandate).where(Mandate.slug == facts.slug))
        if mandate is not None:
            return mandate.id
        for email, role in STAFF.items():
            if account_by_email(session, email) is None:
                accounts.add(session, email, password=passwords[email], is_operator=role is None)
        mandate = mandates.create(session, COMMAND_LINE, facts)
        for email, role in STAFF.items():
            if role is not None:
                held = mandates.give_role(session, COMMAND_LINE, mandate, email, role)
                if role == Role.GUARANTOR:
                    ceremony.register(session, held.account_id, SEED)
        return mandate.id


def _seed_pool(
    store: Store, mandate_id: int, people: Callable[[], bytes], tolerance: int, name: str = VOLUNTEERS_POOL
) -> int:
    """Bring a register of people; that of the volunteers alone takes others by its form."""
    with store.writing() as session:
        pool = session.scalar(select(Pool).where(Pool.mandate_id == mandate_id, Pool.name == name))
        if pool is not None:
            return pool.id
        pool = pools.create(session, COMMAND_LINE, mandate_id, name, SIZE)
        pools.set_quotas(session, COMMAND_LINE, pool, quotas(tolerance), SIZE)
        draft = pools.stage(session, pool, people(), "personnes.csv", None)
        is_open = name == VOLUNTEERS_POOL
        pools.apply_import(session, COMMAND_LINE, pool, draft.id, may_publish=is_open)
        if is_open:
            pools.set_open(session, COMMAND_LINE, pool, is_open=True)
        return pool.id


def _seed_past(store: Store, passwords: Mapping[str, str]) -> int:
    """Let a neighbour begin a mandate that ended lately; its years are lived afterwards, as long work."""
    last = date(clock.now().year, 6, 30)
    if last > (clock.now() - SINCE_THE_PAST).date():
        last = date(last.year - 1, 6, 30)
    first = date(last.year - PAST_YEARS, 7, 1)
    facts = mandates.MandateFacts(
        slug=PAST_SLUG,
        name="Mandat délibératif du Val-d’Amont",
        representative="Anatole Sanscravate",
        territory="Val-d’Amont (circonscription imaginaire)",
        inhabitants_over_16=INHABITANTS,
        term_start=first,
        term_end=last,
    )
    with ceremony.at(datetime.combine(first - AHEAD, time(9), UTC)):
        return _seed_mandate(store, passwords, facts)


def _begin_the_past(session: Session, mandate_id: int) -> None:
    """Let the past be lived, from wherever an earlier call was killed or somebody stopped it."""
    newest = job_queries.newest(session, LIFE, mandate_id)
    if newest is None or newest.state in {JobState.CANCELLED, JobState.FAILED}:
        jobs.start(session, LIFE, newest.subject if newest else 1, mandate=mandate_id)


def live_year(store: Store, year: int, progress: jobs.Progress) -> jobs.Landing:
    """Live one year of the mandate that is over, counted from its first day; the next one follows."""
    with store.reading() as session:
        mandate = session.scalars(select(Mandate).where(Mandate.slug == PAST_SLUG)).one()
    first, last = mandate.term_start, mandate.term_end
    total = last.year - first.year
    click.echo(f"Val-d'Amont: year {year} of {total} / année {year} sur {total}")
    progress(year, total, "year")
    with (
        durable.done_here(),
        mail.withheld(),
        ceremony.at(datetime.combine(first - AHEAD, time(9), UTC)),
    ):
        people = partial(respondents, "VA", 1, PAST_VOLUNTEERS)
        pool_id = _seed_pool(store, mandate.id, people, PAST_TOLERANCE)
        lived = years.Years(store, mandate.id, pool_id, SEED, click.echo)
        lived.plan(first, last)
        begins = first - AHEAD if year == 1 else _anniversary(first, year - 1)
        ends = _anniversary(first, year) if year < total else last + AFTERWARDS
        lived.live(begins, ends, lambda: progress(year, total, "year"))

    def land(session: Session) -> None:
        if year < total:
            jobs.start(session, LIFE, year + 1, mandate=mandate.id)
            return
        for line in years.summary(session, mandate.id):
            click.echo(f"  {line}")

    return land


def _anniversary(first: date, years: int) -> date:
    return first.replace(year=first.year + years)


def _live_the_past(store: Store) -> None:
    """Live in this process what there is to live, instead of leaving it to a worker."""
    while True:
        with store.reading() as session:
            waiting = session.scalar(select(Job.id).where(Job.kind == LIFE, Job.state.in_(OPEN)))
        if waiting is None:
            return
        jobs.run(store, waiting)


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
    begins = (clock.now() + BEFORE_TODAY + SITS_IN).date()
    year = begins.year if begins.month >= charter.calendar.session_first[0] else begins.year - 1
    sessions = {year: (begins, date(year + 1, *charter.calendar.session_last))}
    calendar = replace(charter.calendar, sessions=sessions)
    charters.publish(session, COMMAND_LINE, mandate, replace(charter, calendar=calendar), "")
    planning.replan(session, COMMAND_LINE, mandate, assembly_queries.today(session, mandate))


def _seed_draw(store: Store, mandate_id: int, pool_id: int, say: Say) -> Draw:
    """Bring the demo's draw to where its guarantors sign, from wherever an earlier call left it."""
    with store.writing() as session:
        mandate = session.get_one(Mandate, mandate_id)
        _plan(session, mandate)
        term = assembly_queries.term_by_label(session, mandate_id, ASSEMBLY)
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
        if draw.state == State.READY and rehearsed is None:
            draws.rehearse(session, COMMAND_LINE, draw, draws.fresh_seed())
    return draw


def _answer(store: Store, mandate_id: int) -> None:
    """Let the people who were drawn be asked, and most of them answer; some have not yet."""
    with store.writing() as session:
        turning.turn(session, WORKER, session.get_one(Mandate, mandate_id))
        term = assembly_queries.term_by_label(session, mandate_id, ASSEMBLY)
        invited = assembly_queries.seats(session, term, [SeatState.INVITED]) if term else []
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


def _live_the_present(store: Store, settings: config.Config, passwords: Mapping[str, str], say: Say) -> None:
    """Bring the mandate that goes on to today, from wherever an earlier call left it."""
    say("Val-de-Brume: 72 000 inhabitants / habitants (16+), 3 000 volunteers / volontaires")
    with ceremony.at(_begins()):
        mandate_id = _seed_mandate(store, passwords, _facts(clock.now().date()))
        pool_id = _seed_pool(store, mandate_id, respondents, 1)
        people = partial(respondents, "RH", 1, INSCRIBED)
        register = _seed_pool(store, mandate_id, people, 1, REGISTER)
        votes.open_all(store, mandate_id, register)
        draw = _seed_draw(store, mandate_id, pool_id, say)
        _seed_factors(store, settings)
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
    day = (clock.now() - BEFORE_TODAY).astimezone(ZONE).date()
    return datetime.combine(day, OPENING_HOUR, ZONE).astimezone(UTC)


def build(port: int, say: Say, *, is_whole: bool = True) -> config.Config:
    """Build the demo, or find it as it was left, and say what there is.

    Parameters
    ----------
    is_whole : bool
        Whether to wait for the mandate that is over; else a worker lives it afterwards.

    Raises
    ------
    Refusal
        `demo-not-here`: the folder or the database belongs to a real installation.
    """
    settings = _settings(port)
    passwords = _passwords(settings)
    keys.create(settings)
    store = Store.of(settings)
    migrations.upgrade(store)
    past = _seed_past(store, passwords)
    with durable.done_here():
        _live_the_present(store, settings, passwords, say)
    with store.writing() as session:
        _begin_the_past(session, past)
    if is_whole:
        _live_the_past(store)
    with store.reading() as session:
        held = session.scalars(
            select(Draw.id).join(Mandate, Mandate.id == Draw.mandate_id).where(Mandate.slug == SLUG)
        ).first()
        is_lived = past not in job_queries.lives(session)
    store.dispose()
    if not is_lived:
        say("\nMeanwhile a mandate that is over is lived / Pendant ce temps, un mandat terminé est vécu :\n")
        say(f"  {settings.base_url}/m/{PAST_SLUG}/")
    say(f"\n  {settings.base_url}/m/{SLUG}/draws/{held}\n")
    say("Password, secret for an authenticator app, two recovery codes, each for one time")
    say("Mot de passe, secret pour une application de codes, deux codes de secours, chacun pour une fois")
    for line in (settings.instance / PASSWORDS).read_text(encoding="utf-8").splitlines():
        email, words = line.split(" ", 1)
        say(f"  {email:32} {words}")
    return settings


jobs.WORK[LIFE] = live_year
