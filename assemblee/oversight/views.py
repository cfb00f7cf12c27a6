"""Pages of the guarantors' desk: what awaits them, their key, verifying a bundle, the checklist."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from assemblee.consultations import queries as consultations
from assemblee.db import database_now
from assemblee.draws import queries as draws
from assemblee.forms import current_config, reading, writing
from assemblee.i18n import language
from assemblee.journal import keys
from assemblee.journal import queries as journal
from assemblee.oversight import actions, queries
from assemblee.oversight.forms import WitnessKeyForm
from assemblee.pager import Page, asked_page
from assemblee.petitions.desk import reviews
from assemblee.petitions.text import queries as petitions
from assemblee.petitions.waves import actions as waves
from assemblee.pools import queries as pools
from assemblee.security import Role, allow, binding, current_actor, undoable

oversight = Blueprint("oversight", __name__, url_prefix="/m/<mandate>/oversight")
Answer = str | Response | tuple[str, int]
PER_PAGE = 50


@oversight.get("/")
@allow(Role.GUARANTOR)
def desk() -> str:
    """Show a guarantor what awaits them, and every act of the mandate."""
    session = reading()
    actor = current_actor()
    # Every act of every room, those of the installation among them.
    page = Page(
        "oversight.desk",
        asked_page(),
        journal.count(session, mandate_id=None),
        PER_PAGE,
        {"mandate": g.mandate.slug},
    )
    return render_template(
        "oversight/desk.html",
        tasks=queries.tasks(session, g.mandate.id, actor.account, database_now(session)),
        shared_mailboxes=pools.shared_mailboxes(session, g.mandate.id),
        petitions_to_check=petitions.to_check(session, g.mandate.id, actor.account),
        reviews_to_say=reviews.to_say(session, g.mandate.id, actor.account),
        waves_awaiting=waves.awaiting(session, g.mandate.id),
        to_count=consultations.to_count(session, g.mandate.id, actor.account),
        key=journal.witness_key(session, actor.account or 0),
        checkpoint=journal.latest_checkpoint(session),
        leaves=journal.leaves(session, mandate_id=None, offset=page.offset, limit=PER_PAGE),
        page=page,
        base_url=current_config().base_url,
        log_key=keys.verifier(session),
    )


@oversight.route("/key", methods=["GET", "POST"])
@allow(Role.GUARANTOR)
@undoable("another key is registered")
@binding
def key() -> Answer:
    """Register the key by which a guarantor signs."""
    form = WitnessKeyForm()
    if form.validate_on_submit():
        fields = dict.fromkeys(("witness-key-invalid", "witness-name-wrong", "witness-key-taken"), "key")
        with form.placing(fields), writing() as session:
            actions.register_key(session, current_actor(), form.key.data)
        if not form.errors:
            flash(_("Your key is registered. Draws frozen from now on will name it."))
            return redirect(url_for("oversight.desk", mandate=g.mandate.slug))
    account = current_actor().account or 0
    return render_template(
        "oversight/key.html",
        form=form,
        name=journal.witness_name(account),
        known=journal.witness_key(reading(), account),
    ), 422 if form.errors else 200


@oversight.get("/draws/<int:draw_id>/verify")
@allow(Role.GUARANTOR, Role.ORGANISER)
def verify(draw_id: int) -> str:
    """Run a held draw's own verifier here, as a first look before running it at home."""
    session = reading()
    draw = draws.draw(session, g.mandate.id, draw_id)
    verdict = actions.verify(session, draw, language())
    return render_template("oversight/verify.html", draw=draw, verdict=verdict)


@oversight.get("/checklist")
@allow(Role.EVERYONE)
def checklist() -> str:
    """Say what each role can check at each step of a draw, and how."""
    return render_template("oversight/checklist.html")
