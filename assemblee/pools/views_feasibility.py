"""The page that says whether a panel exists within a pool's quotas, and the acts on its check."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from assemblee.forms import reading, writing
from assemblee.pools import checks, queries, suggestions
from assemblee.pools.views import pools
from assemblee.security import Role, allow, current_actor, undoable

# With these pages, and not before, the room's doors are all there.
__all__ = ["pools"]


def _back(pool_id: int) -> Response:
    return redirect(url_for("pools.feasibility", mandate=g.mandate.slug, pool_id=pool_id))


@pools.get("/<int:pool_id>/feasibility")
@allow(Role.ORGANISER)
def feasibility(pool_id: int) -> str:
    """Say whether a panel exists within the quotas, and if not, what would help."""
    session = reading()
    pool = queries.pool(session, g.mandate.id, pool_id)
    return render_template("pools/feasibility.html", pool=pool, known=checks.standing(session, pool))


@pools.post("/<int:pool_id>/feasibility")
@allow(Role.ORGANISER)
@undoable("pools.quotas")
def apply_suggestions(pool_id: int) -> Response:
    """Take over the quota changes that make a panel exist."""
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        has_changed = suggestions.take(session, current_actor(), pool)
    if has_changed:
        flash(_("The suggested quotas are kept."))
    return _back(pool_id)


@pools.post("/<int:pool_id>/feasibility/check")
@allow(Role.ORGANISER)
@undoable("pools.stop_check")
def check(pool_id: int) -> Response:
    """Start the check of a large pool."""
    with writing() as session:
        suggestions.check(session, current_actor(), queries.pool(session, g.mandate.id, pool_id))
    return _back(pool_id)


@pools.post("/<int:pool_id>/feasibility/stop")
@allow(Role.ORGANISER)
@undoable("pools.check")
def stop_check(pool_id: int) -> Response:
    """Stop the check under way."""
    with writing() as session:
        suggestions.stop(session, current_actor(), queries.pool(session, g.mandate.id, pool_id))
    return _back(pool_id)
