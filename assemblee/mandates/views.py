"""Pages of mandates: create one, and say who holds which role."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from assemblee.accounts.forms import ConfirmForm
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import reading, writing
from assemblee.mandates import actions, queries
from assemblee.mandates.forms import MandateForm, RoleForm
from assemblee.mandates.views_charter import charter_pages
from assemblee.security import Role, allow, binding, current_actor, lasting, undoable

mandates = Blueprint("mandates", __name__)
mandates.register_blueprint(charter_pages)
Answer = str | Response | tuple[str, int]

# Which field of the form a refusal belongs to.
FIELDS = {
    "mandate-slug-invalid": "slug",
    "mandate-slug-taken": "slug",
    "mandate-term-invalid": "term_end",
    "mandate-inhabitants-invalid": "inhabitants_over_16",
    "mandate-zone-unknown": "time_zone",
}


@mandates.route("/mandates/new", methods=["GET", "POST"])
@allow(Role.OPERATOR)
@lasting
def new() -> Answer:
    """Create a mandate."""
    form = MandateForm()
    if form.validate_on_submit():
        check = Act(
            _("Create this mandate?"),
            after=_("Its short name stands in every address and proof from then on, and cannot be changed."),
            verb=_("Create the mandate"),
            way_out=url_for("pages.home"),
        )
        if page := unless_confirmed(check, form):
            return page
        values = {name: value for name, value in form.data.items() if name != "csrf_token"}
        with form.placing(FIELDS), writing() as session:
            mandate = actions.create(session, current_actor(), actions.MandateFacts(**values))
        if not form.errors:
            flash(_("The mandate is created. Say now who organises it."))
            return redirect(url_for("mandates.roles", mandate=mandate.slug))
    return render_template("mandates/new.html", form=form), 422 if form.errors else 200


@mandates.route("/m/<mandate>/roles", methods=["GET", "POST"])
@allow(Role.OPERATOR, Role.ORGANISER)
@undoable("mandates.take_back")
@binding
def roles() -> Answer:
    """List the people who hold a role, and give one."""
    form = RoleForm()
    if form.validate_on_submit():
        with form.placing({"email-invalid": "email", "role-already-held": "role"}), writing() as session:
            actions.give_role(session, current_actor(), g.mandate, form.email.data, Role(form.role.data))
        if not form.errors:
            flash(_("The role is given. The person signs in with a link sent by mail."))
            return redirect(url_for("mandates.roles", mandate=g.mandate.slug))
    holdings = queries.holdings(reading(), g.mandate)
    page = render_template("mandates/roles.html", form=form, holdings=holdings, confirm=ConfirmForm())
    return page, 422 if form.errors else 200


@mandates.post("/m/<mandate>/roles/<int:holding_id>/take-back")
@allow(Role.OPERATOR, Role.ORGANISER)
@undoable("mandates.roles")
@binding
def take_back(holding_id: int) -> Response:
    """Take a role back."""
    with writing() as session:
        actions.take_role(session, current_actor(), g.mandate, holding_id)
    flash(_("The role is taken back."))
    return redirect(url_for("mandates.roles", mandate=g.mandate.slug))
