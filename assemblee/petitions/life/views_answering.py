"""The pages of organisers: what the representative owes an answer to, the report, the archive."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import reading, writing
from assemblee.petitions.life import answering, timeline
from assemblee.petitions.life import queries as life_queries
from assemblee.petitions.life.forms import AnswerForm
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.petition.moving import require
from assemblee.petitions.petition.views import page_of, shown
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules import wording
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting

answering_pages = Blueprint("answering", __name__, url_prefix="/m/<mandate>/petitions")
Answer = str | Redirect | tuple[str, int]


@answering_pages.get("/answers")
@allow(Role.ORGANISER)
def waiting() -> str:
    """List the petitions that have crossed a step, and what each awaits."""
    rows = [
        (one, timeline.unanswered(one, rule_queries.rules_of(one.version)))
        for one in life_queries.to_answer(reading(), g.mandate.id)
    ]
    return render_template("petitions/life/answers.html", rows=rows, wording=wording, State=PetitionState)


@answering_pages.route("/<int:number>/steps/<int:step>", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def answer_step(number: int, step: int) -> Answer:
    """Publish the representative's answer to a step that was crossed."""
    petition = shown(number)
    opening = dict(timeline.unanswered(petition, rule_queries.rules_of(petition.version))).get(step)
    if opening is None:
        raise Refusal("petition-step-not-crossed", status=404)

    def act(session: Session, petition: Petition, text: str) -> None:
        answering.answer_step(session, current_actor(), petition, step, text)

    return _publish(petition, _("Answer to the step: %(step)s", step=wording.label(opening)), act)


@answering_pages.route("/<int:number>/report", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def report(number: int) -> Answer:
    """Publish the report of the assembly."""
    petition = shown(number)
    require(petition, PetitionState.REACHED)

    def act(session: Session, petition: Petition, text: str) -> None:
        answering.report(session, current_actor(), petition, text)

    return _publish(petition, _("Report of the assembly"), act)


@answering_pages.route("/<int:number>/answer", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def answer(number: int) -> Answer:
    """Publish the official answer to the report."""
    petition = shown(number)
    require(petition, PetitionState.REACHED)

    def act(session: Session, petition: Petition, text: str) -> None:
        answering.answer(session, current_actor(), petition, text)

    return _publish(petition, _("Official answer"), act)


def _publish(petition: Petition, title: str, act: Callable[[Session, Petition, str], None]) -> Answer:
    form = AnswerForm()
    check = Act(
        _("Publish this text?"),
        after=_("It stays public for ever, as it is, and those who asked for news are written to."),
        verb=_("Publish it"),
        way_out=page_of(petition),
        facts=[(_("Petition"), petition.title), (_("What it is"), title)],
    )
    if form.validate_on_submit():
        if checked := unless_confirmed(check, form):
            return checked
        with form.placing({"petition-answer-missing": "text"}), writing() as session:
            act(session, queries.petition(session, g.mandate.id, petition.id), form.text.data or "")
        if not form.errors:
            flash(_("It is published, and those who asked for news are written to."))
            return redirect(page_of(petition))
        petition = shown(petition.id)
    page = render_template("petitions/life/answer.html", petition=petition, form=form, title=title)
    return page, 422 if form.errors else 200


@answering_pages.post("/<int:number>/archive")
@allow(Role.ORGANISER)
@lasting
@binding
def archive(number: int) -> str | Redirect:
    """Close a petition that has its answer."""
    petition = shown(number)
    ConfirmForm().validate()
    check = Act(
        _("Archive this petition?"),
        after=_("Nobody signs it or answers it any more, and what signers wrote is erased after six months."),
        verb=_("Archive the petition"),
        way_out=page_of(petition),
        facts=[(_("Petition"), petition.title)],
    )
    if page := unless_confirmed(check):
        return page
    with writing() as session:
        answering.archive(session, current_actor(), queries.petition(session, g.mandate.id, number))
    flash(_("The petition is archived; what signers wrote is erased six months from now."))
    return redirect(url_for("petitions.life.show", mandate=g.mandate.slug, number=petition.id))
