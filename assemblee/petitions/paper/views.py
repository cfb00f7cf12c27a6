"""The pages of signatures on paper: printing, entering, telling people apart, and samples."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response as Redirect

from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.forms import ReasonForm, reading, writing
from assemblee.pager import Page, asked_number, asked_page
from assemblee.petitions.paper import prints, samples, sheets
from assemblee.petitions.paper.forms import (
    NAME_NOBODY,
    UNJUDGED,
    VALID,
    PrintForm,
    SampleForm,
    sheet_form,
    verdict_form,
)
from assemblee.petitions.paper.models import PaperLine, Sample, SampledLine, Sheet, SheetState
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Origin, Petition, Signature, SignatureState
from assemblee.petitions.petition.views import address_of
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing import doubles
from assemblee.refusal import Refusal
from assemblee.security import FORM_RATE, Role, allow, binding, current_actor, lasting, limiter, undoable

sheet_pages = Blueprint("paper", __name__, url_prefix="/m/<mandate>/petitions/<int:number>/sheets")
Answer = str | Redirect | tuple[str, int]
PER_PAGE = 50
# Beyond it PostgreSQL would not even look.
LINE_FAULTS = {
    "paper-line-incomplete": "name",
    "paper-line-place-unknown": "place",
    "paper-line-email-invalid": "email",
}
SAMPLE_FAULTS = {"sample-dice-invalid": "dice", "sample-size-invalid": "size"}
CODE_FAULTS = ("paper-sheet-unknown", "paper-sheet-entered", "paper-sheet-empty", "paper-sheet-too-long")


def _petition(number: int) -> Petition:
    return queries.petition(reading(), g.mandate.id, number)


def _check(number: int, title: str, after: str, verb: str) -> Act:
    petition = _petition(number)
    way_out = url_for("petitions.paper.index", mandate=g.mandate.slug, number=number)
    return Act(title, after=after, verb=verb, way_out=way_out, facts=[(_("Petition"), petition.title)])


def _to(endpoint: str, number: int) -> Redirect:
    return redirect(url_for(f"petitions.paper.{endpoint}", mandate=g.mandate.slug, number=number))


def _to_sample(number: int, sample_id: int) -> Redirect:
    here = {"mandate": g.mandate.slug, "number": number}
    return redirect(url_for("petitions.paper.judge", **here, sample_id=sample_id))


@sheet_pages.get("/")
@allow(Role.ORGANISER, Role.GUARANTOR)
def index(number: int) -> str:
    """List the sheets of a petition, and what can be done with paper."""
    return _index(number, PrintForm(formdata=None))


def _index(number: int, form: PrintForm) -> str:
    session = reading()
    petition = _petition(number)
    of_petition = Sheet.petition_id == petition.id
    states = {
        row.state: row.number
        for row in session.execute(
            select(Sheet.state, func.count().label("number")).where(of_petition).group_by(Sheet.state)
        )
    }
    page = Page(
        "petitions.paper.index",
        asked_page(),
        sum(states.values()),
        PER_PAGE,
        {"mandate": g.mandate.slug, "number": number},
    )
    query = select(Sheet).where(of_petition).order_by(Sheet.number.desc())
    return render_template(
        "petitions/paper/index.html",
        petition=petition,
        form=form,
        rows=session.scalars(query.offset(page.offset).limit(page.size)).all(),
        states=states,
        page=page,
        counted=_count(petition, SignatureState.COUNTED),
        doubled=_count(petition, SignatureState.DOUBLE),
        can_print=queries.can_be_signed(petition, database_now(session)),
        SheetState=SheetState,
    )


def _count(petition: Petition, state: SignatureState) -> int:
    """Count the signatures on paper in a state."""
    query = select(func.count()).where(
        Signature.petition_id == petition.id, Signature.origin == Origin.PAPER, Signature.state == state
    )
    return reading().scalar(query) or 0


@sheet_pages.post("/print")
@allow(Role.ORGANISER)
@undoable("what is not handed out counts for nothing")
def print_sheets(number: int) -> Answer:
    """Make new sheets."""
    form = PrintForm()
    if not form.validate():
        return _index(number, form), 422
    with writing() as session:
        petition = queries.petition(session, g.mandate.id, number)
        made = sheets.print_sheets(session, current_actor(), petition, form.number.data)
    flash(
        ngettext(
            "%(num)s sheet is ready to be printed.", "%(num)s sheets are ready to be printed.", len(made)
        )
    )
    return _to("index", number)


@sheet_pages.get("/sheets.pdf")
@allow(Role.ORGANISER)
def paper(number: int) -> Response:
    """Give the sheets that nobody has read yet, or one of them, to be printed."""
    petition = _petition(number)
    query = select(Sheet).where(Sheet.petition_id == petition.id)
    wanted = asked_number("sheet")
    query = query.where(Sheet.number == wanted if wanted else Sheet.state == SheetState.PRINTED)
    rows = reading().scalars(query.order_by(Sheet.number).limit(sheets.MOST_AT_ONCE)).all()
    if not rows:
        raise Refusal("paper-sheets-none", status=404)
    return Response(
        prints.sheets(petition, rows, address_of(petition)),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="petition-{petition.id}-sheets.pdf"'},
    )


@sheet_pages.route("/enter", methods=["GET", "POST"])
@allow(Role.ORGANISER, Role.GUARANTOR)
@undoable("two people enter the same before it counts")
@limiter.limit(FORM_RATE, methods=["POST"])
def enter(number: int) -> Answer:
    """Type what stands on a sheet; a second person types it too."""
    petition = _petition(number)
    form = sheet_form(rules_of(petition.version))()
    entry = None
    if request.method == "GET" and "code" in request.args:
        form.code.data = request.args["code"][: sheets.LONGEST]
    if form.validate_on_submit():
        try:
            with writing() as session:
                entry = sheets.enter(
                    session,
                    current_actor(),
                    queries.petition(session, g.mandate.id, number),
                    form.code.data,
                    form.lines(),
                )
        except Refusal as refused:
            line = refused.parameters.get("line")
            places = {code: f"{name}_{line}" for code, name in LINE_FAULTS.items()} if line else {}
            form.refuse(refused, places | dict.fromkeys(CODE_FAULTS, "code"))
        else:
            if not entry.differing:
                flash(_said(entry))
                return _to("enter", number)
        petition = _petition(number)
    page = render_template(
        "petitions/paper/enter.html",
        petition=petition,
        form=form,
        entry=entry,
        has_districts=bool(rules_of(petition.version).districts),
    )
    return page, 422 if form.errors else 200


def _said(entry: sheets.Entry) -> str:
    if not entry.is_entered:
        return str(_("Noted. It counts once somebody else has read the same."))
    return str(
        _(
            "Both read the same. Signatures that count: %(counted)s. People who had signed already: "
            "%(doubles)s.",
            counted=entry.counted,
            doubles=entry.doubles,
        )
    )


@sheet_pages.get("/doubles")
@allow(Role.GUARANTOR)
def twice(number: int) -> str:
    """List signatures on paper that another one counts for."""
    session = reading()
    petition = _petition(number)
    page = Page(
        "petitions.paper.twice",
        asked_page(),
        _count(petition, SignatureState.DOUBLE),
        PER_PAGE,
        {"mandate": g.mandate.slug, "number": number},
    )
    query = (
        select(Signature, PaperLine.line, Sheet.number.label("sheet"))
        .join(PaperLine, PaperLine.signature_id == Signature.id)
        .join(Sheet, Sheet.id == PaperLine.sheet_id)
        .where(Signature.petition_id == petition.id, Signature.state == SignatureState.DOUBLE)
        .order_by(Signature.id)
    )
    rows = session.execute(query.offset(page.offset).limit(page.size)).all()
    wanted = [row.Signature.instead_of_id for row in rows]
    others = {one.id: one for one in session.scalars(select(Signature).where(Signature.id.in_(wanted)))}
    return render_template(
        "petitions/paper/doubles.html", petition=petition, rows=rows, others=others, page=page
    )


@sheet_pages.route("/doubles/<int:signature_id>", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@lasting
@binding
def tell_apart(number: int, signature_id: int) -> Answer:
    """Say that two signatures are two people's."""
    form = ReasonForm(hint=NAME_NOBODY)
    if form.validate_on_submit():
        act = _check(
            number,
            _("Are they two people?"),
            _("Both signatures count from then on, if no third one is like them. Your reason stays public."),
            _("They are two people"),
        )
        if checked := unless_confirmed(act, form):
            return checked
        with writing() as session:
            petition = queries.petition(session, g.mandate.id, number)
            row = _double(session.get(Signature, signature_id), petition)
            counts = doubles.tell_apart(session, current_actor(), petition, row, form.reason.data)
        flash(
            _("They are two people now: both count.")
            if counts
            else _("They are two people now; but a third signature is like this one too.")
        )
        return _to("twice", number)
    session = reading()
    petition = _petition(number)
    row = _double(session.get(Signature, signature_id), petition)
    page = render_template(
        "petitions/paper/apart.html",
        petition=petition,
        row=row,
        other=session.get(Signature, row.instead_of_id),
        form=form,
    )
    return page, 422 if form.errors else 200


