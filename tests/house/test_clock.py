from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from assemblee import clock
from assemblee.db import Store, database_now

pytestmark = pytest.mark.both_stores

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
A_MOMENT = timedelta(seconds=5)


def test_both_clocks_are_shifted_together_and_come_back(store: Store) -> None:
    with clock.shifted(-WEEK), clock.shifted(HOUR), store.reading() as session:
        assert clock.shift() == HOUR - WEEK
        for now in (clock.now(), database_now(session)):
            assert abs(now - datetime.now(UTC) - (HOUR - WEEK)) < A_MOMENT
    assert clock.shift() == timedelta()


def test_a_shift_ends_with_what_failed_under_it() -> None:
    with pytest.raises(KeyError), clock.shifted(WEEK):
        raise KeyError
    assert clock.shift() == timedelta()


@pytest.mark.only("postgresql")
def test_a_transaction_that_waited_is_judged_by_the_end_of_its_wait(store: Store) -> None:
    with store.writing() as session:
        before = database_now(session)
        session.execute(text("SELECT pg_sleep(0.05)"))
        assert database_now(session) - before >= timedelta(seconds=0.05)
