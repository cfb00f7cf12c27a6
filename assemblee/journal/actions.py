"""The one verb of the journal."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.journal import tree
from assemblee.journal.models import Leaf
from assemblee.security import Actor

# Any constant will do, as long as nothing else in the database takes the same one.
APPEND_LOCK = 7_201_789


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

    Raises
    ------
    assemblee.journal.tree.NotCanonical
        On a value without a canonical form.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Positions have no gap, so writers take turns; SQLite's BEGIN IMMEDIATE already sees to it.
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPEND_LOCK})
    now = clock.now().replace(microsecond=0)
    body = tree.canonical(
        {
            "actor": actor.label,
            "at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": data,
            "event": event,
            "mandate": mandate or 0,
        }
    )
    last = session.scalar(select(func.max(Leaf.position)))
    leaf = Leaf(
        position=0 if last is None else last + 1,
        at=now,
        mandate_id=mandate,
        event=event,
        body=body.decode(),
        hash=tree.leaf_hash(body).hex(),
    )
    session.add(leaf)
    session.flush()
    return leaf
