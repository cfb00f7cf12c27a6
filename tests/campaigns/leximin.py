"""Leximin against brute force on 3,000 random tiny pools, seed by seed."""

from __future__ import annotations

from tests.sortition.test_leximin_brute_force import compare

POOLS = 3000


def test_leximin_equals_brute_force_on_every_tiny_pool() -> None:
    feasible = sum(map(compare, range(POOLS)))
    print(f"{POOLS} pools, {feasible} feasible")
    assert 0 < feasible < POOLS
