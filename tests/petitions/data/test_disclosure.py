"""No count tells of a person."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assemblee.petitions.data.disclosure import LEAST, cells, periods

START = date(2027, 3, 1)


def compatible(counts: list[int], shown: list[int | None], total: int) -> list[tuple[int, ...]]:
    """Return every way to fill small hidden cells so that the whole is what was published."""
    hidden = [place for place, count in enumerate(shown) if count is None]
    missing = total - sum(count for count in shown if count is not None)
    ranges = [range(max(counts[place], LEAST) + 3) for place in hidden]
    return [fill for fill in itertools.product(*ranges) if sum(fill) == missing]


@given(st.lists(st.integers(0, 9), min_size=2, max_size=4))
def test_no_small_cell_can_be_computed_from_the_others(counts: list[int]) -> None:
    shown = cells({str(place): count for place, count in enumerate(counts)})
    values = list(shown.values())
    assert all(count is None or count >= LEAST for count in values)
    if sum(counts) < LEAST or None not in values:
        # So few in all that the total itself says it, or nothing small.
        return
    found = compatible(counts, values, sum(counts))
    for column in zip(*found, strict=True):
        assert len(set(column)) > 1, (counts, values)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 12, "b": 30}, ""),
        ({"a": 3, "b": 12, "c": 30}, "ab"),
        ({"a": 3, "b": 3, "c": 30}, "ab"),
        ({"a": 1, "b": 2, "c": 30, "d": 9}, "abd"),
        ({"a": 4, "b": 4, "c": 30}, "abc"),
        ({"a": 0, "b": 20}, "ab"),
        ({"a": 1}, "a"),
        ({}, ""),
    ],
)
def test_what_gives_a_small_count_away_is_hidden_too(counts: dict[str, int], hidden: str) -> None:
    shown = cells(counts)
    assert "".join(name for name, count in shown.items() if count is None) == hidden
    assert all(count in (None, counts[name]) for name, count in shown.items())


@given(st.lists(st.integers(0, 12), max_size=20))
def test_periods_hold_every_day_and_every_signature(numbers: list[int]) -> None:
    days = [(START + timedelta(days=after), count) for after, count in enumerate(numbers)]
    found = periods(days)
    assert sum(one.count for one in found) == sum(numbers)
    covered = [
        one.first + timedelta(days=after) for one in found for after in range((one.last - one.first).days + 1)
    ]
    assert covered == [day for day, _count in days]
    assert all(one.count >= LEAST for one in found) or len(found) == 1


def test_days_are_told_alone_from_five_signatures_on() -> None:
    days = [(START + timedelta(days=after), count) for after, count in enumerate([7, 2, 9, 1, 0, 4, 6, 3])]
    found = [(one.first.day, one.last.day, one.count) for one in periods(days)]
    assert found == [(1, 1, 7), (2, 3, 11), (4, 6, 5), (7, 8, 9)]
