"""Pages of a frozen draw: the freeze, the ceremony that all can watch, and the desk of each guarantor."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee import confirming, qr_code
from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.draws import bundle, ceremony, choice, halts, letters, objections, queries, record
from assemblee.draws.forms import (
    DrandRoundForm,
    NoteForm,
    ObjectionAnswerForm,
    ObjectionForm,
    SecretForm,
    numbers_form,
)
from assemblee.draws.models import Draw, DrawState
from assemblee.draws.views import Answer, draws
from assemblee.forms import Form, ReasonForm, current_config, reading, rehearse, writing
from assemblee.journal.bundles import archive
from assemblee.mandates.models import Mandate
from assemblee.paper import Section
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting, limiter, undoable

# With these pages, and not before, the room's doors are all there.
__all__ = ["draws"]

# The address that a poster or a letter can bear: it needs no mandate in it.
bundles = Blueprint("bundles", __name__, url_prefix="/draws")
PSEUDONYM = re.compile(r"[0-9]{4}-[0-9]{4}")
NOTE_PROBLEMS = {"note-invalid": "note", "note-of-another-draw": "note"}


def _draw(draw_id: int) -> Draw:
    return queries.draw(reading(), g.mandate.id, draw_id)


@draws.get("/<int:draw_id>/ceremony")
@allow(Role.EVERYONE)
@limiter.exempt
def watch(draw_id: int) -> str:
    """Show the seven steps live; printed, it is the script of a public session."""
    session = reading()
    draw = _draw(draw_id)
    return render_template(
        "draws/ceremony.html",
        draw=draw,
        address=_bundle_address(draw_id),
        document=queries.frozen_document(draw),
        real=queries.real_outcome(draw),
        job=queries.open_job(session, draw),
        typed=choice.typed(draw),
        now=database_now(session),
        DrawState=DrawState,
    )


def _desk(draw_id: int, **forms: Form) -> Answer:
    session = reading()
    draw = _draw(draw_id)
    queries.frozen_document(draw)
    part = ceremony.part_of(draw, current_actor())
    shown: dict[str, Any] = {
        "note_form": NoteForm(formdata=None),
        "secret_form": SecretForm(formdata=None),
        "numbers_form": None
        if (draw.beacon or {}).get("kind") == "drand"
        else numbers_form(draw.beacon or {}),
        "suspend_form": ReasonForm(formdata=None, prefix="suspend"),
        "cancel_form": NoteForm(formdata=None, prefix="cancel"),
        "objection_form": ObjectionForm(formdata=None, prefix="objection"),
        **forms,
    }
    wrong = any(form.errors for form in forms.values())
    return render_template(
        "draws/desk.html",
        draw=draw,
        part=part,
        now=database_now(session),
        DrawState=DrawState,
        problems=[form for form in forms.values() if form.errors],
        **shown,
    ), 422 if wrong else 200


@draws.get("/<int:draw_id>/desk")
@allow(Role.SIGNED_IN)
def desk(draw_id: int) -> Answer:
    """Show a guarantor what is asked of them in a draw, and how to check it first."""
    return _desk(draw_id)


def _check(draw_id: int, title: str, after: str, verb: str) -> Act:
    draw = _draw(draw_id)
    way_out = url_for("draws.watch", mandate=g.mandate.slug, draw_id=draw_id)
    return Act(title, after=after, verb=verb, way_out=way_out, facts=[(_("Draw"), draw.title)])


def _act(
    draw_id: int,
    verb: Callable[[Session, Draw], object],
    said: tuple[str, str],
    form: tuple[str, Form] | None = None,
    fields: dict[str, str] | None = None,
    *,
    check: tuple[str, str, str] | None = None,
) -> Answer:
    """Do one act of a guarantor, and come back to the desk.

    ``said`` is what to tell after an act that settles the matter, and after one that waits for others;
    ``form`` is the form of the act and its name on the desk, ``fields`` the field of each refusal; ``check``
    what the check page of an act that lasts asks and says, and its button.
    """
    if form is not None and not form[1].validate_on_submit():
        return _desk(draw_id, **{form[0]: form[1]})
    try:
        if check is not None and not confirming.is_confirmed():
            rehearse(lambda session: verb(session, queries.draw(session, g.mandate.id, draw_id)))
            return confirming.page(_check(draw_id, *check), form and form[1])
        with writing() as session:
            waits = verb(session, queries.draw(session, g.mandate.id, draw_id)) is False
    except Refusal as refused:
        if form is None:
            raise
        form[1].refuse(refused, fields or {})
        return _desk(draw_id, **{form[0]: form[1]})
    flash(said[waits])
    return redirect(url_for("draws.desk", mandate=g.mandate.slug, draw_id=draw_id))


@draws.post("/<int:draw_id>/cosign")
@allow(Role.SIGNED_IN)
@lasting
@binding
def cosign(draw_id: int) -> Answer:
    """Take a guarantor's signature of the freeze and the lottery."""
    form = NoteForm()
    return _act(
        draw_id,
        lambda session, draw: ceremony.cosign(session, current_actor(), draw, form.note.data),
        (_("Your signature is in the journal."), ""),
        ("note_form", form),
        NOTE_PROBLEMS,
        check=(
            _("Give your signature?"),
            _("Your signature says that you have checked what is frozen. It stays public for ever."),
            _("Give my signature"),
        ),
    )


