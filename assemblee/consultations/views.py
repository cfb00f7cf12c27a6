"""Pages of consultations: public from the day they are settled, written and settled by organisers."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee import confirming
from assemblee.accounts.forms import ConfirmForm
from assemblee.confirming import Act, unless_confirmed
from assemblee.consultations import archive, counting, drafting, exports, profiles, queries, rolls, settling
from assemblee.consultations.forms import ConsultationForm, ReceiptForm
from assemblee.consultations.models import Ballot, Consultation, ConsultationState, Phase
from assemblee.db import database_now
from assemblee.forms import ReasonForm, current_config, reading, writing
from assemblee.journal import queries as journal
from assemblee.journal import tree
from assemblee.journal.bundles import archive as zipped
from assemblee.pager import Page, asked_page
from assemblee.refusal import Refusal
from assemblee.security import (
    PAPER_RATE,
    Role,
    allow,
    binding,
    current_actor,
    in_a_room,
    lasting,
    limiter,
    network,
    undoable,
)
from votes.receipts import board_leaf

consultations = Blueprint("consultations", __name__, url_prefix="/m/<mandate>/consultations")
Answer = str | Redirect | tuple[str, int]
PER_PAGE = 100
# The field that a refusal belongs to.
PLACES = {
    "consultation-times-invalid": "closes_at",
    "consultation-argument-invalid": "arguments",
    "consultation-proposals-invalid": "proposals",
    "consultation-criteria-invalid": "criteria",
    "consultation-routing-invalid": "routing",
    "consultation-rules-invalid": "kind",
    "roll-unknown": "roll",
}


def shown(number: int) -> Consultation:
    """Return a consultation that the visitor may see: drafts are for those who run the mandate."""
    consultation = queries.consultation(reading(), g.mandate.id, number)
    if consultation.rules_text is None and not current_actor().roles & {Role.ORGANISER, Role.GUARANTOR}:
        raise Refusal("consultation-unknown", status=404)
    return consultation


def page_of(consultation: Consultation) -> str:
    """Return the address of a consultation's page."""
    return url_for("consultations.show", mandate=g.mandate.slug, number=consultation.id)


@consultations.get("/")
@allow(Role.EVERYONE)
def index() -> str:
    """List the consultations of the mandate."""
    session = reading()
    is_staff = bool(current_actor().roles & {Role.ORGANISER, Role.GUARANTOR})
    listed = queries.consultations(session, g.mandate.id, with_drafts=is_staff)
    now = database_now(session)
    return render_template(
        "consultations/index.html", rows=[(one, one.phase(now)) for one in listed], Phase=Phase
    )


def _write(form: ConsultationForm, consultation: Consultation | None) -> Redirect | None:
    """Write a form down as a draft, or say beside its fields why not."""
    with form.placing(PLACES), writing() as session:
        if consultation is None:
            made = drafting.write(session, current_actor(), g.mandate, form.facts())
        else:
            made = queries.consultation(session, g.mandate.id, consultation.id)
            drafting.change(session, current_actor(), made, form.facts())
    return None if form.errors else redirect(page_of(made))


