"""Steps in any order leave everything as it must be; `tests/campaigns/petitions.py` takes ten thousand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.petitions.machine import Petitions

RUNS, STEPS = 6, 40


@pytest.mark.slow
def test_steps_in_any_order_keep_what_must_hold(sqlite_template: Path) -> None:
    Petitions.template = sqlite_template
    run_state_machine_as_test(
        Petitions,
        settings=settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, derandomize=True),
    )
