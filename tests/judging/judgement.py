"""The test command: gates and tests beside each other, then coverage and the plans of PostgreSQL.

Only the standard library: it is read before the dependencies are there.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from assemblee.checkout import ROOT, variables
from tests.judging import touched
from tests.judging.gates import COVERAGE_GATES, GATES, Gate, Verdict

CAMPAIGNS = ROOT / "tests" / "campaigns"
PLANS = "tests/house/test_plans.py"
# Where what was compiled is kept for all the processes that tests start, wherever the machine forbids it.
COMPILED = {"PYTHONPYCACHEPREFIX": str(ROOT / "instance" / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
# Where tests leave the statements that they sent to SQLite, and where the last test finds them.
RECORD, RECORDED = "ASSEMBLEE_RECORD_STATEMENTS", "ASSEMBLEE_RECORDED_STATEMENTS"
COUNTED = re.compile(r"(\d+) ([a-z]+)")
TOOK = re.compile(r" in ([\d.]+)s")
PLURALS = {"error": "errors", "warning": "warnings"}
# As pytest orders them.
OUTCOMES = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "errors")


@dataclass(frozen=True)
class Ran:
    """A run of pytest: its status, and its closing line."""

    status: int
    closing: str


def known_campaigns() -> list[str]:
    """Return the names of the campaigns, each a file of `tests/campaigns/`."""
    return sorted(
        path.stem for path in CAMPAIGNS.glob("*.py") if path.stem != "conftest" and path.stem[0] != "_"
    )


def read_options(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return the options of the test command, and what is left for pytest."""
    parser = argparse.ArgumentParser(
        prog="assemblee test",
        description="Run the gates and all tests. Other arguments go to pytest, without the gates.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="under a minute: ruff, the pure packages, and the rooms that the change touches",
    )
    parser.add_argument("--require-browser", action="store_true", help="no Chromium is a failure, not a skip")
    parser.add_argument(
        "--stores",
        choices=("chosen", "all", "sqlite"),
        default="chosen",
        help="on PostgreSQL too: what can differ there (chosen), everything (all) or nothing (sqlite)",
    )
    parser.add_argument(
        "--campaign", metavar="NAME", help="run one campaign of tests/campaigns/, for as long as it takes"
    )
    options, others = parser.parse_known_args(arguments)
    if options.campaign is not None and options.campaign not in known_campaigns():
        parser.error(f"no campaign {options.campaign!r}; known: {', '.join(known_campaigns()) or 'none yet'}")
    return options, others


def pytest_arguments(options: argparse.Namespace, others: Sequence[str]) -> list[str]:
    """Return the arguments of pytest for the options of the test command."""
    if options.campaign is not None:
        return [str(CAMPAIGNS / f"{options.campaign}.py"), "-s", "--timeout=0", *others]
    stores = f"--stores={'sqlite' if options.fast else options.stores}"
    chosen = [stores, "-m", "not slow and not browser"] if options.fast else [stores]
    if others:
        return [*chosen, *others]
    # Each test goes to whoever is free, the long ones first; see `tests/running.py`. One for each processor:
    # beside browsers, servers and gates one more would only be in the way.
    workers = str(min(os.cpu_count() or 1, 8))
    parallel = ["-q", "-n", workers, "--dist", "loadgroup", "--no-loadscope-reorder"]
    return [*parallel, "--slowest-files=10", *chosen, *([] if options.fast else ["--cov", "--cov-report="])]


def run_pytest(arguments: Sequence[str], extra: Mapping[str, str]) -> Ran:
    """Run pytest, let its lines through, and return its status and its closing line."""
    closing = ""
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        env=variables({**COMPILED, **extra}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            closing = line.rstrip("\n") or closing
    return Ran(running.returncode, closing)


def summed(runs: Sequence[Ran]) -> str:
    """Return the closing line that pytest would have written had the runs been one."""
    counts: Counter[str] = Counter()
    seconds = 0.0
    for ran in runs:
        before, _, _ = ran.closing.partition(" in ")
        for count, outcome in COUNTED.findall(before):
            counts[PLURALS.get(outcome, outcome)] += int(count)
        took = TOOK.search(ran.closing)
        seconds += float(took[1]) if took else 0
    if not counts:
        return "\n".join(ran.closing for ran in runs)
    singular = {many: one for one, many in PLURALS.items()}
    parts = [
        f"{counts[outcome]} {singular.get(outcome, outcome) if counts[outcome] == 1 else outcome}"
        for outcome in OUTCOMES
        if counts[outcome]
    ]
    long = f" ({timedelta(seconds=int(seconds))})" if seconds >= 60 else ""
    return f"{', '.join(parts)} in {seconds:.2f}s{long}"


def run_tests(arguments: Sequence[str]) -> int:
    """Run what the arguments of the test command ask for, and return its status."""
    options, others = read_options(arguments)
    extra = {}
    if options.require_browser:
        extra["ASSEMBLEE_REQUIRE_BROWSER"] = "1"
    if options.campaign is not None:
        extra["ASSEMBLEE_CAMPAIGN"] = options.campaign
    if others or options.campaign is not None:
        return run_pytest(pytest_arguments(options, others), extra).status
    return judge_fast(options, extra) if options.fast else judge(options, extra)


def judge(options: argparse.Namespace, extra: Mapping[str, str]) -> int:
    """Run the gates beside all tests, then what needs all of them done; pytest's closing line comes last.

    Returns
    -------
    int
        0 when everything holds; the status of pytest when it is not 0; 1 when a gate fails.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="assemblee-statements-") as folder:
        runs, verdicts = _beside(GATES, pytest_arguments(options, ()), {**extra, RECORD: folder})
        # Read by a run of its own: any worker could still send a statement to SQLite until the last test.
        runs += [run_pytest(["-q", PLANS], {**extra, RECORDED: folder})]
    verdicts += [gate.judge() for gate in COVERAGE_GATES]
    return _close("whole run", begun, runs, verdicts)


def judge_fast(options: argparse.Namespace, extra: Mapping[str, str]) -> int:
    """Run the fast gates beside the tests of what has changed, and say which they are."""
    begun = time.monotonic()
    paths = touched.tests()
    gates = [gate for gate in GATES if gate.is_fast]
    runs, verdicts = _beside(gates, [*pytest_arguments(options, ()), *paths], extra)
    return _close("fast run", begun, runs, verdicts)


def _beside(
    gates: Sequence[Gate], arguments: Sequence[str], extra: Mapping[str, str]
) -> tuple[list[Ran], list[Verdict]]:
    with ThreadPoolExecutor(1) as lane:
        # Every gate runs, whatever the one before it said.
        verdicts = lane.map(Gate.judge, gates)
        ran = run_pytest(arguments, extra)
        return [ran], list(verdicts)


def _close(name: str, begun: float, runs: Sequence[Ran], verdicts: Sequence[Verdict]) -> int:
    for verdict in verdicts:
        verdict.show()
    print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    print(summed(runs), flush=True)
    status = next((ran.status for ran in runs if ran.status != 0), 0)
    return status or int(not all(verdict.holds for verdict in verdicts))
