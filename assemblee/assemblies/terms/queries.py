"""Reads of terms and seats: who sits, who may not sit where and why, how a term stands beside its quotas."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

import sortition
from assemblee.accounts.models import Account
from assemblee.assemblies.terms.models import (
    HOLDING,
    Replacement,
    Rota,
    Seat,
    SeatState,
    Term,
    TermState,
    TermSuspension,
)
from assemblee.days import day_in
from assemblee.db import database_now
from assemblee.draws.models import Draw
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate, RoleHolding
from assemblee.pools.models import Volunteer
from assemblee.refusal import Refusal
from assemblee.security import Role
from sortition import timetable, vacancies

ROTA = "rota"
# Whoever holds or is offered one of these cannot be offered another that excludes it.
ENGAGED = (*HOLDING, SeatState.INVITED)
LONGEST_MONTH = timedelta(days=31)


def today(session: Session, mandate: Mandate) -> date:
    """Return the day that it is in the mandate's zone, by the database's time."""
    return day_in(database_now(session), mandate.time_zone)


def term(session: Session, mandate_id: int, term_id: int) -> Term:
    """Return a term of a mandate.

    Raises
    ------
    Refusal
        `term-unknown`.
    """
    term = session.get(Term, term_id)
    if term is None or term.mandate_id != mandate_id or term.state == TermState.DROPPED:
        raise Refusal("term-unknown", status=404)
    return term


def terms(session: Session, mandate_id: int) -> list[Term]:
    """Return the terms of a mandate, by first day; of their draws only what lists show is read."""
    light = joinedload(Term.draw).load_only(Draw.state, Draw.frozen_at)
    return list(
        session.scalars(
            select(Term)
            .options(light)
            .where(Term.mandate_id == mandate_id, Term.state != TermState.DROPPED)
            .order_by(Term.first, Term.body, Term.number)
        )
    )


def title(session: Session, term: Term) -> str:
    """Return how a term is called: the name of its body in the charter, and its number."""
    return f"{charters.current(session, term.mandate).body(term.body).name} {term.number}"


def term_by_label(session: Session, mandate_id: int, label: str) -> Term | None:
    """Return the term that the timetable calls so."""
    body, _, number = label.rpartition("/")
    return session.scalar(
        select(Term).where(Term.mandate_id == mandate_id, Term.body == body, Term.number == int(number))
    )


def parent(session: Session, term: Term) -> Term | None:
    """Return the term whose members a term is drawn from, if it is drawn from another body."""
    return term_by_label(session, term.mandate_id, term.parent_label) if term.parent_label else None


def children(session: Session, term: Term, body: str | None = None) -> list[Term]:
    """Return the terms that are drawn from the members of a term, in the order of their numbers."""
    query = select(Term).where(
        Term.mandate_id == term.mandate_id,
        Term.parent_label == term.label,
        Term.state != TermState.DROPPED,
    )
    if body is not None:
        query = query.where(Term.body == body)
    return list(session.scalars(query.order_by(Term.body, Term.number)))


def served(session: Session, above: Term, body: str) -> dict[int, set[str]]:
    """Return who has or had a seat in each group of a body that is drawn from the members of a term."""
    rows = session.execute(
        select(Seat.term_id, Seat.pseudonym)
        .join(Term)
        .where(
            Term.mandate_id == above.mandate_id,
            Term.parent_label == above.label,
            Term.body == body,
            Term.state != TermState.DROPPED,
        )
    )
    by_term: dict[int, set[str]] = {}
    for row in rows:
        by_term.setdefault(row.term_id, set()).add(row.pseudonym)
    return by_term


def source_draw(session: Session, term: Term) -> Draw | None:
    """Return the draw in which the members of a term have their pseudonyms."""
    if term.draw is not None:
        return term.draw
    above = parent(session, term)
    return source_draw(session, above) if above is not None else None


def seats(session: Session, term: Term, states: Collection[SeatState] = ()) -> list[Seat]:
    """Return the seats of a term, in the order in which people came."""
    query = select(Seat).options(joinedload(Seat.volunteer)).where(Seat.term_id == term.id)
    if states:
        query = query.where(Seat.state.in_(states))
    return list(session.scalars(query.order_by(Seat.rank, Seat.id)))


def seat_count(session: Session, term: Term) -> int:
    """Count the seats of a term, whatever became of them."""
    return session.scalar(select(func.count()).where(Seat.term_id == term.id)) or 0


def seats_below(session: Session, seat: Seat) -> list[Seat]:
    """Return the open seats that a person has in the groups drawn from the term of a seat."""
    return list(
        session.scalars(
            select(Seat)
            .join(Term)
            .where(
                Term.mandate_id == seat.term.mandate_id,
                Term.parent_label == seat.term.label,
                Seat.pseudonym == seat.pseudonym,
                Seat.state.in_(ENGAGED),
            )
            .order_by(Seat.id)
            .execution_options(populate_existing=True)
        )
    )


def suspension(session: Session, term: Term) -> TermSuspension | None:
    """Return what holds a term up, if anything does."""
    return session.scalar(
        select(TermSuspension).where(TermSuspension.term_id == term.id, TermSuspension.lifted_at.is_(None))
    )


def require_running(session: Session, term: Term) -> None:
    """Refuse an act while a guarantor holds the term up.

    Raises
    ------
    Refusal
        `term-is-suspended`.
    """
    if suspension(session, term) is not None:
        raise Refusal("term-is-suspended")


def months_before(day: date, months: int) -> date:
    """Return the day of the same number some months earlier, or the last one of a shorter month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Bars:
    """Who may not sit in a term, by number of the volunteer and by mailbox, and why.

    The causes are `sitting` (in the same body, for some of the same days), `incompatible` (in a body that
    excludes it), `rest` (served or will serve too near), `staff` (who runs the mandate, or is its
    representative) and `parent` (holds no place any more in the body that the group is drawn from).
    """

    volunteers: Mapping[int, str]
    mailboxes: Mapping[str, str]
    parents: Collection[str] | None

    def of(self, seat: Seat) -> str | None:
        """Return why a person may not hold a seat, if there is a reason."""
        if self.parents is not None and seat.pseudonym not in self.parents:
            return "parent"
        return self.volunteers.get(seat.volunteer_id or 0) or self.mailboxes.get(seat.mailbox or "")


