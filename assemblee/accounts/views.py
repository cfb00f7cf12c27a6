"""Sign in and out, by password or by a one-time link; change a password; the operator's list of accounts."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assemblee import clock
from assemblee.accounts import actions, queries
from assemblee.accounts.forms import ConfirmForm, LinkForm, PasswordForm, SignInForm
from assemblee.accounts.models import Account
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import current_config, reading, writing
from assemblee.i18n import moment_there
from assemblee.mail import outbox
from assemblee.mail.addresses import mailbox
from assemblee.refusal import Refusal
from assemblee.security import (
    FORM_RATE,
    Role,
    allow,
    binding,
    guesses,
    in_a_room,
    is_local,
    lasting,
    limiter,
    mailing,
    note_guess,
    to_one_mailbox,
    undoable,
)

accounts = Blueprint("accounts", __name__)
TOKEN = "_user_id"  # noqa: S105 - the key under which Flask-Login keeps what names the sign-in
SIGN_IN = "sign-in"
# The field that a refusal belongs to.
PASSWORD_PLACES = {
    "password-wrong": "current",
    "password-common": "new",
    "password-is-address": "new",
    "password-short": "new",
    "password-long": "new",
}
Answer = str | Response | tuple[str, int]


def inside(target: str | None) -> str:
    """Return a local address to go on to; never another site."""
    return target if target and is_local(target) else url_for("pages.home")


def _enter(token: str, target: str) -> Response:
    """Keep the token of a new sign-in in place of the former, and go on, by way of a second factor."""
    former = session.get(TOKEN)
    if former:
        with writing() as database:
            actions.close_session(database, former)
    session.clear()
    session[TOKEN] = token
    session.permanent = True
    opened = queries.open_sign_in(reading(), token)
    if opened is not None and queries.has_factor(reading(), opened.account_id):
        target = url_for("accounts.factors.ask", next=target)
    return redirect(target)


@accounts.route("/sign-in", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("accounts.sign_out")
@in_a_room
@guesses
def sign_in() -> Answer:
    """Sign in by password."""
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        actions.require_attempts_left(reading(), form.email.data)
        stored = queries.password_hash(reading(), form.email.data)
        proven = stored if actions.password_matches(stored, form.password.data) else None
        with writing() as database:
            token = actions.sign_in(database, form.email.data, proven)
        if token:
            return _enter(token, inside(form.next.data))
        note_guess()
        form.password.errors = [_("The address or the password is wrong.")]
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


@accounts.route("/sign-in/link", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("another link is asked for")
@mailing
@to_one_mailbox
def ask_link() -> Answer:
    """Ask for a one-time link; the answer is the same whether the address is known or not."""
    form = LinkForm()
    if form.validate_on_submit():
        with form.placing({"email-invalid": "email"}), writing() as database:
            until = clock.now() + actions.LINK_LENGTH
            token = actions.issue_link(database, form.email.data, SIGN_IN)
            outbox.write(
                database,
                mailbox(form.email.data).address,
                _("Your link to sign in"),
                _(
                    "Hello,\n\nthis link signs you in once, until %(when)s:\n%(url)s\n\n"
                    "If you did not ask for it, you need not do anything.",
                    when=moment_there(until),
                    url=current_config().base_url + url_for("accounts.use_link", token=token),
                ),
                expires_at=clock.now() + actions.LINK_LENGTH,
            )
        if not form.errors:
            return render_template("accounts/link_sent.html", until=until)
    return render_template("accounts/ask_link.html", form=form), 422 if form.errors else 200


@accounts.route("/sign-in/link/<token>", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("accounts.sign_out")
@limiter.limit(FORM_RATE, methods=["POST"])
def use_link(token: str) -> Answer:
    """Confirm with a button: programs that look into mails follow links, but press no button."""
    form = ConfirmForm()
    if form.validate_on_submit():
        with writing() as database:
            link = actions.use_link(database, token, SIGN_IN)
            account = actions.ensure(database, link.email)
            if account.disabled_at is not None:
                raise Refusal("link-unusable", status=410)
            cookie = actions.open_session(database, account)
        return _enter(cookie, url_for("pages.me"))
    actions.peek_link(reading(), token, SIGN_IN)
    return render_template("accounts/use_link.html", form=form)


@accounts.post("/sign-out")
@allow(Role.EVERYONE)
@undoable("accounts.sign_in")
def sign_out() -> Response:
    """End this sign-in, on the server as well."""
    token = session.get(TOKEN)
    if token:
        with writing() as database:
            actions.close_session(database, token)
    session.clear()
    flash(_("You are signed out."))
    return redirect(url_for("pages.home"))


@accounts.route("/password", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("accounts.password")
@limiter.limit("10 per minute", methods=["POST"])
def password() -> Answer:
    """Change the password, which ends the account's other sessions."""
    form = PasswordForm()
    if form.validate_on_submit():
        with form.placing(PASSWORD_PLACES), writing() as database:
            account = database.get_one(Account, g.actor.account)
            actions.change_password(database, account, form.current.data, form.new.data, token=session[TOKEN])
        if not form.errors:
            flash(_("Your password is changed; your other sessions are ended."))
            return redirect(url_for("pages.me"))
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


@accounts.get("/accounts/")
@allow(Role.OPERATOR)
def index() -> str:
    """List the accounts of the installation."""
    people = reading().scalars(select(Account).order_by(Account.email)).all()
    return render_template("accounts/index.html", accounts=people, form=ConfirmForm())


def _account(database: Session, account_id: int) -> Account:
    account = database.get(Account, account_id)
    if account is None:
        raise Refusal("account-unknown", status=404)
    return account


@accounts.post("/accounts/<int:account_id>/disable")
@allow(Role.OPERATOR)
@lasting
@binding
def disable(account_id: int) -> Answer:
    """Disable an account and end its sessions."""
    account = _account(reading(), account_id)
    act = Act(
        _("Disable this account?"),
        after=_("This person is signed out and never signs in again. There is no way to enable it again."),
        verb=_("Disable the account"),
        way_out=url_for("accounts.index"),
        facts=[(_("Account"), account.email)],
    )
    if page := unless_confirmed(act):
        return page
    with writing() as database:
        actions.disable(database, _account(database, account_id))
    flash(_("The account is disabled and its sessions are ended."))
    return redirect(url_for("accounts.index"))
