"""What is wrong with recipes and calendars is listed at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sortition import recipes as recipes_module
from sortition.timetable import (
    Break,
    Calendar,
    Fault,
    Holiday,
    Recipe,
)
from tests.sortition.timetables import (
    CALENDAR,
    wrong,
)


def test_what_is_wrong_with_a_recipe_is_listed_at_once() -> None:
    poor = Recipe("Une agora", 0, "friends", length="years", parts=3, hold_days=5, opens="door")
    assert wrong((poor,)) == [
        ("Une agora", "size", "out-of-range"),
        ("Une agora", "parts", "out-of-range"),
        ("Une agora", "hold_days", "out-of-range"),
        ("Une agora", "key", "bad-key"),
        ("Une agora", "source", "unknown-word"),
        ("Une agora", "length", "unknown-word"),
        ("Une agora", "opens", "unknown-word"),
    ]


def test_what_is_wrong_between_bodies_is_listed() -> None:
    pool = Recipe("pool", 10, "pool", months=2, parent="small", incompatible=("pool", "nobody"))
    small = Recipe("small", 12, "body", parent="pool", length="months", incompatible=("pool",))
    lost = Recipe("lost", 12, "body")
    one, two = Recipe("one", 1, "body", parent="two"), Recipe("two", 1, "body", parent="one")
    itself = Recipe("itself", 1, "body", parent="itself")
    assert wrong((pool, small, lost, one, two, itself, itself)) == [
        ("itself", "key", "duplicate-body"),
        ("pool", "months", "not-with-sessions"),
        ("pool", "incompatible", "unknown-body"),
        ("pool", "incompatible", "unknown-body"),
        ("pool", "parent", "not-from-a-body"),
        ("small", "months", "out-of-range"),
        ("small", "incompatible", "unknown-body"),
        ("small", "parent", "cycle"),
        ("lost", "parent", "unknown-body"),
        ("one", "parent", "cycle"),
        ("two", "parent", "cycle"),
        ("itself", "parent", "cycle"),
        ("itself", "parent", "cycle"),
    ]
    assert wrong(
        (replace(pool, months=None, parent=None, incompatible=()), replace(small, months=1, incompatible=()))
    ) == [("small", "size", "larger-than-parent")]


def test_what_is_wrong_with_a_calendar_is_listed() -> None:
    first, last = date(2027, 2, 1), date(2027, 1, 1)
    calendar = Calendar(
        first,
        last,
        session_first=(2, 29),
        sessions={2026: (first, last)},
        holidays=(Holiday(first, last, "fête"),),
        breaks=(Break("nobody", first, last),),
    )
    assert wrong((), calendar) == [
        ("calendar", "last", "ends-before-it-begins"),
        ("calendar", "sessions", "ends-before-it-begins"),
        ("calendar", "holidays", "ends-before-it-begins"),
        ("calendar", "breaks", "ends-before-it-begins"),
        ("calendar", "session_first", "impossible-day"),
        ("calendar", "breaks", "unknown-body"),
    ]
    overlapping = replace(CALENDAR, sessions={2026: (date(2026, 9, 1), date(2027, 9, 1))})
    assert recipes_module.faults((), overlapping) == [
        Fault("calendar", "sessions", "sessions-overlap", "2027-09-01", "2027-09-02")
    ]
    assert wrong((), replace(CALENDAR, last=date.max)) == [("calendar", "last", "out-of-range")]
