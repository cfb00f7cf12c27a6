from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortition import recipes as recipes_module
from sortition.days import shared
from sortition.timetable import (
    READY_MADE,
    BadTimetable,
    Break,
    Calendar,
    Fault,
    Holiday,
    PlannedTerm,
    Recipe,
    differences,
    gaps,
    replanned,
    sessions,
    timetable,
)

DAY = timedelta(days=1)
CALENDAR = Calendar(date(2026, 7, 1), date(2031, 6, 30))
ASSEMBLY, GROUP, GUARANTORS, EXPERTS, _ = READY_MADE


def of(terms: tuple[PlannedTerm, ...], body: str) -> list[PlannedTerm]:
    return [term for term in terms if term.body == body]


def named(terms: tuple[PlannedTerm, ...], label: str) -> PlannedTerm:
    return next(term for term in terms if term.label == label)


def days(term: PlannedTerm) -> tuple[str, str]:
    return str(term.first), str(term.last)


def wrong(recipes: tuple[Recipe, ...], calendar: Calendar = CALENDAR) -> list[tuple[str, str, str]]:
    with pytest.raises(BadTimetable) as caught:
        timetable(recipes, calendar)
    assert caught.value.parameters == {"faults": len(caught.value.faults)}
    return [(fault.where, fault.field, fault.code) for fault in caught.value.faults]


def test_a_mandate_of_five_years_has_five_sessions() -> None:
    found = sessions(CALENDAR)
    assert len(found) == 5
    assert found[0] == (date(2026, 9, 1), date(2027, 7, 31))
    assert found[-1] == (date(2030, 9, 1), date(2031, 6, 30))


def test_a_session_under_way_counts_only_if_the_calendar_gives_its_days() -> None:
    late = replace(CALENDAR, first=date(2026, 10, 1))
    assert sessions(late)[0][0] == date(2027, 9, 1)
    told = replace(late, sessions={2026: (date(2026, 9, 1), date(2027, 7, 31))})
    assert sessions(told)[0] == (date(2026, 10, 1), date(2027, 7, 31))


def test_a_session_may_lie_within_one_year() -> None:
    found = sessions(replace(CALENDAR, session_first=(1, 10), session_last=(6, 30)))
    assert found[0] == (date(2027, 1, 10), date(2027, 6, 30))


def test_the_ready_made_bodies_have_their_terms() -> None:
    terms = timetable(READY_MADE, CALENDAR)
    assert [len(of(terms, recipe.key)) for recipe in READY_MADE] == [5, 29, 5, 5, 0]
    assert days(named(terms, "ordinary-assembly/1")) == ("2026-09-01", "2027-07-31")
    assert days(named(terms, "operational-group/6")) == ("2027-07-01", "2027-07-31")
    assert days(named(terms, "operational-group/7")) == ("2027-09-01", "2027-10-31")
    assert named(terms, "operational-group/7").parent == "ordinary-assembly/2"
    assert days(named(terms, "guarantors/5")) == ("2030-07-01", "2031-06-30")
    assert gaps(terms, READY_MADE, CALENDAR) == ()


def test_draws_are_due_before_the_term_and_never_before_the_mandate() -> None:
    terms = timetable(READY_MADE, CALENDAR)
    assembly = named(terms, "ordinary-assembly/1")
    assert (assembly.freeze_by, assembly.hold_by) == (date(2026, 7, 18), date(2026, 8, 2))
    assert assembly.answer_by == date(2026, 8, 22)
    first = named(terms, "guarantors/1")
    assert (first.freeze_by, first.hold_by, first.answer_by) == (CALENDAR.first,) * 3
    nominated = named(terms, "experts/2")
    assert (nominated.freeze_by, nominated.hold_by) == (None, None)
    assert nominated.answer_by == date(2027, 6, 21)


def test_members_are_drawn_from_once_they_have_answered() -> None:
    early = replace(GROUP, freeze_days=60, hold_days=50, answer_days=40)
    terms = timetable((ASSEMBLY, early, GUARANTORS, EXPERTS), CALENDAR)
    group, assembly = named(terms, "operational-group/1"), named(terms, "ordinary-assembly/1")
    assert group.freeze_by is None
    assert group.hold_by == group.answer_by == assembly.answer_by


def test_a_draw_needs_the_parent_and_the_incompatible_bodies_that_are_due_earlier() -> None:
    terms = timetable(READY_MADE, CALENDAR)
    assert named(terms, "guarantors/1").needs == ()
    assert named(terms, "ordinary-assembly/1").needs == ("guarantors/1",)
    assert named(terms, "experts/1").needs == ("guarantors/1",)
    assert named(terms, "operational-group/1").needs == (
        "ordinary-assembly/1",
        "guarantors/1",
        "experts/1",
    )


