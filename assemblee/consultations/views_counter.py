"""The counter of a consultation: who is handed a paper ballot or a code, and sheets that are read by two."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee import qr_code
from assemblee.accounts.forms import ConfirmForm
from assemblee.confirming import Act, unless_confirmed
from assemblee.consultations import marking, queries, sheets
from assemblee.consultations.forms import SheetsForm, ballot_form
from assemblee.consultations.models import Consultation, Phase, RollEntry
from assemblee.consultations.views import consultations, shown
from assemblee.consultations.views_voting import ballot_box, voter
from assemblee.db import database_now
from assemblee.forms import current_config, normalised, reading, writing
from assemblee.mail import undelivered
from assemblee.pager import Page, asked_page
from assemblee.refusal import Refusal
from assemblee.security import FORM_RATE, Role, allow, current_actor, lasting, limiter, undoable
from votes.ballots import NO_OPINION

__all__ = ["consultations"]

counter = Blueprint("counter", __name__, url_prefix="/<int:number>")
Answer = str | Redirect | tuple[str, int]
PER_PAGE = 50
LONGEST_NAME = 200


def _settled(number: int) -> Consultation:
    consultation = shown(number)
    if consultation.rules_text is None:
        raise Refusal("consultation-is-draft")
    if not consultation.is_secret:
        raise Refusal("consultation-is-not-secret", status=404)
    return consultation


def _entry(consultation: Consultation, entry_id: int) -> RollEntry:
    entry = reading().get(RollEntry, entry_id)
    if entry is None or entry.consultation_id != consultation.id:
        raise Refusal("voter-unknown", status=404)
    return entry


@counter.get("/roll")
@allow(Role.ORGANISER)
def roll(number: int) -> str:
    """Look people up on the roll, to hand them a paper ballot or a code."""
    session = reading()
    consultation = _settled(number)
    wanted = (normalised(request.args.get("name")) or "")[:LONGEST_NAME]
    page = Page(
        "consultations.counter.roll",
        asked_page(),
        queries.count_named(session, consultation, wanted),
        PER_PAGE,
        {"mandate": g.mandate.slug, "number": number, "name": wanted},
    )
    entries = queries.named(session, consultation, wanted, offset=page.offset, limit=page.size)
    return render_template(
        "consultations/roll.html",
        consultation=consultation,
        entries=entries,
        troubles=undelivered.troubles(session, [entry.address for entry in entries]),
        page=page,
        wanted=wanted,
        phase=consultation.phase(database_now(session)),
        Phase=Phase,
        confirm=ConfirmForm(formdata=None),
    )


def _marking(entry: RollEntry, title: str, after: str, verb: str) -> Act:
    person = entry.known_as or entry.address or _("somebody erased")
    way_out = url_for("consultations.counter.roll", mandate=g.mandate.slug, number=entry.consultation_id)
    return Act(title, after=after, verb=verb, way_out=way_out, facts=[(_("Person"), person)])


@counter.post("/roll/<int:entry_id>/hand-out")
@allow(Role.ORGANISER)
@lasting
def hand_out(number: int, entry_id: int) -> str | Redirect:
    """Mark somebody who is handed a paper ballot."""
    entry = _entry(_settled(number), entry_id)
    ConfirmForm().validate()
    check = _marking(
        entry,
        _("Hand this person a paper ballot?"),
        _("They are marked as voting on paper and can vote in no other way. The mark cannot be taken off."),
        _("Mark, and hand out the ballot"),
    )
    if page := unless_confirmed(check):
        return page
    with writing() as session:
        marking.mark_at_counter(session, current_actor(), session.get_one(RollEntry, entry.id))
    flash(_("Marked. Hand out one paper ballot, any of the pile."))
    return redirect(url_for("consultations.counter.roll", mandate=g.mandate.slug, number=number))


@counter.post("/roll/<int:entry_id>/letter")
@allow(Role.ORGANISER)
@lasting
def letter(number: int, entry_id: int) -> str:
    """Mark somebody who asks for a letter, and show the letter with their code, this once."""
    entry = _entry(_settled(number), entry_id)
    ConfirmForm().validate()
    check = _marking(
        entry,
        _("Print a letter for this person?"),
        _("Their code is shown this once, and a code that was sent before is void."),
        _("Print the letter"),
    )
    if page := unless_confirmed(check):
        return page
    with writing() as session:
        code = marking.print_code(session, current_actor(), session.get_one(RollEntry, entry.id))
    consultation = shown(number)
    return render_template(
        "consultations/letter.html",
        consultation=consultation,
        entry=_entry(consultation, entry_id),
        code=code,
        address=_address(consultation),
    )


def _address(consultation: Consultation) -> str:
    return f"{current_config().base_url}/votes/{consultation.id}/code"


@counter.route("/sheets", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("what is not handed out counts for nothing")
def print_sheets(number: int) -> Answer:
    """Print paper ballots."""
    consultation = _settled(number)
    form = SheetsForm()
    if form.validate_on_submit():
        with writing() as session:
            codes = sheets.print_sheets(
                session,
                current_actor(),
                queries.consultation(session, g.mandate.id, number),
                form.number.data or 0,
            )
        consultation = shown(number)
        rules = queries.rules(consultation)
        return render_template(
            "consultations/sheets_printed.html",
            consultation=consultation,
            rules=rules,
            form=ballot_form(rules)(formdata=None),
            sheets=[(code, qr_code.svg(code)) for code in codes],
            NO_OPINION=NO_OPINION,
        )
    printed, entered = queries.sheets(reading(), consultation)
    page = render_template(
        "consultations/sheets.html", consultation=consultation, form=form, printed=printed, entered=entered
    )
    return page, 422 if form.errors else 200


@counter.route("/enter", methods=["GET", "POST"])
@allow(Role.ORGANISER, Role.GUARANTOR)
@undoable("two people enter the same before it counts")
@limiter.limit(FORM_RATE, methods=["POST"])
def enter(number: int) -> Answer:
    """Enter what is on a paper ballot; a second person enters it too."""
    consultation = _settled(number)
    queries.require_phase(reading(), consultation, Phase.CLOSED)
    form = ballot_form(queries.rules(consultation), with_code=True)()
    if form.is_submitted() and form.validate():
        ballot = form.rules.blank if "blank" in request.form else form.ballot()
        with form.placing({"sheet-unknown": "code", "sheet-already-entered": "code"}), writing() as session:
            is_in = sheets.enter(
                session,
                current_actor(),
                queries.consultation(session, g.mandate.id, number),
                form["code"].data,
                ballot,
            )
        if not form.errors:
            flash(
                _("Both agree: the ballot is in the box.")
                if is_in
                else _("Noted. It is in the box once somebody else has entered the same.")
            )
            return redirect(url_for("consultations.counter.enter", mandate=g.mandate.slug, number=number))
    consultation = shown(number)
    page = render_template(
        "consultations/enter.html",
        consultation=consultation,
        form=form,
        rules=form.rules,
        places=list(range(len(form.rules.proposals))),
        unfinished=queries.unfinished_sheets(reading(), consultation),
        NO_OPINION=NO_OPINION,
    )
    return page, 422 if form.errors else 200


consultations.register_blueprint(counter)
# The addresses of those who vote hold no mandate, only a token or the number of the vote.
consultations.record(lambda state: state.app.register_blueprint(voter))
consultations.record(lambda state: state.app.register_blueprint(ballot_box))
