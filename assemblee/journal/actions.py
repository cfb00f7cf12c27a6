"""The verbs of the journal: record an act, sign the tree, take in keys and cosignatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import cast

import psycopg
from sqlalchemy import Select, outerjoin, select, text, true
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee import clock, plausible
from assemblee.db import NOTED, NOW, database_now, is_postgresql, read_moment, require_plausible
from assemblee.journal import keys, notes, queries, timekeeping, tree
from assemblee.journal.models import Checkpoint, Cosignature, Leaf, TreeNode, WitnessKey
from assemblee.refusal import Refusal
from assemblee.security import Actor

# Any constant will do, as long as nothing else in the database takes the same one.
APPEND_LOCK = 7_201_789
# Where no worker notes the time, acts do, but not each of them.
STALE = timedelta(minutes=10)

Noted = datetime | None
Last = tuple[datetime, Noted, Noted, int | None, datetime | None, str | None]


def _beside_the_clock() -> Select[datetime, Noted, Noted, int | None, datetime | None, str | None]:
    now = NOW.subquery()
    last = select(Leaf.position, Leaf.at, Leaf.hash).order_by(Leaf.position.desc()).limit(1).subquery()
    return select(now.c[0], *NOTED, last).select_from(outerjoin(now, last, true()))


# The time, what was noted of it, and the last leaf.
LAST = _beside_the_clock()
TAKE_TURN = f"SELECT pg_advisory_xact_lock({APPEND_LOCK})"


@cache
def _take_turn_and_read() -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy has no types for it
    return f"{TAKE_TURN}; {LAST.compile(dialect=dialect, compile_kwargs={'literal_binds': True})}"


def _take_turn(session: Session) -> None:
    """Let one writer at a time append: positions have no gap, and a size has one root."""
    if is_postgresql(session):
        # SQLite's BEGIN IMMEDIATE already sees to it.
        session.execute(text(TAKE_TURN))


def _following(session: Session, mandate: int | None) -> tuple[int, datetime, dict[tree.Place, bytes]]:
    """Take the turn to append, and return the place of the leaf, its time, and the hash it stands beside."""
    if is_postgresql(session):
        # Both in one journey, since everybody else waits; the second statement sees what was written while
        # the first one waited.
        with _driver(session).cursor() as cursor:
            cursor.execute(_take_turn_and_read(), prepare=False)
            cursor.nextset()
            now, noted, word, position, at, digest = cast(Last, cursor.fetchone())
        now = read_moment(now)
    else:
        now, noted, word, position, at, digest = session.execute(LAST).one()
    require_plausible(now, noted, word)
    real = now - clock.shift()
    if noted is None or not timedelta() <= real - noted <= STALE:
        timekeeping.note(session, real)
    now = now.replace(microsecond=0)
    if position is None or at is None or digest is None:
        return 0, now, {}
    beside = {(0, position): bytes.fromhex(digest)}
    if clock.shift():
        # Who lives at another time, as the demo does, goes on from what was lived there.
        lived = session.scalar(
            select(Leaf.at).where(Leaf.mandate_id == mandate).order_by(Leaf.position.desc()).limit(1)
        )
        return position + 1, max(now, lived or now), beside
    at = at.astimezone(UTC)
    # A line from so far ahead was wrong: those after it do not take over its time.
    return position + 1, at if now < at <= now + plausible.STEP else now, beside


def _driver(session: Session) -> psycopg.Connection:
    return cast(psycopg.Connection, session.connection().connection.driver_connection)


def record(
    session: Session, actor: Actor, event: str, *, mandate: int | None = None, **data: tree.Canonical
) -> Leaf:
    """Append one leaf in the transaction of the act.

    Parameters
    ----------
    event : str
        Name of the act, listed in `docs/journal.md`.
    mandate : int, optional
        The mandate that the act belongs to.
    **data : canonical values
        Integers, NFC strings, lists and mappings of them; never personal data.

    Returns
    -------
    Leaf
        Its `at` is the database's time of the append, to the second, and never before that of the leaf
        before: deadlines can be judged by it.

    Raises
    ------
    assemblee.journal.tree.NotCanonical
        On a value without a canonical form.
    Refusal
        `clock-in-doubt`: one line of a wrong time would stand there for ever.
    """
    position, at, beside = _following(session, mandate)
    body = tree.canonical(
        {
            "actor": actor.label,
            "at": at.strftime(queries.MOMENT),
            "data": data,
            "event": event,
            "mandate": mandate or 0,
        }
    )
    digest = tree.leaf_hash(body)
    leaf = Leaf(
        position=position, at=at, mandate_id=mandate, event=event, body=body.decode(), hash=digest.hex()
    )
    session.add(leaf)
    stored = beside | queries.nodes(session, tree.neighbours(position)[1:])
    for (level, place), subtree in tree.completed(position, digest, stored.__getitem__):
        session.add(TreeNode(level=level, position=place, hash=subtree.hex()))
    session.flush()
    return leaf


def accept_clock(session: Session, actor: Actor) -> Leaf:
    """Take the operator's word that the time is right, after a leap of the clock.

    Raises
    ------
    Refusal
        `clock-not-in-doubt`.
    """
    before = timekeeping.accept(session)
    noted = before.noted.strftime(queries.MOMENT) if before.noted else None
    return record(session, actor, "clock-accepted", noted=noted)


def checkpoint(session: Session) -> Checkpoint:
    """Sign the tree as it stands in this transaction; a size is signed once.

    Raises
    ------
    Refusal
        `journal-empty`, or what `keys.load` refuses.
    """
    _take_turn(session)
    head = queries.tree_head(session)
    if head.size == 0:
        raise Refusal("journal-empty")
    known = session.get(Checkpoint, head.size)
    if known is not None:
        return known
    signer = keys.signer(session)
    note = signer.sign(str(notes.Head(signer.name, head.size, bytes.fromhex(head.root))))
    made = Checkpoint(size=head.size, root=head.root, note=str(note), at=database_now(session))
    session.add(made)
    session.flush()
    return made


def is_checkpoint_due(session: Session, every: timedelta) -> bool:
    """Whether the tree has grown since its last checkpoint, and that one is old enough.

    Never without a key: an installation that has none is told when it signs something itself.
    """
    last = queries.latest_checkpoint(session)
    if last is not None and database_now(session) - last.at < every:
        return False
    return queries.size(session) > (last.size if last else 0) and keys.verifier(session) is not None


def register_key(session: Session, actor: Actor, account_id: int, text_of_key: str) -> WitnessKey:
    """Take in the key by which a guarantor will sign; their earlier one counts no more.

    Raises
    ------
    Refusal
        `witness-key-invalid`, `witness-name-wrong`, `witness-key-taken`.
    """
    try:
        key = notes.parse_key(text_of_key.strip())
    except notes.MalformedError:
        raise Refusal("witness-key-invalid", status=422) from None
    expected = queries.witness_name(account_id)
    if key.name != expected:
        raise Refusal("witness-name-wrong", status=422, expected=expected)
    now = database_now(session)
    earlier = queries.witness_key(session, account_id, for_update=True)
    if earlier is not None:
        earlier.replaced_at = now
        # Before the new one comes: an account has one active key.
        session.flush()
    made = WitnessKey(
        account_id=account_id,
        name=key.name,
        key=str(key),
        public_key=key.public.hex(),
        registered_at=now,
        replaced_at=None,
    )
    session.add(made)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("witness-key-taken") from None
    record(
        session,
        actor,
        "witness-key-registered",
        account=account_id,
        key=made.key,
        replaces=earlier.key if earlier else None,
    )
    return made


def cosign(session: Session, text_of_note: str) -> list[Cosignature]:
    """Keep the cosignatures that guarantors put under a checkpoint of this log.

    No leaf is written: each checkpoint would otherwise call for another.

    Parameters
    ----------
    text_of_note : str
        The checkpoint with its signatures; the log's own may stand among them.

    Returns
    -------
    list of Cosignature
        Those of the note, whether they were kept before or are new. A guarantor's first one stays.

    Raises
    ------
    Refusal
        `cosignature-malformed`, `checkpoint-unknown`, `cosignature-key-unknown`, `cosignature-invalid`.
    """
    try:
        note = notes.parse_note(text_of_note)
        head = notes.parse_head(note.text)
    except notes.MalformedError:
        raise Refusal("cosignature-malformed", status=422) from None
    known = queries.checkpoint(session, head.size)
    if known is None or notes.parse_note(known.note).text != note.text:
        raise Refusal("checkpoint-unknown", status=404)
    lines = [line for line in note.signatures if line.name != head.origin]
    active = queries.active_keys_by_name(session, [line.name for line in lines])
    if not lines or any(line.name not in active for line in lines):
        raise Refusal("cosignature-key-unknown", status=422)
    return [_keep(session, known, active[line.name], line) for line in lines]


def _keep(session: Session, known: Checkpoint, witness: WitnessKey, line: notes.NoteSignature) -> Cosignature:
    text_signed = notes.parse_note(known.note).text
    timestamp = notes.cosignature_time(text_signed, line, notes.parse_key(witness.key))
    if timestamp is None:
        raise Refusal("cosignature-invalid", status=422)
    cosignature = session.get(Cosignature, (known.size, witness.id))
    if cosignature is None:
        cosignature = Cosignature(
            checkpoint_size=known.size,
            witness_key_id=witness.id,
            timestamp=timestamp,
            line=str(line),
            at=database_now(session),
        )
        # Two of the same at once: the second finds what the first has kept.
        try:
            with session.begin_nested():
                session.add(cosignature)
        except IntegrityError:
            cosignature = session.get_one(Cosignature, (known.size, witness.id))
    return cosignature
