"""Counts that tell nothing of one person: small ones are hidden, and whatever would give them away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

# Counts under it are hidden, 0 too: from one day to the next, 0 and then 1 would show somebody.
LEAST = 5


def cells(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return counts whose sum is public, without those under five, and without what would give them away.

    Where what is hidden adds up to less than five, where it is one count alone, or where each hidden count
    has to be a four, the smallest of the others is hidden as well.

    Examples
    --------
    >>> cells({"North": 3, "South": 12, "East": 8})
    {'North': None, 'South': 12, 'East': None}
    """
    shown: dict[str, int | None] = {name: count if count >= LEAST else None for name, count in counts.items()}
    for name in sorted(counts, key=lambda one: (counts[one], one)):
        if _is_safe([counts[one] for one, count in shown.items() if count is None]):
            break
        shown[name] = None
    return shown


def _is_safe(hidden: Sequence[int]) -> bool:
    """Tell whether the sum of hidden counts gives none of them away."""
    if not hidden:
        return True
    return len(hidden) > 1 and sum(hidden) >= LEAST and set(hidden) != {LEAST - 1}


@dataclass(frozen=True)
class Period:
    """Some days in a row, and how many signatures came in all of them together."""

    first: date
    last: date
    count: int

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last


def periods(days: Sequence[tuple[date, int]]) -> list[Period]:
    """Return days as they may be published: alone from five signatures on, else together with others.

    Parameters
    ----------
    days : sequence of (date, int)
        Every day in turn, those without a signature too.
    """
    periods: list[Period] = []
    waiting: list[tuple[date, int]] = []
    for day, count in days:
        if count < LEAST:
            waiting.append((day, count))
            continue
        if _is_safe([number for _day, number in waiting]):
            periods += [_together(waiting)] if waiting else []
            waiting = []
        # What cannot be told alone goes into the next day that can.
        periods.append(_together([*waiting, (day, count)]))
        waiting = []
    if waiting:
        rest = _together(waiting)
        if periods and not _is_safe([number for _day, number in waiting]):
            last = periods.pop()
            rest = Period(last.first, rest.last, last.count + rest.count)
        periods.append(rest)
    return periods


def _together(days: Sequence[tuple[date, int]]) -> Period:
    return Period(days[0][0], days[-1][0], sum(count for _day, count in days))
