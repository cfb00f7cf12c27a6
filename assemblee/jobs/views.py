"""The operator's page of long work."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from assemblee.forms import reading, writing
from assemblee.jobs import actions, queries
from assemblee.jobs.models import LIFE, Worker
from assemblee.security import Role, allow, current_actor

jobs = Blueprint("jobs", __name__, url_prefix="/jobs")


@jobs.get("/")
@allow(Role.OPERATOR)
def index() -> str:
    """List the newest jobs and the workers that are alive."""
    session = reading()
    return render_template(
        "jobs/index.html",
        jobs=queries.recent(session),
        workers=session.scalars(select(Worker)).all(),
        life=LIFE,
    )


@jobs.post("/<int:job_id>/stop")
@allow(Role.OPERATOR)
def stop(job_id: int) -> Response:
    """Stop the life of an invented mandate, which the demo takes up again."""
    with writing() as session:
        actions.stop(session, current_actor(), queries.job(session, job_id))
    flash(_("The work was stopped"))
    return redirect(url_for("jobs.index"))
