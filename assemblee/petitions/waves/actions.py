"""Waves: inhabitants of whom there are too few volunteers are drawn from the register, and invited."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from assemblee.assemblies.seats import inviting
from assemblee.assemblies.terms import queries as assemblies
from assemblee.days import days_after, end_of_day
from assemblee.db import database_now
from assemblee.draws import beacons
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates import charters
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.petition.moving import locked
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.waves import invited
from assemblee.petitions.waves.models import Candidate, Invitation, Wave, WaveState
from assemblee.pools import queries as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.pools.models import VolunteerState as PersonState
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import invitations
from sortition.protocol import digest

# What was published is in the signed journal before anybody knows the round.
NOTICE = timedelta(hours=1)
# Whoever is invited has these to answer, however late it is for the draw.
LEAST_DAYS = 3


@dataclass(frozen=True)
class WavePlan:
    """What a wave would be: why there is none, or its strata and the inhabitants who belong to one.

    Parameters
    ----------
    reason : str or None
        `no-pool`, `no-register`, `enough` (volunteers) or `nobody` (in the register to write to).
    strata : tuple of invitations.Stratum
    secret : str
        Of which the salts of the rows are made.
    rows : list of (str, list of int, int)
        The commitment to a row, the places of its strata, and the number of the inhabitant.
    """

    reason: str | None = None
    strata: tuple[invitations.Stratum, ...] = ()
    secret: str = ""
    rows: list[tuple[str, list[int], int]] = field(default_factory=list)


def salt(secret: str, volunteer_id: int) -> bytes:
    """Return the salt of an inhabitant's row: who is invited learns theirs, and nobody else's."""
    return hmac.digest(bytes.fromhex(secret), str(volunteer_id).encode(), "sha256")


def commitment(secret: str, volunteer_id: int) -> str:
    """Return what is published of an inhabitant."""
    return digest(f"{invitations.PROTOCOL}/row", salt(secret, volunteer_id), str(volunteer_id)).hex()


def plan(session: Session, petition: Petition) -> WavePlan:
    """Compare the pool with what the assembly of a petition needs; nothing is written.

    Nothing of signatures is read: who signed is as likely to be invited as who did not.

    Raises
    ------
    Refusal
        `wave-assembly-missing`, or a refusal of the charter.
    """
    term = petition.term
    if term is None:
        raise Refusal("wave-assembly-missing")
    rules = rules_of(petition.version).wave
    pool = _pool(session, petition, rules.pool)
    if pool is None:
        return WavePlan("no-pool")
    register = _pool(session, petition, rules.register)
    if register is None or register.id == pool.id:
        return WavePlan("no-register")
    body = charters.current(session, term.mandate).body(term.body)
    barred = assemblies.barred(session, term)
    able = [person for person in pools.active(session, pool) if person.id not in barred]
    available = Counter(pair for person in able for pair in person.traits.items())
    strata = invitations.strata(
        inviting.quotas_for(pool, term.size, body.quotas),
        available,
        per_seat=rules.per_seat,
        letters=rules.letters,
    )
    if not strata:
        return WavePlan("enough")
    secret = secrets.token_hex(32)
    # Who withdrew has said no, and is not asked again.
    known = set(
        session.scalars(
            select(Volunteer.email_key).where(Volunteer.pool_id == pool.id, Volunteer.email_key.is_not(None))
        )
    )
    rows = []
    for person in pools.active(session, register):
        places = [place for place, one in enumerate(strata) if person.traits.get(one.category) == one.value]
        if places and person.email_key not in known:
            rows.append((commitment(secret, person.id), places, person.id))
    if not rows:
        return WavePlan("nobody", strata)
    # In the order of the hashes, which says nothing of the register's own.
    return WavePlan(None, strata, secret, sorted(rows))


def _pool(session: Session, petition: Petition, number: int) -> Pool | None:
    found = session.get(Pool, number) if number else None
    return found if found is not None and found.mandate_id == petition.mandate_id else None


def prepare(session: Session, actor: Actor, petition: Petition, planned: WavePlan) -> Wave:
    """Publish a wave before the announced randomness comes out, or that none is needed; once.

    Raises
    ------
    Refusal
        `wave-assembly-missing`.
    """
    petition = locked(session, petition)
    if petition.term is None:
        raise Refusal("wave-assembly-missing")
    wave = of_petition(session, petition)
    if wave is not None:
        return wave
    rules = rules_of(petition.version).wave
    now = database_now(session)
    made = Wave(
        petition_id=petition.id,
        petition=petition,
        state=WaveState.NOT_NEEDED if planned.reason else WaveState.PREPARED,
        reason=planned.reason,
        pool_id=rules.pool,
        register_id=rules.register,
        document=None,
        hash=None,
        secret=planned.secret,
        strata=[asdict(one) for one in planned.strata],
        beacon={},
        beacon_at=None,
        prepared_at=now,
        leaf=0,
        chosen=[],
    )
    if planned.reason:
        leaf = record(
            session,
            actor,
            "wave-not-needed",
            mandate=petition.mandate_id,
            petition=petition.id,
            term=petition.term_id,
            reason=planned.reason,
        )
        made.leaf = leaf.position
        session.add(made)
        session.flush()
        return made
    made.beacon, made.beacon_at = beacons.announce("drand", now + NOTICE)
    content = tree.canonical(
        {
            "format": invitations.PROTOCOL,
            "petition": petition.id,
            "term": petition.term_id,
            "per_seat": rules.per_seat,
            "letters": rules.letters,
            "strata": made.strata,
            "beacon": made.beacon,
            "rows": [[row, places] for row, places, _ in planned.rows],
        }
    )
    made.document, made.hash = content.decode(), hashlib.sha256(content).hexdigest()
    session.add(made)
    session.flush()
    session.execute(
        insert(Candidate),
        [
            {"wave_id": made.id, "place": place, "volunteer_id": number}
            for place, (_, _, number) in enumerate(planned.rows)
        ],
    )
    leaf = record(
        session,
        actor,
        "wave-prepared",
        mandate=petition.mandate_id,
        petition=petition.id,
        term=petition.term_id,
        pool=made.pool_id,
        register=made.register_id,
        frozen=made.hash,
        rows=len(planned.rows),
        wanted=[[one.category, one.value, one.missing, one.wanted] for one in planned.strata],
        round=made.beacon["round"],
    )
    made.leaf = leaf.position
    session.flush()
    return made


def record_round(session: Session, actor: Actor, wave: Wave, signature: str) -> Wave:
    """Record the announced round, and with it, in one transaction, draw and write to those invited.

    Whoever brings it changes nothing: the network signed it, and only this round will do.

    Raises
    ------
    Refusal
        `wave-is-...`, `beacon-too-early` or `beacon-signature-wrong`.
    """
    petition = locked(session, wave.petition)
    wave = session.get_one(Wave, wave.id, populate_existing=True)
    if wave.state != WaveState.PREPARED:
        raise Refusal(f"wave-is-{wave.state}")
    now = database_now(session)
    if wave.beacon_at is None or now < wave.beacon_at:
        raise Refusal("beacon-too-early")
    raw = beacons.checked_signature(wave.beacon, signature)
    beacon = beacons.value({"kind": "drand", "signature": raw.hex()})
    seed = invitations.seed(bytes.fromhex(str(wave.hash)), beacon)
    chosen = invitations.choose(
        [places for _, places in json.loads(str(wave.document))["rows"]],
        [one["wanted"] for one in wave.strata],
        seed,
    )
    people = _candidates(session, wave)
    session.add_all(
        Invitation(wave_id=wave.id, place=place, volunteer_id=people.get(place), is_mailed=False)
        for place in chosen
    )
    session.execute(delete(Candidate).where(Candidate.wave_id == wave.id))
    wave.state, wave.signature, wave.seed, wave.chosen = WaveState.DRAWN, raw.hex(), seed.hex(), chosen
    wave.answer_until = _answer_until(petition, now)
    session.flush()
    leaf = record(
        session,
        actor,
        "wave-drawn",
        mandate=petition.mandate_id,
        petition=petition.id,
        frozen=wave.hash,
        beacon=beacon.hex(),
        seed=seed.hex(),
        invited=len(chosen),
        chosen=tree.fingerprint(chosen),
    )
    wave.drawn_at, wave.result_leaf = leaf.at, leaf.position
    session.flush()
    invited.send_mails(session, wave)
    return wave


def _candidates(session: Session, wave: Wave) -> dict[int, int]:
    rows = session.execute(
        select(Candidate.place, Candidate.volunteer_id)
        .join(Volunteer, Volunteer.id == Candidate.volunteer_id)
        .where(Candidate.wave_id == wave.id, Volunteer.state == PersonState.VOLUNTEER)
    )
    return {row.place: row.volunteer_id for row in rows}


def _answer_until(petition: Petition, now: datetime) -> datetime:
    """Return until when who is invited may answer: not beyond the freeze of the draw, if there is time."""
    zone, term = petition.mandate.time_zone, petition.term
    planned = days_after(now, rules_of(petition.version).wave.answer_days, zone)
    if term is None or term.freeze_by is None:
        return planned
    return min(planned, max(end_of_day(term.freeze_by, zone), days_after(now, LEAST_DAYS, zone)))


def of_petition(session: Session, petition: Petition) -> Wave | None:
    """Return the wave of a petition, if there is one."""
    return session.scalar(
        select(Wave).where(Wave.petition_id == petition.id).execution_options(populate_existing=True)
    )


def awaiting(session: Session, mandate_id: int | None = None) -> list[Wave]:
    """Return the waves whose round is out and not recorded: a guarantor may bring it by hand."""
    query = select(Wave).where(Wave.state == WaveState.PREPARED, Wave.beacon_at <= database_now(session))
    if mandate_id is not None:
        query = query.join(Petition, Petition.id == Wave.petition_id).where(Petition.mandate_id == mandate_id)
    return list(session.scalars(query.order_by(Wave.id)))
