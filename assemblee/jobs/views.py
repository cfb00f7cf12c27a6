"""The operator's page of long work."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from assemblee.forms import reading
from assemblee.jobs import queries
from assemblee.jobs.models import Worker
from assemblee.security import Role, allow

jobs = Blueprint("jobs", __name__, url_prefix="/jobs")


@jobs.get("/")
@allow(Role.OPERATOR)
def index() -> str:
    """List the newest jobs and the workers that are alive."""
    session = reading()
    return render_template(
        "jobs/index.html", jobs=queries.recent(session), workers=session.scalars(select(Worker)).all()
    )
