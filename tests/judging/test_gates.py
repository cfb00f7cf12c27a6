"""A gate is silent unless it fails."""

from __future__ import annotations

import sys

import pytest

from tests.judging.gates import GATES, Gate


def test_a_gate_is_silent_unless_it_fails(capfd: pytest.CaptureFixture[str]) -> None:
    quiet = Gate("quiet", (sys.executable, "-c", "print('a detail')")).judge()
    assert quiet.holds
    quiet.show()
    assert "a detail" not in capfd.readouterr().out
    loud = Gate("loud", (sys.executable, "-c", "print('a detail'); raise SystemExit(1)")).judge()
    assert not loud.holds
    loud.show()
    shown = capfd.readouterr().out
    assert "loud: FAILED" in shown
    assert "a detail" in shown


def test_the_fast_gates_are_those_of_ruff() -> None:
    assert [gate.name for gate in GATES if gate.is_fast] == ["ruff check", "ruff format"]
