"""Recipes and calendar: how each body of a mandate is made, when it sits, and what is wrong with either."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from sortition.days import DAY, Span
from sortition.errors import SortitionError

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SOURCES = ("pool", "body", "nomination")
LENGTHS = ("session", "months")
OPENINGS = ("calendar", "petition")
MOST_PEOPLE = 100_000
MOST_MONTHS = 120
MOST_DAYS = 365
# In a year without a 29 February: a session has to begin and end on days that every year has.
ANY_YEAR = 2001
YEARS = (1900, 2200)


@dataclass(frozen=True)
class Recipe:
    """How a body is made and renewed.

    Parameters
    ----------
    key : str
        Its name in labels: small letters, digits and hyphens.
    size : int
        How many people sit.
    source : str
        Drawn from the ``"pool"``, from another ``"body"``, or by ``"nomination"``.
    parent : str, optional
        The body whose sitting members it is drawn from.
    length : str
        Of a term: a parliamentary ``"session"``, or so many ``"months"``.
    months : int, optional
        How many.
    parts : int
        1 to renew everybody at once, k to renew a k-th at a time.
    overlap_days : int
        Days by which newcomers begin before those they replace end.
    rest_months : int
        After serving, how long before one may serve in this body again.
    incompatible : tuple of str
        Bodies in which one cannot sit at the same time.
    alternates : int
        How many are drawn beside the members.
    freeze_days, hold_days, answer_days : int
        Days before the first one by which the draw is frozen, held, and invitations are answered.
    opens : str
        By the ``"calendar"``, or by a ``"petition"``: then no term can be planned.
    """

    key: str
    size: int
    source: str
    parent: str | None = None
    length: str = "session"
    months: int | None = None
    parts: int = 1
    overlap_days: int = 0
    rest_months: int = 0
    incompatible: tuple[str, ...] = ()
    alternates: int = 0
    freeze_days: int = 45
    hold_days: int = 30
    answer_days: int = 10
    opens: str = "calendar"

    @property
    def part_sizes(self) -> tuple[int, ...]:
        """Seats of each part, as equal as possible, the larger ones first (Hamilton's rounding)."""
        least, rest = divmod(self.size, self.parts)
        return tuple(least + (part < rest) for part in range(self.parts))


@dataclass(frozen=True)
class Holiday:
    """Days on which nothing is due."""

    first: date
    last: date
    name: str


@dataclass(frozen=True)
class Break:
    """Days that no term of a body covers: it is dissolved or suspended; without a last day, for good."""

    body: str
    first: date
    last: date | None


@dataclass(frozen=True)
class Calendar:
    """When a mandate begins, sits and ends.

    Parameters
    ----------
    first, last : date
        Of the mandate.
    session_first, session_last : tuple of int
        Month and day between which the parliament sits.
    sessions : mapping of int to two dates
        Other dates of the session that would begin in a year.
    holidays : tuple of Holiday
    breaks : tuple of Break
    starts : mapping of str to date
        The day before which a term, named by its label, does not begin: its draw failed, say.
    """

    first: date
    last: date
    session_first: tuple[int, int] = (9, 1)
    session_last: tuple[int, int] = (7, 31)
    sessions: Mapping[int, Span] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    breaks: tuple[Break, ...] = ()
    starts: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with recipes or a calendar.

    Parameters
    ----------
    where : str
        The key of a body, ``"calendar"``, or the label of a term.
    field : str
        Name of the field of the recipe or of the calendar.
    code : str
        What kind of fault this is, such as ``"unknown-body"``.
    found, expected : str
        What stands there, and what would have been accepted.
    """

    where: str
    field: str
    code: str
    found: str
    expected: str


class BadTimetable(SortitionError):  # noqa: N818 - named after what is wrong, as all refusals of this package
    """No timetable follows from these recipes and this calendar; every fault is listed."""

    code = "bad-timetable"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults=len(faults))
        self.faults = tuple(faults)


READY_MADE = (
    Recipe("ordinary-assembly", 100, "pool", rest_months=60, incompatible=("guarantors",), alternates=20),
    Recipe(
        "operational-group",
        12,
        "body",
        parent="ordinary-assembly",
        length="months",
        months=2,
        rest_months=12,
        incompatible=("guarantors", "experts"),
        # Drawn among people who sit already: weeks are enough.
        freeze_days=28,
        hold_days=28,
        answer_days=14,
    ),
    Recipe(
        "guarantors",
        6,
        "pool",
        length="months",
        months=12,
        rest_months=12,
        incompatible=("ordinary-assembly", "operational-group", "experts"),
        alternates=3,
    ),
    Recipe("experts", 3, "nomination", length="months", months=12, incompatible=("guarantors",)),
    Recipe(
        "extraordinary-assembly",
        100,
        "pool",
        length="months",
        months=3,
        incompatible=("guarantors",),
        alternates=20,
        opens="petition",
    ),
)
"""The bodies of a deliberative mandate."""


def sessions(calendar: Calendar) -> tuple[Span, ...]:
    """Return the sessions of a mandate, within its term.

    A session already under way on the mandate's first day is not one of them, unless ``calendar.sessions``
    gives it dates of its own.

    Examples
    --------
    >>> spans = sessions(Calendar(date(2026, 7, 1), date(2031, 6, 30)))
    >>> [f"{first} {last}" for first, last in (spans[0], spans[-1])]
    ['2026-09-01 2027-07-31', '2030-09-01 2031-06-30']
    """
    spans = []
    for year, (first, last) in _all_sessions(calendar).items():
        begins = max(first, calendar.first)
        ends = min(last, calendar.last)
        if begins <= ends and (begins == first or year in calendar.sessions):
            spans.append((begins, ends))
    return tuple(sorted(spans))


def faults(recipes: Sequence[Recipe], calendar: Calendar) -> list[Fault]:
    """Return what is wrong with recipes and a calendar, but for the starts, which name planned terms."""
    wrong: list[Fault] = []
    keys = Counter(recipe.key for recipe in recipes)
    wrong += [Fault(key, "key", "duplicate-body", key, "each body once") for key in keys if keys[key] > 1]
    by_key = {recipe.key: recipe for recipe in recipes}
    for recipe in recipes:
        wrong += _numbers(recipe)
        wrong += _words(recipe)
        wrong += _relations(recipe, by_key)
    wrong += _days(calendar)
    wrong += [
        Fault("calendar", "breaks", "unknown-body", one.body, ", ".join(by_key))
        for one in calendar.breaks
        if one.body not in by_key
    ]
    return wrong


def _all_sessions(calendar: Calendar) -> dict[int, Span]:
    years = range(calendar.first.year - 1, calendar.last.year + 1)
    later = calendar.session_last < calendar.session_first
    regular = {
        year: (date(year, *calendar.session_first), date(year + later, *calendar.session_last))
        for year in years
    }
    return regular | dict(calendar.sessions)


def _numbers(recipe: Recipe) -> Iterator[Fault]:
    most_parts = min(recipe.size, recipe.months or recipe.size)
    bounds = {
        "size": (1, MOST_PEOPLE),
        "parts": (1, max(1, most_parts)),
        "overlap_days": (0, MOST_DAYS),
        "rest_months": (0, MOST_MONTHS),
        "alternates": (0, MOST_PEOPLE),
        "freeze_days": (recipe.hold_days, MOST_DAYS),
        "hold_days": (recipe.answer_days, MOST_DAYS),
        "answer_days": (0, MOST_DAYS),
    }
    if recipe.length == "months":
        bounds["months"] = (1, MOST_MONTHS)
    for name, (least, most) in bounds.items():
        value = getattr(recipe, name)
        if value is None or not least <= value <= most:
            yield Fault(recipe.key, name, "out-of-range", str(value), f"{least}-{most}")


def _words(recipe: Recipe) -> Iterator[Fault]:
    if not KEY.fullmatch(recipe.key):
        yield Fault(recipe.key, "key", "bad-key", recipe.key, "a-z, 0-9, -")
    for name, known in (("source", SOURCES), ("length", LENGTHS), ("opens", OPENINGS)):
        value = getattr(recipe, name)
        if value not in known:
            yield Fault(recipe.key, name, "unknown-word", value, ", ".join(known))
    if recipe.length == "session" and recipe.months is not None:
        yield Fault(recipe.key, "months", "not-with-sessions", str(recipe.months), "nothing")


def _relations(recipe: Recipe, by_key: Mapping[str, Recipe]) -> Iterator[Fault]:
    others = ", ".join(key for key in by_key if key != recipe.key)
    for key in recipe.incompatible:
        if key not in by_key or key in (recipe.key, recipe.parent):
            yield Fault(recipe.key, "incompatible", "unknown-body", key, others)
    if recipe.source != "body":
        if recipe.parent is not None:
            yield Fault(recipe.key, "parent", "not-from-a-body", recipe.parent, "nothing")
        return
    if recipe.parent not in by_key:
        yield Fault(recipe.key, "parent", "unknown-body", str(recipe.parent), others)
        return
    seen = [recipe.key]
    above = by_key.get(recipe.parent or "")
    while above is not None and above.key not in seen:
        seen.append(above.key)
        above = by_key.get(above.parent or "")
    if above is not None:
        yield Fault(recipe.key, "parent", "cycle", " < ".join([*seen, above.key]), others)
    elif by_key[seen[1]].size < recipe.size:
        yield Fault(recipe.key, "size", "larger-than-parent", str(recipe.size), f"1-{by_key[seen[1]].size}")


def _days(calendar: Calendar) -> Iterator[Fault]:
    spans = [("last", calendar.first, calendar.last)]
    spans += [("sessions", first, last) for first, last in calendar.sessions.values()]
    spans += [("holidays", one.first, one.last) for one in calendar.holidays]
    spans += [("breaks", one.first, one.last or one.first) for one in calendar.breaks]
    for name, first, last in spans:
        if last < first:
            yield Fault("calendar", name, "ends-before-it-begins", str(last), str(first))
        if not YEARS[0] <= min(first, last).year <= max(first, last).year <= YEARS[1]:
            yield Fault("calendar", name, "out-of-range", f"{first} {last}", f"{YEARS[0]}-{YEARS[1]}")
            return
    impossible = False
    for name in ("session_first", "session_last"):
        month, day = getattr(calendar, name)
        try:
            date(ANY_YEAR, month, day)
        except ValueError:
            impossible = True
            yield Fault("calendar", name, "impossible-day", f"{month}-{day}", "a day of every year")
    if not impossible:
        for (_, last), (first, _) in pairwise(sorted(_all_sessions(calendar).values())):
            if first <= last:
                yield Fault("calendar", "sessions", "sessions-overlap", str(first), str(last + DAY))
