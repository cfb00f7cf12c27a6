"""Pages of one term: who sits in it, how they came, and what organisers and guarantors do there."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.assemblies.forms import (
    PUBLISHED,
    DrawForm,
    NominationForm,
    draw_form,
    hand_form,
)
from assemblee.assemblies.meetings.views import about as about_meetings
from assemblee.assemblies.meetings.views import meeting_pages
from assemblee.assemblies.meetings.views_ledger import ledger_pages
from assemblee.assemblies.papers.views import paper_pages
from assemblee.assemblies.rotation import halts, turning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting, vacancies
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import (
    HOLDING,
    AnswerMeans,
    Replacement,
    Seat,
    SeatState,
    Term,
    TermState,
)
from assemblee.confirming import Act, unless_confirmed
from assemblee.draws.models import Draw, Publication
from assemblee.forms import ReasonForm, reading, writing
from assemblee.i18n import number
from assemblee.jobs import queries as job_queries
from assemblee.journal import tree
from assemblee.mail import undelivered
from assemblee.mandates import charters
from assemblee.messages import STATES, describe
from assemblee.pools import queries as pool_queries
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting, undoable

assemblies = Blueprint("assemblies", __name__, url_prefix="/m/<mandate>/assemblies")
for pages in (meeting_pages, paper_pages, ledger_pages):
    assemblies.register_blueprint(pages)
Answer = str | Redirect | tuple[str, int]


def _term(term_id: int) -> Term:
    return queries.term(reading(), g.mandate.id, term_id)


@assemblies.get("/<int:term_id>")
@allow(Role.EVERYONE)
def show(term_id: int) -> str:
    """Show a term: who sits in it, how they came, and what is asked next."""
    return _term_page(term_id)


def _term_page(term_id: int, **forms: object) -> str:
    session = reading()
    term = _term(term_id)
    everybody = queries.seats(session, term)
    holding = [seat for seat in everybody if seat.holds]
    charter = charters.current(session, g.mandate)
    above = queries.parent(session, term)
    draw = queries.source_draw(session, term)
    shown: dict[str, object] = {
        "hand": hand_form(_answering(everybody), formdata=None),
        "nomination": NominationForm(formdata=None),
        "reason": ReasonForm(formdata=None, hint=PUBLISHED),
        "draw_form": draw_form(pool_queries.pools(session, g.mandate.id), formdata=None),
        **forms,
    }
    return render_template(
        "assemblies/term.html",
        term=term,
        body=charter.body(term.body),
        charter=charter,
        seats=everybody,
        holding=holding,
        members=[seat for seat in everybody if seat.place is not None],
        parent=above,
        rota=queries.rota(session, above, term.body) if above is not None else None,
        is_open=_is_open(draw),
        # Counts of a sealed draw's answers, one seat after another, would tell those answers.
        groups=_quota_groups(draw, term, holding)
        if _is_open(draw) or Role.ORGANISER in current_actor().roles
        else [],
        unreached=_unreached(everybody),
        distance=queries.distances(session, [term]).get(term.id, 0),
        replacements=queries.replacements(session, term),
        suspension=queries.suspension(session, term),
        job=job_queries.latest(session, queries.ROTA, term.id),
        today=queries.today(session, g.mandate),
        confirm=ConfirmForm(formdata=None),
        TermState=TermState,
        HOLDING=HOLDING,
        **about_meetings(session, term),
        **shown,
    )


def _unreached(everybody: list[Seat]) -> list[tuple[str, undelivered.Trouble]]:
    """Return whom of a term no letter reaches, for organisers: with their names, and why."""
    if Role.ORGANISER not in current_actor().roles:
        return []
    engaged = [seat for seat in everybody if seat.state in queries.ENGAGED]
    found = undelivered.troubles(reading(), [seat.address for seat in engaged])
    return [
        (seat.known_as or seat.pseudonym, found[seat.address])
        for seat in engaged
        if seat.address is not None and seat.address in found
    ]


def _answering(everybody: list[Seat]) -> list[tuple[int, str]]:
    """Return the seats that an answer can be entered for, each with its person and where it stands."""
    return [
        (
            seat.id,
            f"{seat.known_as or seat.pseudonym} ({describe(STATES, f'seat-{seat.state}')})",
        )
        for seat in sorted(everybody, key=lambda one: (one.known_as or one.pseudonym).casefold())
        if seat.holds or seat.state == SeatState.INVITED
    ]


def _is_open(draw: Draw | None) -> bool:
    """Whether everybody may read the answers of the people of a draw."""
    return draw is not None and draw.publication == Publication.OPEN


def _quota_groups(draw: Draw | None, term: Term, holding: list[Seat]) -> list[dict[str, object]]:
    """Return the quotas of a term by category, beside the members who count for each."""
    traits = [draw.people[seat.pseudonym] for seat in holding] if draw is not None else []
    return [
        {
            "category": category,
            "cells": [
                {
                    "value": cell.value,
                    "minimum": cell.minimum,
                    "maximum": cell.maximum,
                    "count": sum(one[category] == cell.value for one in traits),
                }
                for cell in cells
            ],
        }
        for category, cells in term.core_quotas().categories.items()
    ]


@assemblies.get("/<int:term_id>/rota.json")
@allow(Role.EVERYONE)
def rota(term_id: int) -> Response:
    """Give the rota that a term follows, and what it was drawn from, so that anyone can draw it again.

    Of a sealed draw, the counts of answers in each group are left out; `hash`, that of the whole rota, is in
    the journal either way.
    """
    session = reading()
    term = _term(term_id)
    above = queries.parent(session, term)
    rota = queries.rota(session, above, term.body) if above is not None else None
    if rota is None:
        raise Refusal("rota-missing", status=404)
    draw = queries.source_draw(session, term)
    left_out = set() if _is_open(draw) else {"mirror"}
    document: dict[str, tree.Canonical] = {
        "body": rota.body,
        "seed": rota.seed,
        "members": _members(draw, rota.members),
        "rota": {name: value for name, value in rota.document.items() if name not in left_out},
        "hash": tree.fingerprint(rota.document),
    }
    return Response(tree.canonical(document), mimetype="application/json")


def _members(draw: Draw | None, people: list[str]) -> list[tree.Canonical]:
    """Return people with their answers, unless the draw they come from keeps these sealed."""
    if draw is None or not _is_open(draw):
        return [{"id": person} for person in people]
    # Categories are not plain letters, which keys of canonical JSON are: a list of pairs instead.
    return [{"id": person, "traits": sorted(map(list, draw.people[person].items()))} for person in people]


@assemblies.get("/<int:term_id>/replacements.json")
@allow(Role.EVERYONE)
def replacements(term_id: int) -> Response:
    """Give the replacement draws of a term: who could be drawn, each with the same chance, and who was.

    Those who could be drawn have answers in common: of a sealed draw, only their number and the hash of
    their list are given, as the journal has them.
    """
    session = reading()
    term = _term(term_id)
    is_open = _is_open(queries.source_draw(session, term))
    replacements: list[Replacement] = queries.replacements(session, term)
    document: list[tree.Canonical] = [
        {
            "draw": one.draw_id,
            "number": one.number,
            "candidates": one.candidates if is_open else len(one.candidates),
            "list": tree.fingerprint(one.candidates),
            "chosen": one.chosen,
            "distance": one.distance,
        }
        for one in replacements
    ]
    return Response(tree.canonical(document), mimetype="application/json")


def _check(term_id: int, title: str, after: str, verb: str, *facts: tuple[str, str]) -> Act:
    body = (_("Body"), queries.title(reading(), _term(term_id)))
    way_out = url_for("assemblies.show", mandate=g.mandate.slug, term_id=term_id)
    return Act(title, after=after, verb=verb, way_out=way_out, facts=[body, *facts])


def _act(term_id: int, act: Callable[[Session, Term], object], done: str) -> Redirect:
    with writing() as session:
        act(session, queries.term(session, g.mandate.id, term_id))
    flash(done)
    return redirect(url_for("assemblies.show", mandate=g.mandate.slug, term_id=term_id))


@assemblies.post("/<int:term_id>/draw")
@allow(Role.ORGANISER)
@undoable("draws.cancel")
@binding
def prepare_draw(term_id: int) -> Answer:
    """Prepare the draw of a term among those who may sit in it."""
    form: DrawForm = draw_form(pool_queries.pools(reading(), g.mandate.id))
    if not form.validate():
        return _term_page(term_id, draw_form=form), 422
    with writing() as session:
        term = queries.term(session, g.mandate.id, term_id)
        register = pool_queries.pool(session, g.mandate.id, form.pool.data)
        draw = inviting.prepare_draw(session, current_actor(), term, register)
        draw_id = draw.id
    flash(_("The draw is prepared. Freeze it before the deadline."))
    return redirect(url_for("draws.show", mandate=g.mandate.slug, draw_id=draw_id))


@assemblies.post("/<int:term_id>/nominate")
@allow(Role.ORGANISER)
@lasting
@binding
def nominate(term_id: int) -> Answer:
    """Nominate an expert, and publish why."""
    form = NominationForm()
    if not form.validate():
        return _term_page(term_id, nomination=form), 422

    def invite(session: Session, term: Term) -> None:
        inviting.nominate(
            session,
            current_actor(),
            term,
            name=form.person.data,
            email=form.email.data,
            reason=form.reason.data,
        )

    fields = {
        "email-invalid": "email",
        "nomination-twice": "email",
        "nomination-name-missing": "person",
        "nomination-reason-missing": "reason",
    }
    check = _check(
        term_id,
        _("Nominate this person?"),
        _("The person is written to at once, and the reason stays public. Only their no undoes it."),
        _("Nominate and write to them"),
    )
    if page := unless_confirmed(check, form):
        return page
    with form.placing(fields):
        return _act(term_id, invite, _("The person is invited, and the reason is public."))
    return _term_page(term_id, nomination=form), 422


@assemblies.post("/<int:term_id>/answers")
@allow(Role.ORGANISER)
@lasting
@binding
def answer_by_hand(term_id: int) -> Answer:
    """Enter an answer that came by mail, telephone, letter or at the counter."""
    form = hand_form(_answering(queries.seats(reading(), _term(term_id))))
    if not form.validate():
        return _term_page(term_id, hand=form), 422
    means = AnswerMeans(form.means.data)

    def enter(session: Session, term: Term) -> None:
        seat = queries.seat(session, term, form.seat.data)
        actor = current_actor()
        if form.answer.data == "accept":
            seats.accept(session, actor, seat, means=means)
        elif form.answer.data == "decline":
            seats.decline(session, actor, seat, means=means)
        elif form.answer.data == "resign":
            seats.leave(session, actor, seat, SeatState.RESIGNED, cause="own-word", means=means)
        else:
            seats.leave(session, actor, seat, SeatState.EXCUSED, cause="excused", means=means)

    check = _check(
        term_id,
        _("Enter this answer?"),
        _("The answer counts as if the person had given it. A no makes room for the next one."),
        _("Enter the answer"),
    )
    if page := unless_confirmed(check, form):
        return page
    with form.placing({f"seat-is-{state}": "answer" for state in SeatState}):
        return _act(term_id, enter, _("The answer is entered, with how it came."))
    return _term_page(term_id, hand=form), 422


@assemblies.post("/<int:term_id>/swear-in")
@allow(Role.ORGANISER)
@lasting
@binding
def swear_in(term_id: int) -> Answer:
    """Note the oath of everybody who has accepted."""
    if not ConfirmForm().validate():
        return _term_page(term_id), 422

    ready = queries.seats(reading(), _term(term_id), [SeatState.ACCEPTED])
    check = _check(
        term_id,
        _("Note the oaths?"),
        _("The oaths stand in the journal from then on."),
        _("Note the oaths"),
        (_("People who have said yes"), number(len(ready), 0)),
    )
    if page := unless_confirmed(check):
        return page

    def swear(session: Session, term: Term) -> None:
        seats.swear_in(session, current_actor(), term, queries.seats(session, term, [SeatState.ACCEPTED]))

    return _act(term_id, swear, _("The oaths are noted."))


@assemblies.post("/<int:term_id>/fill")
@allow(Role.ORGANISER)
@lasting
@binding
def fill(term_id: int) -> Answer:
    """Call somebody for each free place, without waiting for the worker."""
    if not ConfirmForm().validate():
        return _term_page(term_id), 422

    check = _check(
        term_id,
        _("Call the next ones now?"),
        _("Those who come next are written to at once. What has left cannot be called back."),
        _("Write to them"),
    )
    if page := unless_confirmed(check):
        return page

    def call(session: Session, term: Term) -> None:
        vacancies.fill(session, current_actor(), term)

    return _act(term_id, call, _("Whoever comes next has been written to."))


@assemblies.post("/<int:term_id>/rota")
@allow(Role.ORGANISER)
@undoable("what failed is computed again")
@binding
def ask_rota(term_id: int) -> Answer:
    """Compute the rota of the groups drawn from a term again, after it failed."""
    if not ConfirmForm().validate():
        return _term_page(term_id), 422
    return _act(term_id, turning.ask_rota, _("The rota is being computed."))


@assemblies.post("/<int:term_id>/suspend")
@allow(Role.GUARANTOR)
@undoable("assemblies.resume")
@binding
def suspend(term_id: int) -> Answer:
    """Stop a term, with a public reason."""
    return _with_reason(term_id, halts.suspend, _("The body is suspended."))


@assemblies.post("/<int:term_id>/resume")
@allow(Role.GUARANTOR)
@undoable("assemblies.suspend")
@binding
def resume(term_id: int) -> Answer:
    """Let a suspended term go on."""
    return _with_reason(term_id, halts.lift, _("The body goes on."))


def _with_reason(term_id: int, verb: Callable[..., object], done: str) -> Answer:
    form = ReasonForm(hint=PUBLISHED)
    if not form.validate():
        return _term_page(term_id, reason=form), 422
    return _act(term_id, lambda session, term: verb(session, current_actor(), term, form.reason.data), done)
