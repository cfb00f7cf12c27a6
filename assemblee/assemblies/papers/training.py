"""What members learn before they vote: modules of a term, and who has done them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.models import ModuleDone, TrainingModule
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.terms.models import HOLDING, Seat, Term
from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor


def add(session: Session, actor: Actor, term: Term, *, title: str, text: str, link: str) -> TrainingModule:
    """Ask the members of a term to learn something before they vote.

    Raises
    ------
    Refusal
        `term-is-...`, `module-title-missing`, `module-empty` (neither a text nor a link) or `link-invalid`.
    """
    term = seats.locked(session, term)
    if not term.is_open:
        raise Refusal(f"term-is-{term.state}")
    if not title.strip():
        raise Refusal("module-title-missing", status=422)
    address = meetings.require_link(link)
    if not text.strip() and address is None:
        raise Refusal("module-empty", status=422)
    module = TrainingModule(
        term_id=term.id,
        title=title.strip(),
        text=text.strip(),
        link=address,
        added_at=database_now(session),
    )
    session.add(module)
    session.flush()
    record(
        session,
        actor,
        "module-added",
        mandate=term.mandate_id,
        term=term.id,
        module=module.id,
        text=meetings.text_hash("\n".join((module.title, module.text, module.link or ""))),
    )
    return module


def withdraw(session: Session, actor: Actor, term: Term, module: TrainingModule) -> None:
    """Ask nobody for a module any more.

    Raises
    ------
    Refusal
        `module-withdrawn`.
    """
    seats.locked(session, term)
    session.refresh(module)
    if module.withdrawn_at is not None:
        raise Refusal("module-withdrawn", status=410)
    module.withdrawn_at = database_now(session)
    session.flush()
    record(session, actor, "module-withdrawn", mandate=term.mandate_id, term=term.id, module=module.id)


def complete(session: Session, seat: Seat, module: TrainingModule) -> None:
    """Take a member's word that a module is done; saying it twice changes nothing, and no line is written.

    Raises
    ------
    Refusal
        `seat-holds-no-place` or `module-withdrawn`.
    """
    seats.locked(session, seat.term)
    if not seat.holds:
        raise Refusal("seat-holds-no-place")
    if module.withdrawn_at is not None:
        raise Refusal("module-withdrawn", status=410)
    if session.get(ModuleDone, (module.id, seat.id)) is None:
        session.add(ModuleDone(module_id=module.id, seat_id=seat.id, at=database_now(session)))
        session.flush()


def module(session: Session, term: Term, module_id: int) -> TrainingModule:
    """Return a module of a term.

    Raises
    ------
    Refusal
        `module-unknown`.
    """
    module = session.get(TrainingModule, module_id)
    if module is None or module.term_id != term.id:
        raise Refusal("module-unknown", status=404)
    return module


def is_complete(session: Session, seat: Seat) -> bool:
    """Whether a member has done everything that is asked before a vote."""
    asked = {module.id for module in meeting_queries.modules(session, seat.term)}
    return asked <= meeting_queries.modules_done(session, seat)


def counts(session: Session, term: Term) -> dict[int, int]:
    """Count, for each module, those who hold a place and have done it."""
    rows = session.execute(
        select(ModuleDone.module_id, func.count().label("people"))
        .join(TrainingModule)
        .join(Seat, Seat.id == ModuleDone.seat_id)
        .where(TrainingModule.term_id == term.id, Seat.state.in_(HOLDING))
        .group_by(ModuleDone.module_id)
    )
    return {row.module_id: row.people for row in rows}
