"""Two people who read sheets."""

from __future__ import annotations

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.security import Actor
from tests import make, petitioning


@pytest.fixture
def one(store: Store, mandate: Mandate) -> Actor:
    return petitioning.guarantor(store, mandate, 1)


@pytest.fixture
def two(store: Store, mandate: Mandate) -> Actor:
    return make.organiser(store, mandate)
