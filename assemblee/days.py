"""Days as people live them: those of a zone, right on the two nights when its clocks change."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

INSTANT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)


def day_in(moment: datetime, zone: str) -> date:
    """Return the day that a moment belongs to in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, zone: str) -> datetime:
    """Return the last instant of a day in a zone.

    It is not the midnight that follows, which belongs to the next day: whoever shows a deadline, as a day or
    as an hour, in a page or in a file, names the day that was meant.
    """
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC) - INSTANT


def days_after(moment: datetime, number: int, zone: str) -> datetime:
    """Return the end of the day that lies so many days after that of a moment.

    A deadline of so many days is a day: it never ends at the hour at which it happened to begin.
    """
    return end_of_day(day_in(moment, zone) + timedelta(days=number), zone)


def is_skipped(written: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an hour, written without a zone, is one that the clocks of a zone never show."""
    if written.year in (MINYEAR, MAXYEAR):
        # Beyond them there is no hour in UTC, and nobody means these.
        return False
    return written.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != written


def comes_twice(written: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an hour, written without a zone, is one that the clocks of a zone show twice."""
    first, second = (written.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    # An hour that is skipped has the two the other way round.
    return first is not None and second is not None and first > second


def shown_twice(written: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when until when the clocks of a zone show twice what surrounds an hour that comes twice."""
    first = last = written.replace(second=0, microsecond=0)
    while comes_twice(first - MINUTE, zone):
        first -= MINUTE
    while comes_twice(last, zone):
        last += MINUTE
    return first, last
