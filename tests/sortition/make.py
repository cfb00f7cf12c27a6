"""Small makers of pools, and an independent check of lotteries."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from sortition import Cell, Lottery, Pool, Quotas, read_files

VECTORS = Path(__file__).parents[1] / "vectors" / "sortition"

REFERENCES = {
    "opendlp_monitoring_29": (29, "7/25"),
    "sa_fixture_22": (22, "1/11"),
    "example_small_20": (20, "1/10"),
    "example_large_200": (200, "1/10"),
    "like_sf_b_20": (20, "3/70"),
    "like_sf_d_40": (40, "6/125"),
    "like_nexus_170": (170, "9/29"),
    "like_sf_e_110": (110, "1/35"),
    "tight_28": (28, "0"),
    "parity_gap_2": (2, "0"),
}


def files(name: str) -> tuple[bytes, bytes]:
    """Read the files of a reference pool."""
    folder = VECTORS / name
    return (folder / "categories.csv").read_bytes(), (folder / "respondents.csv").read_bytes()


def reference(name: str) -> tuple[Quotas, Pool, int]:
    """Read a reference pool and its size."""
    return *read_files(*files(name), id_column(name)), REFERENCES[name][0]


def id_column(name: str) -> str | None:
    """Name the column of ids of a reference pool."""
    return "id" if name == "tight_28" else None


def numbers(seed: object) -> Iterator[int]:
    """Yield bytes that depend on nothing but the seed."""
    block = 0
    while True:
        yield from hashlib.sha256(f"{seed}/{block}".encode()).digest()
        block += 1


def tiny(seed: object, most: int = 12) -> tuple[list[list[int]], dict[tuple[int, int], tuple[int, int]], int]:
    """Make traits, bounds and a size, some without any panel."""
    stream = numbers(seed)

    def below(bound: int) -> int:
        return next(stream) % bound

    people = 4 + below(most - 3)
    columns = 1 + below(4)
    size = 1 + below(people - 1)
    values = [2 + below(2) for _ in range(columns)]
    traits = [[below(value) for value in values] for _ in range(people)]
    bounds = {}
    for column, number in enumerate(values):
        for value in range(number):
            share = sum(row[column] == value for row in traits) * size // people
            low = max(0, share - below(2))
            bounds[column, value] = (low, max(low, share + below(3)))
    return traits, bounds, size


def pool(
    traits: Sequence[Sequence[int]], bounds: dict[tuple[int, int], tuple[int, int]]
) -> tuple[Quotas, Pool]:
    """Make a pool of numbered traits."""
    quotas = Quotas(tuple(Cell(f"c{column}", f"v{value}", *pair) for (column, value), pair in bounds.items()))
    people = [f"p{number:02}" for number in range(len(traits))]
    rows = [{f"c{column}": f"v{value}" for column, value in enumerate(row)} for row in traits]
    return quotas, Pool.from_rows(people, rows, quotas)


def plain(people: int) -> Pool:
    """Make a pool without quotas."""
    return Pool.from_rows([f"p{number}" for number in range(people)], [{}] * people, Quotas.empty())


def verify(document: dict[str, object], categories: bytes, respondents: bytes, column: str | None) -> None:
    """Check a lottery against its files, sharing no code with the package."""
    document = json.loads(json.dumps(document))
    cells = list(csv.DictReader(categories.decode().splitlines()))
    rows = list(csv.DictReader(respondents.decode().splitlines()))
    by_id = {row[column] if column else str(place): row for place, row in enumerate(rows, start=1)}
    people = document["people"]
    assert people == sorted(by_id, key=str.encode)
    chances = [0] * len(people)
    seen = set()
    for panel in document["panels"]:
        assert panel["tickets"] >= 1
        assert len(set(panel["members"])) == document["size"]
        seen.add(tuple(panel["members"]))
        for member in panel["members"]:
            chances[member] += panel["tickets"]
        for cell in cells:
            held = sum(
                by_id[people[member]][cell["category"]] == cell["feature"] for member in panel["members"]
            )
            assert int(cell["min"]) <= held <= int(cell["max"])
    assert len(seen) == len(document["panels"])
    assert sum(panel["tickets"] for panel in document["panels"]) == document["tickets"]
    exact = [Fraction(chance) for chance in document["exact"]]
    assert abs(sum(exact) - document["size"]) < Fraction(len(people), 10**13)
    for held, chance, person in zip(chances, exact, people, strict=True):
        assert abs(Fraction(held, document["tickets"]) - chance) < Fraction(8, document["tickets"])
        assert (chance == 0) == (held == 0) == (person in document["excluded"])


def least(lottery: Lottery) -> Fraction:
    """Return the smallest exact chance."""
    return min(lottery.exact)