@dataclass(frozen=True)
class Asked:
    """Whom a question is about: volunteers by their numbers, listed or selected, and mailboxes."""

    volunteers: Collection[int] | Select[*tuple[Any, ...]]
    mailboxes: Collection[str] = ()

    def has_mailbox(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Return whether a column holds a mailbox of theirs."""
        theirs = select(Volunteer.email_key).where(
            Volunteer.id.in_(self.volunteers), Volunteer.email_key.is_not(None)
        )
        return or_(column.in_(self.mailboxes), column.in_(theirs))


def bars(
    session: Session, term: Term, by: Collection[SeatState] = ENGAGED, asked: Asked | None = None
) -> Bars:
    """Return who may not sit in a term under the charter in force.

    Parameters
    ----------
    by : collection of SeatState
        Which seats elsewhere keep somebody out: before people are invited, those offered count too; of two
        offers, the one that is accepted first keeps its person out of the other.
    asked : Asked, optional
        Who is asked about: of everybody else nothing is read, however many have sat. Everybody if left out.
    """
    recipe, bodies = _excluding(session, term)
    volunteers: dict[int, str] = {}
    mailboxes: dict[str, str] = dict.fromkeys(staff(session, term.mandate, asked), "staff")
    for row in session.execute(_elsewhere(term, bodies, recipe.rest_months, by, asked)):
        cause = _clash(term, row, recipe.rest_months, by)
        mailbox = row.volunteer_key or row.email_key
        if cause is not None:
            if row.volunteer_id is not None:
                volunteers[row.volunteer_id] = cause
            if mailbox:
                mailboxes[mailbox] = cause
    # One person may stand in several registers, under one mailbox or as the representative.
    twins = select(Volunteer.id, Volunteer.email_key).where(
        or_(Volunteer.email_key.in_(mailboxes), Volunteer.name == term.mandate.representative)
    )
    if asked is not None:
        twins = twins.where(Volunteer.id.in_(asked.volunteers))
    for twin in session.execute(twins):
        volunteers.setdefault(twin.id, mailboxes.get(twin.email_key or "", "staff"))
    return Bars(volunteers, mailboxes, _above(session, term))


def asked_of(seats: Iterable[Seat]) -> Asked:
    """Return the people of seats as a question takes them."""
    people = list(seats)
    return Asked(
        {seat.volunteer_id for seat in people if seat.volunteer_id is not None},
        {seat.mailbox for seat in people if seat.mailbox},
    )


def _excluding(session: Session, term: Term) -> tuple[timetable.Recipe, set[str]]:
    """Return the recipe of a term, and the bodies of which one person cannot sit in beside it."""
    charter = charters.current(session, term.mandate)
    recipe = charter.body(term.body).recipe
    excluding = {
        body.recipe.key
        for body in charter.bodies
        if body.recipe.key in recipe.incompatible or term.body in body.recipe.incompatible
    }
    return recipe, {term.body, *excluding}


def _elsewhere(
    term: Term, bodies: Collection[str], rest_months: int, by: Collection[SeatState], asked: Asked | None
) -> Select[*tuple[Any, ...]]:
    """Return the question for the seats in other terms that may clash with one, of some people or of all."""
    ended = func.coalesce(Seat.until, Term.last)
    query: Select[*tuple[Any, ...]] = (
        select(
            Seat.volunteer_id,
            Seat.email_key,
            Seat.state,
            Seat.since,
            ended.label("ended"),
            Volunteer.email_key.label("volunteer_key"),
            Term.body,
            Term.first,
        )
        .join(Term, Term.id == Seat.term_id)
        .outerjoin(Volunteer, Volunteer.id == Seat.volunteer_id)
        .where(
            Term.mandate_id == term.mandate_id,
            Term.id != term.id,
            Term.body.in_(bodies),
            or_(Seat.state.in_(by), Seat.since.is_not(None)),
            # What is too far away for the longest rest cannot clash, and old terms are many.
            ended >= min(term.first, months_before(term.first, rest_months)),
            Term.first <= term.last + (rest_months + 1) * LONGEST_MONTH,
        )
        .order_by(Seat.id)
    )
    if asked is None:
        return query
    return query.where(
        or_(
            Seat.volunteer_id.in_(asked.volunteers),
            asked.has_mailbox(Volunteer.email_key),
            asked.has_mailbox(Seat.email_key),
        )
    )


def _above(session: Session, term: Term) -> set[str] | None:
    """Return who holds a place in the body that a term is drawn from, if it is drawn from one."""
    above = parent(session, term)
    if above is None:
        return None
    return set(
        session.scalars(select(Seat.pseudonym).where(Seat.term_id == above.id, Seat.state.in_(HOLDING)))
    )


def _clash(term: Term, row: Row[Any], rest_months: int, by: Collection[SeatState]) -> str | None:
    """Return why a seat in another term keeps its person out of one, if it does."""
    is_engaged = row.state in by
    if row.first <= term.last and term.first <= row.ended and is_engaged:
        return "sitting" if row.body == term.body else "incompatible"
    if row.body != term.body or not (row.since is not None or is_engaged):
        return None
    rests_before = months_before(term.first, rest_months) <= row.ended < term.first
    rests_after = months_before(row.first, rest_months) <= term.last < row.first and is_engaged
    return "rest" if rests_before or rests_after else None


def barred(
    session: Session, term: Term, volunteers: Collection[int] | Select[*tuple[Any, ...]] | None = None
) -> dict[int, str]:
    """Return the volunteers who may not sit in a term, by number, and why; of some of them, or of all."""
    asked = Asked(volunteers) if volunteers is not None else None
    return dict(bars(session, term, asked=asked).volunteers)


def bar_of(session: Session, seat: Seat) -> str | None:
    """Return why the person of a seat may not hold it, if there is a reason."""
    return bars(session, seat.term, HOLDING, asked_of([seat])).of(seat)


def bar_of_mailbox(session: Session, term: Term, mailbox: str) -> str | None:
    """Return why somebody of whom only the mailbox is known may not sit in a term, if there is a reason."""
    return bars(session, term, asked=Asked((), {mailbox})).mailboxes.get(mailbox)


def staff(session: Session, mandate: Mandate, asked: Asked | None = None) -> list[str]:
    """Return the mailboxes of those who run the mandate or the installation; of some people, or of all."""
    running = (
        select(Account.email_key)
        .outerjoin(RoleHolding, RoleHolding.account_id == Account.id)
        .where(
            or_(
                Account.is_operator,
                (RoleHolding.mandate_id == mandate.id) & (RoleHolding.role == Role.ORGANISER),
            )
        )
    )
    if asked is not None:
        running = running.where(asked.has_mailbox(Account.email_key))
    return [key for key in session.scalars(running) if key]


def members_pool(session: Session, term: Term, pseudonyms: Sequence[str]) -> sortition.Pool:
    """Return people of a term's draw as the core takes them, with the traits of its quotas."""
    draw = source_draw(session, term)
    people = draw.people if draw is not None else {}
    ordered = sorted(pseudonyms)
    return sortition.Pool.from_rows(ordered, [people[person] for person in ordered], term.core_quotas())


def distances(session: Session, wanted: Sequence[Term]) -> dict[int, int]:
    """Return how far those who hold a place are from the quotas of each term, in people.

    Places that are free count for what they can still bring: nought means that the quotas can be met.
    """
    bound = [one for one in wanted if one.quotas]
    if not bound:
        return {}
    labels = {one.label: one for one in terms(session, bound[0].mandate_id)}
    draws = {one.id: _draw_id(one, labels) for one in bound}
    people: dict[int, dict[str, Any]] = dict(
        session.execute(select(Draw.id, Draw.people).where(Draw.id.in_(set(draws.values())))).all()
    )
    holding: dict[int, list[str]] = {one.id: [] for one in bound}
    sitting = select(Seat.term_id, Seat.pseudonym).where(Seat.term_id.in_(holding), Seat.state.in_(HOLDING))
    for row in session.execute(sitting):
        holding[row.term_id].append(row.pseudonym)
    away = {}
    for one in bound:
        members, traits, quotas = holding[one.id], people.get(draws[one.id] or 0, {}), one.core_quotas()
        pool = sortition.Pool.from_rows(members, [traits[person] for person in members], quotas)
        counts = sortition.protocol.counts(pool, range(len(members)))
        away[one.id] = vacancies.distance(counts, quotas, one.size - len(members))
    return away


def _draw_id(term: Term, labels: Mapping[str, Term]) -> int | None:
    """Return the draw of a term, or of the one that it is drawn from."""
    if term.draw_id is not None or term.parent_label is None:
        return term.draw_id
    above = labels.get(term.parent_label)
    return _draw_id(above, labels) if above is not None else None


def rota(session: Session, parent_term: Term, body: str) -> Rota | None:
    """Return the rota of a body over the members of a term, once it is drawn."""
    return session.scalar(select(Rota).where(Rota.parent_id == parent_term.id, Rota.body == body))


def replacements(session: Session, term: Term) -> list[Replacement]:
    """Return the replacement draws of a term, in their order."""
    return list(
        session.scalars(select(Replacement).where(Replacement.term_id == term.id).order_by(Replacement.id))
    )


def seat(session: Session, term: Term, seat_id: int) -> Seat:
    """Return a seat of a term.

    Raises
    ------
    Refusal
        `seat-unknown`.
    """
    row = session.get(Seat, seat_id)
    if row is None or row.term_id != term.id:
        raise Refusal("seat-unknown", status=404)
    return row
