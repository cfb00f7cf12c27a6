"""A mandate of five years with the ready-made bodies, and how tests look at its terms."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sortition.timetable import (
    READY_MADE,
    BadTimetable,
    Calendar,
    PlannedTerm,
    Recipe,
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
