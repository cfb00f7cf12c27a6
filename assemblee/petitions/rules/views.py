"""The pages of the rules for petitions: in plain words, each version, and the form that publishes one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import reading, writing
from assemblee.journal import tree
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules import rulebook, wording
from assemblee.petitions.rules.document import ready_made
from assemblee.petitions.rules.forms import RulesForm
from assemblee.petitions.rules.models import RulesVersion
from assemblee.pools import queries as pools
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting

rule_pages = Blueprint("rules", __name__, url_prefix="/m/<mandate>/petitions/rules")
Answer = str | Redirect | tuple[str, int]


@rule_pages.get("")
@allow(Role.EVERYONE)
def current() -> str:
    """Show the rules in force in plain words, and the list of versions."""
    session = reading()
    version = rule_queries.latest(session, g.mandate.id)
    return render_template(
        "petitions/rules/show.html",
        version=version,
        versions=rule_queries.versions(session, g.mandate.id),
        **_explained(version),
    )


@rule_pages.get("/<int:wanted>")
@allow(Role.EVERYONE)
def version(wanted: int) -> str:
    """Show one version of the rules."""
    version = _version(wanted)
    return render_template("petitions/rules/version.html", version=version, **_explained(version))


@rule_pages.get("/<int:wanted>.json")
@allow(Role.EVERYONE)
def document(wanted: int) -> Response:
    """Give the bytes whose hash stands in the journal."""
    return Response(tree.canonical(_version(wanted).document), mimetype="application/json")


def _version(wanted: int) -> RulesVersion:
    for version in rule_queries.versions(reading(), g.mandate.id):
        if version.number == wanted:
            return version
    raise Refusal("petition-rules-missing", status=404)


def _explained(version: RulesVersion | None) -> dict[str, Any]:
    if version is None:
        return {"rules": None}
    rules = rule_queries.rules_of(version)
    return {
        "rules": rules,
        "steps": [
            (wording.needed(one, rules), wording.conditions(one), wording.opens(one)) for one in rules.steps
        ],
        "wording": wording,
    }


@rule_pages.route("/edit", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def edit() -> Answer:
    """Publish rules: the first ones, or a version that replaces those in force."""
    session = reading()
    version = rule_queries.latest(session, g.mandate.id)
    base = rule_queries.rules_of(version) if version else ready_made(g.mandate.inhabitants_over_16)
    form = RulesForm() if request.method == "POST" else RulesForm.of(base)
    form.offer([(pool.id, pool.name) for pool in pools.pools(session, g.mandate.id)])
    check = Act(
        _("Publish these rules?"),
        after=_(
            "This version stays public for ever, and petitions that are written from now on go by it. "
            "Another version may follow it."
        ),
        verb=_("Publish the rules"),
        way_out=url_for("petitions.rules.current", mandate=g.mandate.slug),
    )
    if form.validate_on_submit():
        if checked := unless_confirmed(check, form):
            return checked
        try:
            with writing() as writer:
                rulebook.publish(writer, current_actor(), g.mandate, form.rules(), form.reason.data or "")
        except Refusal as refused:
            form.place(refused)
        else:
            flash(_("The rules are published. Petitions written before keep theirs."))
            return redirect(url_for("petitions.rules.current", mandate=g.mandate.slug))
    page = render_template("petitions/rules/edit.html", form=form, version=version)
    return page, 422 if form.errors else 200
