"""Pages of draws: public from the first day, acted on by organisers only."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from assemblee import spreadsheets
from assemblee.accounts.forms import ConfirmForm
from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.draws import actions, bodies, halts, queries, results
from assemblee.draws.forms import NO_BODY, PrepareForm
from assemblee.draws.models import Draw, DrawEntry, DrawState, Kind
from assemblee.forms import ReasonForm, reading, writing
from assemblee.i18n import number
from assemblee.pools import queries as pools
from assemblee.pools.models import Volunteer
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting, limiter, undoable

draws = Blueprint("draws", __name__, url_prefix="/m/<mandate>/draws")
PREPARE_PLACES = {
    "draw-pool-too-small": "pool",
    "draw-title-missing": "title",
    "rule-without-quotas": "rule",
    "term-has-a-draw": "body",
    "term-is-planned": "body",
}
Answer = str | Redirect | tuple[str, int]


def _draw(draw_id: int) -> Draw:
    return queries.draw(reading(), g.mandate.id, draw_id)


def _back(draw_id: int) -> Redirect:
    return redirect(url_for("draws.show", mandate=g.mandate.slug, draw_id=draw_id))


@draws.get("/")
@allow(Role.EVERYONE)
def index() -> str:
    """List every draw of the mandate, and how many each pool has had."""
    session = reading()
    listed = queries.draws(session, g.mandate.id)
    registers = {draw.pool_id: draw.pool for draw in listed}
    counts = {pool.id: queries.draw_count(session, pool.id) for pool in registers.values()}
    return render_template(
        "draws/index.html", draws=listed, pools=registers, counts=counts, now=database_now(session)
    )


@draws.route("/prepare", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("draws.cancel")
def prepare() -> Answer:
    """Freeze a pool into a new draw, and start its check."""
    session = reading()
    registers = pools.pools(session, g.mandate.id)
    form = PrepareForm()
    form.offer(registers, bodies.waiting(session, g.mandate.id))
    if form.validate_on_submit():
        with form.placing(PREPARE_PLACES), writing() as writer:
            pool = pools.pool(writer, g.mandate.id, form.pool.data)
            actor = current_actor()
            if form.body.data != NO_BODY:
                draw = bodies.prepare(writer, actor, (g.mandate.id, form.body.data), pool, form.rule.data)
            else:
                draw = actions.prepare(
                    writer,
                    actor,
                    pool,
                    title=form.title.data or "",
                    rule=form.rule.data,
                    tickets=form.tickets.data,
                )
        if not form.errors:
            return _back(draw.id)
    return render_template("draws/prepare.html", form=form, pools=registers), 422 if form.errors else 200


@draws.get("/<int:draw_id>")
@allow(Role.EVERYONE)
@limiter.exempt
def show(draw_id: int) -> str:
    """Show a draw: its steps, its lottery, and the panel once it is held."""
    session = reading()
    draw = _draw(draw_id)
    shown: dict[str, Any] = {}
    real = queries.real_outcome(draw)
    if draw.lottery_hash is not None:
        shown["lottery"] = queries.lottery(draw)
        shown["chances"] = results.chances(shown["lottery"])
        shown["bound"] = Fraction(shown["lottery"].optimality.upper_bound)
    if real is not None:
        shown["rows"] = results.panel_rows(draw, real.members)
    if Role.ORGANISER in current_actor().roles:
        # The check ran before people had pseudonyms: it names them by their number in the register.
        shown["shut_out"] = _people(
            [int(one["person"]) for one in (draw.feasibility or {}).get("excluded", [])]
        )
        shown["entries"] = queries.entries(session, draw, [*real.members, *real.alternates] if real else [])
    return render_template(
        "draws/show.html",
        draw=draw,
        real=real,
        job=queries.open_job(session, draw),
        count=queries.draw_count(session, draw.pool_id),
        body=bodies.filled_by(session, draw),
        now=database_now(session),
        confirm=ConfirmForm(formdata=None),
        cancel_form=ReasonForm(formdata=None),
        DrawState=DrawState,
        **shown,
    )


def _people(members: list[int]) -> dict[int, Volunteer]:
    found = reading().scalars(select(Volunteer).where(Volunteer.id.in_(members)))
    return {person.id: person for person in found}


@draws.get("/<int:draw_id>/rehearsals/<int:outcome_id>")
@allow(Role.EVERYONE)
def rehearsal(draw_id: int, outcome_id: int) -> str:
    """Show a rehearsal, which counts for nothing."""
    draw = _draw(draw_id)
    outcome = queries.outcome(reading(), draw, outcome_id)
    if outcome.kind != Kind.DRY:
        raise Refusal("outcome-unknown", status=404)
    lottery = queries.lottery(draw)
    return render_template(
        "draws/rehearsal.html",
        draw=draw,
        outcome=outcome,
        lottery=lottery,
        rows=results.panel_rows(draw, outcome.members),
    )


def _act(draw_id: int, act: Any) -> Redirect:  # noqa: ANN401 - any verb of a draw
    with writing() as session:
        act(session, current_actor(), queries.draw(session, g.mandate.id, draw_id))
    return _back(draw_id)


@draws.post("/<int:draw_id>/check")
@allow(Role.ORGANISER)
@undoable("draws.stop")
def check(draw_id: int) -> Redirect:
    """Start the check again."""
    return _act(draw_id, actions.check)


@draws.post("/<int:draw_id>/compute")
@allow(Role.ORGANISER)
@undoable("draws.stop")
@binding
def compute(draw_id: int) -> Redirect:
    """Start the computation of the lottery."""
    return _act(draw_id, actions.compute)


@draws.post("/<int:draw_id>/stop")
@allow(Role.ORGANISER)
@undoable("draws.compute")
def stop(draw_id: int) -> Redirect:
    """Stop the work under way; the draw stays."""
    return _act(draw_id, actions.cancel_work)


@draws.post("/<int:draw_id>/rehearse")
@allow(Role.ORGANISER)
@undoable("nothing: it counts for nothing")
@binding
def rehearse(draw_id: int) -> Redirect:
    """Pick a ticket that does not count."""
    with writing() as session:
        draw = queries.draw(session, g.mandate.id, draw_id)
        outcome = actions.rehearse(session, current_actor(), draw, actions.fresh_seed())
    return redirect(
        url_for("draws.rehearsal", mandate=g.mandate.slug, draw_id=draw_id, outcome_id=outcome.id)
    )


def _cancelling(draw: Draw) -> Act:
    is_frozen = draw.commitment is not None
    return Act(
        _("Ask the guarantors to cancel this draw?") if is_frozen else _("Cancel this draw?"),
        after=_(
            "The guarantors are written to, and the draw is cancelled once %(number)s of them have signed. "
            "It stays listed for ever, with the reason.",
            number=draw.threshold,
        )
        if is_frozen
        else _("The draw stays listed for ever, with the reason. It cannot be taken up again."),
        verb=_("Ask the guarantors") if is_frozen else _("Cancel the draw"),
        way_out=url_for("draws.show", mandate=g.mandate.slug, draw_id=draw.id),
        facts=[(_("Draw"), draw.title), (_("People"), number(len(draw.people), 0))],
    )


@draws.route("/<int:draw_id>/cancel", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def cancel(draw_id: int) -> Answer:
    """Give a draw up, or propose it to the guarantors once it is frozen, for a reason that stays public."""
    form = ReasonForm()
    if form.validate_on_submit():
        if page := unless_confirmed(_cancelling(_draw(draw_id)), form):
            return page
        with writing() as session:
            draw = queries.draw(session, g.mandate.id, draw_id)
            if draw.commitment is None:
                actions.cancel(session, current_actor(), draw, form.reason.data)
                flash(_("The draw is cancelled; it stays listed, with the reason."))
            else:
                halts.propose_cancel(session, current_actor(), draw, form.reason.data)
                flash(_("The guarantors are asked; %(number)s must sign.", number=draw.threshold))
        return _back(draw_id)
    return render_template("draws/cancel.html", draw=_draw(draw_id), form=form), 422 if form.errors else 200


@draws.get("/<int:draw_id>/lottery.json")
@allow(Role.EVERYONE)
def lottery(draw_id: int) -> Response:
    """Give the lottery exactly as it was hashed."""
    draw = _draw(draw_id)
    queries.lottery(draw)
    return Response(draw.lottery_text, mimetype="application/json")


@draws.get("/<int:draw_id>/categories.csv")
@allow(Role.EVERYONE)
def categories(draw_id: int) -> Response:
    """Give the frozen quotas in the field's own form."""
    draw = _draw(draw_id)
    return _file(
        spreadsheets.as_plain_csv(["category", "feature", "min", "max"], draw.quotas),
        "text/csv",
        "categories.csv",
    )


