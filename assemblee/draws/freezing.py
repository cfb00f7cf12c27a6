"""A draw is frozen: its people, quotas, dates, guarantors and beacon in one document, once and for all."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assemblee import __version__
from assemblee.db import database_now
from assemblee.draws import beacons, letters, lotteries
from assemblee.draws.ceremony import RUNNING, leaf, locked
from assemblee.draws.models import Draw, DrawEntry, DrawState, Part, Publication
from assemblee.draws.queries import LOTTERY, earlier_draws, pool_leaves
from assemblee.draws.sealing import seal
from assemblee.jobs import actions as jobs
from assemblee.journal import actions as journal
from assemblee.journal import keys, tree
from assemblee.journal.models import WitnessKey
from assemblee.journal.queries import witness_keys
from assemblee.mandates import queries as mandates
from assemblee.pools import actions as pools
from assemblee.pools.models import Volunteer, VolunteerState
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import protocol

SALT_BYTES = 32
# Whoever shares all their traits with at least four others is not told apart by them.
SMALLEST_GROUP = 5
PSEUDONYM_HALF = 10_000
LONGEST_CEREMONY = timedelta(days=366)
SOLVERS: Mapping[str, Mapping[str, int]] = {
    "highspy": {"threads": 1, "random_seed": 1, "mip_rel_gap": 0},
    "ortools": {"num_workers": 1, "random_seed": 1},
}


@dataclass(frozen=True)
class Terms:
    """What an organiser settles when a draw is frozen.

    Parameters
    ----------
    publication : Publication
    alternates : int
    beacon : str
        A name in `beacons.BEACONS`.
    cosign_until, reveal_until, beacon_at : datetime
        The deadlines, in this order.
    """

    publication: Publication
    alternates: int
    beacon: str
    cosign_until: datetime
    reveal_until: datetime
    beacon_at: datetime


def written(moment: datetime) -> str:
    """Write a moment as the protocol does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def default_threshold(guarantors: int) -> int:
    """Return how many guarantors must cosign: two thirds, that is 4 of 6."""
    return -(-2 * guarantors // 3)


def identifiable(session: Session, draw: Draw) -> int:
    """Count the people whose answers would point at them, and who did not agree to their publication."""
    groups = Counter(tuple(sorted(traits.items())) for traits in draw.people.values())
    rare = [
        int(person)
        for person, traits in draw.people.items()
        if groups[tuple(sorted(traits.items()))] < SMALLEST_GROUP
    ]
    agreed = session.scalars(
        select(Volunteer.id).where(Volunteer.pool_id == draw.pool_id, Volunteer.may_publish.is_(True))
    )
    return len(set(rare) - set(agreed))


def _pseudonyms(number: int) -> list[str]:
    """Draw pseudonyms that say nothing, such as 4827-1953; they order the pool, so they are drawn too."""
    pseudonyms: set[str] = set()
    while len(pseudonyms) < number:
        pseudonyms.add(f"{secrets.randbelow(PSEUDONYM_HALF):04}-{secrets.randbelow(PSEUDONYM_HALF):04}")
    shuffled = sorted(pseudonyms)
    secrets.SystemRandom().shuffle(shuffled)
    return shuffled


def _check_terms(session: Session, draw: Draw, terms: Terms, announced: Mapping[str, Any]) -> None:
    # In UTC: two moments of one zone compare by their clock, which runs backwards once a year.
    moments = [
        moment.astimezone(UTC)
        for moment in (database_now(session), terms.cosign_until, terms.reveal_until, terms.beacon_at)
    ]
    if any(one >= after for one, after in pairwise(moments)):
        raise Refusal("draw-deadlines-order", status=422)
    if moments[-1] - moments[0] > LONGEST_CEREMONY:
        raise Refusal("draw-deadlines-far", status=422)
    lotteries.require_drawing(session, terms.beacon, terms.beacon_at)
    if beacons.could_be_known(announced, terms.reveal_until):
        raise Refusal("draw-reveal-on-lottery-day", status=422)
    most = len(draw.people) - draw.size
    if not 0 <= terms.alternates <= most:
        raise Refusal("draw-alternates-range", status=422, most=most)
    if terms.beacon == "balls" and draw.tickets != 1_000:  # noqa: PLR2004 - three balls of ten
        raise Refusal("draw-balls-tickets", status=422)
    if terms.publication == Publication.OPEN:
        people = identifiable(session, draw)
        if people:
            raise Refusal("draw-publication-identifies", status=422, people=people)


def checked(session: Session, draw: Draw, terms: Terms) -> tuple[Terms, dict[str, Any]]:
    """Return the terms of a draw that could be frozen now, and its beacon as it would be announced.

    Raises
    ------
    Refusal
        Those of `freeze` that need no lock.
    """
    draw.require(DrawState.FEASIBLE)
    announced, beacon_at = beacons.announce(terms.beacon, terms.beacon_at)
    terms = replace(terms, beacon_at=beacon_at)
    _check_terms(session, draw, terms, announced)
    witnesses = len(team(session, draw).keys)
    if not witnesses:
        raise Refusal("draw-guarantors-missing")
    if witnesses < announced.get("witnesses", 0):
        raise Refusal("beacon-witnesses-missing", witnesses=announced["witnesses"])
    return terms, announced


def _lock_pool(session: Session, draw: Draw) -> None:
    """Let nobody change the pool meanwhile; this draw must be its only one, of people who are still there."""
    pools.locked(session, draw.pool)
    now = database_now(session)
    others = session.scalars(
        select(Draw)
        .options(selectinload(Draw.guarantors))
        .where(Draw.pool_id == draw.pool_id, Draw.id != draw.id, Draw.state.in_(RUNNING))
    )
    for other in others:
        if not other.has_lapsed(now):
            raise Refusal("draw-pool-has-another", number=other.id)
    there = session.scalars(
        select(Volunteer.id).where(
            Volunteer.pool_id == draw.pool_id, Volunteer.state == VolunteerState.VOLUNTEER
        )
    )
    gone = {int(person) for person in draw.people} - set(there)
    if gone:
        raise Refusal("draw-people-changed", people=len(gone))


@dataclass(frozen=True)
class Team:
    """The guarantors of a mandate: those with a key, who can take part in a draw, and how many have none."""

    keys: list[WitnessKey]
    without: int


def team(session: Session, draw: Draw) -> Team:
    """Return who can be a guarantor of a draw that is frozen now."""
    accounts = mandates.guarantors(session, draw.mandate_id)
    witnesses = witness_keys(session, accounts)
    return Team(sorted(witnesses.values(), key=lambda key: key.name.encode()), len(accounts) - len(witnesses))


def _take_guarantors(session: Session, draw: Draw) -> None:
    witnesses = team(session, draw).keys
    draw.guarantors = [
        Part(account_id=witness.account_id, name=witness.name, key=witness.key) for witness in witnesses
    ]
    draw.threshold = default_threshold(len(witnesses))


def _enter_people(session: Session, draw: Draw) -> dict[str, str]:
    """Put pseudonyms in place of numbers, and return the salt of each."""
    pseudonyms = _pseudonyms(len(draw.people))
    salts = {pseudonym: secrets.token_hex(SALT_BYTES) for pseudonym in pseudonyms}
    by_pseudonym = dict(zip(pseudonyms, draw.people.items(), strict=True))
    session.add_all(
        DrawEntry(draw_id=draw.id, volunteer_id=int(person), pseudonym=pseudonym, salt=salts[pseudonym])
        for pseudonym, (person, _traits) in by_pseudonym.items()
    )
    draw.people = {pseudonym: by_pseudonym[pseudonym][1] for pseudonym in sorted(pseudonyms)}
    return salts


def _traits(draw: Draw) -> dict[str, list[str]]:
    """Return the traits of each person, in the order of the quotas."""
    categories = list(draw.core_quotas().categories)
    return {person: [traits[name] for name in categories] for person, traits in draw.people.items()}


def _document(session: Session, draw: Draw, salts: dict[str, str]) -> dict[str, Any]:
    """Return ``draw.json`` (`docs/verify.md`, section 3)."""
    pool = draw.core_pool()
    rows = [
        {"id": person, "traits": traits}
        if draw.publication == Publication.OPEN
        else {"id": person, "row": protocol.sealed_row(bytes.fromhex(salts[person]), traits)}
        for person, traits in _traits(draw).items()
    ]
    parts = sorted(draw.guarantors, key=lambda part: part.name.encode())
    deadlines = {"cosign": draw.cosign_until, "reveal": draw.reveal_until, "beacon": draw.beacon_at}
    return {
        "protocol": protocol.PROTOCOL,
        "draw": draw.id,
        "title": draw.title,
        "publication": draw.publication,
        "pool": rows,
        "counts": protocol.counts(pool, range(len(pool.people))),
        "quotas": protocol.quotas_document(draw.core_quotas()),
        "size": draw.size,
        "alternates": draw.alternates,
        "rule": draw.rule,
        "tickets": draw.tickets,
        "solver": [
            {"name": name, "version": version(name), "options": options} for name, options in SOLVERS.items()
        ],
        "code": {"name": "assemblee", "version": __version__},
        "guarantors": [{"name": part.name, "key": part.key} for part in parts],
        "threshold": draw.threshold,
        "log": str(keys.signer(session).key),
        "beacon": draw.beacon,
        "deadlines": {step: written(moment) for step, moment in deadlines.items() if moment},
        "earlier": vars(earlier_draws(session, draw)),
    }


def _sealed_rows(draw: Draw, salts: dict[str, str]) -> bytes:
    """Return ``rows.json`` (`docs/verify.md`, section 9), encrypted for the guarantors."""
    rows = [
        {"id": person, "salt": salts[person], "traits": traits} for person, traits in _traits(draw).items()
    ]
    return seal(tree.canonical({"rows": rows}), [part.key for part in draw.guarantors])


def freeze(session: Session, actor: Actor, draw: Draw, terms: Terms) -> Draw:
    """Freeze a checked draw once and for all, and start the computation of its lottery.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-pool-has-another`, `draw-people-changed`, `draw-deadlines-order`,
        `draw-deadlines-far`, `draw-no-lottery-then`, `draw-reveal-on-lottery-day`,
        `draw-alternates-range`, `draw-balls-tickets`, `draw-publication-identifies`,
        `draw-guarantors-missing`, `beacon-unknown`, `beacon-witnesses-missing` or a refusal of the
        journal's key.
    """
    draw = locked(session, draw)
    terms, announced = checked(session, draw, terms)
    _lock_pool(session, draw)
    _take_guarantors(session, draw)
    draw.publication, draw.alternates = terms.publication, terms.alternates
    draw.beacon, draw.beacon_at = announced, terms.beacon_at
    draw.cosign_until, draw.reveal_until = terms.cosign_until, terms.reveal_until
    salts = _enter_people(session, draw)
    document = _document(session, draw, salts)
    text = tree.canonical(document)
    draw.frozen_text, draw.commitment = text.decode(), protocol.commit(text).hex()
    draw.pool_root = tree.root(tree.leaf_hash(row) for row in pool_leaves(document)).hex()
    if draw.publication == Publication.SEALED:
        draw.sealed_rows = _sealed_rows(draw, salts)
    draw.state = DrawState.FROZEN
    made = leaf(
        session,
        actor,
        draw,
        "draw-frozen",
        commit=draw.commitment,
        pool_root=draw.pool_root,
        people=len(draw.people),
        publication=str(draw.publication),
        threshold=draw.threshold,
        derived=sorted(map(list, draw.derived.items())),
    )
    draw.frozen_at = made.at
    session.flush()
    letters.tell_people(session, draw, document)
    jobs.start(session, LOTTERY, draw.id, mandate=draw.mandate_id)
    journal.checkpoint(session)
    return draw
