"""Reads of the journal: leaves, the tree and its proofs, checkpoints and those who cosign them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from assemblee.journal import notes, tree
from assemblee.journal.models import Checkpoint, Cosignature, Leaf, TreeNode, WitnessKey
from assemblee.refusal import Refusal

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class TreeHead:
    """The state of the log: how many leaves, and the root over them in hexadecimal."""

    size: int
    root: str


@dataclass(frozen=True)
class Proof:
    """Hashes by which somebody else can check a claim about the tree, and the root they lead to."""

    root: str
    hashes: tuple[str, ...]


def size(session: Session) -> int:
    """Return the number of leaves."""
    last = session.scalar(select(func.max(Leaf.position)))
    return 0 if last is None else last + 1


def nodes(session: Session, places: Iterable[tree.Place]) -> dict[tree.Place, bytes]:
    """Return the stored hashes of perfect subtrees, in one statement that reads no other row.

    Raises
    ------
    Refusal
        `journal-damaged`: one of them is gone.
    """
    wanted = set(places)
    if not wanted:
        return {}
    by_level: dict[int, list[int]] = {}
    for level, position in wanted:
        by_level.setdefault(level, []).append(position)
    statements = [
        select(literal(level).label("level"), TreeNode.position, TreeNode.hash).where(
            TreeNode.level == level, TreeNode.position.in_(positions)
        )
        if level
        else select(literal(0).label("level"), Leaf.position, Leaf.hash).where(Leaf.position.in_(positions))
        for level, positions in by_level.items()
    ]
    hashes = {
        (level, position): bytes.fromhex(digest)
        for level, position, digest in session.execute(union_all(*statements))
    }
    if hashes.keys() != wanted:
        raise Refusal("journal-damaged", status=500)
    return hashes


def assembled(session: Session, path: Sequence[Sequence[tree.Place]]) -> list[bytes]:
    """Return hashes of the tree, each over neighbouring perfect subtrees."""
    stored = nodes(session, [place for places in path for place in places])
    return tree.assemble(path, stored.__getitem__)


def tree_head(session: Session, at_size: int | None = None) -> TreeHead:
    """Return the tree head, now or as it was at a smaller size; a few rows are read, whatever the size."""
    leaves_counted = size(session) if at_size is None else at_size
    (root,) = assembled(session, [tree.span(0, leaves_counted)])
    return TreeHead(leaves_counted, root.hex())


def inclusion(session: Session, position: int, at_size: int) -> Proof:
    """Return the proof that a leaf stands in the tree of a size.

    Raises
    ------
    Refusal
        `proof-impossible`: there is no such leaf, or no such tree.
    """
    if not 0 <= position < at_size <= size(session):
        raise Refusal("proof-impossible", status=404)
    root, *hashes = assembled(session, [tree.span(0, at_size), *tree.inclusion_path(position, at_size)])
    return Proof(root.hex(), tuple(digest.hex() for digest in hashes))


def consistency(session: Session, old: int, new: int) -> Proof:
    """Return the proof that the tree of a size begins with the tree of a smaller one.

    Raises
    ------
    Refusal
        `proof-impossible`: the old size is nought, beyond the new one, or the new one beyond the log.
    """
    if not 1 <= old <= new <= size(session):
        raise Refusal("proof-impossible", status=404)
    root, *hashes = assembled(session, [tree.span(0, new), *tree.consistency_path(old, new)])
    return Proof(root.hex(), tuple(digest.hex() for digest in hashes))


def leaf(session: Session, position: int) -> Leaf:
    """Return one leaf.

    Raises
    ------
    Refusal
        `leaf-unknown`.
    """
    leaf = session.get(Leaf, position) if position < size(session) else None
    if leaf is None:
        raise Refusal("leaf-unknown", status=404)
    return leaf


def leaves(session: Session, *, mandate_id: int | None, offset: int, limit: int) -> list[Leaf]:
    """Return leaves, newest first, of one mandate or of the whole installation."""
    query = select(Leaf).order_by(Leaf.position.desc()).offset(offset).limit(limit)
    if mandate_id is not None:
        query = query.where(Leaf.mandate_id == mandate_id)
    return list(session.scalars(query))


def bodies(session: Session) -> Iterator[str]:
    """Give every leaf as it was hashed, oldest first, without holding them all."""
    given = 0
    while True:
        rows = session.scalars(
            select(Leaf.body).where(Leaf.position >= given).order_by(Leaf.position).limit(ROWS_AT_ONCE)
        ).all()
        if not rows:
            return
        yield from rows
        given += len(rows)


def count(session: Session, *, mandate_id: int | None) -> int:
    """Return the number of leaves of one mandate or of the whole installation."""
    if mandate_id is None:
        return size(session)
    return session.scalar(select(func.count()).select_from(Leaf).where(Leaf.mandate_id == mandate_id)) or 0


def checkpoint(session: Session, at_size: int) -> Checkpoint | None:
    """Return the checkpoint of a size, if one was made."""
    if at_size > notes.LARGEST_SIZE:
        return None
    return session.scalar(select(Checkpoint).where(Checkpoint.size == at_size))


def latest_checkpoint(session: Session) -> Checkpoint | None:
    """Return the newest checkpoint."""
    return session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))


def checkpoints(session: Session, *, offset: int, limit: int) -> list[Checkpoint]:
    """Return checkpoints, newest first."""
    query = select(Checkpoint).order_by(Checkpoint.size.desc()).offset(offset).limit(limit)
    return list(session.scalars(query))


def count_checkpoints(session: Session) -> int:
    """Return how many checkpoints were made."""
    return session.scalar(select(func.count()).select_from(Checkpoint)) or 0


def cosignatures(session: Session, sizes: Iterable[int]) -> dict[int, list[tuple[str, Cosignature]]]:
    """Return who cosigned checkpoints, by the name of their key, for each size."""
    by_size: dict[int, list[tuple[str, Cosignature]]] = {at_size: [] for at_size in sizes}
    query = (
        select(WitnessKey.name, Cosignature)
        .join(WitnessKey, WitnessKey.id == Cosignature.witness_key_id)
        .where(Cosignature.checkpoint_size.in_(by_size))
        .order_by(WitnessKey.account_id, WitnessKey.id)
    )
    for name, cosignature in session.execute(query):
        by_size[cosignature.checkpoint_size].append((name, cosignature))
    return by_size


def signed_note(session: Session, known: Checkpoint) -> str:
    """Return a checkpoint as a signed note, with the lines of those who cosigned it."""
    lines = [cosignature.line for _name, cosignature in cosignatures(session, [known.size])[known.size]]
    return known.note + "".join(f"{line}\n" for line in lines)


def witness_name(account_id: int) -> str:
    """Return the name that an account's key must have: what a public page may show of a guarantor."""
    return f"guarantor-{account_id}"


def witness_key(session: Session, account_id: int, *, for_update: bool = False) -> WitnessKey | None:
    """Return the active key of an account."""
    query = select(WitnessKey).where(WitnessKey.account_id == account_id, WitnessKey.replaced_at.is_(None))
    return session.scalar(query.with_for_update() if for_update else query)


def witness_keys(session: Session, account_ids: Iterable[int]) -> dict[int, WitnessKey]:
    """Return the active keys of accounts, by account; those without one are left out."""
    query = select(WitnessKey).where(
        WitnessKey.account_id.in_(list(account_ids)), WitnessKey.replaced_at.is_(None)
    )
    return {key.account_id: key for key in session.scalars(query)}


def active_keys_by_name(session: Session, names: Iterable[str]) -> dict[str, WitnessKey]:
    """Return the active keys that bear these names."""
    query = select(WitnessKey).where(WitnessKey.name.in_(list(names)), WitnessKey.replaced_at.is_(None))
    return {key.name: key for key in session.scalars(query)}
