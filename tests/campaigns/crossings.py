"""A hundred times on each store, 1,500 people sign at once in processes that are killed at random."""

from __future__ import annotations

import pytest

from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from tests import petitioning
from tests.petitions.petition.crossing import cross_under_kills

RUNS, SIGNERS, KILLS = 100, 1_500, 3


@pytest.mark.parametrize("seed", range(RUNS))
def test_the_step_is_crossed_once(config: Config, store: Store, mandate: Mandate, seed: int) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=100, assembly=1_000))
    found = petitioning.opened(store, mandate)
    # One process owns an SQLite store; PostgreSQL has one for each core.
    processes = 1 if store.is_sqlite else 2
    ledger = cross_under_kills(config, store, found, SIGNERS, processes=processes, kills=KILLS, seed=seed)
    print(f"{store.url.get_backend_name()} {seed}: {SIGNERS} signers, {ledger.died} kills, one crossing")
