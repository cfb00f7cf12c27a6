"""The pages of guarantors who check petitions and hear appeals."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import reading, writing
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, PetitionState, Stage
from assemblee.petitions.petition.moving import require
from assemblee.petitions.petition.views import is_author
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.text import checking
from assemblee.petitions.text import queries as text_queries
from assemblee.petitions.text.forms_checking import RulingForm
from assemblee.security import Role, allow, binding, current_actor, lasting

checking_pages = Blueprint("checking", __name__, url_prefix="/m/<mandate>/petitions")
Answer = str | Redirect | tuple[str, int]
PLACES = {"petition-reason-missing": "reason", "petition-ground-unknown": "ground"}
VERBS = {PetitionState.CHECK: checking.rule, PetitionState.APPEAL: checking.hear}


@checking_pages.get("/checks")
@allow(Role.GUARANTOR)
def waiting() -> str:
    """List the petitions that await a word of this guarantor."""
    rows = text_queries.to_check(reading(), g.mandate.id, current_actor().account)
    return render_template("petitions/text/checks.html", rows=rows, State=PetitionState)


@checking_pages.route("/<int:number>/check", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@lasting
@binding
def check(number: int) -> Answer:
    """Admit a petition or refuse it, first or on appeal."""
    petition = queries.petition(reading(), g.mandate.id, number)
    require(petition, *VERBS)
    form = RulingForm()
    form.offer(rule_queries.rules_of(petition.version).grounds)
    if form.validate_on_submit():
        verb = VERBS[PetitionState(petition.state)]
        act = Act(
            _("Admit this petition?") if form.is_admitted else _("Refuse this petition?"),
            after=_("Your decision and its reason stay public, and the author is written to at once."),
            verb=_("Admit it") if form.is_admitted else _("Refuse it"),
            way_out=url_for("petitions.checking.waiting", mandate=g.mandate.slug),
            facts=[(_("Petition"), petition.title)],
        )
        if page := unless_confirmed(act, form):
            return page
        with form.placing(PLACES), writing() as session:
            verb(
                session,
                current_actor(),
                queries.petition(session, g.mandate.id, number),
                is_admitted=form.is_admitted,
                ground=form.ground.data,
                reason=form.reason.data or "",
            )
        if not form.errors:
            flash(_("Your decision is recorded, with its reason."))
            return redirect(url_for("petitions.checking.waiting", mandate=g.mandate.slug))
        petition = queries.petition(reading(), g.mandate.id, number)
    return _page(petition, form), 422 if form.errors else 200


def _page(petition: Petition, form: RulingForm) -> str:
    account = current_actor().account
    return render_template(
        "petitions/text/check.html",
        petition=petition,
        form=form,
        rules=rule_queries.rules_of(petition.version),
        is_appeal=petition.state == PetitionState.APPEAL,
        Stage=Stage,
        may_speak=not is_author(petition) and all(one.account_id != account for one in petition.rulings),
    )
