"""The public page of the journal."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from assemblee.forms import reading
from assemblee.journal import queries
from assemblee.pager import Page, asked_page
from assemblee.security import Role, allow

journal = Blueprint("journal", __name__, url_prefix="/journal")
PER_PAGE = 50


@journal.get("/")
@allow(Role.EVERYONE)
def index() -> str:
    """List the leaves, newest first, under the current tree head."""
    session = reading()
    page = Page("journal.index", asked_page(), queries.count(session, mandate_id=None), PER_PAGE)
    return render_template(
        "journal/index.html",
        head=queries.tree_head(session),
        leaves=queries.leaves(session, mandate_id=None, offset=page.offset, limit=PER_PAGE),
        page=page,
    )


@journal.get("/leaves.txt")
@allow(Role.EVERYONE)
def leaves() -> Response:
    """Give every leaf as it was hashed, one a line, so that anyone can recompute the root."""
    session = reading()
    everything = queries.leaves(
        session, mandate_id=None, offset=0, limit=queries.count(session, mandate_id=None)
    )
    body = "".join(f"{leaf.body}\n" for leaf in reversed(everything))
    return Response(body, mimetype="text/plain")