def test_a_deadline_in_a_holiday_moves_to_the_last_working_day_before() -> None:
    # 22 August 2026 is a Saturday; the Sunday before the second holiday is no working day either.
    summer = Holiday(date(2026, 8, 17), date(2026, 8, 23), "été")
    calendar = replace(CALENDAR, holidays=(summer, Holiday(date(2026, 8, 2), date(2026, 8, 2), "fête")))
    term = named(timetable(READY_MADE, calendar), "ordinary-assembly/1")
    assert term.answer_by == date(2026, 8, 14)
    assert term.hold_by == date(2026, 7, 31)
    whole = replace(CALENDAR, holidays=(Holiday(date(2026, 1, 1), date(2026, 12, 31), "année"),))
    assert named(timetable(READY_MADE, whole), "ordinary-assembly/1").hold_by == CALENDAR.first


def test_deadlines_stay_in_order_where_a_holiday_moves_one_before_the_other() -> None:
    # Held on Saturday the 18th at the latest, but answers are due on the Friday before.
    recipe = replace(ASSEMBLY, freeze_days=45, hold_days=45, answer_days=44)
    sunday = Holiday(date(2026, 7, 19), date(2026, 7, 19), "fête")
    term = timetable((replace(recipe, incompatible=()),), replace(CALENDAR, holidays=(sunday,)))[0]
    assert (term.freeze_by, term.hold_by, term.answer_by) == (date(2026, 7, 17),) * 3


def test_a_staggered_body_is_renewed_by_parts() -> None:
    thirds = Recipe("council", 40, "pool", length="months", months=12, parts=3)
    terms = timetable((thirds,), CALENDAR)
    assert [(term.part, term.size, *days(term)) for term in terms[:4]] == [
        (1, 14, "2026-07-01", "2026-10-31"),
        (2, 13, "2026-07-01", "2027-02-28"),
        (3, 13, "2026-07-01", "2027-06-30"),
        (1, 14, "2026-11-01", "2027-10-31"),
    ]
    assert gaps(terms, (thirds,), CALENDAR) == ()


def test_a_part_goes_on_from_one_session_into_the_next() -> None:
    halves = Recipe("council", 40, "pool", parts=2)
    terms = timetable((halves,), CALENDAR)
    assert [(term.part, *days(term)) for term in terms[:3]] == [
        (1, "2026-09-01", "2027-02-14"),
        (2, "2026-09-01", "2027-07-31"),
        (1, "2027-02-15", "2028-02-14"),
    ]
    assert terms[-1].last == date(2031, 6, 30)


def test_members_of_a_staggered_body_form_groups_between_its_renewals() -> None:
    council = Recipe("council", 40, "pool", length="months", months=12, parts=2)
    group = Recipe("group", 10, "body", parent="council", length="months", months=4, parts=2)
    bench = Recipe("bench", 4, "body", parent="council", parts=2)
    found = timetable((group, bench, council), CALENDAR)
    assert gaps(found, (group, bench, council), CALENDAR) == ()
    assert [(term.part, *days(term), term.parent) for term in of(found, "group")[:4]] == [
        (1, "2026-07-01", "2026-08-31", "council/2"),
        (2, "2026-07-01", "2026-10-31", "council/2"),
        (1, "2026-09-01", "2026-12-31", "council/2"),
        (2, "2026-11-01", "2026-12-31", "council/2"),
    ]
    # Half of the days that it serves in the first half of the council's year.
    assert days(of(found, "bench")[0]) == ("2026-09-01", "2026-10-31")


def test_newcomers_begin_before_those_they_replace_end() -> None:
    recipe = replace(GUARANTORS, incompatible=(), overlap_days=10)
    assembly = replace(ASSEMBLY, incompatible=(), overlap_days=10)
    terms = timetable((recipe, assembly, replace(GROUP, incompatible=())), CALENDAR)
    assert days(named(terms, "guarantors/2")) == ("2027-06-21", "2028-06-30")
    assert days(named(terms, "ordinary-assembly/2")) == ("2027-07-22", "2028-07-31")
    # Groups of newcomers wait for the session.
    assert days(named(terms, "operational-group/7")) == ("2027-09-01", "2027-10-31")


def test_an_overlap_reaches_neither_before_the_replaced_nor_across_a_break() -> None:
    recipe = Recipe("council", 10, "pool", length="months", months=1, overlap_days=40)
    terms = timetable(
        (recipe,), replace(CALENDAR, breaks=(Break("council", date(2026, 9, 30), date(2026, 9, 30)),))
    )
    assert [days(term) for term in terms[:4]] == [
        ("2026-07-01", "2026-07-31"),
        ("2026-07-01", "2026-08-31"),
        ("2026-07-23", "2026-09-29"),
        ("2026-10-01", "2026-10-31"),
    ]


