from __future__ import annotations

import time

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from assemblee.rates import SWEEP_SECONDS, Counters
from tests.answers import at_once


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def test_a_window_counts_its_hits_and_begins_again(now: list[float]) -> None:
    counters = Counters()
    limiter, limit = FixedWindowRateLimiter(counters), parse("2 per minute")
    answers = [limiter.hit(limit, "zoe") for _ in range(3)]
    assert (answers, limiter.hit(limit, "noe")) == ([True, True, False], True)
    key = limit.key_for("zoe")
    assert (counters.get(key), counters.get_expiry(key)) == (3, 1060)
    now[0] = 1060
    assert counters.get(key) == 0
    assert (limiter.hit(limit, "zoe"), counters.get(key)) == (True, 1)
    limiter.clear(limit, "zoe")
    assert (counters.get(key), counters.get_expiry(key)) == (0, 1060)


def test_what_is_over_is_forgotten_by_the_first_hit_of_a_minute(now: list[float]) -> None:
    counters = Counters()
    for number in range(5):
        counters.incr(str(number), 10)
    counters.incr("long", 10_000)
    now[0] += SWEEP_SECONDS
    counters.incr("last", 10)
    assert counters.reset() == 2
    assert counters.get("long") == 0
    assert counters.check()


def test_hits_at_once_are_all_counted() -> None:
    counters = Counters()

    def hit() -> None:
        for _ in range(200):
            counters.incr("key", 60)

    assert set(at_once([hit] * 16)) == {"done"}
    assert counters.get("key") == 3200
