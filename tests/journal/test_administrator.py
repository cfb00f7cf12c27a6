"""Somebody who holds the database and the journal's key rewrites the log: a held checkpoint tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

import sortition
from assemblee.db import Store
from assemblee.journal import actions, checks, keys, notes, queries, tree
from assemblee.journal.models import Checkpoint, Leaf, TreeNode
from assemblee.security import COMMAND_LINE

pytestmark = pytest.mark.both_stores

SAMPLE = 40
LEAVES = 50
HELD = 32
Edit = Callable[[list[str], sortition.Stream], list[str]]


def changed(bodies: list[str], stream: sortition.Stream) -> list[str]:
    position = stream.below(HELD)
    leaf = json.loads(bodies[position])
    leaf["data"]["pool"] += 1 + stream.below(9)
    return [*bodies[:position], tree.canonical(leaf).decode(), *bodies[position + 1 :]]


def backdated(bodies: list[str], stream: sortition.Stream) -> list[str]:
    position = stream.below(HELD)
    leaf = json.loads(bodies[position])
    leaf["at"] = f"2020-01-01T00:00:{stream.below(60):02}Z"
    return [*bodies[:position], tree.canonical(leaf).decode(), *bodies[position + 1 :]]


def deleted(bodies: list[str], stream: sortition.Stream) -> list[str]:
    position = stream.below(HELD)
    return bodies[:position] + bodies[position + 1 :]


def inserted(bodies: list[str], stream: sortition.Stream) -> list[str]:
    position = stream.below(HELD)
    return [*bodies[:position], bodies[stream.below(len(bodies))], *bodies[position:]]


def reordered(bodies: list[str], stream: sortition.Stream) -> list[str]:
    first = stream.below(HELD - 1)
    second = first + 1 + stream.below(len(bodies) - first - 1)
    found = list(bodies)
    found[first], found[second] = found[second], found[first]
    return found


def truncated(bodies: list[str], stream: sortition.Stream) -> list[str]:
    return bodies[: stream.below(HELD)]


def regrown(bodies: list[str], stream: sortition.Stream) -> list[str]:
    """Cut the end off, and write other leaves up to the same size."""
    kept = truncated(bodies, stream)
    leaf = json.loads(bodies[-1])
    return kept + [
        tree.canonical({**leaf, "data": {"pool": 1000 + number}}).decode()
        for number in range(len(bodies) - len(kept))
    ]


EDITS: tuple[Edit, ...] = (changed, backdated, deleted, inserted, reordered, truncated, regrown)


def columns(position: int, body: str) -> dict[str, object]:
    leaf = json.loads(body)
    return {
        "position": position,
        "at": datetime.fromisoformat(leaf["at"]),
        "mandate_id": leaf["mandate"] or None,
        "event": leaf["event"],
        "body": body,
        "hash": tree.leaf_hash(body.encode()).hex(),
    }


def rewrite_all(session: Session, bodies: list[str], signer: notes.Signer) -> None:
    """Make the whole log agree with itself again: hashes, nodes, and checkpoints signed anew."""
    sizes = session.execute(select(Checkpoint.size, Checkpoint.at)).all()
    for table in (Leaf, TreeNode, Checkpoint):
        session.execute(delete(table))
    hashes = [tree.leaf_hash(body.encode()) for body in bodies]
    rows = [columns(position, body) for position, body in enumerate(bodies)]
    if rows:
        session.execute(insert(Leaf), rows)
    for level, found in enumerate(tree.levels(hashes)):
        if level:
            session.execute(
                insert(TreeNode),
                [{"level": level, "position": place, "hash": one.hex()} for place, one in enumerate(found)],
            )
    for size, at in sizes:
        if size <= len(bodies):
            root = tree.root(hashes[:size])
            note = str(signer.sign(str(notes.Head(signer.name, size, root))))
            session.execute(insert(Checkpoint).values(size=size, root=root.hex(), note=note, at=at))


def rewrite_bodies(session: Session, bodies: list[str], before: list[str]) -> None:
    """Change the lines alone, and leave the rest of the tables as it was."""
    session.execute(delete(Leaf).where(Leaf.position >= len(bodies)))
    for position, (new, old) in enumerate(zip(bodies, before, strict=False)):
        if new != old:
            session.execute(update(Leaf).where(Leaf.position == position).values(body=new))
    extra = [columns(len(before) + place, body) for place, body in enumerate(bodies[len(before) :])]
    if extra:
        session.execute(insert(Leaf), extra)


def prepare(store: Store) -> notes.Head:
    """Fill a log, sign it at two sizes, and take the triggers away; return what a guarantor holds."""
    with store.writing() as session:
        for number in range(LEAVES):
            actions.record(session, COMMAND_LINE, "pool-opened", mandate=number % 3, pool=number)
            if number + 1 in (HELD, LEAVES):
                actions.checkpoint(session)
        if store.is_sqlite:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("leaf", "tree_node", "checkpoint", "cosignature"):
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return notes.parse_head(notes.parse_note(session.get_one(Checkpoint, HELD).note).text)


def is_caught(session: Session, held: notes.Head) -> tuple[bool, bool, bool]:
    """Whether a held checkpoint tells: by the check, by a proof, by reading every line."""
    by_check = any("held elsewhere" in line for line in checks.damage(session, [held]))
    bodies = list(session.scalars(select(Leaf.body).order_by(Leaf.position)))
    by_reading = (
        len(bodies) < held.size
        or tree.root(tree.leaf_hash(body.encode()) for body in bodies[: held.size]) != held.root
    )
    size = queries.size(session)
    if size < held.size:
        return by_check, True, by_reading
    proof = queries.consistency(session, held.size, size)
    path = [bytes.fromhex(one) for one in proof.hashes]
    by_proof = not tree.extends(held.size, size, held.root, bytes.fromhex(proof.root), path)
    return by_check, by_proof, by_reading


def attack(store: Store, held: notes.Head, number: int) -> str:
    """Rewrite the log once, see that it is found out, and put everything back; return the kind of edit."""
    stream = sortition.Stream(number.to_bytes(32, "big"), "administrator")
    edit = EDITS[number % len(EDITS)]
    is_thorough = stream.below(4) > 0
    with store.writing() as session:
        before = list(session.scalars(select(Leaf.body).order_by(Leaf.position)))
        after = edit(before, stream)
        assert after != before
        if is_thorough:
            rewrite_all(session, after, keys.signer(session))
            assert checks.damage(session) == [], "the administrator left a trace"
            assert is_caught(session, held) == (True, True, True), (number, edit)
        else:
            rewrite_bodies(session, after, before)
            assert checks.damage(session, [held]) != [], (number, edit)
        session.rollback()
    return f"{edit.__name__}, {'all made to agree' if is_thorough else 'lines alone'}"


def test_no_edit_of_an_administrator_escapes_who_holds_a_checkpoint(store: Store) -> None:
    held = prepare(store)
    with store.reading() as session:
        assert checks.damage(session, [held]) == []
        assert is_caught(session, held) == (False, False, False)
    kinds = {attack(store, held, number) for number in range(SAMPLE)}
    assert len(kinds) > len(EDITS)


@pytest.mark.only("sqlite")
def test_a_forged_checkpoint_is_good_only_for_who_holds_none(store: Store) -> None:
    held = prepare(store)
    with store.writing() as session:
        bodies = list(session.scalars(select(Leaf.body).order_by(Leaf.position)))
        rewrite_all(session, bodies[::-1], keys.signer(session))
        assert checks.damage(session) == []
        assert len(checks.damage(session, [held])) == 1
        session.rollback()
