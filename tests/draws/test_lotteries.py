"""Only a day on which a lottery is drawn can be announced; operators write down its days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.draws import lotteries
from assemblee.draws.beacons import DRAWN_IN
from assemblee.draws.lotteries import READY_MADE, Schedule
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import ceremony, make
from tests.answers import Visitor, refused
from tests.ceremony import Guarantor

OPERATOR = "operatrice@example.org"
SUNDAY = date(2026, 12, 6)


def test_the_drawings_of_a_week_are_those_of_its_lottery() -> None:
    found = {
        name: [one.strftime("%a") for one in schedule.drawings(SUNDAY, SUNDAY + timedelta(days=6))]
        for name, schedule in READY_MADE.items()
    }
    assert found == {"loto": ["Mon", "Wed", "Sat"], "euromillions": ["Tue", "Fri"]}


@pytest.mark.parametrize(
    ("moment", "is_drawn"),
    [
        (datetime(2026, 12, 6, 21, tzinfo=DRAWN_IN), False),
        (datetime(2026, 12, 7, 20, 34, tzinfo=DRAWN_IN), False),
        (datetime(2026, 12, 7, 20, 35, tzinfo=DRAWN_IN), True),
        (datetime(2026, 12, 7, 19, 35, tzinfo=UTC), True),
        # In Nouméa it is Tuesday already.
        (datetime(2026, 12, 7, 22, 30, tzinfo=UTC), True),
        (datetime(2026, 12, 7, 23, 0, tzinfo=UTC), False),
    ],
)
def test_a_lottery_is_drawn_by_the_calendar_and_the_clock_of_paris(
    moment: datetime, *, is_drawn: bool
) -> None:
    assert READY_MADE["loto"].is_drawn(moment) is is_drawn


def test_the_hour_is_kept_when_the_clocks_go_back() -> None:
    saturday, monday = READY_MADE["loto"].drawings(date(2026, 10, 24), date(2026, 10, 26))
    assert (monday - saturday.astimezone(UTC)).total_seconds() == 49 * 3600
    assert saturday.time() == monday.time() == time(20, 35)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("beacon", list(READY_MADE))
def test_no_draw_waits_for_a_lottery_that_is_not_drawn(
    store: Store, pool: Pool, team: list[Guarantor], beacon: str
) -> None:
    del team
    drawn = READY_MADE[beacon].following(ceremony.terms(store).reveal_until + timedelta(days=2))
    wrong = next(
        day
        for number in range(1, 8)
        if not READY_MADE[beacon].is_drawn(day := drawn + timedelta(days=number))
    )
    for moment in (wrong, drawn.replace(hour=20, minute=0)):
        with refused("draw-no-lottery-then"):
            ceremony.frozen(store, pool, beacon=beacon, beacon_at=moment)
    assert make.leaves(store, "draw-frozen") == 0
    draw = ceremony.frozen(store, pool, beacon=beacon, beacon_at=drawn)
    assert draw.beacon is not None
    assert draw.beacon["date"] == drawn.date().isoformat()


@pytest.mark.only("sqlite")
def test_an_operator_writes_down_other_days(app: Flask, store: Store) -> None:
    make.account(store, OPERATOR, password=make.PASSWORD, is_operator=True)
    operator = Visitor(app, OPERATOR)
    assert "samedi" in operator.visit("/lotteries/")
    operator.visit("/lotteries/loto")
    operator.visit("/lotteries/tombola", 404)
    for wrong in ({"weekdays": []}, {"weekdays": ["9"]}, {"hour": "tard"}, {"source": " "}):
        values = {"weekdays": ["3", "6"], "hour": "20:40", "source": "fdj.fr", **wrong}
        operator.send("/lotteries/loto", 422, **values)
    assert make.leaves(store, "lottery-days-written") == 0
    operator.send("/lotteries/loto", weekdays=["6", "3"], hour="20:40", source="fdj.fr, janvier 2027")
    with store.reading() as session:
        assert lotteries.schedule(session, "loto") == Schedule((3, 6), time(20, 40), "fdj.fr, janvier 2027")
    assert make.leaves(store, "lottery-days-written") == 1
    assert "dimanche" in operator.visit("/lotteries/")


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Schedule((), time(20), "fdj.fr"), "lottery-days-missing"),
        (Schedule((7,), time(20), "fdj.fr"), "lottery-days-missing"),
        (Schedule((1,), time(20), " "), "lottery-source-missing"),
        (Schedule((1,), time(20), "x" * 501), "lottery-source-missing"),
    ],
)
def test_days_without_a_source_are_not_taken(store: Store, found: Schedule, code: str) -> None:
    with refused(code), store.writing() as session:
        lotteries.write_down(session, COMMAND_LINE, "loto", found)
