"""Reads of the journal: leaves, the tree head, and the check of the whole log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee.journal import tree
from assemblee.journal.models import Leaf


@dataclass(frozen=True)
class TreeHead:
    """The state of the log: how many leaves, and the root over them in hexadecimal."""

    size: int
    root: str


def tree_head(session: Session) -> TreeHead:
    """Return the current tree head, recomputed from the stored leaf hashes."""
    hashes = session.scalars(select(Leaf.hash).order_by(Leaf.position)).all()
    return TreeHead(len(hashes), tree.root(bytes.fromhex(digest) for digest in hashes).hex())


def leaves(session: Session, *, mandate_id: int | None, offset: int, limit: int) -> list[Leaf]:
    """Return leaves, newest first, of one mandate or of the whole installation."""
    query = select(Leaf).order_by(Leaf.position.desc()).offset(offset).limit(limit)
    if mandate_id is not None:
        query = query.where(Leaf.mandate_id == mandate_id)
    return list(session.scalars(query))


def count(session: Session, *, mandate_id: int | None) -> int:
    """Return the number of leaves of one mandate or of the whole installation."""
    query = select(func.count()).select_from(Leaf)
    if mandate_id is not None:
        query = query.where(Leaf.mandate_id == mandate_id)
    return session.scalar(query) or 0


def columns(body: dict[str, Any]) -> tuple[datetime, int | None, str]:
    """Return what the columns beside a body must say: when, in which mandate, which event."""
    return datetime.fromisoformat(body["at"]), body["mandate"] or None, body["event"]


def damage(session: Session) -> list[str]:
    """Return what is wrong with the stored log: a gap, a false hash, or columns that belie the body."""
    found = []
    for expected, leaf in enumerate(session.scalars(select(Leaf).order_by(Leaf.position))):
        if leaf.position != expected:
            found.append(f"gap before leaf {leaf.position}: expected {expected}")
            break
        if tree.leaf_hash(leaf.body.encode()).hex() != leaf.hash:
            found.append(f"leaf {leaf.position}: its hash is not the hash of its body")
        elif columns(json.loads(leaf.body)) != (leaf.at, leaf.mandate_id, leaf.event):
            found.append(f"leaf {leaf.position}: its columns do not say what its body says")
    return found
