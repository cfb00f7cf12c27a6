"""Five thousand tables as anybody writes them, half injured: read exactly, or refused with the place."""

from __future__ import annotations

import json
import subprocess
import sys

from assemblee.checkout import ROOT

SEED, TABLES = 1, 5_000
MOST_MEGABYTES, MOST_SECONDS = 100, 10


def test_each_table_is_read_exactly_or_refused_with_the_place() -> None:
    # In a process of its own, whose memory is that of nothing else.
    ran = subprocess.run(
        [sys.executable, "-m", "tests.tabular.judged", str(SEED), str(TABLES)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures = json.loads(ran.stdout)
    print(f"{TABLES} tables (seed {SEED}), all read exactly or refused with the place")
    for name in ("tables", "outcomes"):
        print(f"  {name}: {figures[name]}")
    print(f"  {figures['megabytes']:.0f} MB at most, writing them included")
    print(f"  {figures['slowest']:.2f} CPU s the slowest")
    assert sum(figures["outcomes"].values()) == TABLES
    assert figures["megabytes"] < MOST_MEGABYTES
    assert figures["slowest"] < MOST_SECONDS
