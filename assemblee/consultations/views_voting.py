"""The pages of a voter: by the link in their mail, by a typed code; and the door of the ballot box."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.consultations import casting, letters, marking, queries
from assemblee.consultations.forms import BallotForm, ballot_form
from assemblee.consultations.models import Consultation, Phase, RollEntry
from assemblee.db import database_now
from assemblee.forms import current_config, reading, writing
from assemblee.messages import explain
from assemblee.refusal import Refusal
from assemblee.security import (
    FORM_RATE,
    Role,
    allow,
    csrf,
    guesses,
    in_a_room,
    limiter,
    note_guess,
    typed,
    undoable,
)
from votes.ballots import NO_OPINION
from votes.receipts import commitment

voter = Blueprint("voter", __name__, url_prefix="/vote/<token>")
ballot_box = Blueprint("ballot_box", __name__, url_prefix="/votes/<int:number>")
Answer = str | Redirect | Response | tuple[str, int]
LONGEST_REQUEST = 20_000


def _entry(token: str) -> RollEntry:
    entry = letters.entry_of(reading(), current_config(), token)
    if entry is None:
        raise Refusal("vote-link-void", status=404)
    g.mandate = entry.consultation.mandate
    return entry


def _consultation(number: int) -> Consultation:
    consultation = queries.settled(reading(), number)
    g.mandate = consultation.mandate
    return consultation


def _seed(entry: RollEntry) -> str:
    # Not the nonce itself, which is the right to vote: the page shows this one.
    return entry.salt[:16]


def _is_blank() -> bool:
    return "blank" in request.form


def _read(form: BallotForm) -> bytes | None:
    """Return the ballot of a form, or nothing where its fields say what is missing."""
    if not form.validate():
        return None
    if _is_blank():
        return form.rules.blank
    return form.ballot() if form.require_complete() else None


def _page(entry: RollEntry, form: BallotForm | None = None, **given: Any) -> str:  # noqa: ANN401 - what the page shows
    consultation = entry.consultation
    rules = queries.rules(consultation)
    shown = form or ballot_form(rules)(formdata=None)
    shown.order.data = _seed(entry)
    return render_template(
        "consultations/vote.html",
        consultation=consultation,
        entry=entry,
        form=shown,
        rules=rules,
        phase=consultation.phase(database_now(reading())),
        Phase=Phase,
        confirm=ConfirmForm(formdata=None),
        places=shown.places(_seed(entry)),
        document=json.loads(consultation.rules_text or "{}"),
        NO_OPINION=NO_OPINION,
        line=commitment(consultation.id, entry.reference, bytes.fromhex(entry.salt)).hex(),
        **given,
    )


@voter.get("/")
@allow(Role.EVERYONE)
def show(token: str) -> str:
    """Show a voter what is asked, and their ballot."""
    return _page(_entry(token), token=token)


@voter.post("/")
@allow(Role.EVERYONE)
@undoable("the last ballot of a voter counts")
@limiter.limit(FORM_RATE)
def cast(token: str) -> Answer:
    """Review, then keep, the ballot of a named vote."""
    entry = _entry(token)
    if entry.consultation.is_secret:
        raise Refusal("consultation-is-secret")
    form = ballot_form(queries.rules(entry.consultation))()
    ballot = _read(form)
    if ballot is None:
        return _page(entry, form, token=token), 422
    if "sure" not in request.form:
        return _review(
            entry.consultation, form, ballot, url_for("voter.cast", token=token), _seed(entry), is_named=True
        )
    with writing() as session:
        receipt = casting.cast_named(session, session.get_one(RollEntry, entry.id), ballot)
    return _done(_entry(token).consultation, receipt)


@voter.post("/mark")
@allow(Role.EVERYONE)
@undoable("the last ballot of a voter counts")
@limiter.limit(FORM_RATE)
def mark(token: str) -> Response:
    """Mark a voter, and sign the token that their device has blinded."""
    entry = _entry(token)
    blinded = _bytes(_document(), "blinded")
    try:
        with writing() as session:
            signature = marking.sign_token(session, session.get_one(RollEntry, entry.id), blinded)
    except Refusal as refused:
        return _refusal(refused)
    return _json({"signature": signature.hex()})


@voter.post("/code")
@allow(Role.EVERYONE)
@undoable("another code is sent")
@limiter.limit(FORM_RATE)
def code(token: str) -> Answer:
    """Send a voter, whose device runs no program of ours, a code to vote with."""
    entry = _entry(token)
    ConfirmForm().validate()
    with writing() as session:
        marking.send_code(session, session.get_one(RollEntry, entry.id))
    return redirect(url_for("voter.show", token=token))


@ballot_box.route("/code", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("the last ballot of a voter counts")
@in_a_room
@limiter.limit(FORM_RATE, methods=["POST"], key_func=typed("code"))
@guesses
def by_code(number: int) -> Answer:
    """Vote with a typed code: fill the ballot, look at it again, put it in the box."""
    consultation = _consultation(number)
    if not consultation.is_secret:
        raise Refusal("consultation-is-not-secret", status=404)
    form = ballot_form(queries.rules(consultation), with_code=True)()
    if not form.is_submitted():
        form.order.data = secrets.token_hex(8)
        return _code_page(consultation, form)
    ballot = _read(form)
    if ballot is None:
        return _code_page(consultation, form), 422
    with form.placing({"code-invalid": "code"}):
        if "sure" not in request.form:
            session = reading()
            queries.require_phase(session, consultation, Phase.OPEN)
            casting.require_code(session, consultation, form["code"].data)
            return _review(
                consultation,
                form,
                ballot,
                url_for("ballot_box.by_code", number=number),
                form.order.data or "",
            )
        with writing() as session:
            consultation = queries.settled(session, number)
            receipt = casting.cast_by_code(session, consultation, form["code"].data, ballot)
    if form.errors:
        note_guess()
        return _code_page(_consultation(number), form), 422
    return _done(_consultation(number), receipt)


def _code_page(consultation: Consultation, form: BallotForm) -> str:
    return render_template(
        "consultations/code.html",
        consultation=consultation,
        form=form,
        rules=form.rules,
        phase=consultation.phase(database_now(reading())),
        Phase=Phase,
        places=form.places(form.order.data or ""),
        NO_OPINION=NO_OPINION,
    )


def _review(
    consultation: Consultation,
    form: BallotForm,
    ballot: bytes,
    action: str,
    seed: str,
    *,
    is_named: bool = False,
) -> str:
    return render_template(
        "consultations/review.html",
        consultation=consultation,
        form=form,
        rules=form.rules,
        is_blank=ballot == form.rules.blank,
        places=form.places(seed),
        action=action,
        is_named=is_named,
        NO_OPINION=NO_OPINION,
    )


def _done(consultation: Consultation, receipt: casting.Receipt) -> str:
    return render_template("consultations/done.html", consultation=consultation, receipt=receipt)


@ballot_box.post("/ballots")
@allow(Role.EVERYONE)
@undoable("the last ballot of a voter counts")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF has no types
@in_a_room
def put(number: int) -> Response:
    """Take the ballot of a token: nothing in the request says who sends it, and no session is read."""
    document = _document()
    prepared, signature, ballot = (_bytes(document, name) for name in ("prepared", "signature", "ballot"))
    try:
        with writing() as session:
            receipt = casting.cast(session, queries.settled(session, number), prepared, signature, ballot)
    except Refusal as refused:
        return _refusal(refused)
    return _json({"receipt": receipt.code, "note": receipt.note})


def _document() -> Mapping[str, object]:
    """Return the JSON object of a request.

    Raises
    ------
    Refusal
        `request-malformed`.
    """
    content = request.get_data(cache=False) if (request.content_length or 0) <= LONGEST_REQUEST else b""
    try:
        # A flat object has one brace; what is nested deep can end the process that decodes it.
        document = json.loads(content) if content.count(b"{") == 1 and b"[" not in content else None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Refusal("request-malformed", status=422)
    return document


def _bytes(document: Mapping[str, object], name: str) -> bytes:
    """Return a value of a request that is written in hexadecimal.

    Raises
    ------
    Refusal
        `request-malformed`.
    """
    try:
        return bytes.fromhex(str(document.get(name)))
    except ValueError:
        raise Refusal("request-malformed", status=422) from None


def _json(document: Mapping[str, object], status: int = 200) -> Response:
    return Response(json.dumps(document), status, mimetype="application/json")


def _refusal(refused: Refusal) -> Response:
    return _json({"code": refused.code, "detail": explain(refused)}, refused.status)
