from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sortition
from tests.sortition import make
from tests.sweeps import sampled

ROOT = Path(__file__).parents[2]
SCRIPT = """
import hashlib, sys
from pathlib import Path
import sortition
quotas, pool = sortition.read_files(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]).read_bytes(), "id")
made = sortition.lottery("leximin", pool, quotas, 29)
print(hashlib.sha256(made.canonical_bytes()).hexdigest())
"""


def numbered(name: str) -> tuple[list[str], list[str]]:
    categories, respondents = make.files(name)
    head, *rows = respondents.decode().splitlines()
    return categories.decode().splitlines(), [
        "id," + head,
        *(f"é{place},{row}" for place, row in enumerate(rows)),
    ]


def shuffled(lines: list[str], seed: object) -> list[str]:
    head, *rest = lines
    return [head, *sorted(rest, key=lambda line: hashlib.sha256(f"{seed}/{line}".encode()).digest())]


def turned(lines: list[str]) -> list[str]:
    return [";".join(reversed(line.split(","))) for line in lines]


@pytest.fixture(scope="module")
def expected() -> str:
    quotas, pool = sortition.read_files(
        *("\n".join(lines).encode() for lines in numbered("opendlp_monitoring_29")), "id"
    )
    lottery = sortition.lottery("leximin", pool, quotas, 29)
    return hashlib.sha256(lottery.canonical_bytes()).hexdigest()


@pytest.mark.parametrize("seed", sampled(range(20), 4))
def test_a_fresh_process_gives_the_same_bytes_whatever_the_hash_seed_the_locale_and_the_order(
    seed: int, expected: str, tmp_path: Path
) -> None:
    categories, respondents = numbered("opendlp_monitoring_29")
    if seed % 2:
        categories, respondents = turned(categories), turned(respondents)
    paths = []
    for name, lines in (("c.csv", categories), ("r.csv", respondents)):
        paths.append(tmp_path / name)
        paths[-1].write_text("\n".join(shuffled(lines, seed)) + "\n", encoding="utf-8")
    locale = ("C", "C.UTF-8", "tr_TR.UTF-8", "fr_FR.UTF-8")[seed % 4]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, paths)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed), "LC_ALL": locale},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected


def test_names_in_another_normal_form_give_the_same_bytes(expected: str) -> None:
    categories, respondents = numbered("opendlp_monitoring_29")
    decomposed = "\n".join(respondents).replace("é", "e\u0301").encode()
    quotas, pool = sortition.read_files("\n".join(categories).encode(), decomposed, "id")
    lottery = sortition.lottery("leximin", pool, quotas, 29)
    assert hashlib.sha256(lottery.canonical_bytes()).hexdigest() == expected
