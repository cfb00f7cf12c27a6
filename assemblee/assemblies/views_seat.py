"""The page of one person drawn, opened by the link in their mail: no account is needed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assemblee.accounts.forms import ConfirmForm
from assemblee.assemblies.forms import AcceptForm, NameForm
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats.links import holder, seat_of
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat, SeatState
from assemblee.assemblies.views_my_meetings import about as about_meetings
from assemblee.assemblies.views_my_meetings import my_pages
from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.forms import reading, writing
from assemblee.mandates import charters
from assemblee.refusal import Refusal
from assemblee.security import FORM_RATE, Actor, Role, allow, lasting, limiter, undoable

seat_pages = Blueprint("seat", __name__, url_prefix="/seat/<token>")
seat_pages.register_blueprint(my_pages)
Answer = str | Response | tuple[str, int]


def _page(token: str, **forms: object) -> str:
    session = reading()
    seat = seat_of(session, token)
    g.mandate = seat.term.mandate
    shown: dict[str, object] = {
        "answer": AcceptForm(formdata=None),
        "name_form": NameForm(formdata=None, public_name=seat.public_name),
        **forms,
    }
    return render_template(
        "assemblies/seat.html",
        seat=seat,
        term=seat.term,
        token=token,
        body=charters.current(session, seat.term.mandate).body(seat.term.body),
        draw=queries.source_draw(session, seat.term),
        suspension=queries.suspension(session, seat.term),
        groups=queries.seats_below(session, seat),
        late=seat.answer_until is not None and database_now(session) > seat.answer_until,
        SeatState=SeatState,
        **about_meetings(session, seat),
        **shown,
    )


def _check(token: str, title: str, after: str, verb: str) -> Act:
    session = reading()
    seat = seat_of(session, token)
    g.mandate = seat.term.mandate
    body = (_("Body"), queries.title(session, seat.term))
    return Act(title, after=after, verb=verb, way_out=url_for("seat.show", token=token), facts=[body])


def _act(token: str, act: Callable[[Session, Actor, Seat], object], done: str) -> Response:
    with writing() as session:
        seat = seat_of(session, token)
        act(session, holder(seat), seat)
    flash(done)
    return redirect(url_for("seat.show", token=token))


@seat_pages.get("/")
@allow(Role.EVERYONE)
def show(token: str) -> str:
    """Show what is asked of a person, and what they can do."""
    return _page(token)


@seat_pages.post("/accept")
@allow(Role.EVERYONE)
@undoable("seat.leave")
@limiter.limit(FORM_RATE)
def accept(token: str) -> Answer:
    """Say yes."""
    form = AcceptForm()
    if not form.validate():
        return _page(token, answer=form), 422
    name = form.public_name.data or ""

    def say_yes(session: Session, actor: Actor, seat: Seat) -> None:
        seats.accept(session, actor, seat, public_name="" if seat.reason else name)

    with form.placing({"seat-name-too-long": "public_name"}):
        return _act(token, say_yes, _("Thank you: your place is taken. A message confirms it."))
    return _page(token, answer=form), 422


@seat_pages.post("/decline")
@allow(Role.EVERYONE)
@lasting
@limiter.limit(FORM_RATE)
def decline(token: str) -> Answer:
    """Say no."""
    if not ConfirmForm().validate():
        return _page(token), 422
    check = _check(
        token,
        _("Say no?"),
        _("Your place is offered to somebody else at once. You cannot take it back."),
        _("I say no"),
    )
    if page := unless_confirmed(check):
        return page
    return _act(token, seats.decline, _("Your no is noted. Thank you for having answered."))


@seat_pages.post("/name")
@allow(Role.EVERYONE)
@undoable("seat.name")
@limiter.limit(FORM_RATE)
def name(token: str) -> Answer:
    """Change the name that is shown, or show none."""
    form = NameForm()
    if not form.validate():
        return _page(token, name_form=form), 422
    shown = form.public_name.data or ""

    def show_name(session: Session, _actor: Actor, seat: Seat) -> None:
        if seat.reason:
            raise Refusal("seat-name-is-public")
        seats.show_name(session, seat, shown)

    with form.placing({"seat-name-too-long": "public_name"}):
        return _act(token, show_name, _("Noted."))
    return _page(token, name_form=form), 422


@seat_pages.post("/leave")
@allow(Role.EVERYONE)
@lasting
@limiter.limit(FORM_RATE)
def leave(token: str) -> Answer:
    """Give up a place."""
    if not ConfirmForm().validate():
        return _page(token), 422

    check = _check(
        token,
        _("Give up your place?"),
        _("Somebody else is called for it at once. You cannot take it back."),
        _("I give up my place"),
    )
    if page := unless_confirmed(check):
        return page

    def resign(session: Session, actor: Actor, seat: Seat) -> None:
        seats.leave(session, actor, seat, SeatState.RESIGNED, cause="own-word")

    return _act(token, resign, _("Your place is given up. Thank you for having taken part."))
