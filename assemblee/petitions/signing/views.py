"""Signing: the form, the link in the mail, and the page of one's own signature."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee import clock
from assemblee.forms import current_config, reading, retrying, writing
from assemblee.i18n import language
from assemblee.journal import tree
from assemblee.petitions.petition import counting, queries
from assemblee.petitions.petition.marks import network_of
from assemblee.petitions.petition.models import Petition, Signature, SignatureState
from assemblee.petitions.petition.views import shown
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.signing import stamps
from assemblee.petitions.signing.forms import HOME, SignForm, sign_form
from assemblee.refusal import Refusal
from assemblee.security import (
    FORM_RATE,
    Role,
    allow,
    ask_to_wait,
    guesses,
    limiter,
    network,
    note_guess,
    undoable,
)

signing_pages = Blueprint("signing", __name__)
Answer = str | Redirect | tuple[str, int]
# A market stall signs from one address.
SIGN_RATE = "120 per minute"
# The field that a refusal belongs to.
PLACES = {
    "signature-name-missing": "name",
    "signature-place-missing": HOME,
    "email-invalid": "email",
    "email-disposable": "email",
    "personal-code-unknown": "code",
    "signing-too-many": "stamp",
    "form-stamp-invalid": "stamp",
    "form-too-fast": "stamp",
    "form-used": "stamp",
}
# After these the stamp that was shown is worth nothing; the others let it be sent again.
SPENT = ("form-stamp-invalid", "form-used")


@signing_pages.route("/m/<mandate>/petitions/<int:number>/sign", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("petitions.signing.withdraw")
@limiter.limit(SIGN_RATE, key_func=network, methods=["POST"])
@guesses
def ask(number: int) -> Answer:
    """Sign, without an account; a link in the mail then asks for a yes."""
    petition = shown(number)
    form = sign_form(rule_queries.rules_of(petition.version))()
    if not form.validate_on_submit():
        signing.require_signable(petition, clock.now())
        if form.is_submitted():
            return _form_page(petition, form), 422
        form.stamp.data = stamps.write(current_config().secret_key, number)
        return _form_page(petition, form)
    # A program that fills in everything reads the same answer as everybody, and nothing is kept.
    if not form.website.data:
        try:
            _keep(petition, form)
        except Refusal as refused:
            if refused.code == "personal-code-unknown":
                note_guess()
            ask_to_wait(refused)
            form.refuse(refused, PLACES)
            if refused.code in SPENT:
                form.stamp.data = stamps.write(current_config().secret_key, number)
            return _form_page(shown(number), form), refused.status
    return redirect(url_for("petitions.signing.asked", mandate=g.mandate.slug, number=number))


def _keep(petition: Petition, form: SignForm) -> None:
    stamp = stamps.read(current_config().secret_key, petition.id, form.stamp.data or "")
    facts, network = form.facts(), network_of(request.remote_addr)

    def ask(session: Session) -> None:
        # As it was read for the form: what is asked for is judged again when it is confirmed.
        session.add(petition)
        signing.ask(session, petition, facts, stamp, network=network, language=language())

    retrying(ask)


def _form_page(petition: Petition, form: SignForm) -> str:
    return render_template("petitions/signing/sign.html", petition=petition, form=form, home=form[HOME])


@signing_pages.get("/m/<mandate>/petitions/<int:number>/sign/asked")
@allow(Role.EVERYONE)
def asked(number: int) -> str:
    """Say that a mail was sent: the same words whether the address has signed already or not."""
    petition = shown(number)
    until = signing.confirm_until(petition, clock.now())
    return render_template(
        "petitions/signing/asked.html",
        petition=petition,
        days=signing.PENDING_DAYS,
        until=until if until == petition.closes_at else None,
    )


def _signature(nonce: str) -> Signature:
    found = signing.by_nonce(reading(), nonce)
    g.mandate = found.petition.mandate
    return found


def _page(signature: Signature) -> str:
    petition = signature.petition
    rules = rule_queries.rules_of(petition.version)
    is_crossed = rules.opening is not None and petition.steps > rules.opening
    return render_template(
        "petitions/signing/signature.html",
        signature=signature,
        petition=petition,
        SignatureState=SignatureState,
        can_sign=queries.can_be_signed(petition, clock.now()),
        can_withdraw=not is_crossed,
        commitment=counting.commitment(signature) if signature.counts and signature.name else None,
        written=_written(signature),
    )


def _written(signature: Signature) -> str:
    """Return the text that the line of a signature is the hash of."""
    parts = (signature.salt, signature.name, signature.email, signature.district, signature.place)
    return tree.canonical([part or "" for part in parts]).decode()


@signing_pages.get("/signatures/<nonce>")
@allow(Role.EVERYONE)
def show(nonce: str) -> str:
    """Show a signature to who holds its link; looking counts nothing, since programs follow links."""
    return _page(_signature(nonce))


def _act(nonce: str, act: Callable[[Session, str], object]) -> Redirect:
    """Do something with the signature of a link; a refusal is shown among the pages of its mandate."""
    try:
        with writing() as session:
            act(session, nonce)
    except Refusal:
        _signature(nonce)
        raise
    return redirect(url_for("petitions.signing.show", nonce=nonce))


@signing_pages.post("/signatures/<nonce>/confirm")
@allow(Role.EVERYONE)
@undoable("petitions.signing.withdraw")
@limiter.limit(FORM_RATE)
def confirm(nonce: str) -> Redirect:
    """Let a signature count."""
    return _act(nonce, signing.confirm)


@signing_pages.post("/signatures/<nonce>/withdraw")
@allow(Role.EVERYONE)
@undoable("petitions.signing.ask")
@limiter.limit(FORM_RATE)
def withdraw(nonce: str) -> Redirect:
    """Take a signature back."""
    return _act(nonce, signing.withdraw)


@signing_pages.post("/signatures/<nonce>/no-news")
@allow(Role.EVERYONE)
@undoable("petitions.signing.ask")
@limiter.limit(FORM_RATE)
def stop_news(nonce: str) -> Redirect:
    """Write no news to the signer any more."""
    return _act(nonce, signing.stop_news)


@signing_pages.post("/signatures/<nonce>/name")
@allow(Role.EVERYONE)
@undoable("petitions.signing.name")
@limiter.limit(FORM_RATE)
def name(nonce: str) -> Redirect:
    """Show the signer's name beside the petition, or hide it again."""
    return _act(nonce, partial(signing.show, is_public="public" in request.form))
