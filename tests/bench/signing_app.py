"""The application with one page more: the bare insert that signing is measured against."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request
from sqlalchemy import insert
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

from assemblee import config
from assemblee.app import create_app
from assemblee.db import Base
from assemblee.forms import writing
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
    """Show a page of the house with a form of one field."""
    return render_template("accounts/use_link.html")


@bare.post("/bare")
@allow(Role.EVERYONE)
def put() -> Response:
    """Keep one text."""
    with writing() as session:
        session.execute(insert(Bare).values(text=request.form["text"]))
    return redirect("/bare")


def make() -> Flask:
    """Build it, for gunicorn."""
    made = create_app(config.load())
    made.register_blueprint(bare)
    return made