@draws.post("/<int:draw_id>/reveal")
@allow(Role.SIGNED_IN)
@lasting
@binding
def reveal(draw_id: int) -> Answer:
    """Take a guarantor's secret."""
    form = SecretForm()
    return _act(
        draw_id,
        lambda session, draw: ceremony.reveal(session, current_actor(), draw, form.secret.data),
        (_("Your secret is published."), ""),
        ("secret_form", form),
        {"secret-wrong": "secret"},
        check=(
            _("Show your secret?"),
            _("Your secret is public at once, and helps to draw the panel. It cannot be hidden again."),
            _("Show my secret"),
        ),
    )


@draws.post("/<int:draw_id>/numbers")
@allow(Role.SIGNED_IN)
@lasting
@binding
def numbers(draw_id: int) -> Answer:
    """Take the numbers drawn, as a guarantor saw them."""
    form = numbers_form(_draw(draw_id).beacon or {})
    return _act(
        draw_id,
        lambda session, draw: choice.type_numbers(session, current_actor(), draw, form.numbers()),
        (
            _("The numbers are recorded, and the panel is drawn."),
            _("Your numbers are recorded. Another guarantor must type the same."),
        ),
        ("numbers_form", form),
        {"beacon-numbers-wrong": "group0"},
        check=(
            _("Are these the numbers drawn?"),
            _("Once two guarantors have typed the same, they draw the panel, and nobody can change them."),
            _("These are the numbers"),
        ),
    )


