"""The days that a body should serve, and how its length and its parts cut them into stints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sortition.days import DAY, Span, months_later
from sortition.recipes import Calendar, Recipe, sessions


@dataclass(frozen=True)
class Stint:
    """Days that one part of a body serves, before breaks are cut out."""

    first: date
    last: date
    parent: str | None = None

    @property
    def span(self) -> Span:
        """Both days."""
        return self.first, self.last


def expected(recipe: Recipe, recipes: Sequence[Recipe], calendar: Calendar) -> list[Span]:
    """Return the days that a body should serve: the sessions, if it or one above it follows them."""
    by_key = {one.key: one for one in recipes}
    above: Recipe | None = recipe
    while above is not None:
        if above.length == "session":
            return list(sessions(calendar))
        above = by_key[above.parent] if above.parent else None
    return [(calendar.first, calendar.last)]


def stints(recipe: Recipe, part: int, windows: Sequence[Stint]) -> list[Stint]:
    """Return what one part of a body serves, one stint a term."""
    if recipe.months is not None:
        served = [stint for window in windows for stint in _by_months(recipe, recipe.months, part, window)]
    elif part == recipe.parts:
        served = list(windows)
    else:
        cuts = [
            window.first + ((window.last - window.first).days + 1) * part // recipe.parts * DAY
            for window in windows
        ]
        if recipe.parent is None:
            # A part goes on from one session into the next.
            firsts = [window.first for window in windows[:1]] + cuts
            lasts = [cut - DAY for cut in cuts] + [window.last for window in windows[-1:]]
            served = [Stint(first, last) for first, last in zip(firsts, lasts, strict=True)]
        else:
            served = [
                stint
                for window, cut in zip(windows, cuts, strict=True)
                for stint in (replace(window, last=cut - DAY), replace(window, first=cut))
            ]
    return [stint for stint in served if stint.first <= stint.last]


def _by_months(recipe: Recipe, months: int, part: int, window: Stint) -> Iterator[Stint]:
    first, months_from = window.first, months * part // recipe.parts
    while (following := months_later(window.first, months_from)) <= window.last:
        yield Stint(first, following - DAY, window.parent)
        first, months_from = following, months_from + months
    yield Stint(first, window.last, window.parent)
