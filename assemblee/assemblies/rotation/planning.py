"""The terms of a mandate: planned from its charter at its start, and planned again when something changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import letters, roles
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import STEPS, SeatState, Term, TermState
from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates import charters
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition import timetable
from sortition.timetable import Change, PlannedTerm

OPENABLE = "petition"


def lock(session: Session, mandate: Mandate) -> None:
    """Let nobody else plan terms before this transaction ends; the journal is locked after the mandate."""
    session.execute(select(Mandate.id).where(Mandate.id == mandate.id).with_for_update())


def preview(session: Session, mandate: Mandate, charter: charters.Charter, on: date) -> tuple[Change, ...]:
    """Return what a charter would change in the terms that begin from a day on; nothing is written.

    Raises
    ------
    Refusal
        `plan-impossible`: a day of the calendar is about a term that there is not.
    """
    before = [term.planned() for term in queries.terms(session, mandate.id)]
    try:
        after = timetable.replanned(before, charter.recipes, charter.calendar, on)
    except timetable.BadTimetable as error:
        fault = error.faults[0]
        raise Refusal("plan-impossible", status=422, where=fault.where, found=fault.found) from None
    # Whoever was drawn for so many places keeps them: only later terms take another size.
    sizes = {term.label: term.size for term in queries.terms(session, mandate.id) if _is_drawn(term)}
    after = tuple(replace(term, size=sizes.get(term.label, term.size)) for term in after)
    return timetable.differences(before, after)


def fingerprint(changes: Iterable[Change]) -> str:
    """Return a hash of changes, so that what is applied is what was shown."""
    return tree.fingerprint([_written(change) for change in changes])


def _written(change: Change) -> list[tree.Canonical]:
    after = change.after
    return [
        change.label,
        change.kind,
        after.first.isoformat() if after else None,
        after.last.isoformat() if after else None,
        after.size if after else None,
    ]


def replan(
    session: Session, actor: Actor, mandate: Mandate, on: date, shown: str | None = None
) -> tuple[Change, ...]:
    """Bring the terms in line with the charter in force, from a day on; what was lived is kept.

    Parameters
    ----------
    shown : str, optional
        The fingerprint of the changes that the organiser has seen.

    Raises
    ------
    Refusal
        `charter-missing`, `plan-changed` (what was shown is not what would be done any more),
        `plan-unchanged` or `plan-in-the-past`.
    """
    lock(session, mandate)
    charter = charters.current(session, mandate)
    if on < queries.today(session, mandate) and queries.terms(session, mandate.id):
        raise Refusal("plan-in-the-past", status=422)
    changes = preview(session, mandate, charter, on)
    if shown is not None and shown != fingerprint(changes):
        raise Refusal("plan-changed")
    if not changes:
        raise Refusal("plan-unchanged")
    # What goes makes its number free before something else takes it.
    ordered = sorted(changes, key=lambda change: change.after is not None)
    moved = [term for change in ordered if (term := _apply(session, actor, mandate, change)) is not None]
    settle(session, actor, mandate)
    for term in moved:
        for seat in queries.seats(session, term, queries.ENGAGED):
            letters.moved(session, seat)
    record(
        session,
        actor,
        "terms-planned",
        mandate=mandate.id,
        on=on.isoformat(),
        charter=charter.number,
        changes=[_written(change) for change in changes],
    )
    return changes


def _is_drawn(term: Term) -> bool:
    return term.is_open or term.draw_id is not None


def _apply(session: Session, actor: Actor, mandate: Mandate, change: Change) -> Term | None:
    """Bring one term in line; return it if its people have to be told of other dates."""
    term = queries.term_by_label(session, mandate.id, change.label)
    if term is not None:
        term = seats.locked(session, term)
        if change.after is None or (_is_drawn(term) and term.parent_label != change.after.parent):
            # The people of a group are members of the body that it was drawn from, and of no other.
            _drop(session, actor, term)
            term = None
    if change.after is None:
        return None
    is_new = term is None
    if term is None:
        term = Term(
            mandate_id=mandate.id, state=TermState.PLANNED, quotas=[], planned_at=database_now(session)
        )
        session.add(term)
    before = (term.first, term.last)
    _write(term, change.after)
    session.flush()
    return term if not is_new and term.is_open and before != (term.first, term.last) else None


def _write(term: Term, planned: PlannedTerm) -> None:
    term.body, term.number, term.part, term.size = planned.body, planned.number, planned.part, planned.size
    term.first, term.last = planned.first, planned.last
    term.freeze_by, term.hold_by, term.answer_by = planned.freeze_by, planned.hold_by, planned.answer_by
    term.parent_label, term.needs = planned.parent, list(planned.needs)


def _drop(session: Session, actor: Actor, term: Term) -> None:
    """Take a term out of the calendar: it is never revived, and its number is free for another."""
    close(session, actor, term, "replanned")
    if term.draw_id is not None:
        record(
            session,
            actor,
            "draw-set-aside",
            mandate=term.mandate_id,
            term=term.id,
            draw=term.draw_id,
            label=term.label,
        )
    term.state, term.number = TermState.DROPPED, -term.id
    session.flush()


def settle(session: Session, actor: Actor, mandate: Mandate) -> None:
    """End the seats that other dates have come to bar, those of the latest terms first."""
    waiting = [term for term in queries.terms(session, mandate.id) if term.state == TermState.FILLING]
    for term in sorted(waiting, key=lambda one: (one.first, one.id), reverse=True):
        seats.release_barred(session, actor, seats.locked(session, term))


def require_bodies(session: Session, mandate: Mandate, charter: charters.Charter) -> None:
    """Refuse a charter without a body that people were called to, or that takes them from elsewhere now.

    Raises
    ------
    Refusal
        `charter-body-in-use`.
    """
    known = {body.recipe.key: body.recipe for body in charter.bodies}
    before = _recipes(session, mandate)
    for term in queries.terms(session, mandate.id):
        if term.state == TermState.PLANNED and term.draw_id is None:
            continue
        recipe = known.get(term.body)
        was = before.get(term.body)
        if recipe is None or (was is not None and (was.source, was.parent) != (recipe.source, recipe.parent)):
            raise Refusal("charter-body-in-use", status=422, body=term.body)


def _recipes(session: Session, mandate: Mandate) -> dict[str, timetable.Recipe]:
    """Return the recipes in force, by key; none before the first charter."""
    latest = mandate_queries.charter(session, mandate)
    return {recipe.key: recipe for recipe in charters.of(latest).recipes} if latest is not None else {}


def close(session: Session, actor: Actor, term: Term, cause: str) -> None:
    """End every seat of a locked term that is not over, each kind with a leaf of its own."""
    open_seats = queries.seats(session, term, list(STEPS))
    until = min(term.last, queries.today(session, term.mandate))
    for state in STEPS:
        ending = [seat for seat in open_seats if seat.state == state]
        for seat in ending:
            if seat.holds:
                seat.until = until
        seats.move(session, actor, term, ending, SeatState.ENDED, cause=cause)
        for seat in ending:
            roles.take(session, actor, seat)


def open_extraordinary(
    session: Session, actor: Actor, mandate: Mandate, *, subject: str, first: date, last: date, size: int
) -> Term:
    """Open an extraordinary assembly on one law, with its own size and length.

    Raises
    ------
    Refusal
        `term-subject-missing`, `term-days-invalid`, `term-size-invalid` or `charter-missing`.
    """
    if not subject.strip():
        raise Refusal("term-subject-missing", status=422)
    lock(session, mandate)
    today = queries.today(session, mandate)
    if not today < first <= last <= mandate.term_end:
        raise Refusal("term-days-invalid", status=422)
    if size < 1:
        raise Refusal("term-size-invalid", status=422)
    charter = charters.current(session, mandate)
    recipe = charter.opened_by(OPENABLE).recipe
    earlier = session.scalars(
        select(Term.number).where(Term.mandate_id == mandate.id, Term.body == recipe.key)
    ).all()
    room = (first - today).days

    def before(days: int) -> date:
        # A law does not wait: what the calendar would ask is shortened to the days that are left.
        return first - timedelta(days=min(days, room))

    term = Term(
        mandate_id=mandate.id,
        body=recipe.key,
        number=max(earlier, default=0) + 1,
        part=1,
        size=size,
        first=first,
        last=last,
        freeze_by=before(recipe.freeze_days),
        hold_by=before(recipe.hold_days),
        answer_by=before(recipe.answer_days),
        parent_label=None,
        needs=[],
        subject=subject.strip(),
        state=TermState.PLANNED,
        quotas=[],
        planned_at=database_now(session),
    )
    session.add(term)
    session.flush()
    record(
        session,
        actor,
        "extraordinary-opened",
        mandate=mandate.id,
        term=term.id,
        size=size,
        first=first.isoformat(),
        last=last.isoformat(),
        subject=tree.fingerprint(subject.strip()),
    )
    return term


charters.BEFORE_PUBLISH.append(require_bodies)
