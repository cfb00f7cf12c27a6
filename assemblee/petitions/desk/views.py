"""The desk against fraud: what looks alike, what setting it aside would do, reviews, the public record."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.forms import ReasonForm, reading, writing
from assemblee.pager import asked_number
from assemblee.petitions.desk import fraud, patterns, reviews
from assemblee.petitions.desk.forms import KEEP, ConditionForm, OpinionForm
from assemblee.petitions.desk.fraud import Condition, Effect
from assemblee.petitions.desk.models import ReviewOutcome
from assemblee.petitions.paper.forms import NAME_NOBODY
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.petition.views import shown
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting, undoable

desk_pages = Blueprint("desk", __name__, url_prefix="/m/<mandate>/petitions/<int:number>/desk")
Answer = str | Redirect | tuple[str, int]
# How many of the signatures concerned a page lists; the figures are those of all.
MOST_LISTED = 50
PREVIEW, APPLY = "preview", "apply"


def _petition(number: int) -> Petition:
    return queries.petition(reading(), g.mandate.id, number)


def _to(endpoint: str, number: int) -> Redirect:
    return redirect(url_for(f"petitions.desk.{endpoint}", mandate=g.mandate.slug, number=number))


@desk_pages.get("/")
@allow(Role.GUARANTOR)
def index(number: int) -> str:
    """Show what may be fraud, what was set aside, and the review under way."""
    session = reading()
    petition = _petition(number)
    return render_template(
        "petitions/desk/index.html",
        petition=petition,
        findings=patterns.find(session, petition),
        rows=fraud.invalidations(session, petition),
        review=reviews.open_one(session, petition),
        patterns=patterns,
    )


@desk_pages.get("/finding")
@allow(Role.GUARANTOR)
@binding
def finding(number: int) -> str:
    """Show the effect of setting aside what a pattern found."""
    session = reading()
    petition = _petition(number)
    rows = patterns.find(session, petition)
    place = asked_number("place")
    condition = rows[place].condition if place is not None and place < len(rows) else Condition()
    form = ConditionForm(formdata=None)
    form.show(condition, _zone())
    if condition == Condition():
        return _page(petition, form, None)
    return _page(petition, form, fraud.effect(session, petition, condition))


def _zone() -> ZoneInfo:
    return ZoneInfo(g.mandate.time_zone)


def _page(petition: Petition, form: ConditionForm, effect: Effect | None) -> str:
    if effect is not None:
        form.shown.data = effect.fingerprint
        # To look takes no reason; to set aside does.
        form.reason.flags.required = True
    return render_template(
        "petitions/desk/aside.html",
        petition=petition,
        form=form,
        effect=effect,
        listed=effect.signatures[:MOST_LISTED] if effect else (),
        PREVIEW=PREVIEW,
        APPLY=APPLY,
    )


@desk_pages.route("/aside", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@undoable("petitions.desk.restore")
@binding
def aside(number: int) -> Answer:
    """Show what a condition would set aside, then set it aside."""
    form = ConditionForm()
    if request.method == "GET" or not form.validate():
        return _page(_petition(number), form, None), 422 if form.errors else 200
    condition = form.condition(_zone())
    faults = dict.fromkeys(("fraud-condition-empty", "fraud-condition-too-long"), "network")
    try:
        if request.form.get("step") == APPLY:
            with writing() as session:
                petition = queries.petition(session, g.mandate.id, number)
                made = fraud.set_aside(
                    session,
                    current_actor(),
                    petition,
                    condition,
                    form.reason.data or "",
                    shown=form.shown.data or "",
                )
            flash(_("Set aside: %(number)s. It can be restored at any time.", number=made.number))
            return _to("index", number)
        petition = _petition(number)
        return _page(petition, form, fraud.effect(reading(), petition, condition))
    except Refusal as refused:
        again = {"fraud-changed": "reason", "fraud-reason-missing": "reason", "fraud-nothing": "network"}
        form.refuse(refused, faults | again)
    petition = _petition(number)
    is_condition = condition != Condition()
    # What stands there now is shown again, with the reason that was typed.
    return _page(petition, form, fraud.effect(reading(), petition, condition) if is_condition else None), 422


@desk_pages.route("/restore/<int:invalidation_id>", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@undoable("petitions.desk.aside")
@binding
def restore(number: int, invalidation_id: int) -> Answer:
    """Let signatures count again."""
    form = ReasonForm(hint=NAME_NOBODY)
    if form.validate_on_submit():
        with writing() as session:
            petition = queries.petition(session, g.mandate.id, number)
            row = fraud.invalidation(session, petition, invalidation_id)
            again = fraud.restore(session, current_actor(), row, form.reason.data)
        flash(_("Restored: %(number)s.", number=again))
        return _to("index", number)
    petition = _petition(number)
    row = fraud.invalidation(reading(), petition, invalidation_id)
    page = render_template("petitions/desk/restore.html", petition=petition, row=row, form=form)
    return page, 422 if form.errors else 200


@desk_pages.get("/record")
@allow(Role.EVERYONE)
def record(number: int) -> str:
    """Show everybody what was set aside and restored, and how reviews ended."""
    session = reading()
    petition = shown(number)
    return render_template(
        "petitions/desk/record.html",
        petition=petition,
        rows=fraud.invalidations(session, petition),
        reviews=reviews.of_petition(session, petition),
        ReviewOutcome=ReviewOutcome,
    )


@desk_pages.route("/reviews/<int:review_id>", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@lasting
@binding
def review(number: int, review_id: int) -> Answer:
    """Say whether the assembly goes on."""
    form = OpinionForm(hint=NAME_NOBODY)
    if form.validate_on_submit():
        act = Act(
            _("Give your word on this assembly?"),
            after=_("Your word and its reason stay public, and cannot be changed."),
            verb=_("Give my word"),
            way_out=url_for("petitions.desk.record", mandate=g.mandate.slug, number=number),
            facts=[(_("Petition"), _petition(number).title)],
        )
        if checked := unless_confirmed(act, form):
            return checked
        with writing() as session:
            row = reviews.by_number(session, queries.petition(session, g.mandate.id, number), review_id)
            reviews.say(
                session, current_actor(), row, keeps=form.opinion.data == KEEP, reason=form.reason.data
            )
        flash(_("Your word is recorded, with its reason."))
        return _to("record", number)
    session = reading()
    petition = _petition(number)
    row = reviews.by_number(session, petition, review_id)
    said = {one.account_id for one in row.opinions}
    page = render_template(
        "petitions/desk/review.html",
        petition=petition,
        review=row,
        form=form,
        may_say=row.closed_at is None
        and current_actor().account not in said
        and database_now(session) < row.closes_at,
    )
    return page, 422 if form.errors else 200