@draws.route("/<int:draw_id>/round", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@lasting
@binding
def drand_round(draw_id: int) -> Answer:
    """Record the announced round of drand, whoever brings it."""
    form = DrandRoundForm()
    if form.validate_on_submit():
        check = _check(
            draw_id,
            _("Record this round?"),
            _("The panel is drawn at once, for good."),
            _("Draw the panel"),
        )
        if page := unless_confirmed(check, form):
            return page
        with form.placing({"beacon-signature-wrong": "signature"}), writing() as session:
            draw = queries.draw(session, g.mandate.id, draw_id)
            choice.record_round(session, current_actor(), draw, form.signature.data)
        if not form.errors:
            flash(_("The panel is drawn."))
            return redirect(url_for("draws.show", mandate=g.mandate.slug, draw_id=draw_id))
    draw = _draw(draw_id)
    if queries.frozen_document(draw)["beacon"]["kind"] != "drand":
        raise Refusal("beacon-of-another-kind")
    return render_template("draws/round.html", draw=draw, form=form), 422 if form.errors else 200


@draws.post("/<int:draw_id>/suspend")
@allow(Role.SIGNED_IN)
@undoable("draws.lift")
@binding
def suspend(draw_id: int) -> Answer:
    """Stop a draw, for a public reason."""
    form = ReasonForm(prefix="suspend")
    return _act(
        draw_id,
        lambda session, draw: halts.suspend(session, current_actor(), draw, form.reason.data),
        (_("The draw is suspended."), ""),
        ("suspend_form", form),
    )


@draws.post("/<int:draw_id>/lift")
@allow(Role.SIGNED_IN)
@undoable("draws.suspend")
@binding
def lift(draw_id: int) -> Answer:
    """Say that a suspension may end."""
    return _act(
        draw_id,
        lambda session, draw: halts.lift(session, current_actor(), draw),
        (_("The draw goes on."), _("Your word is recorded; other guarantors must say the same.")),
    )


@draws.post("/<int:draw_id>/objections")
@allow(Role.SIGNED_IN)
@lasting
@binding
def objection(draw_id: int) -> Answer:
    """Take a guarantor's objection."""
    form = ObjectionForm(prefix="objection")
    return _act(
        draw_id,
        lambda session, draw: objections.file(session, current_actor(), draw, form.text.data),
        (_("Your objection is published."), ""),
        ("objection_form", form),
        check=(
            _("Publish this objection?"),
            _("It stays public for ever, and the organisers have seven days to answer it in public."),
            _("Publish my objection"),
        ),
    )


@draws.route("/<int:draw_id>/objections/<int:objection_id>/answer", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def answer(draw_id: int, objection_id: int) -> Answer:
    """Take the organisers' answer to an objection."""
    form = ObjectionAnswerForm()
    if form.validate_on_submit():
        check = _check(
            draw_id,
            _("Publish this answer?"),
            _("It stays public for ever, and cannot be changed."),
            _("Publish the answer"),
        )
        if page := unless_confirmed(check, form):
            return page
        with writing() as session:
            draw = queries.draw(session, g.mandate.id, draw_id)
            objections.answer(session, current_actor(), draw, objection_id, form.text.data)
        flash(_("Your answer is published."))
        return redirect(url_for("draws.watch", mandate=g.mandate.slug, draw_id=draw_id))
    draw = _draw(draw_id)
    objection = next((one for one in draw.objections if one.id == objection_id), None)
    if objection is None:
        raise Refusal("objection-unknown", status=404)
    return render_template("draws/answer.html", draw=draw, objection=objection, form=form), (
        422 if form.errors else 200
    )


@draws.post("/<int:draw_id>/cancel-signature")
@allow(Role.SIGNED_IN)
@lasting
@binding
def sign_cancel(draw_id: int) -> Answer:
    """Take a guarantor's signature under the proposal to cancel."""
    form = NoteForm(prefix="cancel")
    return _act(
        draw_id,
        lambda session, draw: halts.sign_cancel(session, current_actor(), draw, form.note.data),
        (
            _("The draw is cancelled; it stays listed, with the reason."),
            _("Your signature is recorded; other guarantors must sign too."),
        ),
        ("cancel_form", form),
        NOTE_PROBLEMS,
        check=(
            _("Sign the proposal to cancel?"),
            _("Once enough guarantors have signed, the draw is cancelled for ever."),
            _("Sign the proposal"),
        ),
    )


@draws.get("/<int:draw_id>/draw.json")
@allow(Role.EVERYONE)
def document(draw_id: int) -> Response:
    """Give the frozen draw exactly as it was hashed."""
    draw = _draw(draw_id)
    queries.frozen_document(draw)
    return Response(draw.frozen_text, mimetype="application/json")


@draws.get("/<int:draw_id>/proof/<pseudonym>.json")
@allow(Role.SIGNED_IN)
def own_proof(draw_id: int, pseudonym: str) -> Response:
    """Give a person the proof that their row is in the frozen list."""
    session = reading()
    draw = _draw(draw_id)
    entries = queries.entries(session, draw, [pseudonym]) if PSEUDONYM.fullmatch(pseudonym) else {}
    entry = entries.get(pseudonym)
    if entry is None or entry.volunteer is None or entry.volunteer.email != g.account.email:
        raise Refusal("draw-not-yours", status=404)
    proof = letters.own_proof(draw, queries.frozen_document(draw), pseudonym, entry.salt)
    content = json.dumps(proof, ensure_ascii=False, indent=1).encode()
    return _attachment(content, "application/json", f"draw-{draw_id}-{pseudonym}.json")


@draws.get("/<int:draw_id>/rows.age")
@allow(Role.SIGNED_IN)
def rows(draw_id: int) -> Response:
    """Give the sealed rows, which the guarantors' own keys open."""
    draw = _draw(draw_id)
    # Whom the freeze names decides, not who holds a role today: nobody can be put out of the way meanwhile.
    ceremony.part_of(draw, current_actor())
    if draw.sealed_rows is None:
        raise Refusal("draw-not-sealed", status=404)
    return _attachment(draw.sealed_rows, "application/octet-stream", f"draw-{draw_id}-rows.age")


@bundles.get("/<int:draw_id>")
@allow(Role.EVERYONE)
def find(draw_id: int) -> Redirect:
    """Lead to a draw, in whatever mandate it is."""
    session = reading()
    draw = queries.any_draw(session, draw_id)
    mandate = session.get_one(Mandate, draw.mandate_id)
    return redirect(url_for("draws.show", mandate=mandate.slug, draw_id=draw_id))


@bundles.get("/<int:draw_id>/bundle.zip")
@allow(Role.EVERYONE)
def download(draw_id: int) -> Response:
    """Give all that a stranger needs to replay a draw."""
    session = reading()
    content = archive(bundle.files(session, queries.any_draw(session, draw_id)))
    return _attachment(content, "application/zip", f"assemblee-draw-{draw_id}.zip")


def _record(draw_id: int) -> tuple[Draw, str, list[Section]]:
    draw = _draw(draw_id)
    draw.require(DrawState.HELD)
    queries.frozen_document(draw)
    real = queries.real_outcome(draw)
    if real is None:
        raise Refusal("draw-is-ready")
    title = _("Record of the draw: %(title)s", title=draw.title)
    return draw, title, record.sections(draw, real, g.mandate, queries.lottery(draw))


@draws.get("/<int:draw_id>/record")
@allow(Role.EVERYONE)
def show_record(draw_id: int) -> str:
    """Show the official record."""
    draw, title, sections = _record(draw_id)
    address = _bundle_address(draw_id)
    return render_template(
        "draws/record.html",
        draw=draw,
        title=title,
        sections=sections,
        address=address,
        code=qr_code.svg(address),
    )


@draws.get("/<int:draw_id>/record.pdf")
@allow(Role.EVERYONE)
def print_record(draw_id: int) -> Response:
    """Give the official record as a PDF for the archives."""
    draw, title, sections = _record(draw_id)
    content = record.pdf(draw, title, sections, _bundle_address(draw_id))
    return _attachment(content, "application/pdf", f"draw-{draw_id}-record.pdf")


def _bundle_address(draw_id: int) -> str:
    return current_config().base_url + url_for("bundles.download", draw_id=draw_id)


def _attachment(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


# The address of a bundle holds no mandate: who checks one has only the number of the draw.
draws.record(lambda state: state.app.register_blueprint(bundles))
