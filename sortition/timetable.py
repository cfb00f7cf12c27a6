"""The timetable of a mandate: each term of each body, when its draw is due, and what a change would move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from sortition.days import DAY, Span, common, shared, without
from sortition.recipes import (
    READY_MADE,
    BadTimetable,
    Break,
    Calendar,
    Fault,
    Holiday,
    Recipe,
    faults,
    sessions,
)
from sortition.stints import Stint, expected, stints

__all__ = [
    "READY_MADE",
    "BadTimetable",
    "Break",
    "Calendar",
    "Change",
    "Fault",
    "Holiday",
    "PlannedTerm",
    "Recipe",
    "differences",
    "gaps",
    "replanned",
    "sessions",
    "timetable",
]
SATURDAY = 5


@dataclass(frozen=True)
class PlannedTerm:
    """One term of a body, or of one of its parts.

    Parameters
    ----------
    body : str
        Key of its recipe.
    number : int
        From 1, in each body.
    part : int
        From 1; always 1 where everybody is renewed at once.
    size : int
        How many people sit in this part.
    first, last : date
        Both are days of the term.
    freeze_by, hold_by, answer_by : date
        When the draw is frozen, held, and invitations are answered at the latest. Nothing is drawn for a
        nomination, and nothing is frozen for a draw among the members of a body: ``None``.
    parent : str or None
        Label of the term whose members it is drawn from.
    needs : tuple of str
        Labels of the terms that have to be drawn and answered before this one is: its parent's, and those of
        incompatible bodies that sit at the same time and are due earlier.
    """

    body: str
    number: int
    part: int
    size: int
    first: date
    last: date
    freeze_by: date | None
    hold_by: date | None
    answer_by: date
    parent: str | None
    needs: tuple[str, ...]

    @property
    def label(self) -> str:
        """Its name, such as ``guarantors/2``."""
        return f"{self.body}/{self.number}"


@dataclass(frozen=True)
class Change:
    """What becomes of one term between two timetables."""

    label: str
    before: PlannedTerm | None
    after: PlannedTerm | None

    @property
    def kind(self) -> str:
        """``"added"``, ``"removed"`` or ``"moved"``."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "moved"


def timetable(recipes: Sequence[Recipe], calendar: Calendar) -> tuple[PlannedTerm, ...]:
    """Return every term of every body, by body in the order of the recipes, then by number.

    Bodies of the length of a session sit in the sessions; bodies of so many months count them from the
    mandate's first day, or from the first day of each term of the body that they are drawn from. A body of k
    parts has k terms at a time, which begin a k-th of a length apart; the first ones are shorter. What
    follows a break ends on the day planned without it, so that the rest of the timetable stays.

    Deadlines are counted back from a term's first day. One that falls in a holiday moves to the last working
    day before it, and none lies before the mandate's first day: a term that begins on that very day has all
    its deadlines there. A draw among the members of a body is not due before they have answered.

    Raises
    ------
    BadTimetable
        With every fault of the recipes and the calendar.

    Examples
    --------
    >>> terms = timetable(READY_MADE, Calendar(date(2026, 7, 1), date(2031, 6, 30)))
    >>> [sum(term.body == recipe.key for term in terms) for recipe in READY_MADE]
    [5, 29, 5, 5, 0]
    """
    return _Planner(recipes, calendar, (), calendar.first).terms()


def replanned(
    lived: Sequence[PlannedTerm], recipes: Sequence[Recipe], calendar: Calendar, on: date
) -> tuple[PlannedTerm, ...]:
    """Return the timetable from a day on, keeping what has been lived before it.

    A term that began before that day keeps all but its last day. If that one is still to come, it moves to
    where the calendar has it now; should that be in the past, or nowhere, the term ends on the eve of ``on``.
    All later terms are computed anew, with the numbers that no term has used. Their deadlines may lie before
    ``on``: it is for the caller to say that they are late. Where the parts of a body have changed, the new
    ones begin once the terms of the old ones have ended. Terms opened by a petition are kept, cut at the end
    of the mandate and by breaks.

    Raises
    ------
    BadTimetable
        With every fault of the recipes and the calendar.
    """
    return _Planner(recipes, calendar, lived, on).terms()


def differences(before: Iterable[PlannedTerm], after: Iterable[PlannedTerm]) -> tuple[Change, ...]:
    """Return the terms that differ between two timetables, in the order of both."""
    old = {term.label: term for term in before}
    new = {term.label: term for term in after}
    return tuple(
        Change(label, old.get(label), new.get(label))
        for label in {**old, **new}
        if old.get(label) != new.get(label)
    )