def _double(row: Signature | None, petition: Petition) -> Signature:
    if row is None or row.petition_id != petition.id or row.state != SignatureState.DOUBLE:
        raise Refusal("signature-unknown", status=404)
    return row


@sheet_pages.route("/samples", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@lasting
@binding
def sample(number: int) -> Answer:
    """List samples, and draw one."""
    form = SampleForm()
    if form.validate_on_submit():
        act = _check(
            number,
            _("Draw this sample?"),
            _("The dice and the sample stay public: other dice cannot be tried for the same sample."),
            _("Draw the sample"),
        )
        if checked := unless_confirmed(act, form):
            return checked
        with (
            form.placing({"sample-dice-invalid": "dice", "sample-size-invalid": "size"}),
            writing() as session,
        ):
            petition = queries.petition(session, g.mandate.id, number)
            made = samples.draw(session, current_actor(), petition, form.dice.data, form.size.data)
        if not form.errors:
            return _to_sample(number, made.id)
    session = reading()
    petition = _petition(number)
    page = render_template(
        "petitions/paper/samples.html",
        petition=petition,
        form=form,
        samples=samples.of_petition(session, petition),
        counted=_count(petition, SignatureState.COUNTED),
    )
    return page, 422 if form.errors else 200


@sheet_pages.route("/samples/<int:sample_id>", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@lasting
@binding
def judge(number: int, sample_id: int) -> Answer:
    """Say of each line of a sample whether it is valid."""
    session = reading()
    sample = samples.by_number(session, _petition(number), sample_id)
    form = verdict_form(sample.lines)()
    if sample.closed_at is None and form.validate_on_submit():
        verdicts = {
            int(field.name.removeprefix("line_")): field.data == VALID
            for field in form
            if field.name.startswith("line_") and field.data != UNJUDGED
        }
        act = _check(
            number,
            _("Keep these verdicts?"),
            _("Once every line is judged, the result is published and stays."),
            _("Keep the verdicts"),
        )
        if checked := unless_confirmed(act, form):
            return checked
        with writing() as writer:
            judged = samples.judge(writer, current_actor(), writer.get_one(Sample, sample_id), verdicts)
            is_closed = judged.closed_at is not None
        flash(_("Every line is judged: the result is published.") if is_closed else _("Noted."))
        return _to_sample(number, sample_id)
    page = render_template(
        "petitions/paper/judge.html", petition=sample.petition, sample=sample, form=form, lines=_lines(sample)
    )
    return page, 422 if form.errors else 200


def _lines(sample: Sample) -> list[tuple[SampledLine, Signature, PaperLine, Sheet]]:
    query = (
        select(SampledLine, Signature, PaperLine, Sheet)
        .join(Signature, Signature.id == SampledLine.signature_id)
        .join(PaperLine, PaperLine.signature_id == Signature.id)
        .join(Sheet, Sheet.id == PaperLine.sheet_id)
        .where(SampledLine.sample_id == sample.id)
        .order_by(Sheet.number, PaperLine.line)
    )
    return [(one, row, line, sheet) for one, row, line, sheet in reading().execute(query)]