@draws.get("/<int:draw_id>/panel.<any(csv, xlsx):kind>")
@allow(Role.ORGANISER)
def panel(draw_id: int, kind: str) -> Response:
    """Give the drawn people with their names, for the letters."""
    draw = _draw(draw_id)
    real = queries.real_outcome(draw)
    if real is None:
        raise Refusal("draw-is-ready" if draw.state == DrawState.READY else f"draw-is-{draw.state}")
    people = queries.entries(reading(), draw, [*real.members, *real.alternates])
    names = list(dict.fromkeys(category for category, *_rest in draw.quotas))
    header = [_("Seat"), _("Number"), _("Reference"), _("Name"), _("E-mail address"), *names]
    rows = [
        [
            seat,
            member,
            *_contact(people.get(member)),
            *(draw.people[member].get(name, "") for name in names),
        ]
        for seat, members in ((_("panel"), real.members), (_("alternate"), real.alternates))
        for member in members
    ]
    if kind == "csv":
        return _file(spreadsheets.as_csv(header, rows), "text/csv", f"panel-{draw_id}.csv")
    return _file(
        spreadsheets.as_xlsx(header, rows),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        f"panel-{draw_id}.xlsx",
    )


def _contact(entry: DrawEntry | None) -> list[str]:
    person = entry.volunteer if entry else None
    return [person.reference or "", person.name or "", person.email or ""] if person else ["", "", ""]


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
