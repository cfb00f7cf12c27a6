"""The check of the whole log: every hash, column, node and signature; and what is published beside its lines.

It goes through the log in blocks of a power of two leaves, and through plain rows: it must stay affordable on
a log of millions of leaves.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, func, select, type_coerce
from sqlalchemy.orm import Session

from assemblee.journal import keys, notes, queries, tree
from assemblee.journal.models import Checkpoint, Cosignature, Leaf, TreeNode, WitnessKey

BLOCK_LEVEL = 14
BLOCK = 1 << BLOCK_LEVEL
# Columns of the tables themselves: rows then come without the work that objects are made with.
LEAF = Leaf.__table__.c
NODE = TreeNode.__table__.c
ROWS_AT_ONCE = 5000
BEFORE_ACTOR = '{"actor":"'


@dataclass(frozen=True)
class Told:
    """What one line tells of something that is published: its time as it is written, and its fields."""

    position: int
    at: str
    mandate: int | None
    event: str
    data: Mapping[str, Any]


Comparison = Callable[[Session, Iterator[Told]], Iterable[str]]
# Where rooms above enter how what their pages show is compared with the lines of some events, in order.
PUBLISHED: list[tuple[frozenset[str], Comparison]] = []


@dataclass
class Log:
    """What the check has found.

    Parameters
    ----------
    sizes : list of int
        Where a root is wanted, ascending.
    size : int
        Leaves read, up to the first gap.
    roots : dict
        The root at each size that was wanted, recomputed from the lines themselves.
    tops : list of bytes
        Hashes of the full blocks.
    damage : list of str
        What is wrong, each as a line of text.
    unchecked : list of str
        What could not be checked, and why.
    cosigned : int
        How many cosignatures hold.
    """

    sizes: list[int]
    size: int = 0
    roots: dict[int, str] = field(default_factory=lambda: {0: tree.root([]).hex()})
    tops: list[bytes] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    cosigned: int = 0


def damage(session: Session, held: Iterable[notes.Head] = ()) -> list[str]:
    """Return what is wrong with the stored log, as `check` finds it."""
    return check(session, held).damage


def check(session: Session, held: Iterable[notes.Head] = ()) -> Log:
    """Check the stored log.

    Parameters
    ----------
    held : iterable of notes.Head
        Tree heads that somebody kept elsewhere: only they can show that the log was rewritten *and* made to
        agree with itself again.
    """
    held = list(held)
    size = queries.size(session)
    wanted = {size, *(head.size for head in held), *session.scalars(select(Checkpoint.size))}
    log = Log(sorted(wanted))
    for start in range(0, size, BLOCK):
        if not _read_block(session, log, start, min(size, start + BLOCK)):
            break
    else:
        _check_upper_nodes(session, log)
        _check_checkpoints(session, log)
        for events, compare in PUBLISHED:
            log.damage.extend(compare(session, _told(session, events, log.size)))
    for head in held:
        if head.size > log.size:
            log.damage.append(f"the log has {log.size} leaves, and a checkpoint held elsewhere {head.size}")
        elif log.roots[head.size] != head.root.hex():
            log.damage.append(f"the first {head.size} leaves are not those of a checkpoint held elsewhere")
    return log


def _told(session: Session, events: frozenset[str], size: int) -> Iterator[Told]:
    after = -1
    while True:
        rows = (
            session.connection()
            .execute(
                select(LEAF.position, LEAF.mandate_id, LEAF.event, LEAF.body)
                .where(LEAF.event.in_(sorted(events)), LEAF.position > after, LEAF.position < size)
                .order_by(LEAF.position)
                .limit(ROWS_AT_ONCE)
            )
            .all()
        )
        for position, mandate, event, body in rows:
            leaf = json.loads(body)
            yield Told(position, leaf["at"], mandate, event, leaf["data"])
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].position


def _moment(session: Session) -> ColumnElement[str]:
    """Return the column of the time as the same text on both stores, which costs less than a datetime."""
    if session.get_bind().dialect.name == "sqlite":
        return type_coerce(LEAF.at, String)
    return func.to_char(func.timezone("UTC", LEAF.at), "YYYY-MM-DD HH24:MI:SS.US")


def _read_block(session: Session, log: Log, start: int, end: int) -> bool:
    """Check the leaves and nodes of a block; False when a gap makes the rest meaningless."""
    rows = (
        session.connection()
        .execute(
            select(LEAF.position, _moment(session), LEAF.mandate_id, LEAF.event, LEAF.body, LEAF.hash)
            .where(LEAF.position >= start, LEAF.position < end)
            .order_by(LEAF.position)
        )
        .all()
    )
    hashes = list(_check_leaves(log, start, rows))
    log.size = start + len(hashes)
    levels = tree.levels(hashes)
    below = tree.levels(log.tops)
    first, last = bisect_right(log.sizes, start), bisect_right(log.sizes, log.size)
    for size in (*log.sizes[first:last], log.size):
        if size > start:
            inside = [levels[level][position] for level, position in tree.span(0, size - start)]
            before = [below[level][position] for level, position in tree.span(0, len(log.tops))]
            log.roots[size] = tree.fold([*before, *inside]).hex()
    if log.size < end:
        log.damage.append(f"gap: there is no leaf {log.size}")
        return False
    for level, nodes in enumerate(levels[1:], start=1):
        _compare(session, log, level, start >> level, nodes)
    if end - start == BLOCK:
        log.tops.append(levels[BLOCK_LEVEL][0])
    return True


def _check_leaves(log: Log, start: int, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Give the hash of each leaf, as far as they follow one another."""
    sha256 = hashlib.sha256
    ends: dict[tuple[object, object], str] = {}
    times: dict[str, str] = {}
    for expected, (position, at, mandate, event, body, digest) in enumerate(rows, start):
        if position != expected:
            return
        hashed = sha256(b"\x00" + body.encode())
        if hashed.hexdigest() != digest:
            log.damage.append(f"leaf {position}: its hash is not the hash of its body")
        end = ends.get((event, mandate))
        if end is None:
            end = ends[event, mandate] = f',"event":"{event}","mandate":{mandate or 0}}}'
        # The members of canonical JSON stand in one order, and a quotation mark inside a text is escaped. So
        # these texts, at these places, can be nothing but the members they look like: no need to parse.
        quote = body.find('"', len(BEFORE_ACTOR))
        time = times.get(at)
        if time is None:
            times.clear()
            time = times[at] = f'","at":"{at[:10]}T{at[11:19]}Z","data":'
        if (
            at[19:] != ".000000"
            or not body.endswith(end)
            or not body.startswith(time, quote)
            or not body.startswith(BEFORE_ACTOR)
        ):
            log.damage.append(f"leaf {position}: its columns do not say what its body says")
        yield hashed.digest()


