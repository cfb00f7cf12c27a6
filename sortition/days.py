"""Spans of days: what they share, what is left of them, and the same day some months later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

Span = tuple[date, date]
"""The first and the last of days that follow one another."""

DAY = timedelta(days=1)
MONTHS = 12


def shared(one: Span, other: Span) -> int:
    """Return how many days two spans have in common."""
    return max(0, (min(one[1], other[1]) - max(one[0], other[0])).days + 1)


def common(span: Span, others: Iterable[Span]) -> list[Span]:
    """Return what a span has in common with each of others, where there is anything."""
    return [(max(span[0], one[0]), min(span[1], one[1])) for one in others if shared(span, one)]


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """Return the days of spans that are in no hole.

    Examples
    --------
    >>> year = (date(2026, 1, 1), date(2026, 12, 31))
    >>> [str(first) for first, _ in without([year], [(date(2026, 8, 1), date(2026, 8, 31))])]
    ['2026-01-01', '2026-09-01']
    """
    pieces = list(spans)
    for first, last in holes:
        pieces = [
            piece
            for span in pieces
            for piece in ((span[0], min(span[1], first - DAY)), (max(span[0], last + DAY), span[1]))
            if piece[0] <= piece[1]
        ]
    return pieces


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of that month.

    Examples
    --------
    >>> str(months_later(date(2026, 8, 31), 6))
    '2027-02-28'
    """
    years, month = divmod(day.month - 1 + months, MONTHS)
    first = date(day.year + years, month + 1, 1)
    following = date(first.year + first.month // MONTHS, first.month % MONTHS + 1, 1)
    return min(first + (day.day - 1) * DAY, following - DAY)
