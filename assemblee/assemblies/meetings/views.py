"""Pages of meetings: convene, change, cancel, mark who is there, write the minutes, seat at tables."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import attendance, calendars, minutes, table_plans
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.forms import (
    CHANGE_FIELDS,
    MEETING_FIELDS,
    CancelForm,
    MeetingForm,
    MinutesForm,
    TablesForm,
    change_form,
)
from assemblee.assemblies.meetings.models import Meeting, Presence
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Term
from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.forms import MOST_DIGITS, current_config, reading, writing
from assemblee.i18n import moment
from assemblee.jobs import queries as job_queries
from assemblee.mandates import charters
from assemblee.messages import explain
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting, undoable

meeting_pages = Blueprint("meetings", __name__, url_prefix="/<int:term_id>")
Answer = str | Redirect | tuple[str, int]


def about(session: Session, term: Term) -> dict[str, object]:
    """Return what the page of a term shows of its meetings."""
    found = meeting_queries.meetings(session, term)
    return {"meetings": found, "turnouts": meeting_queries.turnouts(session, found)}


def _meeting(session: Session, term_id: int, meeting_id: int) -> Meeting:
    term = queries.term(session, g.mandate.id, term_id)
    return meeting_queries.meeting(session, term, meeting_id)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= MOST_DIGITS


def _render(template: str, meeting: Meeting, **shown: object) -> str:
    body = charters.current(reading(), g.mandate).body(meeting.term.body)
    return render_template(template, meeting=meeting, term=meeting.term, body=body, **shown)


def _act(term_id: int, meeting_id: int, act: Callable[[Session, Meeting], object], done: str) -> Redirect:
    with writing() as session:
        act(session, _meeting(session, term_id, meeting_id))
    flash(done)
    return redirect(
        url_for("assemblies.meetings.show", mandate=g.mandate.slug, term_id=term_id, meeting_id=meeting_id)
    )


@meeting_pages.get("/calendar.ics")
@allow(Role.EVERYONE)
def calendar(term_id: int) -> Response:
    """Give the meetings of a body to a calendar that subscribes to them."""
    session = reading()
    content = calendars.of_term(session, queries.term(session, g.mandate.id, term_id))
    return Response(content, mimetype=calendars.MEDIA_TYPE)


@meeting_pages.route("/meetings/new", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("assemblies.meetings.cancel")
@binding
def convene(term_id: int) -> Answer:
    """Call the members of a body to a meeting."""
    form = MeetingForm()
    if form.validate_on_submit():
        with form.placing(MEETING_FIELDS), writing() as session:
            term = queries.term(session, g.mandate.id, term_id)
            made = meetings.convene(session, current_actor(), term, form.facts(g.mandate.time_zone))
            number = made.id
        if not form.errors:
            flash(_("The meeting is convened: everybody who holds a place is written to."))
            here = {"mandate": g.mandate.slug, "term_id": term_id, "meeting_id": number}
            return redirect(url_for("assemblies.meetings.show", **here))
    session = reading()
    term = queries.term(session, g.mandate.id, term_id)
    body = charters.current(session, g.mandate).body(term.body)
    page = render_template("assemblies/meetings/edit.html", form=form, term=term, body=body, meeting=None)
    return page, 422 if form.errors else 200


@meeting_pages.get("/meetings/<int:meeting_id>")
@allow(Role.EVERYONE)
def show(term_id: int, meeting_id: int) -> str:
    """Show a meeting: when and where, about what, how many came, and what was said."""
    return _page(term_id, meeting_id)


def _page(term_id: int, meeting_id: int, **forms: object) -> str:
    session = reading()
    meeting = _meeting(session, term_id, meeting_id)
    text = meeting.minutes.text if meeting.minutes else ""
    shown: dict[str, object] = {
        "cancelling": CancelForm(formdata=None),
        "writing": MinutesForm(formdata=None, text=text),
        **forms,
    }
    return _render(
        "assemblies/meetings/show.html",
        meeting,
        turnout=meeting_queries.turnouts(session, [meeting]).get(meeting.id),
        approvals=meeting_queries.approvals(session, meeting),
        is_ahead=database_now(session) < meeting.starts_at,
        **shown,
    )


@meeting_pages.route("/meetings/<int:meeting_id>/change", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("the meeting is changed again")
@binding
def change(term_id: int, meeting_id: int) -> Answer:
    """Change what members were told of a meeting."""
    form = change_form(_meeting(reading(), term_id, meeting_id))
    if form.validate_on_submit():
        facts, reason = form.facts(g.mandate.time_zone), form.reason.data or ""

        def move(session: Session, meeting: Meeting) -> None:
            meetings.move(session, current_actor(), meeting, facts, reason)

        with form.placing(CHANGE_FIELDS):
            return _act(term_id, meeting_id, move, _("The members are told of the change."))
    page = _render("assemblies/meetings/edit.html", _meeting(reading(), term_id, meeting_id), form=form)
    return page, 422 if form.errors else 200


@meeting_pages.post("/meetings/<int:meeting_id>/cancel")
@allow(Role.ORGANISER)
@lasting
@binding
def cancel(term_id: int, meeting_id: int) -> Answer:
    """Call a meeting off."""
    form = CancelForm()
    if not form.validate():
        return _page(term_id, meeting_id, cancelling=form), 422

    meeting = _meeting(reading(), term_id, meeting_id)
    check = Act(
        _("Cancel this meeting?"),
        after=_("Everybody who was called is told at once. To meet after all, they must be called anew."),
        verb=_("Cancel the meeting"),
        way_out=url_for(
            "assemblies.meetings.show", mandate=g.mandate.slug, term_id=term_id, meeting_id=meeting_id
        ),
        facts=[(_("Meeting"), meeting.title), (_("When"), moment(meeting.starts_at, "weekday"))],
    )
    if page := unless_confirmed(check, form):
        return page

    def call_off(session: Session, meeting: Meeting) -> None:
        meetings.cancel(session, current_actor(), meeting, form.why.data or "")

    return _act(term_id, meeting_id, call_off, _("The meeting is cancelled, and its members are told."))


@meeting_pages.route("/meetings/<int:meeting_id>/attendance", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("attendance is recorded again")
@binding
def sheet(term_id: int, meeting_id: int) -> Answer:
    """Record who was there, or correct it."""
    form = ConfirmForm()
    said = {name: value for name, value in request.form.items() if name.startswith("seat-")}
    if form.validate_on_submit():
        states = {
            int(name.removeprefix("seat-")): Presence(value)
            for name, value in said.items()
            if _is_number(name.removeprefix("seat-")) and value in set(Presence)
        }

        def take(session: Session, meeting: Meeting) -> None:
            attendance.take(session, current_actor(), meeting, states)

        try:
            return _act(term_id, meeting_id, take, _("The attendance is recorded."))
        except Refusal as refused:
            if refused.code != "attendance-incomplete":
                raise
            form.form_errors = [explain(refused)]
    session = reading()
    meeting = _meeting(session, term_id, meeting_id)
    page = _render(
        "assemblies/meetings/attendance.html",
        meeting,
        form=form,
        said=said,
        called=meeting_queries.expected(session, meeting),
        known=meeting_queries.attendance(session, meeting),
        has_begun=database_now(session) >= meeting.starts_at,
        Presence=Presence,
    )
    return page, 422 if form.errors else 200


@meeting_pages.get("/meetings/<int:meeting_id>/sheet")
@allow(Role.ORGANISER)
def paper(term_id: int, meeting_id: int) -> str:
    """Show the sheet to print and to sign."""
    session = reading()
    meeting = _meeting(session, term_id, meeting_id)
    return _render(
        "assemblies/meetings/sheet.html",
        meeting,
        called=meeting_queries.expected(session, meeting),
        known=meeting_queries.attendance(session, meeting),
    )


@meeting_pages.route("/meetings/<int:meeting_id>/check-in/<token>", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("assemblies.meetings.sheet")
@binding
def check_in(term_id: int, meeting_id: int, token: str) -> Answer:
    """Mark as present the member whose code an organiser has read."""
    if ConfirmForm().validate_on_submit():
        with writing() as session:
            meeting = _meeting(session, term_id, meeting_id)
            seat = attendance.seat_of_pass(session, current_config(), meeting, token)
            attendance.check_in(session, meeting, seat)
        flash(_("Noted: this person is there."))
        return redirect(request.path)
    session = reading()
    meeting = _meeting(session, term_id, meeting_id)
    seat = attendance.seat_of_pass(session, current_config(), meeting, token)
    known = meeting_queries.attendance(session, meeting).get(seat.id)
    return _render("assemblies/meetings/check_in.html", meeting, seat=seat, known=known)


@meeting_pages.post("/meetings/<int:meeting_id>/minutes")
@allow(Role.ORGANISER)
@undoable("minutes are written again until they are approved")
@binding
def write_minutes(term_id: int, meeting_id: int) -> Answer:
    """Give the members the minutes."""
    form = MinutesForm()
    if not form.validate():
        return _page(term_id, meeting_id, writing=form), 422

    def publish(session: Session, meeting: Meeting) -> None:
        minutes.publish(session, current_actor(), meeting, form.text.data or "")

    with form.placing({"minutes-text-missing": "text", "minutes-unchanged": "text"}):
        return _act(term_id, meeting_id, publish, _("Those who were present are asked to approve."))
    return _page(term_id, meeting_id, writing=form), 422


@meeting_pages.route("/meetings/<int:meeting_id>/tables", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("tables are drawn again")
@binding
def tables(term_id: int, meeting_id: int) -> Answer:
    """Seat those who come at tables, for several rounds."""
    form = TablesForm()
    here = {"mandate": g.mandate.slug, "term_id": term_id, "meeting_id": meeting_id}
    if form.validate_on_submit():
        with form.placing({"tables-impossible": "tables"}), writing() as session:
            table_plans.ask(
                session, _meeting(session, term_id, meeting_id), form.tables.data, form.rounds.data
            )
        if not form.errors:
            return redirect(url_for("assemblies.meetings.tables", **here))
    session = reading()
    meeting = _meeting(session, term_id, meeting_id)
    page = _render(
        "assemblies/meetings/tables.html",
        meeting,
        form=form,
        plan=meeting_queries.latest_plan(session, meeting),
        job=job_queries.latest(session, table_plans.KIND, meeting.id),
        names={
            seat.pseudonym: seat.known_as or seat.pseudonym for seat in queries.seats(session, meeting.term)
        },
    )
    return page, 422 if form.errors else 200
