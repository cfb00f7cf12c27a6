"""The page by which organisers print letters with codes to sign."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, url_for

from assemblee.db import database_now
from assemblee.forms import current_config, reading, writing
from assemblee.petitions.signing import codes, prints
from assemblee.petitions.signing.forms import SigningLettersForm
from assemblee.pools import queries as pools
from assemblee.security import Role, allow, current_actor, undoable

Answer = str | Response | tuple[str, int]
LETTERS_FAULTS = dict.fromkeys(("letters-none-left", "letters-number-invalid"), "letters")
letter_pages = Blueprint("codes", __name__, url_prefix="/m/<mandate>/petitions/letters")


def pdf(content: bytes, name: str) -> Response:
    """Give letters with codes, of which no copy is kept on the way."""
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@letter_pages.route("/", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("what is not handed out counts for nothing")
def signing() -> Answer:
    """Print letters with the codes by which inhabitants of a register sign."""
    form = SigningLettersForm()
    form.offer(pools.pools(reading(), g.mandate.id))
    if form.validate_on_submit():
        address = current_config().base_url + url_for("petitions.life.index", mandate=g.mandate.slug)
        with (
            form.placing(LETTERS_FAULTS),
            writing() as session,
        ):
            register = pools.pool(session, g.mandate.id, form.register.data)
            made = codes.print_letters(session, current_actor(), register, form.letters.data)
            content = prints.signing_codes(g.mandate, made, address, database_now(session))
        if not form.errors:
            return pdf(content, "signing-codes.pdf")
    return render_template("petitions/signing/letters.html", form=form), 422 if form.errors else 200
