"""A fictional constituency, to try everything on: nobody in it is real."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock, config, demo_ceremony, demo_petitions, demo_votes, demo_years, migrations
from assemblee.accounts import actions as accounts
from assemblee.accounts import factors
from assemblee.accounts.models import Account, SignIn
from assemblee.accounts.queries import account_by_email, has_factor, token_hash
from assemblee.assemblies import inviting, planning, seats, turning
from assemblee.assemblies import queries as assembly_queries
from assemblee.assemblies.models import SeatState
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws.models import Draw, Kind, Outcome, State
from assemblee.journal import keys
from assemblee.mandates import actions as mandates
from assemblee.mandates import charters
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, WORKER, Role
from sortition.quotas import census_quotas

SLUG = "val-de-brume"
INHABITANTS = 72_000
VOLUNTEERS = 3_000
SIZE = 100
ALTERNATES = 20
PASSWORDS = "demo.txt"
SEED = hashlib.sha256(b"a constituency that does not exist").digest()
GUARANTORS = ("garant@demo.example", *(f"garant{number}@demo.example" for number in range(2, 7)))
STAFF = {
    "operateur@demo.example": None,
    "organisatrice@demo.example": Role.ORGANISER,
    **dict.fromkeys(GUARANTORS, Role.GUARANTOR),
}
# The demo plays its draw in days gone by: how long ago it begins.
BEGINS = timedelta(days=-10)
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
AHEAD, SINCE_THE_PAST = timedelta(days=90), timedelta(days=30)

DISTRICT = "Quartier"
# Per thousand: how common a value is among the inhabitants, and how readily its people volunteer.
Shares = Mapping[str, tuple[int, int]]
CATEGORIES: Mapping[str, Shares] = {
    "Genre": {"Femmes": (517, 880), "Hommes": (483, 1000)},
    "Âge": {
        "16–24 ans": (136, 450),
        "25–39 ans": (234, 700),
        "40–59 ans": (318, 900),
        "60 ans et plus": (312, 1000),
    },
    DISTRICT: {
        "Port-aux-Saules": (302, 1000),
        "Hautes-Vignes": (236, 800),
        "Le Faubourg": (288, 550),
        "Les Trois-Ponts": (174, 650),
    },
    "Diplôme": {"Aucun ou brevet": (262, 350), "CAP à bac": (391, 600), "Bac +2 et plus": (347, 1000)},
}
# Occupation depends on age, so that the pool has the odd corners of a real one.
OCCUPATIONS: Mapping[str, Shares] = {
    "16–24 ans": {"En études": (610, 1000), "En emploi": (270, 700), "Sans emploi": (120, 450)},
    "25–39 ans": {"En études": (30, 1000), "En emploi": (830, 700), "Sans emploi": (140, 500)},
    "40–59 ans": {"En emploi": (820, 800), "Sans emploi": (150, 550), "À la retraite": (30, 1000)},
    "60 ans et plus": {"En emploi": (170, 800), "Sans emploi": (30, 550), "À la retraite": (800, 1000)},
}
FIRST_NAMES = "Aubeline Brumaël Calixandre Dorimène Eglantin Fanfreluche Garlonn Hyacinthe Isaure Jonquille Korrig Lunaire Mirabel Nuagette Orphéon Prunelin Quenotte Rosalbin Sylvestrin Tournesol".split()  # noqa: E501, SIM905
LAST_NAMES = "Beaurivage Clairelune Doucebrise Etoilebleue Fontorage Grandtilleul Hautenuée Lamontgolfière Merveillon Neigefondue Pasdebrume Quatrevents Ruisselet Songecreux Trèfleblanc Valdécume".split()  # noqa: E501, SIM905


def _choose(stream: sortition.Stream, shares: Shares) -> str:
    position = stream.below(sum(share for share, _zeal in shares.values()))
    for value, (share, _zeal) in shares.items():
        position -= share
        if position < 0:
            return value
    raise AssertionError(shares)


def _inhabitant(stream: sortition.Stream) -> dict[str, str]:
    traits = {category: _choose(stream, shares) for category, shares in CATEGORIES.items()}
    traits["Situation"] = _choose(stream, OCCUPATIONS[traits["Âge"]])
    return traits


def _comes_forward(stream: sortition.Stream, traits: Mapping[str, str]) -> bool:
    tables = {**CATEGORIES, "Situation": OCCUPATIONS[traits["Âge"]]}
    return all(stream.below(1000) < tables[category][value][1] for category, value in traits.items())


def population() -> list[tuple[str, dict[str, str]]]:
    """Return the invented volunteers, as names and traits, the same on every machine."""
    stream = sortition.Stream(SEED, "volunteers")
    people: list[tuple[str, dict[str, str]]] = []
    while len(people) < VOLUNTEERS:
        traits = _inhabitant(stream)
        if _comes_forward(stream, traits):
            first = FIRST_NAMES[stream.below(len(FIRST_NAMES))]
            last = LAST_NAMES[stream.below(len(LAST_NAMES))]
            people.append((f"{first} {last}", traits))
    return people


def respondents(letters: str = "VB", first: int = 1, last: int = VOLUNTEERS) -> bytes:
    """Return invented volunteers as a file of people, as an organiser would bring it."""
    people = population()
    categories = list(people[0][1])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["id", "nom", "courriel", *categories])
    for number, (name, traits) in enumerate(people[first - 1 : last], start=first):
        reference = f"{letters}{number:04}"
        email = f"volontaire-{reference.lower()}@demo.example"
        writer.writerow([reference, name, email, *(traits[category] for category in categories)])
    return text.getvalue().encode()


def quotas(tolerance: int = 1) -> tuple[sortition.Cell, ...]:
    """Return quotas of a panel of 100 around the shares of the inhabitants, so many people either way."""
    shares = {
        category: {value: share for value, (share, _zeal) in table.items()}
        for category, table in CATEGORIES.items()
    }
    situations: dict[str, int] = {}
    for age, table in OCCUPATIONS.items():
        for value, (share, _zeal) in table.items():
            situations[value] = situations.get(value, 0) + share * CATEGORIES["Âge"][age][0]
    shares["Situation"] = {value: round(share / 1000) for value, share in situations.items()}
    rows = [
        (category, value, share * 10) for category, table in shares.items() for value, share in table.items()
    ]
    return census_quotas(rows, SIZE, tolerance).cells


def districts() -> dict[str, int]:
    """Return the inhabitants over 16 of each district."""
    return {name: INHABITANTS * share // 1000 for name, (share, _zeal) in CATEGORIES[DISTRICT].items()}


def signers() -> list[tuple[str, str]]:
    """Return invented people, as names that differ and districts."""
    return list({name: traits[DISTRICT] for name, traits in population()}.items())


def _settings(port: int) -> config.Config:
    folder = config.instance_folder()
    if (folder / config.FILE).exists():
        if not (folder / PASSWORDS).exists():
            raise Refusal("demo-not-here", folder=str(folder))
        return config.load(folder)
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


def _seed_factors(store: Store, settings: config.Config) -> dict[str, str]:
    """Give each account an app and recovery codes; return what is written down for each address."""
    path = settings.instance / PASSWORDS
    written = dict(line.split(" ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    with store.writing() as session:
        for email, words in written.items():
            account = account_by_email(session, email)
            if account is not None and not has_factor(session, account.id):
                written[email] = " ".join([words.split(" ")[0], *_enrol(session, account)])
        # Before the commit: a secret that the database has is never lost, and one it lacks is made again.
        path.write_text("".join(f"{email} {words}\n" for email, words in written.items()), encoding="utf-8")
    return written


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
                    demo_ceremony.register(session, held.account_id, SEED)
        return mandate.id


def _seed_pool(
    store: Store, mandate_id: int, people: bytes, tolerance: int, name: str = VOLUNTEERS_POOL
) -> int:
    """Bring a register of people; that of the volunteers alone takes others by its form."""
    with store.writing() as session:
        pool = session.scalar(select(Pool).where(Pool.mandate_id == mandate_id, Pool.name == name))
        if pool is not None:
            return pool.id
        pool = pools.create(session, COMMAND_LINE, mandate_id, name, SIZE)
        pools.set_quotas(session, COMMAND_LINE, pool, quotas(tolerance), SIZE)
        draft = pools.stage(session, pool, people, "personnes.csv", None)
        is_open = name == VOLUNTEERS_POOL
        pools.apply_import(session, COMMAND_LINE, pool, draft.id, may_publish=is_open)
        if is_open:
            pools.set_open(session, COMMAND_LINE, pool, is_open=True)
        return pool.id


def _live_the_past(store: Store, passwords: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Live a whole mandate that ended lately, from wherever an earlier call left it."""
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
    begins = first - AHEAD
    with clock.shifted(datetime.combine(begins, time(9), UTC) - clock.now()):
        mandate_id = _seed_mandate(store, passwords, facts)
        pool_id = _seed_pool(store, mandate_id, respondents("VA", 1, PAST_VOLUNTEERS), PAST_TOLERANCE)
        years = demo_years.Years(store, mandate_id, pool_id, SEED, say)
        years.plan(first, last)
    years.live(begins, last + timedelta(days=2))
    with store.reading() as session:
        for line in demo_years.summary(session, mandate_id):
            say(f"  {line}")