def test_a_body_dissolved_and_resumed_keeps_the_rest_of_the_timetable() -> None:
    calendar = replace(CALENDAR, breaks=(Break("ordinary-assembly", date(2027, 1, 10), date(2027, 2, 9)),))
    terms = timetable(READY_MADE, calendar)
    assert [days(term) for term in of(terms, "ordinary-assembly")[:3]] == [
        ("2026-09-01", "2027-01-09"),
        ("2027-02-10", "2027-07-31"),
        ("2027-09-01", "2028-07-31"),
    ]
    assert days(of(terms, "operational-group")[2]) == ("2027-01-01", "2027-01-09")
    assert days(of(terms, "operational-group")[3]) == ("2027-02-10", "2027-04-09")
    assert gaps(terms, READY_MADE, calendar) == (
        ("ordinary-assembly", date(2027, 1, 10), date(2027, 2, 9)),
        ("operational-group", date(2027, 1, 10), date(2027, 2, 9)),
    )


def test_a_body_dissolved_for_good_has_no_later_term() -> None:
    calendar = replace(CALENDAR, breaks=(Break("guarantors", date(2027, 1, 1), None),))
    terms = timetable(READY_MADE, calendar)
    assert [days(term) for term in of(terms, "guarantors")] == [("2026-07-01", "2026-12-31")]


def test_a_term_that_starts_late_takes_its_groups_with_it() -> None:
    calendar = replace(CALENDAR, starts={"ordinary-assembly/1": date(2026, 10, 1)})
    terms = timetable(READY_MADE, calendar)
    assert days(named(terms, "ordinary-assembly/1")) == ("2026-10-01", "2027-07-31")
    assert days(named(terms, "operational-group/1")) == ("2026-10-01", "2026-11-30")
    assert named(terms, "ordinary-assembly/1").hold_by == date(2026, 9, 1)
    assert gaps(terms, READY_MADE, calendar)[0] == ("ordinary-assembly", date(2026, 9, 1), date(2026, 9, 30))
    earlier = replace(CALENDAR, starts={"ordinary-assembly/1": date(2026, 8, 1)})
    assert timetable(READY_MADE, earlier) == timetable(READY_MADE, CALENDAR)


def test_a_start_names_a_term_and_a_day_of_it() -> None:
    starts = {"ordinary-assembly/9": date(2026, 10, 1), "guarantors/1": date(2027, 7, 1)}
    assert wrong(READY_MADE, replace(CALENDAR, starts=starts)) == [
        ("ordinary-assembly/9", "starts", "unknown-term"),
        ("guarantors/1", "starts", "starts-after-its-end"),
    ]


def test_the_session_is_shifted_while_it_is_lived() -> None:
    lived, on = timetable(READY_MADE, CALENDAR), date(2027, 1, 15)
    calendar = replace(CALENDAR, sessions={2026: (date(2026, 9, 1), date(2027, 8, 15))})
    after = replanned(lived, READY_MADE, calendar, on)
    assert days(named(after, "ordinary-assembly/1")) == ("2026-09-01", "2027-08-15")
    assert {(change.label, change.kind) for change in differences(lived, after)} == {
        ("ordinary-assembly/1", "moved"),
        ("operational-group/6", "moved"),
    }


def test_the_mandate_ends_early() -> None:
    lived, on = timetable(READY_MADE, CALENDAR), date(2027, 1, 15)
    calendar = replace(CALENDAR, last=date(2027, 3, 31))
    after = replanned(lived, READY_MADE, calendar, on)
    assert days(named(after, "ordinary-assembly/1")) == ("2026-09-01", "2027-03-31")
    assert days(named(after, "operational-group/4")) == ("2027-03-01", "2027-03-31")
    assert named(after, "operational-group/2") == named(lived, "operational-group/2")
    kinds = {change.label: change.kind for change in differences(lived, after)}
    assert kinds["guarantors/1"] == "moved"
    assert kinds["guarantors/2"] == "removed"
    # Nothing that was lived is taken back.
    late = replanned(lived, READY_MADE, replace(CALENDAR, last=date(2026, 12, 31)), on)
    assert named(late, "ordinary-assembly/1").last == date(2027, 1, 14)


def test_a_session_moved_ahead_ends_the_term_and_does_not_join_the_next() -> None:
    lived, on = timetable(READY_MADE, CALENDAR), date(2027, 1, 15)
    calendar = replace(CALENDAR, session_first=(7, 1), session_last=(5, 31))
    after = replanned(lived, READY_MADE, calendar, on)
    assert days(named(after, "ordinary-assembly/1")) == ("2026-09-01", "2027-05-31")
    assert days(named(after, "ordinary-assembly/2")) == ("2027-07-01", "2028-05-31")


