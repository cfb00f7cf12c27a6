"""Signers as the roll of a vote."""

from __future__ import annotations

from assemblee.consultations import rolls
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.security import Actor
from tests import petitioning


def test_signers_can_be_the_roll_of_a_vote(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)
    petitioning.sign(store, found, "zoe@example.org")
    petitioning.ask(store, found, "pas.encore@example.org")
    with store.reading() as session:
        voters = rolls.voters(session, mandate.id, "petition", found.id)
    assert [one.email for one in voters] == ["marraine0@example.org", "zoe@example.org"]
