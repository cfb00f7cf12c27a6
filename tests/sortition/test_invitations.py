from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortition.errors import BadSeed, BadSize
from sortition.invitations import choose, seed, strata
from sortition.quotas import Cell, Quotas

SEED = hashlib.sha256(b"a round").digest()
CELLS = (Cell("Genre", "Femmes", 2, 2), Cell("Genre", "Hommes", 2, 2), Cell("Âge", "16–39 ans", 1, 3))


def seed_of(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def test_strata_are_those_with_too_few_volunteers() -> None:
    have = {("Genre", "Femmes"): 6, ("Genre", "Hommes"): 5, ("Âge", "40 ans et plus"): 0}
    found = strata(Quotas(CELLS), have, per_seat=3, letters=10)
    assert [(one.value, one.minimum, one.available, one.missing, one.wanted) for one in found] == [
        ("Hommes", 2, 5, 1, 10),
        ("16–39 ans", 1, 0, 3, 30),
    ]
    assert strata(Quotas(CELLS), {}, per_seat=3, letters=10)[0].wanted == 60
    assert strata(Quotas.empty(), {}, per_seat=3, letters=10) == ()


ROWS = st.lists(st.frozensets(st.integers(0, 3)), max_size=60)
WANTED = st.lists(st.integers(0, 30), min_size=4, max_size=4)


@given(ROWS, WANTED, st.binary(min_size=32, max_size=32))
def test_each_stratum_gets_what_it_wants_or_all_it_has(
    rows: list[frozenset[int]], wanted: list[int], key: bytes
) -> None:
    chosen = choose(rows, wanted, key)
    assert len(set(chosen)) == len(chosen)
    assert all(rows[row] & {place for place in range(4) if wanted[place]} for row in chosen)
    for place, number in enumerate(wanted):
        held = sum(place in row for row in rows)
        assert sum(place in rows[row] for row in chosen) >= min(number, held)
    assert len(chosen) <= sum(min(n, sum(p in row for row in rows)) for p, n in enumerate(wanted))
    assert choose(rows, wanted, key) == chosen


@given(ROWS, WANTED)
def test_nobody_is_chosen_for_a_later_stratum_that_an_earlier_one_fills(
    rows: list[frozenset[int]], wanted: list[int]
) -> None:
    first = choose(rows, [wanted[0], 0, 0, 0], SEED)
    assert choose(rows, wanted, SEED)[: len(first)] == first


def test_within_a_stratum_everybody_is_as_likely() -> None:
    rows = [{0}] * 5 + [{1}] * 3
    drawn = Counter(row for number in range(3_000) for row in choose(rows, [2, 0], seed_of(number)))
    assert set(drawn) == set(range(5))
    # 1,200 each: five standard deviations are 134.
    assert all(abs(number - 1_200) < 134 for number in drawn.values())


def test_a_draw_is_published_by_these_bytes() -> None:
    frozen, beacon = hashlib.sha256(b"frozen").digest(), hashlib.sha256(b"beacon").digest()
    key = seed(frozen, beacon)
    rows = [{0, 1} if row % 3 else {1} for row in range(300)]
    expected = "fb6b5f095ba1466f", [101, 227, 178, 72, 74]
    assert (key.hex()[:16], choose(rows, [3, 5], key)) == expected
    # In another process, with another order of hashes, the same.
    program = (
        "from sortition.invitations import choose\n"
        "rows = [{0, 1} if row % 3 else {1} for row in range(300)]\n"
        f"print(choose(rows, [3, 5], bytes.fromhex('{key.hex()}')))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(expected[1])


def test_a_draw_takes_32_bytes_and_no_less_than_nobody() -> None:
    with pytest.raises(BadSeed):
        choose([{0}], [1], b"short")
    with pytest.raises(BadSize):
        choose([{0}], [-1], SEED)
    assert choose([], [3], SEED) == []
