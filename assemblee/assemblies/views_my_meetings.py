"""What a member does on the page of their seat: calendar, absences, minutes, modules, expenses."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee import qr_code
from assemblee.accounts.forms import ConfirmForm
from assemblee.assemblies.meetings import attendance, attestation, calendars, ledger, minutes
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.forms import ExpenseForm
from assemblee.assemblies.meetings.models import Meeting
from assemblee.assemblies.papers import documents, training
from assemblee.assemblies.papers.views import download
from assemblee.assemblies.seats.links import holder, seat_of
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import current_config, reading, writing
from assemblee.i18n import moment
from assemblee.mandates import charters
from assemblee.security import FORM_RATE, Actor, Role, allow, lasting, limiter, undoable

my_pages = Blueprint("meetings", __name__)
Answer = str | Redirect | tuple[str, int]


def about(session: Session, seat: Seat) -> dict[str, object]:
    """Return what the page of a seat shows of meetings, documents, modules and money."""
    if seat.place is None:
        return {"mine": [], "documents": [], "modules": [], "lines": []}
    mine = meeting_queries.mine(session, seat)
    ahead = next((one.meeting for one in mine if _is_open(session, one.meeting, seat)), None)
    return {
        "mine": mine,
        "door": ahead,
        "code": _code(seat, ahead) if ahead is not None else None,
        "documents": [one for one in meeting_queries.documents(session, seat.term) if not one.withdrawn_at],
        "modules": meeting_queries.modules(session, seat.term),
        "done": meeting_queries.modules_done(session, seat),
        "lines": ledger.of_seat(session, seat),
    }


def _is_open(session: Session, meeting: Meeting, seat: Seat) -> bool:
    """Whether a member may still be marked as present at a meeting."""
    ended = meeting.days[-1] < queries.today(session, seat.term.mandate)
    return seat.holds and not meeting.is_cancelled and meeting.recorded_at is None and not ended


def _code(seat: Seat, meeting: Meeting) -> Markup:
    """Return the code that an organiser's telephone reads at the door."""
    address = url_for(
        "assemblies.meetings.check_in",
        mandate=seat.term.mandate.slug,
        term_id=seat.term_id,
        meeting_id=meeting.id,
        token=attendance.entry_pass(current_config(), meeting, seat),
    )
    return qr_code.svg(current_config().base_url + address)


def _approval(token: str, meeting_id: int) -> Act:
    session = reading()
    seat = seat_of(session, token)
    g.mandate = seat.term.mandate
    meeting = meeting_queries.meeting(session, seat.term, meeting_id)
    return Act(
        _("Approve these minutes?"),
        after=_("Once more than half of those who were there approve, the minutes are public for good."),
        verb=_("I approve"),
        way_out=url_for("seat.show", token=token) + "#meetings",
        facts=[(_("Meeting"), meeting.title), (_("When"), moment(meeting.starts_at, "weekday"))],
    )


def _act(token: str, act: Callable[[Session, Actor, Seat], object], done: str) -> Answer:
    if not ConfirmForm().validate():
        return redirect(url_for("seat.show", token=token))
    with writing() as session:
        seat = seat_of(session, token)
        act(session, holder(seat), seat)
    flash(done)
    return redirect(url_for("seat.show", token=token) + "#meetings")


@my_pages.get("/calendar.ics")
@allow(Role.EVERYONE)
def calendar(token: str) -> Response:
    """Give a member's meetings to a calendar that subscribes to them."""
    session = reading()
    return Response(calendars.of_seat(session, seat_of(session, token)), mimetype=calendars.MEDIA_TYPE)


@my_pages.post("/meetings/<int:meeting_id>/absence")
@allow(Role.EVERYONE)
@undoable("seat.meetings.come")
@limiter.limit(FORM_RATE)
def stay_away(token: str, meeting_id: int) -> Answer:
    """Say that one cannot come."""
    done = _("Your absence is noted. No reason is needed.")
    return _announce(token, meeting_id, done, is_away=True)


@my_pages.post("/meetings/<int:meeting_id>/presence")
@allow(Role.EVERYONE)
@undoable("seat.meetings.stay_away")
@limiter.limit(FORM_RATE)
def come(token: str, meeting_id: int) -> Answer:
    """Say that one can come after all."""
    return _announce(token, meeting_id, _("You are expected again."), is_away=False)


def _announce(token: str, meeting_id: int, done: str, *, is_away: bool) -> Answer:
    def say(session: Session, _actor: Actor, seat: Seat) -> None:
        meeting = meeting_queries.meeting(session, seat.term, meeting_id)
        attendance.announce(session, seat, meeting, is_away=is_away)

    return _act(token, say, done)


@my_pages.post("/meetings/<int:meeting_id>/approve")
@allow(Role.EVERYONE)
@lasting
@limiter.limit(FORM_RATE)
def approve(token: str, meeting_id: int) -> Answer:
    """Say that the minutes are true."""
    shown = request.form.get("shown", "")

    if ConfirmForm().validate() and (page := unless_confirmed(_approval(token, meeting_id))):
        return page

    def say(session: Session, actor: Actor, seat: Seat) -> None:
        meeting = meeting_queries.meeting(session, seat.term, meeting_id)
        minutes.approve(session, actor, seat, meeting, shown)

    return _act(token, say, _("Your approval is noted."))


@my_pages.post("/modules/<int:module_id>/done")
@allow(Role.EVERYONE)
@undoable("nothing depends on it")
@limiter.limit(FORM_RATE)
def complete(token: str, module_id: int) -> Answer:
    """Say that a module is done."""

    def say(session: Session, _actor: Actor, seat: Seat) -> None:
        training.complete(session, seat, training.module(session, seat.term, module_id))

    return _act(token, say, _("Noted: this module is done."))


@my_pages.get("/documents/<int:document_id>")
@allow(Role.EVERYONE)
def document(token: str, document_id: int) -> Response:
    """Give a member a document of their body."""
    session = reading()
    seat = seat_of(session, token)
    for_members = seat.place is not None
    return download(documents.document(session, seat.term, document_id, for_members=for_members))


@my_pages.route("/expenses", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("assemblies.ledger.refuse")
@limiter.limit(FORM_RATE, methods=["POST"])
def expenses(token: str) -> Answer:
    """Declare an expense."""
    form = ExpenseForm()
    if form.validate_on_submit():
        fields = {
            "expense-amount-invalid": "amount",
            "expense-purpose-missing": "purpose",
            "expense-purpose-too-long": "purpose",
            "expense-day-invalid": "day",
        }
        with form.placing(fields), writing() as session:
            seat = seat_of(session, token)
            ledger.declare(
                session,
                holder(seat),
                seat,
                cents=form.cents(),
                purpose=form.purpose.data or "",
                day=form.day.data,
            )
        if not form.errors:
            flash(_("Your expense is declared: the organisers decide on it."))
            return redirect(url_for("seat.show", token=token) + "#money")
    session = reading()
    seat = seat_of(session, token)
    g.mandate = seat.term.mandate
    body = charters.current(session, seat.term.mandate).body(seat.term.body)
    page = render_template("assemblies/expense.html", form=form, token=token, seat=seat, body=body)
    return page, 422 if form.errors else 200


@my_pages.get("/attestation.pdf")
@allow(Role.EVERYONE)
def attest(token: str) -> Response:
    """Give a member the attestation for their employer."""
    session = reading()
    seat = seat_of(session, token)
    g.mandate = seat.term.mandate
    return Response(attestation.pdf(session, seat), mimetype="application/pdf")
