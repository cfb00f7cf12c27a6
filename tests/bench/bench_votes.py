"""Measure three counts against what Python or numpy needs for the same bytes, in one run.

    PYTHONPATH=. python tests/bench/bench_votes.py [--ballots N] [--proposals N] [--ranked N] [--repeat N]

- ballots of a SQLite table, one BLOB a row, against fetching, joining and counting them unchecked: 1.3;
- ballots of a CSV file against a pass of Python's csv module over it: 4;
- proposals ranked by the key against one numpy sort of their counts: 10.

Only the ratios mean something; the sides take turns, and the best time of each is taken.
"""

from __future__ import annotations

import argparse
import csv
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from votes.ballots import from_sqlite
from votes.files import read_ballots
from votes.key import order
from votes.scales import SEVEN

GRADES = len(SEVEN.french)
VALUES = 256


def ratio(
    name: str, peer: Callable[[], object], ours: Callable[[], object], repeat: int, bound: float
) -> None:
    """Print how long ours takes against the peer, and stop if it is above its bound."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeat):
        for side, action in zip(taken, (peer, ours), strict=True):
            # Processor time: what else the machine does is not to count.
            start = time.process_time()
            action()
            side.append(time.process_time() - start)
    first, second = map(min, taken)
    times = f"peer {first * 1000:.2f} ms, ours {second * 1000:.2f} ms"
    print(f"{name}: {times}, {second / first:.2f} times of {bound}")
    assert second / first < bound


def main() -> None:
    """Print a line for each ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    for option, default in (("ballots", 1_000_000), ("proposals", 10), ("ranked", 10_000), ("repeat", 9)):
        parser.add_argument(f"--{option}", type=int, default=default)
    options = parser.parse_args()
    chance = np.random.default_rng(7)
    shares = chance.dirichlet(np.ones(GRADES), options.proposals)
    ballots = np.stack(
        [chance.choice(GRADES, options.ballots, p=share).astype(np.uint8) for share in shares], axis=1
    )
    expected = [np.bincount(column, minlength=GRADES).tolist() for column in ballots.T]
    with tempfile.TemporaryDirectory() as temporary:
        connection = sqlite3.connect(Path(temporary) / "box.sqlite")
        connection.execute("CREATE TABLE box (number INTEGER PRIMARY KEY, ballot BLOB NOT NULL)")
        connection.executemany("INSERT INTO box (ballot) VALUES (?)", ((row.tobytes(),) for row in ballots))
        connection.commit()
        query = "SELECT ballot FROM box"

        def bare() -> list[object]:
            data = b"".join([row[0] for row in connection.execute(query).fetchall()])
            cells = np.frombuffer(data, dtype=np.uint8).reshape(-1, options.proposals)
            return [np.bincount(column, minlength=VALUES) for column in cells.T]

        assert from_sqlite(connection, query, options.proposals, GRADES).answers.tolist() == expected
        ratio(
            "SQLite",
            bare,
            lambda: from_sqlite(connection, query, options.proposals, GRADES),
            options.repeat,
            1.3,
        )
        connection.close()
        path = Path(temporary) / "ballots.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow([f"Mesure {place}" for place in range(options.proposals)])
            lines.writerows([SEVEN.french[grade] for grade in row] for row in ballots.tolist())

        def read() -> None:
            with path.open(encoding="utf-8", newline="") as file:
                for _ in csv.reader(file):
                    pass

        assert list(read_ballots(path).counts.values()) == expected
        ratio("CSV", read, lambda: read_ballots(path), options.repeat, 4)
    judges = 1_000_000
    counts = chance.multinomial(judges, chance.dirichlet(np.ones(GRADES), options.ranked))
    for name, axis in (("each row", 1), ("each column", 0)):
        ratio(
            f"ranking, against a sort of {name}",
            lambda axis=axis: np.sort(counts, axis=axis),
            lambda: order(counts),
            50 * options.repeat,
            10,
        )


if __name__ == "__main__":
    main()
