"""A fictional constituency, to try everything on: nobody in it is real."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock, config, migrations
from assemblee.accounts import actions as accounts
from assemblee.accounts import factors
from assemblee.accounts.models import Account, SignIn
from assemblee.accounts.queries import account_by_email, has_factor, token_hash
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws import ceremony, choice, freezing
from assemblee.draws.beacons import WITNESSES
from assemblee.draws.models import Draw, Kind, Outcome, Publication, State
from assemblee.jobs import actions as jobs
from assemblee.jobs.models import OPEN, Job
from assemblee.journal import actions as journal
from assemblee.journal import keys, notes
from assemblee.journal.queries import witness_name
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, Actor, Role
from sortition import protocol

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
# The demo plays its draw in days gone by: how long ago it begins, and when each deadline of it falls.
BEGINS = timedelta(days=-10)
COSIGN, REVEAL, BEACON = timedelta(days=3), timedelta(days=4), timedelta(days=5)
# Two guarantors never show up: one does not sign, another does not open the secret.
SIGNERS, REVEALERS = 5, 4
NUMBERS = [[4, 12, 23, 31, 44], [7]]

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
    "Quartier": {
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


def respondents() -> bytes:
    """Return the invented volunteers as a file of people, as an organiser would bring it."""
    people = population()
    categories = list(people[0][1])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["id", "nom", "courriel", *categories])
    for number, (name, traits) in enumerate(people, start=1):
        email = f"volontaire{number:04}@demo.example"
        writer.writerow([f"VB{number:04}", name, email, *(traits[category] for category in categories)])
    return text.getvalue().encode()


def quotas() -> tuple[sortition.Cell, ...]:
    """Return quotas of a panel of 100 around the shares of the inhabitants, a person either way."""
    shares = {
        category: {value: share for value, (share, _zeal) in table.items()}
        for category, table in CATEGORIES.items()
    }
    situations: dict[str, int] = {}
    for age, table in OCCUPATIONS.items():
        for value, (share, _zeal) in table.items():
            situations[value] = situations.get(value, 0) + share * CATEGORIES["Âge"][age][0]
    shares["Situation"] = {value: round(share / 1000) for value, share in situations.items()}
    return tuple(
        sortition.Cell(category, value, max(0, share * SIZE // 1000 - 1), -(-share * SIZE // 1000) + 1)
        for category, table in shares.items()
        for value, share in table.items()
    )


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


def _seed_mandate(store: Store, passwords: Mapping[str, str]) -> int:
    with store.writing() as session:
        mandate = session.scalar(select(Mandate).where(Mandate.slug == SLUG))
        if mandate is not None:
            return mandate.id
        for email, role in STAFF.items():
            if account_by_email(session, email) is None:
                accounts.add(session, email, password=passwords[email], is_operator=role is None)
        mandate = mandates.create(
            session,
            COMMAND_LINE,
            mandates.MandateFacts(
                slug=SLUG,
                name="Mandat délibératif du Val-de-Brume",
                representative="Capucine Vagabonde",
                territory="Val-de-Brume (circonscription imaginaire)",
                inhabitants_over_16=INHABITANTS,
                term_start=date(2026, 7, 1),
                term_end=date(2031, 6, 30),
            ),
        )
        for email, role in STAFF.items():
            if role is not None:
                held = mandates.give_role(session, COMMAND_LINE, mandate, email, role)
                if role == Role.GUARANTOR:
                    actor = _guarantor(held.account_id)
                    journal.register_key(session, actor, held.account_id, str(_signer(actor).key))
        return mandate.id


def _guarantor(account: int) -> Actor:
    return Actor(account, frozenset({Role.EVERYONE, Role.SIGNED_IN, Role.GUARANTOR}))


def _signer(actor: Actor) -> notes.Signer:
    """Return the key of an invented guarantor, who has no machine of their own to keep it on."""
    name = witness_name(actor.account or 0)
    return notes.Signer.of(name, hashlib.sha256(SEED + name.encode()).digest())


def _seed_pool(store: Store, mandate_id: int) -> int:
    with store.writing() as session:
        pool = session.scalar(select(Pool).where(Pool.mandate_id == mandate_id))
        if pool is not None:
            return pool.id
        pool = pools.create(session, COMMAND_LINE, mandate_id, "Volontaires 2026", SIZE)
        pools.set_quotas(session, COMMAND_LINE, pool, quotas(), SIZE)
        draft = pools.stage(session, pool, respondents(), "volontaires.csv", None)
        pools.apply_import(session, COMMAND_LINE, pool, draft.id, may_publish=True)
        pools.set_open(session, COMMAND_LINE, pool, is_open=True)
        return pool.id


def _fresh(store: Store, draw_id: int) -> Draw:
    with store.reading() as session:
        return session.get_one(Draw, draw_id)


def _finish_jobs(store: Store) -> None:
    with store.reading() as session:
        waiting = session.scalars(select(Job.id).where(Job.state.in_(OPEN)).order_by(Job.id)).all()
    for job in waiting:
        jobs.run(store, job)


def _seed_draw(store: Store, pool_id: int, say: Callable[[str], None]) -> Draw:
    """Bring the demo's draw to its end, from wherever an earlier call left it."""
    with store.writing() as session:
        draw = session.scalar(select(Draw).where(Draw.pool_id == pool_id).order_by(Draw.id).limit(1))
        if draw is None:
            pool = session.get_one(Pool, pool_id)
            draw = draws.prepare(
                session, COMMAND_LINE, pool, title="Agora ordinaire 2026–2027", rule="leximin"
            )
    _finish_jobs(store)
    with store.writing() as session:
        draw = session.get_one(Draw, draw.id)
        if draw.state == State.FEASIBLE:
            say("Leximin: the fairest lottery under the quotas / la loterie la plus juste sous les quotas")
            now = clock.now().replace(second=0, microsecond=0)
            terms = freezing.Terms(
                Publication.OPEN, ALTERNATES, "loto", now + COSIGN, now + REVEAL, now + BEACON
            )
            freezing.freeze(session, COMMAND_LINE, draw, terms)
    _finish_jobs(store)
    with store.writing() as session:
        draw = session.get_one(Draw, draw.id)
        rehearsed = session.scalar(
            select(Outcome.id).where(Outcome.draw_id == draw.id, Outcome.kind == Kind.DRY)
        )
        if draw.state == State.READY and rehearsed is None:
            draws.rehearse(session, COMMAND_LINE, draw, draws.fresh_seed())
    return draw


