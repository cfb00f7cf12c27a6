"""How a run goes: which test comes first, which lines are measured, which files took long."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator

import pytest
from coverage import Coverage
from xdist.scheduler import LoadScopeScheduling

from assemblee.checkout import ROOT
from tests import statements
from tests.judging.judgement import RECORD

BROWSER = "tests/browser/"
# Long enough to be shared out, whatever it costs to set up their site twice.
APART = ("tests/browser/test_axe.py",)
# What their tests read or play once for all of them takes as long as the tests.
TOGETHER = (
    "tests/assemblies/meetings/test_actions.py",
    "tests/house/test_catalogues.py",
    "tests/house/test_lasting.py",
    "tests/house/test_texts_kept.py",
)
# By this variable coverage finds its settings in a process that starts.
MEASURED = "COVERAGE_PROCESS_START"
# Browsers first, then what is slow: whoever has finished takes short tests, and nobody waits long at the end.
HEAVY = ("browser", "slow")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slowest-files", type=int, default=0, metavar="N", help="name the N slowest files")


def pytest_configure(config: pytest.Config) -> None:
    folder = os.environ.get(RECORD)
    if folder is not None:
        config.pluginmanager.register(statements.Recorder(folder))


class Balanced(LoadScopeScheduling):
    """Gives each test to whoever is free; only those that share something costly stay together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        is_together = file.startswith(BROWSER) or file in TOGETHER
        return file if is_together and file not in APART else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Balanced | None:
    # The groups of xdist are lost on the way with the pytest of our lock.
    return Balanced(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what this run is for, ordered by weight and at random within."""
    is_alone = config.getoption("stores") == "sqlite"
    items[:] = [
        item
        for item in items
        if not (RECORD in os.environ and item.get_closest_marker("recorded"))
        and not (is_alone and store_of(item) == "postgresql")
    ]
    items.sort(key=weight)


def store_of(item: pytest.Item) -> object:
    return getattr(getattr(item, "callspec", None), "params", {}).get("new_database")


def weight(item: pytest.Item) -> int:
    found = [place for place, name in enumerate(HEAVY) if item.get_closest_marker(name)]
    if item.nodeid.startswith(APART):
        return -1
    return min(found, default=len(HEAVY))


def is_measured(item: pytest.Item) -> bool:
    """Tell whether the lines that a test goes through count: measuring costs half as much again as testing.

    What a browser, another process, a long computation, the other store or the other language go through once
    more proves nothing about the tests of an act, which must reach each line by themselves.
    """
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    return weight(item) == len(HEAVY) and store_of(item) != "postgresql" and "en" not in values


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    measuring = Coverage.current()
    if measuring is None:
        return (yield)
    if is_measured(item):
        return (yield from measuring_children(item))
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def measuring_children(item: pytest.Item) -> Generator[None, object, object]:
    """Let the Python processes that a test starts be measured too, where only they reach a line."""
    if item.get_closest_marker("measured_children"):
        os.environ[MEASURED] = str(ROOT / "pyproject.toml")
    try:
        return (yield)
    finally:
        os.environ.pop(MEASURED, None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    number = config.getoption("slowest_files")
    if not number:
        return
    took: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                took[report.nodeid.partition("::")[0]] += report.duration
    terminalreporter.section(f"slowest {number} files, in seconds of one worker")
    for name, seconds in took.most_common(number):
        terminalreporter.write_line(f"{seconds:7.1f} {name}")
