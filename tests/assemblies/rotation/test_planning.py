"""The terms of a mandate: planned from its charter, and planned again when something changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from assemblee.assemblies import deadlines
from assemblee.assemblies.rotation import planning
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms import queries, replay
from assemblee.assemblies.terms.models import SeatState, Term, TermState
from assemblee.db import Store
from assemblee.mail import outbox
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from sortition import timetable
from sortition.timetable import Break
from tests import bodies, make
from tests.answers import at_once, refused


def change(
    store: Store, mandate: Mandate, reason: str = "La loi change la session.", **calendar: object
) -> None:
    """Publish a charter with another calendar."""
    with store.writing() as session:
        place = session.get_one(Mandate, mandate.id)
        charter = charters.current(session, place)
        changed = replace(charter, calendar=replace(charter.calendar, **calendar))
        charters.publish(session, COMMAND_LINE, place, changed, reason)


def replan(store: Store, mandate: Mandate, on: date, shown: str | None = None) -> None:
    with store.writing() as session:
        planning.replan(session, COMMAND_LINE, session.get_one(Mandate, mandate.id), on, shown)


def planned(store: Store, mandate: Mandate) -> dict[str, tuple[date, date]]:
    with store.reading() as session:
        return {term.label: (term.first, term.last) for term in queries.terms(session, mandate.id)}


@pytest.mark.both_stores
def test_the_whole_mandate_is_planned_at_its_start(store: Store, mandate: Mandate) -> None:
    terms = planned(store, mandate)
    numbers = {
        body: sum(label.startswith(body) for label in terms) for body in (bodies.ASSEMBLY, bodies.GROUP)
    }
    assert numbers == {bodies.ASSEMBLY: 5, bodies.GROUP: 29}
    with store.reading() as session:
        place = session.get_one(Mandate, mandate.id)
        charter = charters.current(session, place)
        rows = [term.planned() for term in queries.terms(session, mandate.id)]
        assert timetable.gaps(rows, charter.recipes, charter.calendar) == ()
        assert set(rows) == set(timetable.timetable(charter.recipes, charter.calendar))
    assert make.leaves(store, "terms-planned") == 1
    with refused("plan-unchanged"):
        replan(store, mandate, date(2027, 7, 1))


def test_a_session_that_a_law_shifts_moves_its_terms_and_no_other(store: Store, mandate: Mandate) -> None:
    before = planned(store, mandate)
    change(store, mandate, sessions={2028: (date(2028, 10, 1), date(2029, 7, 31))})
    replan(store, mandate, date(2027, 7, 1))
    after = planned(store, mandate)
    assert after[f"{bodies.ASSEMBLY}/2"] == (date(2028, 10, 1), date(2029, 7, 31))
    moved = {label for label in before if after.get(label) != before[label]}
    assert f"{bodies.ASSEMBLY}/1" not in moved
    assert f"{bodies.ASSEMBLY}/3" not in moved
    assert not any(label.startswith(bodies.GUARANTORS) for label in moved)


def test_what_was_shown_is_what_is_done(store: Store, mandate: Mandate) -> None:
    change(store, mandate, sessions={2028: (date(2028, 10, 1), date(2029, 7, 31))})
    with store.reading() as session:
        place = session.get_one(Mandate, mandate.id)
        changes = planning.preview(session, place, charters.current(session, place), date(2027, 7, 1))
    shown = planning.fingerprint(changes)
    change(store, mandate, sessions={2028: (date(2028, 11, 1), date(2029, 7, 31))})
    before = planned(store, mandate)
    with refused("plan-changed"):
        replan(store, mandate, date(2027, 7, 1), shown)
    assert planned(store, mandate) == before
    with refused("plan-in-the-past"):
        replan(store, mandate, date(2020, 1, 1))


@pytest.mark.both_stores
def test_two_who_plan_at_once_plan_once(store: Store, mandate: Mandate) -> None:
    change(store, mandate, sessions={2028: (date(2028, 10, 1), date(2029, 7, 31))})
    answers = at_once([lambda: replan(store, mandate, date(2027, 7, 1)) for _ in range(4)])
    assert answers == ["done", *["plan-unchanged"] * 3]


@pytest.mark.both_stores
def test_a_body_dissolved_keeps_what_was_lived_and_begins_again(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    lived = bodies.running(store, mandate, pool)
    day = lived.first + timedelta(days=100)
    with bodies.on(day):
        change(store, mandate, breaks=(Break(bodies.ASSEMBLY, day, day + timedelta(days=60)),))
        replan(store, mandate, day)
        first = bodies.term(store, mandate, lived.label)
        assert (first.first, first.last) == (lived.first, day - timedelta(days=1))
        again = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/2")
        assert again.first == day + timedelta(days=61)
        bodies.turn(store, mandate)
        ended = bodies.term(store, mandate, lived.label)
        assert ended.state == TermState.ENDED
        assert not bodies.of(ended, SeatState.SITTING)
    with store.reading() as session:
        place = session.get_one(Mandate, mandate.id)
        charter = charters.current(session, place)
        rows = [term.planned() for term in queries.terms(session, mandate.id)]
        empty = {
            (first, last) for _body, first, last in timetable.gaps(rows, charter.recipes, charter.calendar)
        }
        assert empty == {(day, day + timedelta(days=60))}, "the days of the break, and no other"


def test_a_mandate_that_ends_early_drops_what_is_left(store: Store, mandate: Mandate) -> None:
    change(store, mandate, last=date(2029, 7, 31))
    replan(store, mandate, date(2027, 7, 1))
    after = planned(store, mandate)
    assert max(last for _first, last in after.values()) == date(2029, 7, 31)
    change(store, mandate, last=bodies.TERM_END)
    replan(store, mandate, date(2027, 7, 1))
    assert len(planned(store, mandate)) > len(after), "a term that was dropped can be planned again"


def recipe(store: Store, mandate: Mandate, body: str, **changes: object) -> None:
    """Publish a charter in which one body is made otherwise."""
    with store.writing() as session:
        place = session.get_one(Mandate, mandate.id)
        charter = charters.current(session, place)
        changed = tuple(
            replace(one, recipe=replace(one.recipe, **changes)) if one.recipe.key == body else one
            for one in charter.bodies
        )
        charters.publish(session, COMMAND_LINE, place, replace(charter, bodies=changed), "Une raison.")


def test_a_break_that_comes_and_goes_leaves_groups_that_can_begin(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    bodies.running(store, mandate, pool)
    second = bodies.term(store, mandate, f"{bodies.GROUP}/2")
    with bodies.on(second.hold_by or second.first):
        bodies.turn(store, mandate)
        bodies.turn(store, mandate)
        assert bodies.of(bodies.term(store, mandate, second.label), SeatState.INVITED)
        stop = Break(bodies.GROUP, second.first, second.last)
        for breaks in ((stop,), ()):
            change(store, mandate, breaks=breaks)
            replan(store, mandate, bodies.day(store, mandate))
            bodies.turn(store, mandate)
    with bodies.on(second.first):
        bodies.turn(store, mandate)
        assert bodies.term(store, mandate, second.label).state == TermState.RUNNING
    with store.reading() as session:
        assert replay.contradictions(session, mandate.id) == []


def test_more_groups_than_the_rota_has_are_filled_all_the_same(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    lived = bodies.running(store, mandate, pool)
    with bodies.on(lived.first):
        bodies.turn(store, mandate)
        recipe(store, mandate, bodies.GROUP, months=1)
        replan(store, mandate, lived.first + timedelta(days=1))
    last = bodies.term(store, mandate, f"{bodies.GROUP}/9")
    assert last.parent_label == lived.label
    with bodies.on(last.first - timedelta(days=1)):
        bodies.turn(store, mandate)
        assert bodies.of(bodies.term(store, mandate, last.label), SeatState.INVITED)


def test_a_body_that_people_were_called_to_stays_in_the_charter(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    with refused("charter-body-in-use"):
        recipe(store, mandate, bodies.ASSEMBLY, source="nomination")
    with store.writing() as session, refused("charter-body-in-use"):
        place = session.get_one(Mandate, mandate.id)
        charter = charters.current(session, place)
        less = tuple(one for one in charter.bodies if one.recipe.key == bodies.EXPERTS)
        alone = tuple(replace(one, recipe=replace(one.recipe, incompatible=())) for one in less)
        charters.publish(session, COMMAND_LINE, place, replace(charter, bodies=alone), "Une raison.")


def test_other_dates_never_seat_somebody_twice(store: Store, mandate: Mandate, pool: Pool) -> None:
    guarantors = bodies.running(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    busy = {seat.volunteer_id for seat in bodies.of(guarantors, SeatState.SITTING)}
    with bodies.on(guarantors.first + timedelta(days=200)):
        assembly = bodies.prepared(store, mandate, pool, f"{bodies.ASSEMBLY}/2")
        bodies.hold(store, assembly, must=busy)
        bodies.turn(store, mandate)
        found = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/2")
        bodies.accept(store, [seat for seat in found.seats if seat.volunteer_id in busy])
        recipe(store, mandate, bodies.GUARANTORS, months=24)
        replan(store, mandate, bodies.day(store, mandate))
        after = bodies.term(store, mandate, found.label)
        ended = [seat for seat in after.seats if seat.volunteer_id in busy]
        assert {seat.state for seat in ended} == {SeatState.ENDED}
        still = bodies.term(store, mandate, guarantors.label)
        assert len(bodies.of(still, SeatState.SITTING)) == len(busy), "who sits already stays"
    with store.reading() as session:
        told = session.scalars(
            select(outbox.Mail.recipient).where(outbox.Mail.subject == letters.BARRED)
        ).all()
    assert sorted(told) == sorted(str(seat.address) for seat in ended)


def test_only_people_whose_days_change_are_told_of_other_days(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")

    def told() -> int:
        with store.reading() as session:
            letter = select(func.count()).where(outbox.Mail.subject == letters.MOVED)
            return session.scalar(letter) or 0

    recipe(store, mandate, bodies.ASSEMBLY, answer_days=12)
    replan(store, mandate, bodies.day(store, mandate))
    assert told() == 0, "deadlines are not theirs to know"
    change(store, mandate, sessions={2027: (date(2027, 10, 1), date(2028, 7, 31))})
    replan(store, mandate, bodies.day(store, mandate))
    assert told() == found.size


def test_a_term_that_is_filling_keeps_its_size(store: Store, mandate: Mandate, pool: Pool) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    bodies.accept(store, bodies.of(found, SeatState.INVITED))
    recipe(store, mandate, bodies.ASSEMBLY, size=8)
    replan(store, mandate, bodies.day(store, mandate))
    assert bodies.term(store, mandate, found.label).size == 16
    assert bodies.term(store, mandate, f"{bodies.ASSEMBLY}/2").size == 8
    with refused("plan-unchanged"):
        replan(store, mandate, bodies.day(store, mandate))


def test_a_draw_that_the_calendar_sets_aside_leaves_a_leaf_and_never_comes_back(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    bodies.accept(store, bodies.of(found, SeatState.INVITED)[:2])
    for last in (date(2027, 8, 31), bodies.TERM_END):
        change(store, mandate, last=last)
        replan(store, mandate, bodies.day(store, mandate))
    assert make.leaves(store, "draw-set-aside") == 1
    again = bodies.term(store, mandate, found.label)
    assert again.id != found.id
    assert (again.state, again.draw_id, again.seats) == (TermState.PLANNED, None, [])
    with store.reading() as session:
        dropped = session.get_one(Term, found.id)
        assert dropped.state == TermState.DROPPED
        assert {seat.state for seat in dropped.seats} == {SeatState.ENDED}
        assert replay.contradictions(session, mandate.id) == []
    assert bodies.drawn(store, mandate, pool, again.label).state == TermState.FILLING


def test_an_extraordinary_assembly_has_its_own_size_and_length(store: Store, mandate: Mandate) -> None:
    first, last = date(2027, 11, 2), date(2027, 12, 18)

    def open_one(**words: object) -> object:
        values = {"subject": "Loi sur l’eau", "first": first, "last": last, "size": 4}
        with store.writing() as session:
            return planning.open_extraordinary(
                session,
                COMMAND_LINE,
                session.get_one(Mandate, mandate.id),
                **{**values, **words},
            )

    for code, words in (
        ("term-subject-missing", {"subject": " "}),
        ("term-days-invalid", {"last": date(2027, 11, 1)}),
        ("term-days-invalid", {"last": date(2040, 1, 1)}),
        ("term-size-invalid", {"size": 0}),
    ):
        with refused(code):
            open_one(**words)
    open_one()
    open_one(subject="Loi sur l’école")
    found = bodies.term(store, mandate, "extraordinary-assembly/2")
    assert (found.size, found.first, found.last, found.subject) == (4, first, last, "Loi sur l’école")
    assert found.freeze_by is not None
    assert found.hold_by is not None
    assert found.freeze_by <= found.hold_by <= found.answer_by < first
    with refused("plan-unchanged"):
        replan(store, mandate, date(2027, 7, 1))


def test_the_organisers_are_told_what_is_due_and_everybody_what_is_late(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    def told(day: date) -> tuple[list[str], list[str]]:
        with bodies.on(day), store.reading() as session:
            place = session.get_one(Mandate, mandate.id)
            return (
                [f"{task.code} {task.term.label}" for task in deadlines.tasks(session, place)],
                [one.code for one in deadlines.deviations(session, place)],
            )

    quiet = bodies.TERM_START - timedelta(days=200)
    assert told(quiet) == ([], [])
    tasks, late = told(bodies.TERM_START + timedelta(days=1))
    assert f"task-prepare {bodies.GUARANTORS}/1" in tasks
    assert f"task-nominate {bodies.EXPERTS}/1" in tasks
    assert {"late-prepare", "late-nominate"} <= set(late)
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    bodies.accept(store, bodies.of(found, SeatState.INVITED)[:-1])
    with bodies.on(found.first - timedelta(days=1)):
        bodies.turn(store, mandate)
    tasks, _late = told(found.first - timedelta(days=1))
    assert f"task-oath {found.label}" in tasks
    assert f"task-answers {found.label}" in tasks
    with bodies.on(found.first):
        bodies.turn(store, mandate)
    _tasks, late = told(found.first + timedelta(days=20))
    assert {"places-free", "began-with-vacancies", "oath-missing"} <= set(late)
