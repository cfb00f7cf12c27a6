"""Pages that join what several rooms know, and the choice of language."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask import session as cookies
from flask_babel import gettext
from flask_babel import gettext as _
from sqlalchemy import text
from werkzeug.wrappers import Response

from assemblee import confirming
from assemblee.accounts.forms import ConfirmForm
from assemblee.accounts.models import Account
from assemblee.consultations import queries as consultations
from assemblee.db import database_now
from assemblee.draws import queries as draws
from assemblee.forms import current_config, reading, writing
from assemblee.i18n import COOKIE, LANGUAGES
from assemblee.jobs import queries as jobs
from assemblee.mandates import erasing
from assemblee.mandates import queries as mandates
from assemblee.petitions.data import queries as public_queries
from assemblee.pools import queries as pools
from assemblee.refusal import Refusal
from assemblee.security import FORM_RATE, Role, allow, current_actor, is_local, lasting, limiter

pages = Blueprint("pages", __name__)
_ONE = text("SELECT 1")
ONE_YEAR = 365 * 24 * 3600


@pages.get("/")
@allow(Role.EVERYONE)
def home() -> str | Response:
    """List the mandates of the installation."""
    return render_template("pages/home.html", mandates=mandates.all_mandates(reading()))


@pages.get("/m/<mandate>/")
@allow(Role.EVERYONE)
def mandate() -> str:
    """Show a mandate: who, where, until when, and what goes on."""
    session = reading()
    registers = pools.pools(session, g.mandate.id)
    now = database_now(session)
    votes = consultations.consultations(session, g.mandate.id, with_drafts=False)
    wanted = public_queries.Wanted(state="open")
    signable, _number = public_queries.listed(session, g.mandate.id, wanted, offset=0, limit=5)
    return render_template(
        "pages/mandate.html",
        petitions=signable,
        consultations=[(vote, vote.phase(now)) for vote in votes],
        pools=registers,
        volunteers=sum(pools.state_counts(session, pool)["volunteer"] for pool in registers),
        draws=draws.draws(session, g.mandate.id),
        life=jobs.lives(session).get(g.mandate.id),
    )


@pages.get("/me")
@allow(Role.SIGNED_IN)
def me() -> str:
    """Show a person what they hold and where they are registered."""
    session = reading()
    account = session.get_one(Account, current_actor().account)
    registrations = [
        (person, pool, next(m for m in mandates.all_mandates(session) if m.id == pool.mandate_id))
        for person, pool in pools.registrations(session, account.email)
    ]
    entries = draws.entries_of(session, [person.id for person, _pool, _mandate in registrations])
    return render_template(
        "pages/me.html",
        entries=entries,
        outcomes={entry.draw_id: draws.real_outcome(entry.draw) for entry in entries},
        account=account,
        roles=mandates.mandates_of(session, account),
        registrations=registrations,
        form=ConfirmForm(),
    )


@pages.route("/me/erase", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@lasting
@limiter.limit(FORM_RATE, methods=["POST"])
def erase_me() -> str | Response:
    """Say what goes, what stays and why; then erase a person from every room."""
    if request.method == "POST" and ConfirmForm().validate() and confirming.is_confirmed():
        with writing() as session:
            account = session.get_one(Account, current_actor().account)
            erasing.erase(session, current_actor(), account)
        cookies.clear()
        flash(_("Your data are erased."))
        return redirect(url_for("pages.home"))
    session = reading()
    account = session.get_one(Account, current_actor().account)
    erasing.require_erasable(session, account)
    found = erasing.traces(session, account)
    return render_template(
        "pages/erase_me.html",
        traces={fate: [trace for trace in found if trace.fate == fate] for fate in erasing.Fate},
        Fate=erasing.Fate,
        gettext=gettext,
        **confirming.box([]),
    )


@pages.get("/language/<code>")
@allow(Role.EVERYONE)
def language(code: str) -> Response:
    """Remember the language that a visitor chose, and go back to the page."""
    if code not in LANGUAGES:
        raise Refusal("language-unknown", status=404)
    target = request.args.get("next", "/")
    response = make_response(redirect(target if is_local(target) else url_for("pages.home")))
    settings = current_config()
    response.set_cookie(
        settings.cookie(COOKIE),
        code,
        max_age=ONE_YEAR,
        path="/",
        samesite="Lax",
        httponly=True,
        secure=settings.secure,
    )
    return response


@pages.get("/source")
@allow(Role.EVERYONE)
def source() -> str:
    """Say where the source is and under which licence."""
    return render_template("pages/source.html")


@pages.get("/accessibility")
@allow(Role.EVERYONE)
def accessibility() -> str:
    """Say what was done so that everybody can use the site."""
    return render_template("pages/accessibility.html")


@pages.get("/privacy")
@allow(Role.EVERYONE)
def privacy() -> str:
    """Say what is kept of whom, and for how long."""
    return render_template("pages/privacy.html")


@pages.get("/health")
@allow(Role.EVERYONE)
def health() -> tuple[str, int]:
    """Answer the watchdog: the database can be read."""
    reading().execute(_ONE)
    return "ok\n", 200