def gaps(
    terms: Iterable[PlannedTerm], recipes: Sequence[Recipe], calendar: Calendar
) -> tuple[tuple[str, date, date], ...]:
    """Return the days on which a body, or a part of it, should sit and no term does: body, first, last."""
    planned = list(terms)
    unserved = []
    for recipe in recipes:
        if recipe.opens == "petition":
            continue
        due = expected(recipe, recipes, calendar)
        empty: set[Span] = set()
        for part in range(1, recipe.parts + 1):
            held = [(one.first, one.last) for one in planned if (one.body, one.part) == (recipe.key, part)]
            empty.update(without(due, held))
        unserved += [(recipe.key, first, last) for first, last in sorted(empty)]
    return tuple(unserved)


class _Planner:
    """Computes the terms of each body once those of the body it is drawn from are known."""

    def __init__(
        self, recipes: Sequence[Recipe], calendar: Calendar, lived: Sequence[PlannedTerm], on: date
    ) -> None:
        wrong = faults(recipes, calendar)
        if wrong:
            raise BadTimetable(wrong)
        self.recipes = {recipe.key: recipe for recipe in recipes}
        self.calendar = calendar
        self.lived = lived
        self.on = max(on, calendar.first)
        self.kept: dict[str, list[PlannedTerm]] = {}
        self.new: dict[str, list[PlannedTerm]] = {}

    def terms(self) -> tuple[PlannedTerm, ...]:
        """Return what was kept and what is new."""
        for recipe in self.recipes.values():
            self._plan(recipe)
        gone = [self._ended(term, ()) for term in self.lived if self._is_gone(term)]
        self._check_starts()
        everything = [*self._of(*self.recipes), *gone]
        fresh = {term.label for terms in self.new.values() for term in terms}
        return tuple(
            replace(term, needs=self._needs(term, everything)) if term.label in fresh else term
            for term in everything
        )

    def _of(self, *bodies: str) -> list[PlannedTerm]:
        return [
            term
            for body in bodies
            for term in sorted([*self.kept[body], *self.new[body]], key=lambda one: one.number)
        ]

    def _is_gone(self, term: PlannedTerm) -> bool:
        return term.body not in self.recipes and term.first < self.on

    def _plan(self, recipe: Recipe) -> None:
        if recipe.key in self.kept:
            return
        if recipe.parent is not None:
            self._plan(self.recipes[recipe.parent])
        lived = [term for term in self.lived if term.body == recipe.key]
        if recipe.opens == "petition":
            whole = (Stint(self.calendar.first, self.calendar.last),)
            ended = [replace(term, last=min(term.last, self._ended(term, whole).last)) for term in lived]
            self.kept[recipe.key] = [term for term in ended if term.first <= term.last]
            self.new[recipe.key] = []
            return
        windows = self._windows(recipe)
        served = [stints(recipe, part, windows) for part in range(1, recipe.parts + 1)]
        self.kept[recipe.key] = [
            self._ended(term, served[min(term.part, recipe.parts) - 1], lived)
            for term in lived
            if term.first < self.on
        ]
        self.new[recipe.key] = self._numbered(
            recipe, [self._fresh(recipe, part, served[part - 1]) for part in range(1, recipe.parts + 1)]
        )

    def _windows(self, recipe: Recipe) -> list[Stint]:
        """Return the days that a body has to serve, cut where the body it is drawn from is renewed."""
        due = expected(recipe, list(self.recipes.values()), self.calendar)
        if recipe.parent is None:
            return [Stint(first, last) for first, last in due]
        above = self._of(recipe.parent)
        # Among several that begin together, the one that lasts longest.
        begun = {_in_charge(term, above): term for term in sorted(above, key=lambda one: one.last)}
        windows = []
        for first, term in begun.items():
            span = (first, min([term.last, *(day - DAY for day in begun if day > first)]))
            windows += [Stint(*both, term.label) for both in common(span, due)]
        return sorted(windows, key=lambda stint: stint.first)

    def _ended(
        self, term: PlannedTerm, served: Sequence[Stint], lived: Sequence[PlannedTerm] = ()
    ) -> PlannedTerm:
        """Return a lived term with the last day that the calendar gives it now."""
        if term.last < self.on:
            return term
        eve = self.on - DAY
        own = (_in_charge(term, lived), term.last)
        mine = [stint for stint in served if stint.parent == term.parent]
        best = max(mine, key=lambda stint: shared(stint.span, own), default=None)
        last = eve if best is None or not shared(best.span, own) else max(eve, best.last)
        holes = [first for first, end in self._holes(term.body) if end >= self.on and first <= last]
        return replace(term, last=min([last, *(max(eve, first - DAY) for first in holes)]))

    def _holes(self, body: str) -> list[Span]:
        end = max(self.calendar.last, self.calendar.first)
        return [
            (one.first, one.last or max(one.first, end)) for one in self.calendar.breaks if one.body == body
        ]

    def _fresh(self, recipe: Recipe, part: int, served: Sequence[Stint]) -> list[tuple[date, PlannedTerm]]:
        """Return the terms of one part that begin from the day on, each after the day that orders it."""
        kept = self.kept[recipe.key]
        sizes = recipe.part_sizes
        running = [term for term in kept if term.last >= self.on]
        is_other = any(term.part > recipe.parts or term.size != sizes[term.part - 1] for term in running)
        before = [term for term in kept if is_other or term.part == part]
        previous = max(before, key=lambda one: one.last, default=None)
        holes = self._holes(recipe.key)
        fresh = []
        for stint in served:
            for begins, last in without([stint.span], holes):
                first = max(begins, self.on, previous.last + DAY if previous else self.on)
                if first > last:
                    continue
                term = PlannedTerm(
                    recipe.key, 0, part, sizes[part - 1], first, last, None, None, first, stint.parent, ()
                )
                if previous is not None and previous.parent == stint.parent:
                    term = replace(term, first=self._overlapping(recipe, previous, first, holes))
                fresh.append((begins, term))
                previous = term
        return fresh

    def _overlapping(self, recipe: Recipe, previous: PlannedTerm, first: date, holes: list[Span]) -> date:
        """Return the first day of newcomers; after a break there is nobody to begin beside."""
        if any(shared(hole, (previous.last + DAY, first - DAY)) for hole in holes):
            return first
        early = previous.last + DAY - recipe.overlap_days * DAY
        return min(first, max(early, previous.first, self.on)) if recipe.overlap_days else first

    def _numbered(self, recipe: Recipe, parts: Iterable[list[tuple[date, PlannedTerm]]]) -> list[PlannedTerm]:
        used = {term.number for term in self.kept[recipe.key]}
        free = (number for number in count(1) if number not in used)
        ordered = sorted((pair for part in parts for pair in part), key=lambda pair: (pair[0], pair[1].part))
        numbered = []
        for number, (_, term) in zip(free, ordered, strict=False):
            named = replace(term, number=number)
            first = max(term.first, self.calendar.starts.get(named.label, term.first))
            numbered.append(self._due(recipe, replace(named, first=first)))
        return numbered

    def _due(self, recipe: Recipe, term: PlannedTerm) -> PlannedTerm:
        """Return a term with its deadlines, each not after the next."""
        above = (
            next((one for one in self._of(recipe.parent) if one.label == term.parent), None)
            if recipe.parent
            else None
        )
        earliest = above.answer_by if above else self.calendar.first
        answer = max(self._working_day(term.first - recipe.answer_days * DAY), earliest)
        hold = max(min(self._working_day(term.first - recipe.hold_days * DAY), answer), earliest)
        freeze = min(self._working_day(term.first - recipe.freeze_days * DAY), hold)
        return replace(
            term,
            freeze_by=freeze if recipe.source == "pool" else None,
            hold_by=None if recipe.source == "nomination" else hold,
            answer_by=answer,
        )

    def _working_day(self, day: date) -> date:
        """Return a day that is in no holiday, at the earliest the mandate's first."""
        holidays = self.calendar.holidays
        if any(one.first <= day <= one.last for one in holidays):
            while day > self.calendar.first and (
                day.weekday() >= SATURDAY or any(one.first <= day <= one.last for one in holidays)
            ):
                day -= DAY
        return max(day, self.calendar.first)

    def _needs(self, term: PlannedTerm, everything: Sequence[PlannedTerm]) -> tuple[str, ...]:
        recipe = self.recipes[term.body]
        order = list(self.recipes)

        def due(one: PlannedTerm) -> tuple[date, int]:
            return one.hold_by or one.answer_by, order.index(one.body)

        def excludes(one: PlannedTerm) -> bool:
            other = self.recipes.get(one.body)
            return other is not None and (
                other.key in recipe.incompatible or recipe.key in other.incompatible
            )

        return tuple(
            one.label
            for one in everything
            if one.label == term.parent
            or (
                excludes(one)
                and shared((one.first, one.last), (term.first, term.last))
                and due(one) < due(term)
            )
        )

    def _check_starts(self) -> None:
        planned = {term.label: term for term in self._of(*self.recipes)}
        wrong = []
        for label, day in self.calendar.starts.items():
            term = planned.get(label)
            if term is None:
                wrong.append(Fault(label, "starts", "unknown-term", label, ", ".join(planned)))
            elif term.first > term.last:
                wrong.append(Fault(label, "starts", "starts-after-its-end", str(day), str(term.last)))
        if wrong:
            raise BadTimetable(wrong)


def _in_charge(term: PlannedTerm, terms: Iterable[PlannedTerm]) -> date:
    """Return the first day of a term on which those it replaces sit no more."""
    replaced = [one.last + DAY for one in terms if one.part == term.part and one.number < term.number]
    return max([term.first, *replaced])
