"""Pages of all bodies together: who sits, the calendar, what is due, what deviates, and the new plan."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from assemblee import confirming
from assemblee.assemblies import deadlines
from assemblee.assemblies.forms import ExtraordinaryForm, PlanForm
from assemblee.assemblies.rotation import planning
from assemblee.assemblies.terms import chart, queries
from assemblee.assemblies.terms.models import HOLDING, Term
from assemblee.assemblies.views import Answer, assemblies
from assemblee.assemblies.views_seat import seat_pages
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import reading, writing
from assemblee.mandates import charters
from assemblee.security import Role, allow, binding, current_actor, lasting

# With these pages, and not before, the room's doors are all there.
__all__ = ["assemblies"]


def _drawing(session: Session, terms: list[Term]) -> chart.Chart:
    charter = charters.current(session, g.mandate)
    names = [(body.recipe.key, body.name) for body in charter.bodies]
    first, last = charter.calendar.first, charter.calendar.last
    return chart.chart(terms, names, first, last, queries.today(session, g.mandate))


@assemblies.get("/")
@allow(Role.EVERYONE)
def index() -> str:
    """Show who sits now, and the calendar of the whole mandate."""
    session = reading()
    terms = queries.terms(session, g.mandate.id)
    if not terms:
        return render_template("assemblies/none.html")
    today = queries.today(session, g.mandate)
    return render_template(
        "assemblies/index.html",
        charter=charters.current(session, g.mandate),
        terms=terms,
        counts=deadlines.counts(session, g.mandate.id),
        chart=_drawing(session, terms),
        today=today,
        HOLDING=HOLDING,
    )


@assemblies.get("/desk")
@allow(Role.ORGANISER)
def desk() -> str:
    """Say what the organisers have to do these days."""
    session = reading()
    if not queries.terms(session, g.mandate.id):
        return render_template("assemblies/none.html")
    return render_template(
        "assemblies/desk.html",
        tasks=deadlines.tasks(session, g.mandate),
        later=deadlines.tasks(session, g.mandate, deadlines.WEEK * 13),
        charter=charters.current(session, g.mandate),
        today=queries.today(session, g.mandate),
    )


@assemblies.get("/deviations")
@allow(Role.EVERYONE)
def deviations() -> str:
    """List everything that is not as charter, calendar and journal say."""
    session = reading()
    found = deadlines.deviations(session, g.mandate) if queries.terms(session, g.mandate.id) else []
    return render_template("assemblies/deviations.html", deviations=found)


@assemblies.route("/plan", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def plan() -> Answer:
    """Show what the charter in force would change in the terms, and do it once it was seen."""
    session = reading()
    charter = charters.current(session, g.mandate)
    form = PlanForm(on=queries.today(session, g.mandate))
    on = form.on.data or queries.today(session, g.mandate)
    changes = planning.preview(session, g.mandate, charter, on)
    if form.validate_on_submit() and form.shown.data and confirming.is_confirmed():
        fields = dict.fromkeys(("plan-in-the-past", "plan-changed", "plan-unchanged"), "on")
        with form.placing(fields), writing() as session:
            planning.replan(session, current_actor(), g.mandate, on, form.shown.data)
        if not form.errors:
            flash(_("The terms follow the charter from now on."))
            return redirect(url_for("assemblies.index", mandate=g.mandate.slug))
    carried = [("on", on.isoformat()), ("shown", planning.fingerprint(changes))]
    page = render_template(
        "assemblies/plan.html",
        form=form,
        on=on,
        changes=changes,
        carried=carried,
        charter=charter,
        **confirming.box(carried),
    )
    return page, 422 if form.errors else 200


@assemblies.route("/extraordinary", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def extraordinary() -> Answer:
    """Open an extraordinary assembly on one law."""
    form = ExtraordinaryForm()
    check = Act(
        _("Open this extraordinary assembly?"),
        after=_("It stands in the journal and on the calendar from then on. Then its draw is prepared."),
        verb=_("Open the assembly"),
        way_out=url_for("assemblies.index", mandate=g.mandate.slug),
    )
    if form.validate_on_submit():
        if checked := unless_confirmed(check, form):
            return checked
        fields = {
            "term-days-invalid": "last",
            "term-size-invalid": "size",
            "term-subject-missing": "subject",
        }
        with form.placing(fields), writing() as session:
            term = planning.open_extraordinary(
                session,
                current_actor(),
                g.mandate,
                subject=form.subject.data,
                first=form.first.data,
                last=form.last.data,
                size=form.size.data,
            )
            number = term.id
        if not form.errors:
            flash(_("The extraordinary assembly is opened. Prepare its draw."))
            return redirect(url_for("assemblies.show", mandate=g.mandate.slug, term_id=number))
    return render_template("assemblies/extraordinary.html", form=form), 422 if form.errors else 200


# The address of a seat holds no mandate, only the token of whose seat it is.
assemblies.record(lambda state: state.app.register_blueprint(seat_pages))
