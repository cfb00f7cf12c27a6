"""The page that freezes a draw, what it says back before, and the days on which lotteries are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import get_day_names
from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.confirming import Act, unless_confirmed
from assemblee.draws import bodies, freezing, lotteries, queries
from assemblee.draws.forms import LOTTERIES, FreezeForm, LotteryForm
from assemblee.draws.freezing import Terms
from assemblee.draws.models import Draw, DrawState, Publication
from assemblee.draws.views import Answer
from assemblee.draws.views_ceremony import draws
from assemblee.forms import reading, writing
from assemblee.i18n import language, moment, number
from assemblee.journal.models import WitnessKey
from assemblee.security import Role, allow, binding, current_actor, lasting, undoable

lottery_pages = Blueprint("lotteries", __name__, url_prefix="/lotteries")
FREEZE_PLACES = {
    "draw-deadlines-order": "cosign_until",
    "draw-alternates-range": "alternates",
    "draw-publication-identifies": "publication",
    "beacon-witnesses-missing": "drawing",
    "draw-no-lottery-then": "drawing",
    "draw-deadlines-far": "own_moment",
    "draw-reveal-on-lottery-day": "reveal_until",
}


@draws.route("/<int:draw_id>/freeze", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def freeze(draw_id: int) -> Answer:
    """Freeze a checked draw for good."""
    session = reading()
    draw = queries.draw(session, g.mandate.id, draw_id)
    draw.require(DrawState.FEASIBLE)
    # The charter says how many a body has; the organiser of another draw says it here.
    form = FreezeForm(alternates=draw.alternates or 0)
    form.offer(draw, g.mandate.time_zone, lotteries.schedules(session))
    if form.validate_on_submit():
        with form.placing(FREEZE_PLACES):
            terms, announced = freezing.checked(session, draw, form.terms())
            if page := unless_confirmed(_freezing(session, draw, terms, announced), form, says_all=True):
                return page
            with writing() as writer:
                freezing.freeze(
                    writer, current_actor(), queries.draw(writer, g.mandate.id, draw_id), form.terms()
                )
        if not form.errors:
            flash(_("The draw is frozen. Its lottery is being computed."))
            return redirect(url_for("draws.watch", mandate=g.mandate.slug, draw_id=draw_id))
    session = reading()
    draw = queries.draw(session, g.mandate.id, draw_id)
    return render_template(
        "draws/freeze.html",
        draw=draw,
        form=form,
        team=freezing.team(session, draw),
        threshold=freezing.default_threshold,
        body=bodies.filled_by(session, draw),
        schedules=form.schedules,
        LOTTERIES=LOTTERIES,
    ), 422 if form.errors else 200


def _names(session: Session, keys: Sequence[WitnessKey]) -> list[str]:
    """Return how organisers know guarantors: by the name of their key, and their address."""
    numbers = [key.account_id for key in keys]
    accounts = session.scalars(select(Account).where(Account.id.in_(numbers)))
    addresses = {account.id: account.email for account in accounts}
    return [f"{key.name} ({addresses[key.account_id]})" for key in keys]


def _freezing(session: Session, draw: Draw, terms: Terms, announced: Mapping[str, Any]) -> Act:
    """Say a freeze back: for whom, among whom, by which quotas, who guarantees it, and when."""
    team = freezing.team(session, draw)
    out = (
        _("%(when)s, by %(source)s", when=moment(terms.beacon_at, "weekday"), source=announced["source"])
        if "source" in announced
        else _("%(when)s, by round %(round)s of drand", when=moment(terms.beacon_at, "weekday"), **announced)
    )
    warnings = []
    if not terms.alternates:
        warnings.append(_("No alternates: if somebody says no, the place stays empty. Is that meant?"))
    body = bodies.filled_by(session, draw)
    if body is None:
        warnings.append(_("This draw fills no body: nobody will be invited."))
    if team.without:
        warnings.append(_("Guarantors without a key take no part: %(number)s.", number=team.without))
    sealed = terms.publication == Publication.SEALED
    return Act(
        _("Freeze this draw for good?"),
        after=_(
            "Neither people, nor quotas, nor dates can be changed. To give the draw up takes a public reason "
            "and the signatures of %(threshold)s guarantors.",
            threshold=freezing.default_threshold(len(team.keys)),
        ),
        verb=_("Freeze the draw for good"),
        way_out=url_for("draws.show", mandate=g.mandate.slug, draw_id=draw.id),
        facts=[
            (_("Draw"), draw.title),
            (_("Body that it fills"), body or _("none")),
            (_("Volunteers"), number(len(draw.people), 0)),
            (_("Places"), number(draw.size, 0)),
            (_("Alternates"), number(terms.alternates, 0)),
            (_("Quotas"), _("%(number)s, checked together", number=number(len(draw.quotas), 0))),
            (
                _("What the public sees"),
                _("numbers, neither names nor answers") if sealed else _("answers, under random numbers"),
            ),
            (_("Guarantors"), "\n".join(_names(session, team.keys))),
            (_("They sign until"), moment(terms.cosign_until, "weekday")),
            (_("They show their secrets until"), moment(terms.reveal_until, "weekday")),
            (_("The randomness comes out"), out),
        ],
        warnings=warnings,
    )


@lottery_pages.get("/")
@allow(Role.OPERATOR)
def index() -> str:
    """Show when each lottery is drawn."""
    return render_template(
        "draws/lotteries.html",
        schedules=lotteries.schedules(reading()),
        weekdays=get_day_names(locale=language()),
        LOTTERIES=LOTTERIES,
    )


@lottery_pages.route("/<lottery>", methods=["GET", "POST"])
@allow(Role.OPERATOR)
@undoable("lotteries.change")
@binding
def change(lottery: str) -> Answer:
    """Write down when a lottery is drawn from now on."""
    schedule = lotteries.schedule(reading(), lottery)
    form = LotteryForm(weekdays=list(schedule.weekdays), hour=schedule.hour, source=schedule.source)
    form.offer()
    if form.validate_on_submit():
        with writing() as session:
            lotteries.write_down(session, current_actor(), lottery, form.schedule())
        flash(_("Noted: draws that are frozen from now on go by these days."))
        return redirect(url_for("lotteries.index"))
    page = render_template("draws/lottery.html", form=form, title=LOTTERIES[lottery])
    return page, 422 if form.errors else 200
