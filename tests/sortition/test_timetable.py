"""Every term of a mandate, with its days and deadlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sortition.timetable import (
    READY_MADE,
    Break,
    Holiday,
    Recipe,
    gaps,
    sessions,
    timetable,
)
from tests.sortition.timetables import (
    ASSEMBLY,
    CALENDAR,
    EXPERTS,
    GROUP,
    GUARANTORS,
    days,
    named,
    of,
    wrong,
)


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
