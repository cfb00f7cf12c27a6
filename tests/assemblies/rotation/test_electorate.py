"""A body votes: its members are the roll of a consultation."""

from __future__ import annotations

from sqlalchemy import select

import assemblee.assemblies.rotation.electorate  # noqa: F401 - registers its roll
from assemblee.assemblies.terms.models import HOLDING, Term
from assemblee.consultations import rolls
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from tests import bodies, voting
from tests.answers import refused


def test_the_members_of_a_body_are_a_roll(store: Store) -> None:
    mandate = bodies.mandate(store)
    pool = bodies.pool(store, mandate)
    voting.guarantors(store, mandate)
    with store.reading() as session:
        assert [kind for kind, _, _ in rolls.offers(session, mandate.id)] == ["pool"]
    running = bodies.running(store, mandate, pool)
    with store.reading() as session:
        term = session.scalars(select(Term).where(Term.id == running.id)).one()
        members = {seat.volunteer_id for seat in term.seats if seat.state in HOLDING}
        offered = {(kind, number) for kind, number, _ in rolls.offers(session, mandate.id)}
    assert ("term", running.id) in offered
    made = voting.settled(store, mandate, pool, roll=("term", running.id))
    assert {entry.volunteer_id for entry in voting.roll(store, made)} == members
    entry = voting.roll(store, made)[0]
    voting.vote(store, made, entry, bytes([1, 2, 3]))
    assert voting.count(store, made, voting.guarantors(store, mandate)).ballots == 1


def test_a_term_that_is_not_open_is_no_roll(store: Store, mandate: Mandate, pool: Pool) -> None:
    with store.reading() as session, refused("roll-unknown"):
        rolls.voters(session, mandate.id, "term", 999)
