"""The ledger of a body, for the organisers: expenses to decide, lines to pay, and files."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.assemblies.meetings import attestation, ledger
from assemblee.assemblies.meetings.forms import RefuseForm
from assemblee.assemblies.meetings.models import LedgerLine, LineState
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Term
from assemblee.confirming import Act, unless_confirmed
from assemblee.days import day_in
from assemblee.forms import reading, writing
from assemblee.i18n import day, euros, number
from assemblee.mandates import charters
from assemblee.messages import STATES, describe
from assemblee.pager import Page, asked_page
from assemblee.security import Role, allow, binding, current_actor, lasting
from assemblee.spreadsheets import as_csv

ledger_pages = Blueprint("ledger", __name__, url_prefix="/<int:term_id>")
Answer = str | Redirect | tuple[str, int]
PAGE_SIZE = 50


@ledger_pages.get("/ledger")
@allow(Role.ORGANISER)
def index(term_id: int) -> str:
    """Show what is to be decided, to be paid, and what was paid."""
    return _page(term_id)


def _page(term_id: int, **forms: object) -> str:
    session = reading()
    term = queries.term(session, g.mandate.id, term_id)
    lines = ledger.lines(session, term)
    here = {"mandate": g.mandate.slug, "term_id": term_id}
    page = Page("assemblies.ledger.index", asked_page(), len(lines), PAGE_SIZE, here)
    shown: dict[str, object] = {"refusal": RefuseForm(formdata=None), **forms}
    return render_template(
        "assemblies/meetings/ledger.html",
        term=term,
        body=charters.current(session, g.mandate).body(term.body),
        sums={
            state: sum(line.cents for line in lines if line.state == state)
            for state in (LineState.DECLARED, LineState.DUE, LineState.PAID)
        },
        declared=[line for line in lines if line.state == LineState.DECLARED],
        due=[line for line in lines if line.state == LineState.DUE],
        lines=lines[page.offset : page.offset + PAGE_SIZE],
        people=[seat for seat in queries.seats(session, term) if seat.place is not None and seat.known_as],
        page=page,
        **shown,
    )


def _facts(line: LedgerLine) -> list[tuple[str, str]]:
    return [
        (_("Person"), line.seat.known_as or line.seat.pseudonym or ""),
        (_("Day"), day(line.day)),
        (_("For what"), line.purpose or ""),
        (_("Amount"), euros(line.cents)),
    ]


def _check(term_id: int, title: str, after: str, verb: str, *facts: tuple[str, str]) -> Act:
    way_out = url_for("assemblies.ledger.index", mandate=g.mandate.slug, term_id=term_id)
    return Act(title, after=after, verb=verb, way_out=way_out, facts=facts)


def _act(term_id: int, act: Callable[[Session, Term], object], done: str) -> Redirect:
    with writing() as session:
        act(session, queries.term(session, g.mandate.id, term_id))
    flash(done)
    return redirect(url_for("assemblies.ledger.index", mandate=g.mandate.slug, term_id=term_id))


@ledger_pages.post("/ledger/<int:line_id>/accept")
@allow(Role.ORGANISER)
@lasting
@binding
def accept(term_id: int, line_id: int) -> Answer:
    """Accept an expense."""
    if not ConfirmForm().validate():
        return _page(term_id), 422

    line = ledger.line(reading(), queries.term(reading(), g.mandate.id, term_id), line_id)
    check = _check(
        term_id,
        _("Accept this expense?"),
        _("It is owed to this person from then on."),
        _("Accept the expense"),
        *_facts(line),
    )
    if page := unless_confirmed(check):
        return page

    def decide(session: Session, term: Term) -> None:
        ledger.decide(session, current_actor(), ledger.line(session, term, line_id), None)

    return _act(term_id, decide, _("The expense is accepted."))


@ledger_pages.post("/ledger/<int:line_id>/refuse")
@allow(Role.ORGANISER)
@lasting
@binding
def refuse(term_id: int, line_id: int) -> Answer:
    """Refuse an expense, with a reason."""
    form = RefuseForm()
    if not form.validate():
        return _page(term_id, refusal=form), 422

    line = ledger.line(reading(), queries.term(reading(), g.mandate.id, term_id), line_id)
    check = _check(
        term_id,
        _("Refuse this expense?"),
        _("The person reads why. They may declare it once more."),
        _("Refuse the expense"),
        *_facts(line),
    )
    if page := unless_confirmed(check, form):
        return page

    def decide(session: Session, term: Term) -> None:
        ledger.decide(session, current_actor(), ledger.line(session, term, line_id), form.reason.data or "")

    return _act(term_id, decide, _("The expense is refused; the person reads why."))


@ledger_pages.post("/ledger/pay")
@allow(Role.ORGANISER)
@lasting
@binding
def pay(term_id: int) -> Answer:
    """Note that lines are paid."""
    if not ConfirmForm().validate():
        return _page(term_id), 422
    chosen = request.form.getlist("line", type=int)

    term = queries.term(reading(), g.mandate.id, term_id)
    paid = [ledger.line(reading(), term, line_id) for line_id in chosen]
    check = _check(
        term_id,
        _("Note that this is paid?"),
        _("What is paid cannot be noted as unpaid again, and the days it is for can no longer be corrected."),
        _("Note the payment"),
        (_("Lines"), number(len(paid), 0)),
        (_("Together"), euros(sum(line.cents for line in paid))),
    )
    if page := unless_confirmed(check):
        return page

    def note(session: Session, term: Term) -> None:
        ledger.pay(
            session, current_actor(), term, [ledger.line(session, term, line_id) for line_id in chosen]
        )

    return _act(term_id, note, _("The payment is noted."))


@ledger_pages.get("/ledger.csv")
@allow(Role.ORGANISER)
def export(term_id: int) -> Response:
    """Give the ledger as a file for a spreadsheet, in which no cell can act as a formula."""
    session = reading()
    term = queries.term(session, g.mandate.id, term_id)
    header = [
        _("Line"),
        _("Seat"),
        _("Name"),
        _("Day"),
        _("What for"),
        _("Euros"),
        _("State"),
        _("Reason"),
        _("Paid on"),
    ]
    content = as_csv(header, [_row(line) for line in ledger.lines(session, term)])
    headers = {"Content-Disposition": f"attachment; filename=ledger-{term.body}-{term.number}.csv"}
    return Response(content, mimetype="text/csv", headers=headers)


def _row(line: LedgerLine) -> list[object]:
    return [
        line.id,
        line.seat_id,
        line.seat.known_as or "",
        line.day.isoformat(),
        _("Stipend") if line.is_stipend else line.purpose or "",
        # Units that every spreadsheet adds up, whatever its language writes between euros and cents.
        f"{line.cents // 100}.{line.cents % 100:02}",
        describe(STATES, f"line-{line.state}"),
        line.reason or "",
        day_in(line.paid_at, line.seat.term.mandate.time_zone).isoformat() if line.paid_at else "",
    ]


@ledger_pages.get("/attestations/<int:seat_id>.pdf")
@allow(Role.ORGANISER)
def attest(term_id: int, seat_id: int) -> Response:
    """Give the attestation of a member for their employer."""
    session = reading()
    seat = queries.seat(session, queries.term(session, g.mandate.id, term_id), seat_id)
    return Response(attestation.pdf(session, seat), mimetype="application/pdf")
