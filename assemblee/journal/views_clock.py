"""The operator's page of the clock: what it says, what was believed last, and the word that it is right."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee import clock, plausible
from assemblee.accounts.forms import ConfirmForm
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import reading, writing
from assemblee.i18n import moment_there
from assemblee.journal import actions, timekeeping
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting

clock_pages = Blueprint("clock", __name__, url_prefix="/clock")
# To say that the time is right one has to sign in, and to prove a second factor.
BEFORE_THE_WORD = (
    "accounts.sign_in",
    "accounts.sign_out",
    "accounts.factors.ask",
    "accounts.factors.recover",
    "accounts.factors.key_challenge",
    "accounts.factors.use_key",
    "clock.accept",
)
SAFE = ("GET", "HEAD", "OPTIONS")


def watch() -> None:
    """Refuse what is asked while the clock is wrong: nothing is decided or written by its time.

    It costs nothing while the machine's clock goes on beside the one that nobody sets. What the database
    alone can know, acts ask it themselves.

    Raises
    ------
    Refusal
        `clock-in-doubt`.
    """
    g.clock_in_doubt = False
    if not plausible.has_jumped(clock.real()):
        return
    if not timekeeping.in_doubt(reading()):
        plausible.believe(clock.real())
        return
    g.clock_in_doubt = True
    if request.method not in SAFE and request.endpoint not in BEFORE_THE_WORD:
        raise Refusal("clock-in-doubt", status=503)


def is_in_doubt() -> bool:
    """Tell a page whether its clock is in doubt; for an operator the database is asked too."""
    if g.get("clock_in_doubt"):
        return True
    return Role.OPERATOR in current_actor().roles and timekeeping.in_doubt(reading())


@clock_pages.get("/")
@allow(Role.OPERATOR)
def show() -> str:
    """Show what the clock says beside what was believed last, before anybody vouches for it."""
    session = reading()
    return render_template(
        "journal/clock.html", found=timekeeping.read(session), is_wrong=timekeeping.in_doubt(session)
    )


@clock_pages.post("/")
@allow(Role.OPERATOR)
@lasting
@binding
def accept() -> str | Redirect:
    """Take the operator's word that the time is right."""
    ConfirmForm().validate()
    act = Act(
        _("Is the time right?"),
        after=_(
            "Everything that is due by this time is done at once: draws, deadlines, letters. A time that is "
            "wrong does harm that nobody can undo. Look at another clock first."
        ),
        verb=_("The time is right"),
        way_out=url_for("clock.show"),
        facts=[(_("Time of this machine"), moment_there(clock.real()))],
    )
    if page := unless_confirmed(act):
        return page
    with writing() as session:
        actions.accept_clock(session, current_actor())
    flash(_("The time is taken as right: what is due is done from now on."))
    return redirect(url_for("clock.show"))
