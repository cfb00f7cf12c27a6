"""The pages of waves: what was published and drawn, letters, and the page of somebody who has a code."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.forms import Form, reading, writing
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.petition.views import shown
from assemblee.petitions.signing.forms import LettersForm
from assemblee.petitions.signing.views_codes import LETTERS_FAULTS, pdf
from assemblee.petitions.waves import actions as waves
from assemblee.petitions.waves import invited, prints
from assemblee.petitions.waves import letters as mails
from assemblee.petitions.waves.forms import LONGEST_CODE, InvitationCodeForm, RoundForm, answer_form
from assemblee.petitions.waves.models import Invitation, Wave, WaveState
from assemblee.refusal import Refusal
from assemblee.security import (
    FORM_RATE,
    Role,
    allow,
    current_actor,
    guesses,
    in_a_room,
    lasting,
    limiter,
    note_guess,
    undoable,
)

wave_pages = Blueprint("waves", __name__, url_prefix="/m/<mandate>/petitions/<int:number>/wave")
invitation_pages = Blueprint("invitation", __name__, url_prefix="/invitation")
ROUND_FAULTS = dict.fromkeys(("beacon-signature-wrong", "beacon-too-early"), "signature")
Answer = str | Redirect | Response | tuple[str, int]


def _wave(petition: Petition) -> Wave:
    wave = waves.of_petition(reading(), petition)
    if wave is None:
        raise Refusal("wave-unknown", status=404)
    return wave


@wave_pages.get("/")
@allow(Role.EVERYONE)
def show(number: int) -> str:
    """Show what was published, what was drawn, and how to replay it."""
    return _page(number, RoundForm(formdata=None), LettersForm(formdata=None))


def _page(number: int, round_form: RoundForm, letters_form: LettersForm) -> str:
    session = reading()
    petition = shown(number)
    wave = _wave(petition)
    roles = current_actor().roles
    drawn, sent, joined = invited.figures(session, wave)
    is_due = wave.beacon_at is not None and database_now(session) >= wave.beacon_at
    return render_template(
        "petitions/waves/show.html",
        petition=petition,
        wave=wave,
        round_form=round_form,
        letters_form=letters_form,
        drawn=drawn,
        sent=sent,
        joined=joined,
        unsent=invited.unsent(session, wave) if Role.ORGANISER in roles else 0,
        may_record=is_due
        and wave.state == WaveState.PREPARED
        and bool(roles & {Role.GUARANTOR, Role.ORGANISER}),
        may_print=wave.state == WaveState.DRAWN and Role.ORGANISER in roles,
        WaveState=WaveState,
        confirm=ConfirmForm(formdata=None),
    )


@wave_pages.get("/asm-wave.json")
@allow(Role.EVERYONE)
def document(number: int) -> Response:
    """Give the document that was published before the draw, byte by byte."""
    wave = _wave(shown(number))
    if wave.document is None:
        raise Refusal(f"wave-is-{wave.state}", status=404)
    return Response(wave.document, mimetype="application/json")


@wave_pages.post("/round")
@allow(Role.GUARANTOR, Role.ORGANISER)
@lasting
@limiter.limit(FORM_RATE, methods=["POST"])
def bring_round(number: int) -> Answer:
    """Record the announced round by hand."""
    form = RoundForm()
    if form.validate():
        wave = _wave(shown(number))
        act = Act(
            _("Record this round?"),
            after=_("The people to invite are drawn at once, for good."),
            verb=_("Draw the people"),
            way_out=url_for("petitions.waves.show", mandate=g.mandate.slug, number=number),
            facts=[(_("Petition"), wave.petition.title)],
        )
        if page := unless_confirmed(act, form):
            return page
        with (
            form.placing(ROUND_FAULTS),
            writing() as session,
        ):
            waves.record_round(session, current_actor(), session.get_one(Wave, wave.id), form.signature.data)
        if not form.errors:
            flash(_("The round is recorded: the people to invite are drawn."))
            return redirect(url_for("petitions.waves.show", mandate=g.mandate.slug, number=number))
    return _page(number, form, LettersForm(formdata=None)), 422


@wave_pages.post("/letters")
@allow(Role.ORGANISER)
@undoable("letters are printed again, with other codes")
def letters(number: int) -> Answer:
    """Print the letters of those who have no address; their codes are shown this once."""
    form = LettersForm()
    if form.validate():
        wave = _wave(shown(number))
        with (
            form.placing(LETTERS_FAULTS),
            writing() as session,
        ):
            row = session.get_one(Wave, wave.id)
            made = invited.print_letters(session, current_actor(), row, form.letters.data)
            content = prints.invitations(row, made, mails.page(session), database_now(session))
        if not form.errors:
            return pdf(content, f"invitations-{number}.pdf")
    return _page(number, RoundForm(formdata=None), form), 422


@invitation_pages.route("/", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("pools.withdraw_mine")
@in_a_room
@guesses
def answer() -> Answer:
    """Take the code of a letter, then the answers of who has it."""
    code = (request.values.get("code") or "")[:LONGEST_CODE]
    form = InvitationCodeForm()
    if not code:
        if request.method == "POST":
            form.validate()
        return render_template("petitions/waves/code.html", form=form), 422 if form.errors else 200
    try:
        invitation = invited.by_code(reading(), code)
    except Refusal as refused:
        note_guess()
        form.code.data = code
        form.refuse(refused, {"invitation-code-unknown": "code"})
        return render_template("petitions/waves/code.html", form=form), 422
    form = answer_form(invited.pool_of(reading(), invitation), invited.known_traits(reading(), invitation))()
    # Whoever has typed the code alone is not told off for what they have not seen yet.
    if request.method == "POST" and "name" in request.form and form.validate():
        return _volunteer(invitation, form)
    if request.method == "GET" or "name" not in request.form:
        form.code.data = code
        form["name"].data = invitation.inhabitant.name if invitation.inhabitant else None
    return _form(invitation, form), 422 if form.errors else 200


def _form(invitation: Invitation, form: Form) -> str:
    wave = invitation.wave
    return render_template(
        "petitions/waves/answer.html",
        form=form,
        pool=invited.pool_of(reading(), invitation),
        petition=wave.petition,
        place=invitation.place,
        salt=waves.salt(wave.secret, invitation.volunteer_id).hex() if invitation.volunteer_id else "",
        row=invitation.volunteer_id,
        wave=wave,
    )


def _volunteer(invitation: Invitation, form: Form) -> Answer:
    pool = invited.pool_of(reading(), invitation)
    traits = {category.name: form[f"category_{category.id}"].data for category in pool.categories}
    given = invited.Answer(form["name"].data, form["email"].data or "", traits, form["may_publish"].data)
    petition = invitation.wave.petition.title
    try:
        with writing() as session:
            invited.volunteer_by_code(session, form.code.data, given)
    except Refusal as refused:
        places = {
            "email-invalid": "email",
            "invitation-name-missing": "name",
            "volunteer-already-in": "email",
        }
        form.refuse(refused, places)
        return _form(invited.by_code(reading(), form.code.data), form), 422
    return render_template("petitions/waves/joined.html", title=petition)
