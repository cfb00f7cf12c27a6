"""What becomes of a timetable when something changes, and what was lived is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sortition.timetable import (
    READY_MADE,
    Break,
    PlannedTerm,
    Recipe,
    differences,
    replanned,
    timetable,
)
from tests.sortition.timetables import (
    CALENDAR,
    GUARANTORS,
    days,
    named,
    of,
)


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
