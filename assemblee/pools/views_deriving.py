"""The page of categories whose values follow from a birth or a postcode."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from assemblee.forms import Form, reading, writing
from assemblee.pools import deriving, queries
from assemblee.pools.forms import AgeBandsForm, MoveForm, PostcodesForm
from assemblee.pools.models import Pool
from assemblee.pools.views import Answer
from assemblee.pools.views_importing import pools
from assemblee.security import Role, allow, current_actor, undoable

# With these pages, and not before, the room's doors are all there.
__all__ = ["pools"]

PLACES = {
    "derivation-unreadable": "bands",
    "category-name-taken": "category",
    "quota-value-in-use": "category",
}


def _page(pool: Pool, moving: tuple[int, Form] | None = None, **forms: Form) -> str:
    shown: dict[str, Form] = {
        "bands_form": AgeBandsForm(formdata=None),
        "postcodes_form": PostcodesForm(formdata=None, prefix="places-"),
        **forms,
    }
    move_forms = {one.id: MoveForm(formdata=None, prefix=f"day{one.id}-") for one in pool.categories}
    move_forms |= dict([moving] if moving else [])
    return render_template("pools/derived.html", pool=pool, move_forms=move_forms, **shown)


def _pool(pool_id: int) -> Pool:
    return queries.pool(reading(), g.mandate.id, pool_id)


def _back(pool_id: int) -> Response:
    return redirect(url_for("pools.derived", mandate=g.mandate.slug, pool_id=pool_id))


@pools.get("/<int:pool_id>/derived")
@allow(Role.ORGANISER)
def derived(pool_id: int) -> str:
    """Show the categories that follow from something else, and the forms of new ones."""
    return _page(_pool(pool_id))


@pools.post("/<int:pool_id>/derived/age")
@allow(Role.ORGANISER)
@undoable("pools.quotas")
def add_bands(pool_id: int) -> Answer:
    """Add a category of bands of age."""
    form = AgeBandsForm()
    if form.validate_on_submit():
        lines = [line for line in form.bands.data.splitlines() if line.strip()]
        with form.placing(PLACES), writing() as session:
            pool = queries.pool(session, g.mandate.id, pool_id)
            deriving.add(session, current_actor(), pool, form.category.data, lines, on=form.on.data)
        if not form.errors:
            flash(_("The category is added. Set its quotas."))
            return _back(pool_id)
    return _page(_pool(pool_id), bands_form=form), 422


@pools.post("/<int:pool_id>/derived/postcodes")
@allow(Role.ORGANISER)
@undoable("pools.quotas")
def add_postcodes(pool_id: int) -> Answer:
    """Add a category of districts."""
    form = PostcodesForm(prefix="places-")
    if form.validate_on_submit():
        lines = [line for line in form.postcodes.data.splitlines() if line.strip()]
        with form.placing({**PLACES, "derivation-unreadable": "postcodes"}), writing() as session:
            pool = queries.pool(session, g.mandate.id, pool_id)
            deriving.add(session, current_actor(), pool, form.category.data, lines)
        if not form.errors:
            flash(_("The category is added. Set its quotas."))
            return _back(pool_id)
    return _page(_pool(pool_id), postcodes_form=form), 422


@pools.post("/<int:pool_id>/derived/<int:category_id>/day")
@allow(Role.ORGANISER)
@undoable("pools.move_day")
def move_day(pool_id: int, category_id: int) -> Answer:
    """Let ages be those of another day."""
    form = MoveForm(prefix=f"day{category_id}-")
    if form.validate_on_submit():
        with form.placing({"derivation-leaves-out": "on"}), writing() as session:
            pool = queries.pool(session, g.mandate.id, pool_id)
            name = next((one.name for one in pool.categories if one.id == category_id), "")
            moved = deriving.move(session, current_actor(), pool, name, form.on.data)
        if not form.errors:
            flash(ngettext("%(num)s person changes band.", "%(num)s people change band.", moved))
            return _back(pool_id)
    return _page(_pool(pool_id), (category_id, form)), 422
