"""The application with two pages more: the bare inserts that signing is measured against."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request
from sqlalchemy import insert
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

from assemblee import config
from assemblee.app import create_app
from assemblee.db import Base
from assemblee.forms import writing
from assemblee.petitions.petition.views import shown
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing.forms import HOME, sign_form
from assemblee.security import Role, allow

bare = Blueprint("bare", __name__)


class Bare(Base):
    """A row as bare as rows are."""

    __tablename__ = "bench_bare"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@bare.get("/bare")
@allow(Role.EVERYONE)
def page() -> str:
    """Show a page of the house with one button."""
    return render_template("accounts/use_link.html")


@bare.post("/bare")
@allow(Role.EVERYONE)
def put() -> Response:
    """Keep one text."""
    with writing() as session:
        session.execute(insert(Bare).values(text=request.form["text"]))
    return redirect("/bare")


@bare.route("/m/<mandate>/bare/<int:number>", methods=["GET", "POST"])
@allow(Role.EVERYONE)
def form(number: int) -> str | Response:
    """Show the form that people sign on, and only keep one text of it: nothing is checked or counted."""
    found = shown(number)
    filled = sign_form(rules_of(found.version))()
    if not filled.validate_on_submit():
        return render_template("petitions/signing/sign.html", petition=found, form=filled, home=filled[HOME])
    with writing() as session:
        session.execute(insert(Bare).values(text=filled.email.data))
    return redirect("/bare")


def make() -> Flask:
    """Build it, for gunicorn."""
    made = create_app(config.load())
    made.register_blueprint(bare)
    return made
