from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sortition
from sortition import BadGroups, Pool, Seating, Stream
from sortition.__main__ import main
from sortition.stream import shuffled
from tests.sortition import make
from tests.sortition.test_rotation import body, parent

SEED = bytes.fromhex("ef" * 32)
MEMBERS = make.VECTORS / "groupselect_sf_f_40" / "members.csv"


def values_of(data: bytes) -> bytes:
    head, *rows = [line.split(",") for line in data.decode().splitlines()]
    found = sorted({(head[place], row[place]) for row in rows for place in range(1, len(head))})
    return ("category,value\n" + "".join(f"{category},{value}\n" for category, value in found)).encode()


def forty() -> Pool:
    data = MEMBERS.read_bytes()
    return sortition.read_files(values_of(data), data, "ID", bounded=False)[1]


def measure(pool: Pool, rounds: list[list[list[str]]]) -> tuple[int, int]:
    """Return deviation and repeated meetings, sharing no code with the search."""
    people, rows = len(pool.people), dict(zip(pool.people, pool.traits.tolist(), strict=True))
    whole = Counter((column, value) for row in rows.values() for column, value in enumerate(row))
    deviation, met = 0, Counter()
    for tables in rounds:
        for table in tables:
            held = Counter((column, value) for person in table for column, value in enumerate(rows[person]))
            for cell, number in whole.items():
                floor, ceil = len(table) * number // people, -(-len(table) * number // people)
                deviation += max(0, floor - held[cell], held[cell] - ceil)
            met.update(frozenset(pair) for pair in itertools.combinations(table, 2))
    return deviation, met.total() - len(met)


def verify(pool: Pool, seating: Seating, tables: int, rounds: int) -> None:
    assert len(seating.rounds) == rounds
    for one in seating.rounds:
        assert len(one) == tables
        assert sorted(itertools.chain.from_iterable(one)) == sorted(pool.people)
        sizes = set(map(len, one))
        assert max(sizes) - min(sizes) <= 1
    assert (seating.deviation, seating.repeated) == measure(
        pool, [list(map(list, one)) for one in seating.rounds]
    )
    assert seating.repeated >= seating.unavoidable


def by_chance(pool: Pool, tables: int, rounds: int, number: int) -> tuple[int, int]:
    stream = Stream(SEED, f"chance/{number}")
    orders = [[pool.people[place] for place in shuffled(len(pool.people), stream)] for _ in range(rounds)]
    return measure(pool, [[order[table::tables] for table in range(tables)] for order in orders])


@pytest.mark.parametrize(("tables", "rounds"), [(5, 3), (8, 4), (7, 2)])
def test_forty_people_sit_at_tables_that_mirror_better_than_any_of_many_shuffles(
    tables: int, rounds: int
) -> None:
    pool = forty()
    seating = sortition.seat(pool, tables, rounds, SEED)
    verify(pool, seating, tables, rounds)
    shuffles = [by_chance(pool, tables, rounds, number) for number in range(20)]
    assert seating.deviation * 4 <= min(deviation for deviation, _ in shuffles)


def test_a_hundred_people_of_few_traits_meet_fewer_again_than_by_chance() -> None:
    pool = body([row[:2] for row in parent(1)])
    seating = sortition.seat(pool, 10, 4, SEED)
    verify(pool, seating, 10, 4)
    assert seating.deviation == 0
    assert seating.repeated * 3 <= min(by_chance(pool, 10, 4, number)[1] for number in range(10))


def test_without_traits_nobody_meets_twice_where_that_can_be() -> None:
    pool = make.plain(40)
    seating = sortition.seat(pool, 8, 4, SEED)
    verify(pool, seating, 8, 4)
    assert seating.repeated == 0


def test_where_tables_are_few_the_bound_says_what_cannot_be_helped() -> None:
    pool = make.plain(4)
    seating = sortition.seat(pool, 2, 5, SEED)
    assert seating.unavoidable == 5 * 2 - 6
    assert seating.repeated == 4
    assert sortition.seat(pool, 1, 2, SEED).repeated == 6


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=2, max_size=2), min_size=1, max_size=12),
    st.integers(1, 3),
    st.data(),
)
def test_any_seating_is_what_it_says(traits: list[list[int]], rounds: int, data: st.DataObject) -> None:
    traits = [[sorted({one[c] for one in traits}).index(one[c]) for c in range(2)] for one in traits]
    tables = data.draw(st.integers(1, len(traits)))
    verify(body(traits), sortition.seat(body(traits), tables, rounds, SEED), tables, rounds)


def test_the_command_seats_the_same_people_in_the_same_places(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(values_of(MEMBERS.read_bytes()))
    out = tmp_path / "seating.json"
    arguments = [
        "seat",
        "--categories",
        str(tmp_path / "c.csv"),
        "--respondents",
        str(MEMBERS),
        "--id-column",
        "ID",
    ]
    assert main([*arguments, "--tables", "8", "--rounds", "2", "--seed", SEED.hex(), "--out", str(out)]) == 0
    document = json.loads(out.read_text())
    assert document == json.loads(json.dumps(sortition.seat(forty(), 8, 2, SEED).to_document()))
    assert document["format"] == "assemblee-seating-1"


@pytest.mark.parametrize(("tables", "rounds"), [(0, 1), (41, 1), (5, 0), (5, True)])
def test_tables_and_rounds_out_of_range_are_refused(tables: int, rounds: int) -> None:
    with pytest.raises(BadGroups):
        sortition.seat(forty(), tables, rounds, SEED)