def _play(store: Store, draw: Draw) -> None:
    """Play the guarantors of the demo's draw, each act at its time."""
    with store.writing() as session:
        draw = session.get_one(Draw, draw.id)
        if draw.state != State.READY or draw.beacon_at is None:
            return
        team = [_guarantor(part.account_id) for part in draw.guarantors]
        commitment, lottery_hash = (bytes.fromhex(str(text)) for text in (draw.commitment, draw.lottery_hash))
        acts: list[tuple[datetime | None, Callable[[], object]]] = []
        for actor in team[:SIGNERS]:
            signer = _signer(actor)
            secret = hashlib.sha256(SEED + commitment + signer.name.encode()).digest()
            bound = protocol.guarantor_commitment(signer.name, commitment, secret)
            note = signer.sign(protocol.cosign_text(draw.id, commitment, lottery_hash, bound))
            acts.append((draw.frozen_at, partial(ceremony.cosign, session, actor, draw, str(note))))
            if actor in team[:REVEALERS]:
                acts.append((draw.cosign_until, partial(ceremony.reveal, session, actor, draw, secret.hex())))
        acts += [
            (draw.beacon_at, partial(choice.type_numbers, session, actor, draw, NUMBERS))
            for actor in team[:WITNESSES]
        ]
        for place, (moment, act) in enumerate(sorted(acts, key=lambda pair: pair[0] or clock.now())):
            with _at(moment, place):
                act()


@contextmanager
def _at(moment: datetime | None, place: int) -> Iterator[None]:
    """Live some minutes after a moment."""
    after = timedelta(minutes=7 * (place + 1))
    with clock.shifted((moment or clock.now()) + after - clock.now()):
        yield


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
    say("Val-de-Brume: 72 000 inhabitants / habitants (16+), 3 000 volunteers / volontaires")
    with store.reading() as session:
        begun = session.scalar(select(Draw.id).where(Draw.commitment.is_not(None)).limit(1)) is not None
    with clock.shifted(timedelta() if begun else BEGINS):
        mandate_id = _seed_mandate(store, passwords)
        pool_id = _seed_pool(store, mandate_id)
        draw = _seed_draw(store, pool_id, say)
        written = _seed_factors(store, settings)
    _play(store, draw)
    draw = _fresh(store, draw.id)
    say(f"Draw / tirage {draw.id}: {draw.title}, {draw.state}, lottery / loterie {draw.lottery_hash}")
    say(f"\n  http://127.0.0.1:{port}/m/{SLUG}/draws/{draw.id}\n")
    say("Password, secret for an authenticator app, two recovery codes, each for one time")
    say("Mot de passe, secret pour une application de codes, deux codes de secours, chacun pour une fois")
    for email, words in written.items():
        say(f"  {email:32} {words}")
    store.dispose()
    return settings
