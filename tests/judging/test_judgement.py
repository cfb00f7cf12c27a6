"""What the test command runs, prints, and answers with its status."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from tests.judging import judgement, touched
from tests.judging.gates import COVERAGE_GATES, GATES, Gate, Verdict
from tests.judging.judgement import PLANS, RECORD, RECORDED, Ran


def options(*arguments: str) -> tuple[argparse.Namespace, list[str]]:
    return judgement.read_options(arguments)


def test_the_whole_run_measures_branches_and_the_fast_one_does_not() -> None:
    whole = judgement.pytest_arguments(*options())
    assert "--cov" in whole
    assert "--stores=chosen" in whole
    fast = judgement.pytest_arguments(*options("--fast"))
    assert "--cov" not in fast
    assert "not slow and not browser" in fast
    assert "--stores=sqlite" in fast
    assert all("--slowest-files=10" in arguments for arguments in (whole, fast))


def test_everything_runs_on_both_stores_when_asked() -> None:
    assert "--stores=all" in judgement.pytest_arguments(*options("--stores", "all"))
    assert judgement.pytest_arguments(*options("--stores", "all", "tests/draws"))[0] == "--stores=all"


def test_other_arguments_go_to_pytest_as_they_are() -> None:
    chosen, others = options("--require-browser", "tests/journal", "-x")
    assert chosen.require_browser
    assert judgement.pytest_arguments(chosen, others) == ["--stores=chosen", "tests/journal", "-x"]


def test_an_unknown_campaign_is_refused_with_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pools", "kills", "conftest", "_shared"):
        (tmp_path / f"{name}.py").touch()
    monkeypatch.setattr(judgement, "CAMPAIGNS", tmp_path)
    with pytest.raises(SystemExit):
        options("--campaign", "nothing")
    assert "known: kills, pools" in capsys.readouterr().err
    assert judgement.pytest_arguments(*options("--campaign", "kills"))[0] == str(tmp_path / "kills.py")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for the gates and for pytest; what they answer can be set."""
    state: dict[str, Any] = {"fails": set(), "gates": [], "statuses": [0, 0], "runs": []}

    def judge(gate: Gate) -> Verdict:
        state["gates"].append(gate.name)
        return Verdict(gate.name, gate.name not in state["fails"], 0.1, "a detail")

    def run_pytest(arguments: list[str], extra: dict[str, str]) -> Ran:
        state["runs"].append((arguments, extra))
        return Ran(state["statuses"][len(state["runs"]) - 1], "1 passed in 0.10s")

    monkeypatch.setattr(Gate, "judge", judge)
    monkeypatch.setattr(judgement, "run_pytest", run_pytest)
    monkeypatch.setattr(touched, "tests", lambda: ["tests/draws"])
    return state


def test_pytest_has_the_last_line(judged: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert judgement.run_tests(["--require-browser"]) == 0
    assert judged["gates"] == [gate.name for gate in (*GATES, *COVERAGE_GATES)]
    shown = capsys.readouterr().out.splitlines()
    assert shown[-1] == "2 passed in 0.20s"
    assert shown[-2].startswith("whole run: ")


def test_statements_are_read_once_all_are_recorded(judged: dict[str, Any]) -> None:
    judgement.run_tests(["--require-browser"])
    (_, during), (arguments, after) = judged["runs"]
    assert arguments[-1] == PLANS
    assert during[RECORD] == after[RECORDED]
    assert RECORDED not in during
    assert RECORD not in after
    assert during["ASSEMBLEE_REQUIRE_BROWSER"] == after["ASSEMBLEE_REQUIRE_BROWSER"] == "1"


@pytest.mark.parametrize("gate", ["mypy", COVERAGE_GATES[0].name])
def test_one_failing_gate_fails_the_command(
    judged: dict[str, Any], capsys: pytest.CaptureFixture[str], gate: str
) -> None:
    judged["fails"] = {gate}
    assert judgement.run_tests([]) == 1
    assert "a detail" in capsys.readouterr().out


@pytest.mark.parametrize(("statuses", "status"), [([5, 0], 5), ([0, 2], 2), ([1, 2], 1)])
def test_either_run_of_pytest_fails_the_command(
    judged: dict[str, Any], statuses: list[int], status: int
) -> None:
    judged["statuses"] = statuses
    assert judgement.run_tests([]) == status


def test_the_fast_run_has_only_the_fast_gates_and_what_was_touched(
    judged: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert judgement.run_tests(["--fast"]) == 0
    assert judged["gates"] == ["ruff check", "ruff format"]
    ((arguments, _),) = judged["runs"]
    assert arguments[-1] == "tests/draws"
    assert "fast run: " in capsys.readouterr().out


def test_chosen_tests_run_without_gates(judged: dict[str, Any]) -> None:
    assert judgement.run_tests(["tests/journal"]) == 0
    assert judged["gates"] == []


def test_a_campaign_is_told_its_name(
    judged: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kills.py").touch()
    monkeypatch.setattr(judgement, "CAMPAIGNS", tmp_path)
    assert judgement.run_tests(["--campaign", "kills"]) == 0
    assert judged["runs"][0][1] == {"ASSEMBLEE_CAMPAIGN": "kills"}


@pytest.mark.parametrize(
    ("lines", "closing"),
    [
        (["3402 passed in 498.20s (0:08:18)", "3 passed in 7s"], "3405 passed in 505.20s (0:08:25)"),
        (["1 failed, 1 passed in 3s", "1 passed, 1 error in 1s"], "1 failed, 2 passed, 1 error in 4.00s"),
        (["1 error in 3.00s", "1 error in 1.00s"], "2 errors in 4.00s"),
        (["9 passed, 2 skipped, 1 warning in 59.00s"], "9 passed, 2 skipped, 1 warning in 59.00s"),
        (["no tests ran in 0.10s"], "no tests ran in 0.10s"),
        (["ERROR: usage"], "ERROR: usage"),
    ],
)  # fmt: skip
def test_runs_are_summed_as_pytest_would(lines: list[str], closing: str) -> None:
    assert judgement.summed([Ran(0, line) for line in lines]) == closing


def test_the_lines_of_pytest_go_through_and_the_last_one_is_kept(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    ran = judgement.run_pytest(
        [str(tmp_path), "-c", os.devnull, "--rootdir", str(tmp_path), "-p", "no:cacheprovider"], {}
    )
    assert ran.status == 0
    assert "1 passed" in ran.closing
    assert ran.closing in capfd.readouterr().out
