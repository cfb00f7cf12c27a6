"""Ten thousand steps of bodies, seats, vacancies, suspensions and new plans, each followed by every check."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import make
from tests.assemblies.machine import Bodies

STEPS, IN_A_RUN = 10_000, 60


def test_ten_thousand_steps_keep_what_must_hold(new_database: make.NewDatabase) -> None:
    Bodies.new_database = staticmethod(new_database)
    taken = []

    class Counted(Bodies):
        def teardown(self) -> None:
            taken.append(self.steps)
            super().teardown()

    while sum(taken) < STEPS:
        run_state_machine_as_test(
            Counted,
            settings=settings(
                max_examples=20,
                stateful_step_count=IN_A_RUN,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    print(f"{sum(taken)} steps in {len(taken)} mandates, every check held after each")
