"""Which body a draw fills: rooms above say so, since draws know of none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from assemblee.draws.models import Draw
from assemblee.pools.models import Pool
from assemblee.security import Actor


@dataclass(frozen=True)
class Filling:
    """How a room fills its bodies.

    Parameters
    ----------
    waiting : callable
        Gives the number and name of each body of a mandate that waits for a draw.
    prepare : callable
        Prepares the draw of such a body, by its mandate and number, among the people of a pool.
    name_of : callable
        Gives the name of the body that a draw fills, or none.
    """

    waiting: Callable[[Session, int], list[tuple[int, str]]]
    prepare: Callable[[Session, Actor, tuple[int, int], Pool, str], Draw]
    name_of: Callable[[Session, Draw], str | None]


# Entered once by the room of bodies.
FILLINGS: list[Filling] = []


def waiting(session: Session, mandate_id: int) -> list[tuple[int, str]]:
    """Return the number and name of each body of a mandate that waits for a draw."""
    return [one for filling in FILLINGS for one in filling.waiting(session, mandate_id)]


def prepare(session: Session, actor: Actor, body: tuple[int, int], pool: Pool, rule: str) -> Draw:
    """Prepare the draw of a body that waits for one, named by its mandate and its number there."""
    (filling,) = FILLINGS
    return filling.prepare(session, actor, body, pool, rule)


def filled_by(session: Session, draw: Draw) -> str | None:
    """Return the name of the body that a draw fills, whose people are invited; none if nobody is."""
    names = (filling.name_of(session, draw) for filling in FILLINGS)
    return next((name for name in names if name is not None), None)