def _compare(session: Session, log: Log, level: int, first: int, hashes: Sequence[bytes]) -> None:
    rows = session.connection().execute(
        select(NODE.hash, NODE.position)
        .where(NODE.level == level, NODE.position >= first, NODE.position < first + len(hashes))
        .order_by(NODE.position)
    )
    expected = [digest.hex() for digest in hashes]
    stored = rows.all()
    if [digest for digest, _position in stored] != expected:
        by_position = {position: digest for digest, position in stored}
        log.damage.extend(
            f"node {position} of level {level} is not the hash of what is below it"
            for position, digest in enumerate(expected, first)
            if by_position.get(position) != digest
        )


def _check_upper_nodes(session: Session, log: Log) -> None:
    for level, hashes in enumerate(tree.levels(log.tops)[1:], start=BLOCK_LEVEL + 1):
        _compare(session, log, level, 0, hashes)
    # What the leaves call for is there; anything more lies about leaves that are not. Acts go on meanwhile.
    stored = session.scalar(select(func.count()).select_from(TreeNode)) or 0
    size = queries.size(session)
    if stored > sum(size >> level for level in range(1, size.bit_length())):
        log.damage.append("there are more nodes than the leaves call for")


def _check_checkpoints(session: Session, log: Log) -> None:
    signer, problem = keys.found(session)
    if problem is not None:
        log.unchecked.append(f"signatures of the log are not checked: {problem}")
    texts: dict[int, str] = {}
    for size, root, text in session.execute(select(Checkpoint.size, Checkpoint.root, Checkpoint.note)):
        try:
            note = notes.parse_note(text)
            head = notes.parse_head(note.text)
        except notes.MalformedError:
            log.damage.append(f"checkpoint {size} is not a signed note")
            continue
        texts[size] = note.text
        if (head.size, head.root.hex()) != (size, root) or root != log.roots.get(size):
            log.damage.append(f"checkpoint {size} does not have the root of the leaves")
        elif signer is not None and not notes.verifies(note, signer):
            log.damage.append(f"checkpoint {size} is not signed by the key of this log")
    query = select(Cosignature.checkpoint_size, Cosignature.line, Cosignature.timestamp, WitnessKey.key).join(
        WitnessKey, WitnessKey.id == Cosignature.witness_key_id
    )
    for size, text, timestamp, text_of_key in session.execute(query):
        try:
            key = notes.parse_key(text_of_key)
            line = notes.parse_signature(text)
        except notes.MalformedError:
            log.damage.append(f"a cosignature of checkpoint {size} cannot be read")
            continue
        if notes.cosignature_time(texts.get(size, ""), line, key) != timestamp:
            log.damage.append(f"the cosignature of checkpoint {size} by {key.name} does not hold")
        else:
            log.cosigned += 1
