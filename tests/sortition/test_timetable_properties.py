"""Whatever the charter, days are covered, and what was lived is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from sortition.days import shared
from sortition.timetable import (
    BadTimetable,
    Break,
    Calendar,
    Holiday,
    PlannedTerm,
    Recipe,
    differences,
    gaps,
    replanned,
    timetable,
)
from tests.sortition.timetables import (
    DAY,
)

FIRST = st.dates(date(2025, 1, 1), date(2027, 12, 31))
CALENDARS = st.builds(
    lambda first, length, begins, ends, holidays: Calendar(
        first,
        first + length * DAY,
        (begins, 1),
        (ends, 28),
        holidays=tuple(Holiday(day, day + 9 * DAY, "fête") for day in holidays),
    ),
    FIRST,
    st.integers(300, 1200),
    st.integers(1, 12),
    st.integers(1, 12),
    st.lists(FIRST, max_size=4),
).filter(lambda one: one.session_last[0] != one.session_first[0])
LENGTHS = st.one_of(
    st.just({"length": "session"}),
    st.integers(1, 14).map(lambda months: {"length": "months", "months": months}),
)


@st.composite
def mandates(draw: st.DrawFn) -> tuple[tuple[Recipe, ...], Calendar]:
    found: list[Recipe] = []
    for number in range(draw(st.integers(1, 4))):
        above = draw(st.sampled_from([None, *found]))
        lengths = draw(LENGTHS)
        most = min(3, lengths.get("months", 3))
        found.append(
            Recipe(
                f"body-{number}",
                12,
                "body" if above else draw(st.sampled_from(["pool", "nomination"])),
                parent=above.key if above else None,
                parts=draw(st.integers(1, most)),
                overlap_days=draw(st.sampled_from([0, 0, 7, 45])),
                incompatible=tuple(one.key for one in found if above is not one and draw(st.booleans())),
                **lengths,
            )
        )
    return tuple(draw(st.permutations(found))), draw(CALENDARS)


def keep_the_rules(terms: tuple[PlannedTerm, ...], recipes: tuple[Recipe, ...], calendar: Calendar) -> None:
    by_label = {term.label: term for term in terms}
    by_key = {recipe.key: recipe for recipe in recipes}
    assert len(by_label) == len(terms)
    for term in terms:
        recipe = by_key[term.body]
        assert calendar.first <= term.first <= term.last <= calendar.last
        due = [term.freeze_by, term.hold_by, term.answer_by, term.first]
        told = [day for day in due if day is not None]
        assert told == sorted(told)
        assert told[0] >= calendar.first
        assert set(term.needs) <= set(by_label)
        if term.parent:
            above = by_label[term.parent]
            assert above.first <= term.first <= term.last <= above.last
            assert term.hold_by
            assert term.hold_by >= above.answer_by
        later = [
            one
            for one in terms
            if (one.body, one.part) == (term.body, term.part) and one.number > term.number
        ]
        for one in later:
            assert one.first >= term.first
            both = shared((term.first, term.last), (one.first, one.last))
            assert both <= recipe.overlap_days


@settings(max_examples=50, deadline=None, derandomize=True)
@given(mandates())
def test_every_day_is_covered_and_nothing_overlaps_but_what_should(
    mandate: tuple[tuple[Recipe, ...], Calendar],
) -> None:
    recipes, calendar = mandate
    terms = timetable(recipes, calendar)
    keep_the_rules(terms, recipes, calendar)
    assert gaps(terms, recipes, calendar) == ()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(mandates(), st.integers(-30, 1300), st.data())
def test_a_calendar_that_does_not_change_changes_nothing(
    mandate: tuple[tuple[Recipe, ...], Calendar], days_later: int, data: st.DataObject
) -> None:
    recipes, calendar = mandate
    planned = timetable(recipes, calendar)
    broken = data.draw(breaks(recipes, calendar))
    late = data.draw(st.lists(st.sampled_from(planned), max_size=2)) if planned else []
    starts = {term.label: min(term.last, term.first + 20 * DAY) for term in late}
    try:
        calendar = replace(calendar, breaks=broken, starts=starts)
        terms = timetable(recipes, calendar)
    except BadTimetable:
        calendar = replace(calendar, starts={})
        terms = timetable(recipes, calendar)
    on = calendar.first + days_later * DAY
    assert differences(terms, replanned(terms, recipes, calendar, on)) == ()
    assert replanned(terms, recipes, calendar, on) == terms


@settings(max_examples=50, deadline=None, derandomize=True)
@given(mandates(), st.integers(1, 1000), st.integers(-200, 200), st.data())
def test_what_was_lived_is_kept_whatever_changes(
    mandate: tuple[tuple[Recipe, ...], Calendar], days_later: int, shift: int, data: st.DataObject
) -> None:
    recipes, calendar = mandate
    lived, on = timetable(recipes, calendar), calendar.first + days_later * DAY
    changed = replace(
        calendar,
        last=max(calendar.last + shift * DAY, on),
        session_first=(data.draw(st.integers(1, 12)), 15),
        session_last=(data.draw(st.integers(1, 12)), 14),
        breaks=data.draw(breaks(recipes, calendar)),
    )
    after = replanned(lived, recipes, changed, on)
    found = {term.label: term for term in after}
    for term in lived:
        if term.first < on:
            kept = found[term.label]
            assert replace(kept, last=term.last) == term
            assert kept.last == term.last or min(kept.last, term.last) >= on - DAY
    new = [term for term in after if term.label not in {one.label for one in lived if one.first < on}]
    assert all(term.first >= on for term in new)
    for term in after:
        for one in changed.breaks:
            if one.body == term.body:
                hole = (max(one.first, on), one.last or changed.last)
                assert not shared(hole, (term.first, term.last))
        if term.parent:
            above = found[term.parent]
            assert above.first <= term.first <= term.last <= above.last
    assert bool(differences(lived, after)) == (set(lived) != set(after))


def breaks(recipes: tuple[Recipe, ...], calendar: Calendar) -> st.SearchStrategy[tuple[Break, ...]]:
    return st.lists(
        st.builds(
            lambda body, first, length: Break(
                body,
                calendar.first + first * DAY,
                None if length > 150 else calendar.first + (first + length) * DAY,
            ),
            st.sampled_from([recipe.key for recipe in recipes]),
            st.integers(0, 1000),
            st.integers(0, 160),
        ),
        max_size=2,
    ).map(tuple)
