"""What a verb asks of the database is the same in the first and in the last year of a mandate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat, SeatState, Term
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import bodies
from tests.answers import rows_read

INVITED, SITTING = SeatState.INVITED, SeatState.SITTING
YEARS = 5


def cost(store: Store, act: Callable[[], object]) -> tuple[int, int]:
    """Return how many statements an act gives, and how many rows they bring.

    The hashes of the journal's tree are left out: their number follows from its size as a binary figure, and
    tests/journal holds it.
    """
    with rows_read(store.engine) as read:
        act()
    counted = [rows for statement, rows in read if "FROM tree_node" not in statement]
    return len(counted), sum(counted)


def year(store: Store, mandate: Mandate, pool: Pool, number: int) -> dict[str, tuple[int, int]]:
    """Live a session of the assembly, and return what each verb cost in it."""
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/{number}")
    invited = bodies.of(found, INVITED)
    bodies.accept(store, invited[1:])
    costs = {"an answer": cost(store, lambda: bodies.accept(store, invited[:1]))}
    costs["an oath"] = cost(store, lambda: bodies.swear(store, found))
    with bodies.on(found.first):
        bodies.turn(store, mandate)
    with bodies.on(found.first + timedelta(days=60)):
        bodies.turn(store, mandate)
        bodies.turn(store, mandate)
        costs["a quiet day"] = cost(store, lambda: bodies.turn(store, mandate))
        leaving = member_of_no_group(store, bodies.term(store, mandate, found.label))
        costs["a resignation"] = cost(store, lambda: leave(store, leaving))
        costs["a day with a vacancy"] = cost(store, lambda: bodies.turn(store, mandate))
        called = bodies.of(bodies.term(store, mandate, found.label), INVITED)
        assert len(called) == 1, "an alternate"
    with bodies.on(found.last + timedelta(days=1)):
        bodies.turn(store, mandate)
    return costs


def member_of_no_group(store: Store, found: Term) -> Seat:
    """Return somebody who sits, and has no seat in a group."""
    with store.reading() as session:
        return next(
            seat
            for seat in bodies.of(found, SITTING)
            if not queries.seats_below(session, session.get_one(Seat, seat.id))
        )


def leave(store: Store, seat: Seat) -> None:
    with store.writing() as session:
        row = session.get_one(Seat, seat.id)
        seats.leave(session, COMMAND_LINE, row, SeatState.RESIGNED, cause="own-word")


def test_no_verb_costs_more_in_the_last_year_than_in_the_first(store: Store) -> None:
    # Five sessions of sixteen people, each with its groups: some seconds.
    mandate = bodies.mandate(store)
    pool = bodies.pool(store, mandate, people=120)
    years = [year(store, mandate, pool, number) for number in range(1, YEARS + 1)]
    assert years[-1] == years[0]
    assert all(statements > 0 for statements, _rows in years[0].values())
