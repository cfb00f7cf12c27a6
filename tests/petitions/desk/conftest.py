"""A petition far from its assembly, and a guarantor."""

from __future__ import annotations

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition
from assemblee.security import Actor
from tests import petitioning


@pytest.fixture
def petition(store: Store, mandate: Mandate) -> Petition:
    rules = petitioning.rules(mandate, answer=3, assembly=50, sponsors=0)
    petitioning.publish(store, mandate, rules)
    return petitioning.opened(store, mandate)


@pytest.fixture
def guarantor(store: Store, mandate: Mandate) -> Actor:
    return petitioning.guarantor(store, mandate)