def _fresh(store: Store, draw_id: int) -> Draw:
    with store.reading() as session:
        return session.get_one(Draw, draw_id)


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
    begins = (clock.now() - BEGINS + SITS_IN).date()
    year = begins.year if begins.month >= charter.calendar.session_first[0] else begins.year - 1
    sessions = {year: (begins, date(year + 1, *charter.calendar.session_last))}
    calendar = replace(charter.calendar, sessions=sessions)
    charters.publish(session, COMMAND_LINE, mandate, replace(charter, calendar=calendar), "")
    planning.replan(session, COMMAND_LINE, mandate, assembly_queries.today(session, mandate))


def _seed_draw(store: Store, mandate_id: int, pool_id: int, say: Callable[[str], None]) -> Draw:
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
    demo_ceremony.finish_jobs(store)
    say("Leximin: the fairest lottery under the quotas / la loterie la plus juste sous les quotas")
    demo_ceremony.freeze(store, draw.id, ALTERNATES)
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


def build(port: int, say: Callable[[str], None]) -> config.Config:
    """Build the demo, or find it as it was left, and say what there is.

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
    with store.reading() as session:
        begun = session.scalar(select(Mandate.id).where(Mandate.slug == SLUG)) is not None
    if not begun:
        say("Val-d'Amont: five years of a mandate / cinq années d’un mandat")
        _live_the_past(store, passwords, say)
    say("Val-de-Brume: 72 000 inhabitants / habitants (16+), 3 000 volunteers / volontaires")
    with clock.shifted(timedelta() if begun else BEGINS):
        mandate_id = _seed_mandate(store, passwords, _facts(clock.now().date()))
        pool_id = _seed_pool(store, mandate_id, respondents(), 1)
        register = _seed_pool(store, mandate_id, respondents("RH", 1, INSCRIBED), 1, REGISTER)
        demo_votes.open_all(store, mandate_id, register)
        draw = _seed_draw(store, mandate_id, pool_id, say)
        written = _seed_factors(store, settings)
    # Two guarantors never show up: one does not sign, another does not open the secret.
    demo_ceremony.play(store, draw.id, SEED, absent=1, silent=1)
    say("Petitions: one opens an assembly, one is open / une ouvre une agora, une est ouverte")
    town = demo_petitions.Town(mandate_id, pool_id, register, districts(), signers(), SEED)
    demo_petitions.live(store, town)
    _answer(store, mandate_id)
    say("Votes: a committee, twenty measures / une commission, vingt mesures")
    demo_votes.finish(store, mandate_id, register)
    draw = _fresh(store, draw.id)
    say(f"Draw / tirage {draw.id}: {draw.title}, {draw.state}, lottery / loterie {draw.lottery_hash}")
    say(f"\n  http://127.0.0.1:{port}/m/{SLUG}/draws/{draw.id}\n")
    say("Password, secret for an authenticator app, two recovery codes, each for one time")
    say("Mot de passe, secret pour une application de codes, deux codes de secours, chacun pour une fois")
    for email, words in written.items():
        say(f"  {email:32} {words}")
    store.dispose()
    return settings
