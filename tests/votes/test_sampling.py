from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from votes.errors import BadCount
from votes.sampling import estimate, sample

SEED = hashlib.sha256(b"dice").digest()


@given(st.binary(min_size=32, max_size=32), st.integers(1, 400), st.data())
def test_a_sample_holds_each_place_once(seed: bytes, population: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, population))
    drawn = sample(seed, population, size)
    assert list(drawn) == sorted(set(drawn))
    assert len(drawn) == size
    assert 0 <= drawn[0] <= drawn[-1] < population
    assert sample(seed, population, size) == drawn


def test_a_whole_population_is_its_own_sample() -> None:
    assert sample(SEED, 20, 20) == tuple(range(20))
    assert sample(SEED, 1, 1) == (0,)


def test_every_set_is_drawn_as_often_as_the_others() -> None:
    seeds = (hashlib.sha256(str(number).encode()).digest() for number in range(6_000))
    drawn = Counter(sample(seed, 5, 2) for seed in seeds)
    assert set(drawn) == set(combinations(range(5), 2))
    # Ten sets, 600 each: five standard deviations are 116.
    assert all(abs(number - 600) < 116 for number in drawn.values())


def test_a_sample_is_published_by_these_bytes() -> None:
    assert sample(SEED, 1_000_000, 4) == (360750, 558199, 898103, 915702)


@pytest.mark.parametrize(("population", "size"), [(0, 1), (3, 0), (3, 4), (3, -1)])
def test_a_sample_is_part_of_its_population(population: int, size: int) -> None:
    with pytest.raises(BadCount):
        sample(SEED, population, size)
    with pytest.raises(BadCount):
        estimate(population, size, 0)


def test_other_numbers_do_not_fit() -> None:
    with pytest.raises(BadCount):
        sample(b"short", 3, 1)
    for valid in (-1, 3):
        with pytest.raises(BadCount):
            estimate(10, 2, valid)
    for confidence in (Fraction(0), Fraction(1)):
        with pytest.raises(BadCount):
            estimate(10, 2, 1, confidence)


def brute(population: int, size: int) -> list[list[Fraction]]:
    """Return how likely each number of valid lines is in a sample, for each number in all."""
    samples = list(combinations(range(population), size))
    table = []
    for valid in range(population + 1):
        found = Counter(sum(place < valid for place in one) for one in samples)
        table.append([Fraction(found[number], len(samples)) for number in range(size + 1)])
    return table


@pytest.mark.parametrize(("population", "size"), [(1, 1), (5, 2), (7, 7), (8, 3), (9, 5)])
@pytest.mark.parametrize("confidence", [Fraction(95, 100), Fraction(1, 2)])
def test_an_interval_holds_what_is_not_too_rare(population: int, size: int, confidence: Fraction) -> None:
    table, rare = brute(population, size), (1 - confidence) / 2
    for valid in range(size + 1):
        kept = [
            number
            for number, row in enumerate(table)
            if valid <= number <= population - (size - valid)
            and sum(row[valid:]) > rare
            and sum(row[: valid + 1]) > rare
        ]
        found = estimate(population, size, valid, confidence)
        assert (found.low, found.high) == (kept[0], kept[-1])
        assert kept == list(range(kept[0], kept[-1] + 1))
    for number, row in enumerate(table):
        covered = sum(
            row[valid]
            for valid in range(size + 1)
            if estimate(population, size, valid, confidence).low
            <= number
            <= estimate(population, size, valid, confidence).high
        )
        assert covered >= confidence


@given(st.integers(1, 3_000), st.data())
def test_an_interval_holds_its_estimate_and_mirrors(population: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, min(population, 200)))
    valid = data.draw(st.integers(0, size))
    found, other = estimate(population, size, valid), estimate(population, size, size - valid)
    assert found.low <= found.middle <= found.high
    assert (found.low, found.high) == (population - other.high, population - other.low)
    assert found.share == Fraction(valid, size)


def test_a_sample_of_all_leaves_no_doubt() -> None:
    found = estimate(40, 40, 31)
    assert (found.low, found.middle, found.high) == (31, 31, 31)
