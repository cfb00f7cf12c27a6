"""The second factor: asked for after signing in, and looked after on a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee import qr_code
from assemblee.accounts import factors as verbs
from assemblee.accounts import queries, security_keys
from assemblee.accounts.forms import CodeForm, KeyProofForm, RecoveryForm, SecurityKeyForm
from assemblee.accounts.models import SignIn
from assemblee.accounts.security_keys import Party
from assemblee.accounts.views import TOKEN, Answer, accounts, inside
from assemblee.forms import current_config, reading, writing
from assemblee.refusal import Refusal
from assemblee.security import FORM_RATE, Role, allow, limiter, undoable

# With these pages, and not before, the room's doors are all there.
__all__ = ["accounts"]

factors = Blueprint("factors", __name__)
# Where somebody was going who had to set up a factor first.
AFTERWARDS = "after-factor"


def _current(database: Session) -> SignIn:
    """Return the sign-in of this request, which may have ended a moment ago.

    Raises
    ------
    Refusal
        `signed-out`.
    """
    sign_in = queries.open_sign_in(database, session[TOKEN])
    if sign_in is None:
        raise Refusal("signed-out", status=401)
    return sign_in


@contextmanager
def _acting() -> Iterator[tuple[Session, SignIn]]:
    with writing() as database:
        yield database, _current(database)


def _party() -> Party:
    """Return the site as security keys know it.

    Raises
    ------
    Refusal
        `security-key-without-name`.
    """
    party = Party.of(current_config().base_url)
    if party is None:
        raise Refusal("security-key-without-name")
    return party


WRONG = _l("This code is wrong, or was used already. Wait for the next one.")


@factors.route("/second-factor", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("accounts.sign_out")
@limiter.limit(FORM_RATE, methods=["POST"])
def ask() -> Answer:
    """Ask for a second factor; who has none yet is led to where one is set up."""
    form = CodeForm(next=request.args.get("next", ""))
    account_id = _current(reading()).account_id
    if not queries.has_factor(reading(), account_id):
        session[AFTERWARDS] = inside(form.next.data)
        flash(_("This needs a second factor. Set one up here; then you can go on."))
        return redirect(url_for("accounts.factors.show"))
    app = queries.authenticator_of(reading(), account_id)
    has_app = app is not None and app.confirmed_at is not None
    has_key = bool(queries.security_keys_of(reading(), account_id))
    if has_app and form.validate_on_submit():
        with _acting() as (database, sign_in):
            is_proven = verbs.prove(database, sign_in, form.code.data)
        if is_proven:
            return redirect(inside(form.next.data))
        form.code.errors = [WRONG]
    proof = KeyProofForm(formdata=None, next=form.next.data)
    page = render_template(
        "accounts/second_factor.html", form=form, proof=proof, has_app=has_app, has_key=has_key
    )
    return page, 422 if form.errors else 200


@factors.route("/second-factor/recovery", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("codes are made anew")
@limiter.limit(FORM_RATE, methods=["POST"])
def recover() -> Answer:
    """Take a recovery code instead, and say how many are left."""
    form = RecoveryForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        with _acting() as (database, sign_in):
            is_proven = verbs.prove_by_recovery(database, sign_in, form.code.data)
            left = queries.recovery_codes_left(database, sign_in.account_id)
        if is_proven:
            flash(_("The code is used up. Recovery codes left: %(left)s.", left=left))
            return redirect(inside(form.next.data))
        form.code.errors = [_("This is none of your unused recovery codes.")]
    return render_template("accounts/recovery.html", form=form), 422 if form.errors else 200


@factors.post("/second-factor/key/options")
@allow(Role.SIGNED_IN)
@undoable("nothing is kept")
@limiter.limit(FORM_RATE)
def key_challenge() -> Response:
    """Give the script what the browser needs to ask a key."""
    with _acting() as (database, sign_in):
        options = security_keys.offer_proof(database, sign_in, _party())
    return Response(options, mimetype="application/json")


@factors.post("/second-factor/key")
@allow(Role.SIGNED_IN)
@undoable("accounts.sign_out")
@limiter.limit(FORM_RATE)
def use_key() -> Redirect:
    """Take what a key has signed."""
    form = KeyProofForm()
    with _acting() as (database, sign_in):
        security_keys.prove_by_key(database, sign_in, _party(), form.credential.data or "")
    return redirect(inside(form.next.data))


@factors.get("/account/security")
@allow(Role.SIGNED_IN)
def show() -> Answer:
    """Show the factors of the account."""
    return _page(SecurityKeyForm(formdata=None)), 200


def _page(form: SecurityKeyForm) -> str:
    sign_in = _current(reading())
    return render_template(
        "accounts/security.html",
        form=form,
        app=queries.authenticator_of(reading(), sign_in.account_id),
        keys=queries.security_keys_of(reading(), sign_in.account_id),
        codes_left=queries.recovery_codes_left(reading(), sign_in.account_id),
        has_factor=queries.has_factor(reading(), sign_in.account_id),
        is_fresh=verbs.is_fresh(sign_in),
        takes_keys=Party.of(current_config().base_url) is not None,
    )


def _codes_page(codes: tuple[str, ...]) -> str:
    """Show recovery codes, once; no other page has them."""
    target = session.pop(AFTERWARDS, url_for("accounts.factors.show"))
    return render_template("accounts/recovery_codes.html", codes=codes, target=target)


@factors.post("/account/security/app")
@allow(Role.SIGNED_IN)
@undoable("another app is begun")
@limiter.limit(FORM_RATE)
def begin_app() -> Redirect:
    """Make the secret of an app."""
    with _acting() as (database, sign_in):
        verbs.begin_authenticator(database, sign_in)
    return redirect(url_for("accounts.factors.confirm_app"))


@factors.route("/account/security/app/confirm", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("accounts.factors.remove_app")
@limiter.limit(FORM_RATE, methods=["POST"])
def confirm_app() -> Answer:
    """Show the secret, and take the first code made from it."""
    form = CodeForm()
    if form.validate_on_submit():
        with _acting() as (database, sign_in):
            codes = verbs.confirm_authenticator(database, sign_in, form.code.data)
        if codes:
            return _codes_page(codes)
        if codes is not None:
            flash(_("The app is added."))
            return redirect(session.pop(AFTERWARDS, url_for("accounts.factors.show")))
        form.code.errors = [WRONG]
    sign_in = _current(reading())
    secret = verbs.waiting_secret(reading(), sign_in)
    address = verbs.address_for_app(secret, sign_in.account)
    page = render_template(
        "accounts/authenticator.html",
        form=form,
        address=address,
        groups=[secret[place : place + 4] for place in range(0, len(secret), 4)],
        qr=qr_code.svg(address),
    )
    return page, 422 if form.errors else 200


@factors.post("/account/security/app/remove")
@allow(Role.SIGNED_IN)
@undoable("accounts.factors.begin_app")
@limiter.limit(FORM_RATE)
def remove_app() -> Redirect:
    """Take the app away."""
    with _acting() as (database, sign_in):
        verbs.remove_authenticator(database, sign_in)
    flash(_("The app is removed."))
    return redirect(url_for("accounts.factors.show"))


@factors.post("/account/security/codes")
@allow(Role.SIGNED_IN)
@undoable("codes are made anew")
@limiter.limit(FORM_RATE)
def renew_codes() -> str:
    """Replace the recovery codes."""
    with _acting() as (database, sign_in):
        codes = verbs.renew_recovery_codes(database, sign_in)
    return _codes_page(codes)


@factors.post("/account/security/keys/options")
@allow(Role.SIGNED_IN)
@undoable("nothing is kept")
@limiter.limit(FORM_RATE)
def new_key_challenge() -> Response:
    """Give the script what the browser needs to make a key."""
    with _acting() as (database, sign_in):
        options = security_keys.offer_registration(database, sign_in, _party())
    return Response(options, mimetype="application/json")


@factors.post("/account/security/keys")
@allow(Role.SIGNED_IN)
@undoable("accounts.factors.remove_key")
@limiter.limit(FORM_RATE)
def add_key() -> Answer:
    """Keep a new key."""
    form = SecurityKeyForm()
    if not form.validate():
        return _page(form), 422
    with _acting() as (database, sign_in):
        codes = security_keys.register(
            database, sign_in, _party(), form.credential.data or "", form.name.data
        )
    if codes:
        return _codes_page(codes)
    flash(_("The key is added."))
    return redirect(url_for("accounts.factors.show"))


@factors.post("/account/security/keys/<int:key_id>/remove")
@allow(Role.SIGNED_IN)
@undoable("accounts.factors.add_key")
@limiter.limit(FORM_RATE)
def remove_key(key_id: int) -> Redirect:
    """Take a key away."""
    with _acting() as (database, sign_in):
        security_keys.remove_key(database, sign_in, key_id)
    flash(_("The key is removed."))
    return redirect(url_for("accounts.factors.show"))


accounts.register_blueprint(factors)
