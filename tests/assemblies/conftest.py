"""A mandate with small bodies, and the register that they are drawn from."""

from __future__ import annotations

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from tests import bodies


@pytest.fixture
def mandate(store: Store) -> Mandate:
    """Give a mandate with its charter and its terms."""
    return bodies.mandate(store)


@pytest.fixture
def pool(store: Store, mandate: Mandate) -> Pool:
    """Give a register of sixty people from whom sixteen can be drawn."""
    return bodies.pool(store, mandate)
