"""The guarantors of the mandate whose pool is drawn from."""

from __future__ import annotations

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from tests import ceremony
from tests.ceremony import Guarantor


@pytest.fixture
def team(store: Store, mandate: Mandate) -> list[Guarantor]:
    """Give six guarantors, each with a registered key."""
    return ceremony.guarantors(store, mandate)