@consultations.route("/new", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("consultations.cancel")
def new() -> Answer:
    """Write a consultation down."""
    form = ConsultationForm()
    form.offer(rolls.offers(reading(), g.mandate.id), g.mandate.time_zone)
    if form.validate_on_submit():
        done = _write(form, None)
        if done is not None:
            return done
    return render_template(
        "consultations/write.html", form=form, consultation=None
    ), 422 if form.errors else 200


@consultations.route("/<int:number>/change", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("the draft is written again")
def change(number: int) -> Answer:
    """Write a draft anew."""
    consultation = shown(number)
    queries.require_phase(reading(), consultation, Phase.DRAFT)
    form = ConsultationForm() if request.method == "POST" else ConsultationForm.of(consultation)
    form.offer(rolls.offers(reading(), g.mandate.id), g.mandate.time_zone)
    if form.validate_on_submit():
        done = _write(form, consultation)
        if done is not None:
            return done
    return render_template(
        "consultations/write.html", form=form, consultation=consultation
    ), 422 if form.errors else 200


@consultations.get("/<int:number>")
@allow(Role.EVERYONE)
@limiter.exempt
def show(number: int) -> str:
    """Show what is asked, of whom, by which rules; and the result once it is counted."""
    session = reading()
    consultation = shown(number)
    given: dict[str, Any] = {}
    if consultation.state == ConsultationState.COUNTED:
        given["result"] = queries.result(consultation)
        given["missed"] = None if given["result"]["quorum_met"] else profiles.missed(given["result"])
        given["profile"] = profiles.of(queries.rules(consultation), given["result"])
        given["map"] = profiles.criteria_map(queries.rules(consultation), given["result"])
        given["ranked"] = sorted(
            (rank, place) for place, rank in enumerate(given["result"]["tally"].get("ranking") or ())
        ) or [(None, place) for place in range(len(queries.rules(consultation).proposals))]
        given["named"] = [
            (one, exports.answers(queries.rules(consultation), one.ballot))
            for one in ([] if consultation.is_secret else queries.named_ballots(session, consultation))
        ]
    return render_template(
        "consultations/show.html",
        consultation=consultation,
        rules=queries.rules(consultation),
        document=json.loads(consultation.rules_text) if consultation.rules_text else None,
        phase=consultation.phase(database_now(session)),
        Phase=Phase,
        confirm=ConfirmForm(formdata=None),
        has_started=any(one.account_id == current_actor().account for one in consultation.starts),
        unfinished=queries.unfinished_sheets(session, consultation),
        is_small=queries.is_small(consultation),
        may_archive=_may_archive(consultation),
        **given,
    )


def _may_archive(consultation: Consultation) -> bool:
    return not queries.is_small(consultation) or Role.GUARANTOR in current_actor().roles


def _counted(number: int) -> Consultation:
    """Return a counted consultation, unless few voted in secret: its counts would tell their ballots."""
    consultation = shown(number)
    queries.result(consultation)
    if not _may_archive(consultation):
        raise Refusal("consultation-too-small", status=403)
    return consultation


@consultations.route("/<int:number>/settle", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def settle(number: int) -> Answer:
    """Freeze the rules and the roll, and write to the voters."""
    session = reading()
    consultation = shown(number)
    queries.require_phase(session, consultation, Phase.DRAFT)
    form = ConfirmForm()
    if form.validate_on_submit() and confirming.is_confirmed():
        with writing() as writer:
            settling.settle(writer, current_actor(), queries.consultation(writer, g.mandate.id, number))
        flash(_("The consultation is settled; everybody on the roll who has an address is written to."))
        return redirect(page_of(consultation))
    voters = rolls.voters(session, g.mandate.id, consultation.roll_source, consultation.roll_source_id)
    page = render_template(
        "consultations/settle.html",
        consultation=consultation,
        rules=queries.rules(consultation),
        voters=len(voters),
        **confirming.box([]),
    )
    return page, 422 if form.errors else 200


@consultations.route("/<int:number>/cancel", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def cancel(number: int) -> Answer:
    """Give a consultation up."""
    consultation = shown(number)
    form = ReasonForm()
    check = Act(
        _("Cancel this consultation?"),
        after=_("It stays listed for ever, with the reason, and nobody votes in it any more."),
        verb=_("Cancel the consultation"),
        way_out=page_of(consultation),
        facts=[(_("Consultation"), consultation.title)],
    )
    if form.validate_on_submit():
        if checked := unless_confirmed(check, form):
            return checked
        with writing() as session:
            drafting.cancel(
                session,
                current_actor(),
                queries.consultation(session, g.mandate.id, number),
                form.reason.data or "",
            )
        return redirect(page_of(consultation))
    return render_template(
        "consultations/cancel.html", consultation=consultation, form=form
    ), 422 if form.errors else 200


@consultations.post("/<int:number>/count")
@allow(Role.GUARANTOR)
@lasting
@binding
def count(number: int) -> str | Redirect:
    """Say that the count may start."""
    ConfirmForm().validate()
    consultation = shown(number)
    check = Act(
        _("May the count start?"),
        after=_(
            "Once every guarantor has said so, the ballots are mixed and counted, and what could tie one of "
            "them to a person is thrown away. That cannot be done again."
        ),
        verb=_("The count may start"),
        way_out=page_of(consultation),
        facts=[(_("Consultation"), consultation.title)],
    )
    if page := unless_confirmed(check):
        return page
    with writing() as session:
        consultation = counting.start(
            session, current_actor(), queries.consultation(session, g.mandate.id, number)
        )
    if consultation.state == ConsultationState.SETTLED:
        flash(_("Noted. The count starts once the other guarantors have said so too."))
    return redirect(page_of(consultation))


@consultations.route("/<int:number>/board", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("nothing is kept")
@in_a_room
def board(number: int) -> Answer:
    """Show every counted ballot by its receipt, and look one up.

    By a form that is sent, never by an address: who looks for a receipt is most often who has cast it, and
    logs of servers and browsers keep addresses.
    """
    consultation = shown(number)
    queries.require_phase(reading(), consultation, Phase.COUNTED)
    form = ReceiptForm()
    if form.validate_on_submit():
        with form.placing(dict.fromkeys(("receipt-malformed", "receipt-unknown"), "receipt")):
            return _receipt(consultation, queries.on_board(reading(), consultation, form.receipt.data))
    page = Page(
        "consultations.board",
        asked_page(),
        consultation.ballots or 0,
        PER_PAGE,
        {"mandate": g.mandate.slug, "number": number},
    )
    ballots = queries.board(reading(), consultation, offset=page.offset, limit=page.size)
    text = render_template(
        "consultations/board.html", consultation=consultation, ballots=ballots, page=page, form=form
    )
    return text, 422 if form.errors else 200


def _receipt(consultation: Consultation, ballot: Ballot) -> str:
    """Show that a ballot is among those that were counted: the way from its leaf to the published root."""
    session = reading()
    counted = json.loads(journal.leaf(session, consultation.counted_leaf or 0).body)["data"]
    is_seen = _may_archive(consultation)
    return render_template(
        "consultations/receipt.html",
        consultation=consultation,
        ballot=ballot,
        cells=exports.answers(queries.rules(consultation), ballot.cells) if is_seen else None,
        leaf=tree.leaf_hash(board_leaf(bytes.fromhex(ballot.token), ballot.cells)).hex(),
        path=exports.path(session, consultation, ballot),
        root=counted["board"],
        size=consultation.ballots,
    )


@consultations.get("/<int:number>/archive.zip")
@allow(Role.EVERYONE)
def download(number: int) -> Response:
    """Give all that is needed to recount."""
    consultation = _counted(number)
    content = zipped(archive.files(reading(), consultation))
    return _file(content, "application/zip", f"consultation-{number}.zip")


@consultations.get("/<int:number>/rules.json")
@allow(Role.EVERYONE)
def rules(number: int) -> Response:
    """Give the rules as they were hashed."""
    consultation = shown(number)
    if consultation.rules_text is None:
        raise Refusal("consultation-is-draft", status=404)
    return Response(consultation.rules_text, mimetype="application/json")


@consultations.get("/<int:number>/result.json")
@allow(Role.EVERYONE)
def result(number: int) -> Response:
    """Give the result as it was hashed."""
    consultation = _counted(number)
    return Response(consultation.result_text, mimetype="application/json")


@consultations.get("/<int:number>/result.csv")
@allow(Role.EVERYONE)
def result_table(number: int) -> Response:
    """Give the counts as a table."""
    consultation = _counted(number)
    content = exports.table(queries.rules(consultation), queries.result(consultation))
    return _file(content, "text/csv", f"consultation-{number}.csv")


@consultations.get("/<int:number>/result.pdf")
@allow(Role.EVERYONE)
@limiter.limit(PAPER_RATE, key_func=network)
def result_paper(number: int) -> Response:
    """Give the result as a document to print and to keep."""
    consultation = _counted(number)
    page = url_for("consultations.show", mandate=g.mandate.slug, number=number)
    address = current_config().base_url + page
    content = exports.paper(consultation, queries.rules(consultation), queries.result(consultation), address)
    return _file(content, "application/pdf", f"consultation-{number}.pdf")


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=kind, headers=headers)