def test_a_body_is_dissolved_while_it_sits_and_resumes_with_new_numbers() -> None:
    lived, on = timetable(READY_MADE, CALENDAR), date(2027, 1, 15)
    calendar = replace(CALENDAR, breaks=(Break("ordinary-assembly", date(2027, 1, 10), date(2027, 2, 9)),))
    after = replanned(lived, READY_MADE, calendar, on)
    assert days(named(after, "ordinary-assembly/1")) == ("2026-09-01", "2027-01-14")
    assert days(named(after, "ordinary-assembly/2")) == ("2027-02-10", "2027-07-31")
    assert days(named(after, "operational-group/3")) == ("2027-01-01", "2027-01-14")
    assert named(after, "operational-group/4").parent == "ordinary-assembly/2"
    assert ("ordinary-assembly/6", "added") in {
        (change.label, change.kind) for change in differences(lived, after)
    }


def test_a_break_still_to_come_ends_a_term_on_its_eve() -> None:
    lived = timetable(READY_MADE, CALENDAR)
    calendar = replace(CALENDAR, breaks=(Break("guarantors", date(2027, 3, 1), None),))
    after = replanned(lived, READY_MADE, calendar, date(2027, 1, 15))
    assert [days(term) for term in of(after, "guarantors")] == [("2026-07-01", "2027-02-28")]


def test_a_postponed_term_keeps_its_number() -> None:
    calendar = replace(CALENDAR, starts={"ordinary-assembly/1": date(2026, 10, 1)})
    lived = timetable(READY_MADE, calendar)
    assert replanned(lived, READY_MADE, calendar, date(2026, 9, 15)) == lived


def test_a_body_that_the_charter_drops_ends_on_the_eve() -> None:
    lived = timetable(READY_MADE, CALENDAR)
    others = (replace(GUARANTORS, incompatible=()),)
    after = replanned(lived, others, CALENDAR, date(2027, 1, 15))
    gone = [term for term in after if term.body != "guarantors"]
    assert {term.label for term in gone} >= {"ordinary-assembly/1", "experts/1", "operational-group/1"}
    assert max(term.last for term in gone) == date(2027, 1, 14)


def test_new_parts_begin_once_the_old_ones_have_ended() -> None:
    whole = Recipe("council", 40, "pool", length="months", months=12)
    halves = replace(whole, parts=2)
    lived = timetable((whole,), CALENDAR)
    after = replanned(lived, (halves,), CALENDAR, date(2026, 8, 1))
    # It ends where the first part now ends.
    assert [(term.part, *days(term)) for term in after[:4]] == [
        (1, "2026-07-01", "2026-12-31"),
        (2, "2027-01-01", "2027-06-30"),
        (1, "2027-01-01", "2027-12-31"),
        (2, "2027-07-01", "2028-06-30"),
    ]
    back = replanned(timetable((halves,), CALENDAR), (whole,), CALENDAR, date(2026, 8, 1))
    assert [(term.number, term.part, *days(term)) for term in back[:3]] == [
        (1, 1, "2026-07-01", "2027-06-30"),
        (2, 2, "2026-07-01", "2027-06-30"),
        (3, 1, "2027-07-01", "2028-06-30"),
    ]


def test_an_extraordinary_assembly_is_kept_and_ends_with_the_mandate() -> None:
    extraordinary = PlannedTerm(
        "extraordinary-assembly", 1, 1, 100, date(2027, 2, 1), date(2027, 4, 30), None, None,
        date(2027, 1, 20), None, (),
    )  # fmt: skip
    lived = (*timetable(READY_MADE, CALENDAR), extraordinary)
    on = date(2027, 1, 15)
    assert extraordinary in replanned(lived, READY_MADE, CALENDAR, on)
    early = replanned(lived, READY_MADE, replace(CALENDAR, last=date(2027, 3, 31)), on)
    assert named(early, "extraordinary-assembly/1").last == date(2027, 3, 31)
    earlier = replanned(lived, READY_MADE, replace(CALENDAR, last=date(2027, 1, 31)), on)
    assert of(earlier, "extraordinary-assembly") == []


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
        most = min(3, lengths.get("months", 3))  # type: ignore[type-var]
        found.append(
            Recipe(
                f"body-{number}",
                12,
                "body" if above else draw(st.sampled_from(["pool", "nomination"])),
                parent=above.key if above else None,
                parts=draw(st.integers(1, most)),  # type: ignore[arg-type]
                overlap_days=draw(st.sampled_from([0, 0, 7, 45])),
                incompatible=tuple(one.key for one in found if above is not one and draw(st.booleans())),
                **lengths,  # type: ignore[arg-type]
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
