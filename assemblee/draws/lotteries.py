"""On which days, and from what hour, the national lotteries are drawn: only such a day can be announced.

The days ready made are those that FDJ announces on fdj.fr for each game, as they stood in November 2026:
playing ends at 20:15, and the numbers are out about 20:35 (Loto) and 21:05 (EuroMillions). They may change:
an operator writes down new ones, with where they were found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from assemblee.days import day_in
from assemblee.db import database_now
from assemblee.draws.beacons import DRAWN_IN
from assemblee.draws.models import LotteryDays
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor

LONGEST_SOURCE = 500
WEEK = range(7)


def day_of(moment: datetime) -> date:
    """Return the day that it is in Paris at a moment."""
    return day_in(moment, DRAWN_IN.key)


@dataclass(frozen=True)
class Schedule:
    """When a lottery is drawn.

    Parameters
    ----------
    weekdays : tuple of int
        From 0, a Monday, to 6, by the calendar of Paris.
    hour : time
        From which its numbers are out, by the clock of Paris.
    source : str
        Where this was found.
    """

    weekdays: tuple[int, ...]
    hour: time
    source: str

    def is_drawn(self, moment: datetime) -> bool:
        """Tell whether numbers come out on the day of a moment, and are out by then."""
        there = moment.astimezone(DRAWN_IN)
        return there.weekday() in self.weekdays and there.time() >= self.hour

    def on(self, day: date) -> datetime:
        """Return when the numbers of a day are out."""
        return datetime.combine(day, self.hour, DRAWN_IN)

    def drawings(self, first: date, last: date) -> list[datetime]:
        """Return when numbers come out within some days."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [self.on(day) for day in days if day.weekday() in self.weekdays]

    def following(self, moment: datetime) -> datetime:
        """Return when numbers are out next, from a moment on."""
        day = day_of(moment)
        return next(one for one in self.drawings(day, day + timedelta(days=7)) if one >= moment)


READY_MADE: Mapping[str, Schedule] = {
    "loto": Schedule((0, 2, 5), time(20, 35), "fdj.fr, Loto, 11/2026"),
    "euromillions": Schedule((1, 4), time(21, 5), "fdj.fr, EuroMillions, 11/2026"),
}


def schedules(session: Session) -> dict[str, Schedule]:
    """Return when each lottery is drawn, as an operator wrote it down, else as it came ready made."""
    found = dict(READY_MADE)
    for name in READY_MADE:
        row = session.get(LotteryDays, name)
        if row is not None:
            found[name] = Schedule(tuple(row.weekdays), time.fromisoformat(row.hour), row.source)
    return found


def schedule(session: Session, name: str) -> Schedule:
    """Return when a lottery is drawn.

    Raises
    ------
    Refusal
        `lottery-unknown`.
    """
    if name not in READY_MADE:
        raise Refusal("lottery-unknown", status=404)
    return schedules(session)[name]


def require_drawing(session: Session, name: str, moment: datetime) -> None:
    """Refuse a day on which a lottery is not drawn, or an hour at which its numbers are not out.

    Raises
    ------
    Refusal
        `draw-no-lottery-then`.
    """
    if name in READY_MADE and not schedules(session)[name].is_drawn(moment):
        raise Refusal("draw-no-lottery-then", status=422)


def write_down(session: Session, actor: Actor, name: str, found: Schedule) -> None:
    """Write down when a lottery is drawn from now on; draws that are frozen keep their day.

    Raises
    ------
    Refusal
        `lottery-unknown`, `lottery-days-missing` or `lottery-source-missing`.
    """
    schedule(session, name)
    if not found.weekdays or not set(found.weekdays) <= set(WEEK):
        raise Refusal("lottery-days-missing", status=422)
    if not found.source.strip() or len(found.source) > LONGEST_SOURCE:
        raise Refusal("lottery-source-missing", status=422)
    values: dict[str, Any] = {
        "weekdays": sorted(found.weekdays),
        "hour": found.hour.isoformat("minutes"),
        "source": found.source.strip(),
        "written_at": database_now(session),
    }
    session.merge(LotteryDays(name=name, **values))
    record(
        session, actor, "lottery-days-written", lottery=name, weekdays=values["weekdays"], hour=values["hour"]
    )
