"""Measure CPU seconds against ``sortition-algorithms`` on the reference pools, each run in a process.

    python tests/bench/bench_leximin.py [--limit SECONDS] [POOL ...]

The peer is installed with pip in a virtual environment of its own, in a temporary folder. Its leximin needs
Gurobi, which pip installs with a licence limited to small models; its maximin runs on its open solver. Only
the ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "sortition"
SIZES = {
    "opendlp_monitoring_29": 29,
    "sa_fixture_22": 22,
    "example_small_20": 20,
    "example_large_200": 200,
    "like_sf_b_20": 20,
    "like_sf_d_40": 40,
    "like_nexus_170": 170,
    "like_sf_e_110": 110,
    "tight_28": 28,
}

OURS = """
import sys
from pathlib import Path
import sortition
categories, respondents, size, rule = sys.argv[1:]
quotas, pool = sortition.read_files(Path(categories).read_bytes(), Path(respondents).read_bytes())
sortition.lottery(rule, pool, quotas, int(size))
"""

PEER = """
import csv, sys
import sortition_algorithms as peer
categories, respondents, size, rule = sys.argv[1:]
with open(categories) as file:
    reader = csv.DictReader(file)
    cells = [{**row, "value": row["feature"], "feature": row["category"]} for row in reader]
cells = [{name: cell[name] for name in ("feature", "value", "min", "max")} for cell in cells]
features = peer.read_in_features(["feature", "value", "min", "max"], cells, int(size))[0]
with open(respondents) as file:
    rows = [{**row, "nr": str(place)} for place, row in enumerate(csv.DictReader(file))]
settings = peer.Settings(id_column="nr", columns_to_keep=[])
people = peer.read_in_people(list(rows[0]), rows, features, settings)[0]
peer.find_random_sample(features, people, int(size), [], selection_algorithm=rule)
"""


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=240, help="CPU seconds after which a run is ended")
    parser.add_argument("pools", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        packages = ["sortition-algorithms", "gurobipy"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        print(f"{'pool':24}{'ours':>9}{'leximin':>10}{'ratio':>8}{'maximin':>10}{'ratio':>8}")
        for name in options.pools or SIZES:
            ours = seconds(sys.executable, OURS, name, "leximin", options.limit)
            line = f"{name:24}{shown(ours):>9}"
            for rule in ("leximin", "maximin"):
                peer = seconds(python, PEER, name, rule, options.limit)
                line += f"{shown(peer):>10}{ratio(ours, peer):>8}"
            print(line, flush=True)


def seconds(python: str, script: str, name: str, rule: str, limit: int) -> float | None:
    """Return the CPU seconds of a run and its children, negative if ended, ``None`` if it failed."""
    folder = VECTORS / name
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [python, "-c", script, folder / "categories.csv", folder / "respondents.csv", str(SIZES[name]), rule],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode == 0:
        return taken
    return -taken if done.returncode < 0 else None


def shown(taken: float | None) -> str:
    """Write a time."""
    if taken is None:
        return "failed"
    return f"{taken:.2f}" if taken >= 0 else f"> {-taken:.0f}"


def ratio(ours: float | None, peer: float | None) -> str:
    """Write what part of the peer's time ours is; an ended run of the peer gives an upper bound."""
    if ours is None or peer is None or ours < 0:
        return "-"
    return f"{'< ' if peer < 0 else ''}{ours / abs(peer):.2f}"


if __name__ == "__main__":
    main()
