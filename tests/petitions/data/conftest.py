"""A petition that was signed in three districts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition
from tests import petitioning

DISTRICTS = {"Nord": 40_000, "Sud": 30_000, "Est": 2_000}


@pytest.fixture
def petition(store: Store, mandate: Mandate) -> Petition:
    """Give a petition with twelve signers in the north, six in the south and one in the east."""
    rules = petitioning.rules(mandate, answer=10, assembly=15, sponsors=0, districts=DISTRICTS)
    petitioning.publish(store, mandate, rules)
    found = petitioning.submitted(store, mandate, petitioning.author(store))
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        petitioning.checking.open_for_signing(session, petitioning.COMMAND_LINE, row, "silence")
    homes = ["Nord"] * 12 + ["Sud"] * 6 + ["Est"]
    for number, home in enumerate(homes):
        with clock.shifted(timedelta(days=number // 6)):
            petitioning.sign(
                store,
                found,
                f"signataire{number}@example.org",
                f"Zéphyr Signataire {number}",
                district=home,
                place="",
                is_public=number == 0,
            )
    return petitioning.fresh(store, found)
