"""Steps in any order leave everything as it must be; `tests/campaigns/petitions.py` takes ten thousand."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests import make
from tests.petitions.machine import Petitions

RUNS, STEPS = 6, 40


@pytest.mark.both_stores
@pytest.mark.slow
def test_steps_in_any_order_keep_what_must_hold(new_database: make.NewDatabase) -> None:
    Petitions.new_database = staticmethod(new_database)
    run_state_machine_as_test(
        Petitions,
        settings=settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, derandomize=True),
    )
