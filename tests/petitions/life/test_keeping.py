"""What is erased of a petition, and what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import work
from assemblee.petitions.petition.models import PetitionState, Signature
from assemblee.security import Actor
from tests import make, petitioning


@pytest.mark.both_stores
def test_signatures_are_forgotten_and_the_count_stays(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)
    petitioning.ask(store, found, "zoe@example.org", network="203.0.113.0/24")
    petitioning.confirm(store, petitioning.row_of(store, found, "zoe@example.org"))
    petitioning.ask(store, found, "jamais@example.org", network="203.0.113.0/24")
    with clock.shifted(timedelta(days=31)):
        work.turn_all(store)
    with store.reading() as session:
        rows = session.scalars(select(Signature)).all()
        assert {row.network for row in rows} == {None}
        assert "jamais@example.org" not in {row.email for row in rows}
    with clock.shifted(timedelta(days=181)):
        work.turn_all(store)
        assert petitioning.fresh(store, found).state == PetitionState.EXPIRED
    with clock.shifted(timedelta(days=181 + 184)):
        work.turn_all(store)
        work.turn_all(store)
    with store.reading() as session:
        rows = session.scalars(select(Signature)).all()
        assert {(row.name, row.email, row.email_mark, row.salt) for row in rows} == {(None, None, None, "")}
    petitioning.check_count(store, found)
    assert make.leaves(store, "petition-signatures-erased") == 1
