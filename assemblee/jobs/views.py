"""The operator's page of long work."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from assemblee import clock
from assemblee.forms import reading, writing
from assemblee.jobs import actions, queries
from assemblee.jobs.models import LIFE, Worker, WorkerTask
from assemblee.mail import undelivered
from assemblee.mail.models import OF_ADDRESS
from assemblee.security import Role, allow, current_actor, undoable

# Longer than any task takes that is not waiting for something.
SLOW_TASK = timedelta(minutes=5)

jobs = Blueprint("jobs", __name__, url_prefix="/jobs")


@jobs.get("/")
@allow(Role.OPERATOR)
def index() -> str:
    """List the newest jobs, the workers that are alive, and what fails: tasks and letters."""
    session = reading()
    return render_template(
        "jobs/index.html",
        jobs=queries.recent(session),
        workers=session.scalars(select(Worker)).all(),
        slow=clock.now() - SLOW_TASK,
        failing=session.scalars(select(WorkerTask).order_by(WorkerTask.name)).all(),
        waiting=undelivered.waiting(session),
        reasons=undelivered.reasons(session),
        letters=undelivered.newest(session),
        of_address=OF_ADDRESS,
        life=LIFE,
    )


@jobs.post("/<int:job_id>/stop")
@allow(Role.OPERATOR)
@undoable("the work is begun again")
def stop(job_id: int) -> Response:
    """Stop the life of an invented mandate, which the demo takes up again."""
    with writing() as session:
        actions.stop(session, current_actor(), queries.job(session, job_id))
    flash(_("The work was stopped"))
    return redirect(url_for("jobs.index"))


@jobs.post("/letters/<int:mail_id>/lift")
@allow(Role.OPERATOR)
@undoable("a refusal sets the address aside again")
def lift(mail_id: int) -> Response:
    """Let letters go again to an address that was refused."""
    with writing() as session:
        undelivered.lift(session, mail_id)
    flash(_("Letters to this address leave again. Those that were set aside are forgotten."))
    return redirect(url_for("jobs.index"))
