"""The verbs of a frozen draw: freeze, cosign, reveal; each leaves a leaf that names the one before it."""

from __future__ import annotations

import hashlib
import re
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
from assemblee.draws import beacons, letters
from assemblee.draws.models import Draw, Entry, Part, Publication, State
from assemblee.draws.queries import LOTTERY, earlier_draws, pool_leaves
from assemblee.draws.sealing import seal
from assemblee.jobs import actions as jobs
from assemblee.journal import actions as journal
from assemblee.journal import keys, notes, tree
from assemblee.journal.models import Leaf, WitnessKey
from assemblee.journal.queries import witness_keys
from assemblee.mandates import queries as mandates
from assemblee.pools import actions as pools
from assemblee.pools.models import State as VolunteerState
from assemblee.pools.models import Volunteer
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import protocol

SALT_BYTES = 32
SECRET = re.compile(r"[0-9a-f]{64}")
# Whoever shares all their traits with at least four others is not told apart by them.
SMALLEST_GROUP = 5
PSEUDONYM_HALF = 10_000
LONGEST_CEREMONY = timedelta(days=366)
RUNNING = (State.FROZEN, State.READY)
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


def locked(session: Session, draw: Draw) -> Draw:
    """Return the draw with its row locked, so that acts on it take turns."""
    return session.scalars(
        select(Draw).where(Draw.id == draw.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def leaf(session: Session, actor: Actor, draw: Draw, event: str, **data: tree.Canonical) -> Leaf:
    """Record an act on a frozen draw, after the last one: none can be left out of its history."""
    made = journal.record(
        session, actor, event, mandate=draw.mandate_id, draw=draw.id, previous=draw.last_leaf, **data
    )
    draw.last_leaf = made.position
    return made


def fingerprint(text: str) -> str:
    """Return what the journal keeps of free text, which may name somebody."""
    return hashlib.sha256(text.encode()).hexdigest()


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
    found: set[str] = set()
    while len(found) < number:
        found.add(f"{secrets.randbelow(PSEUDONYM_HALF):04}-{secrets.randbelow(PSEUDONYM_HALF):04}")
    shuffled = sorted(found)
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
    found = witness_keys(session, accounts)
    return Team(sorted(found.values(), key=lambda key: key.name.encode()), len(accounts) - len(found))


def _take_guarantors(session: Session, draw: Draw) -> None:
    found = team(session, draw).keys
    if not found:
        raise Refusal("draw-guarantors-missing")
    draw.guarantors = [
        Part(account_id=witness.account_id, name=witness.name, key=witness.key) for witness in found
    ]
    draw.threshold = default_threshold(len(found))


def _enter_people(session: Session, draw: Draw) -> dict[str, str]:
    """Put pseudonyms in place of numbers, and return the salt of each."""
    pseudonyms = _pseudonyms(len(draw.people))
    salts = {pseudonym: secrets.token_hex(SALT_BYTES) for pseudonym in pseudonyms}
    by_pseudonym = dict(zip(pseudonyms, draw.people.items(), strict=True))
    session.add_all(
        Entry(draw_id=draw.id, volunteer_id=int(person), pseudonym=pseudonym, salt=salts[pseudonym])
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
        `draw-deadlines-far`, `draw-reveal-on-lottery-day`, `draw-alternates-range`, `draw-balls-tickets`,
        `draw-publication-identifies`, `draw-guarantors-missing`, `beacon-unknown`,
        `beacon-witnesses-missing` or a refusal of the journal's key.
    """
    draw = locked(session, draw)
    draw.require(State.FEASIBLE)
    announced, beacon_at = beacons.announce(terms.beacon, terms.beacon_at)
    terms = replace(terms, beacon_at=beacon_at)
    _lock_pool(session, draw)
    _check_terms(session, draw, terms, announced)
    _take_guarantors(session, draw)
    if len(draw.guarantors) < announced.get("witnesses", 0):
        raise Refusal("beacon-witnesses-missing", witnesses=announced["witnesses"])
    draw.publication, draw.alternates = terms.publication, terms.alternates
    draw.beacon, draw.beacon_at = announced, beacon_at
    draw.cosign_until, draw.reveal_until = terms.cosign_until, terms.reveal_until
    salts = _enter_people(session, draw)
    document = _document(session, draw, salts)
    text = tree.canonical(document)
    draw.frozen_text, draw.commitment = text.decode(), protocol.commit(text).hex()
    draw.pool_root = tree.root(tree.leaf_hash(row) for row in pool_leaves(document)).hex()
    if draw.publication == Publication.SEALED:
        draw.sealed_rows = _sealed_rows(draw, salts)
    draw.state = State.FROZEN
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
    )
    draw.frozen_at = made.at
    session.flush()
    letters.tell_people(session, draw, document)
    jobs.start(session, LOTTERY, draw.id, mandate=draw.mandate_id)
    journal.checkpoint(session)
    return draw


def require_running(draw: Draw, now: datetime) -> None:
    """Refuse an act on a draw that is suspended, or that too few guarantors cosigned.

    Raises
    ------
    Refusal
        `draw-is-suspended` or `draw-has-lapsed`.
    """
    if draw.suspended is not None:
        raise Refusal("draw-is-suspended")
    if draw.has_lapsed(now):
        raise Refusal("draw-has-lapsed", signed=draw.cosigned, threshold=draw.threshold)


def part_of(draw: Draw, actor: Actor) -> Part:
    """Return the part of a guarantor in a draw.

    Raises
    ------
    Refusal
        `guarantor-not-of-draw`: not among those whom the freeze names.
    """
    for part in draw.guarantors:
        if part.account_id == actor.account:
            return part
    raise Refusal("guarantor-not-of-draw")


def signed_text(part: Part, text: str) -> notes.Note:
    """Return a note that a guarantor signed, and nobody else.

    Raises
    ------
    Refusal
        `note-invalid`.
    """
    # What was copied from a terminal or a mail may have lost its last line end, or won some.
    try:
        note = notes.parse_note(text.replace("\r\n", "\n").strip() + "\n")
    except notes.MalformedError:
        raise Refusal("note-invalid", status=422, name=part.name) from None
    if len(note.signatures) != 1 or not notes.verifies(note, notes.parse_key(part.key)):
        raise Refusal("note-invalid", status=422, name=part.name)
    return note


def cosign(session: Session, actor: Actor, draw: Draw, text: str) -> Part:
    """Take a guarantor's signature of the frozen draw and its lottery, with the hash of a secret.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-is-suspended`, `draw-has-lapsed`, `guarantor-not-of-draw`,
        `draw-already-cosigned`, `note-invalid`, `note-of-another-draw` or `draw-cosign-too-late`.
    """
    draw = locked(session, draw)
    draw.require(State.READY)
    require_running(draw, database_now(session))
    part = part_of(draw, actor)
    if part.note is not None:
        raise Refusal("draw-already-cosigned")
    note = signed_text(part, text)
    lines = note.text.split("\n")
    bound = lines[-2].removeprefix("secret ")
    expected = protocol.cosign_text(
        draw.id,
        bytes.fromhex(str(draw.commitment)),
        bytes.fromhex(str(draw.lottery_hash)),
        bytes.fromhex(bound) if SECRET.fullmatch(bound) else b"",
    )
    if note.text != expected or not SECRET.fullmatch(bound):
        raise Refusal("note-of-another-draw", status=422)
    part.note, part.bound_secret = str(note), bound
    made = leaf(
        session,
        actor,
        draw,
        "draw-cosigned",
        guarantor=part.name,
        note=fingerprint(part.note),
    )
    part.cosigned_at = made.at
    if draw.cosign_until is not None and made.at > draw.cosign_until:
        raise Refusal("draw-cosign-too-late")
    journal.checkpoint(session)
    return part


def reveal(session: Session, actor: Actor, draw: Draw, secret: str) -> Part:
    """Take the secret that a guarantor is bound to.

    Raises
    ------
    Refusal
        `draw-is-...`, `draw-is-suspended`, `draw-has-lapsed`, `guarantor-not-of-draw`,
        `draw-not-cosigned`, `draw-already-revealed`, `secret-wrong`, `draw-reveal-too-early` or
        `draw-reveal-too-late`.
    """
    draw = locked(session, draw)
    draw.require(State.READY)
    require_running(draw, database_now(session))
    part = part_of(draw, actor)
    if part.note is None:
        raise Refusal("draw-not-cosigned")
    if part.secret is not None:
        raise Refusal("draw-already-revealed")
    # The guarantors' program prints their name before the secret.
    shown = (secret.split() or [""])[-1].lower()
    bound = (
        protocol.guarantor_commitment(
            part.name, bytes.fromhex(str(draw.commitment)), bytes.fromhex(shown)
        ).hex()
        if SECRET.fullmatch(shown)
        else ""
    )
    if bound != part.bound_secret:
        raise Refusal("secret-wrong", status=422)
    part.secret = shown
    made = leaf(session, actor, draw, "draw-revealed", guarantor=part.name, secret=shown)
    part.revealed_at = made.at
    if draw.cosign_until is None or made.at <= draw.cosign_until:
        raise Refusal("draw-reveal-too-early")
    if draw.reveal_until is None or made.at > draw.reveal_until:
        raise Refusal("draw-reveal-too-late")
    # Whoever holds it can show that the secret was open before public chance was known.
    journal.checkpoint(session)
    return part


def note_attempt(
    session: Session, actor: Actor, *, mandate_id: int, draw_id: int, act: str, refusal: str
) -> None:
    """Leave a leaf of an act that was refused on a frozen draw."""
    draw = session.scalars(
        select(Draw).where(Draw.id == draw_id, Draw.mandate_id == mandate_id).with_for_update()
    ).one_or_none()
    if draw is not None and draw.commitment is not None:
        leaf(session, actor, draw, "attempt-refused", act=act, refusal=refusal)


def forget(session: Session, volunteer_id: int) -> None:
    """Cut the link between an erased person and their pseudonyms, and destroy the salts."""
    for entry in session.scalars(select(Entry).where(Entry.volunteer_id == volunteer_id)):
        entry.volunteer_id, entry.salt = None, None
