"""The pages of an author: write, change, add files, look for sponsors, merge, withdraw, appeal."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.assemblies.papers import documents
from assemblee.confirming import Act, unless_confirmed
from assemblee.db import database_now
from assemblee.forms import ReasonForm, reading, writing
from assemblee.pager import asked_number
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.petition.moving import require
from assemblee.petitions.petition.views import is_author, page_of
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.text import checking, drafting, merging
from assemblee.petitions.text import queries as text_queries
from assemblee.petitions.text.forms import (
    AppealForm,
    AttachmentForm,
    MergeForm,
    PetitionForm,
    TitleForm,
)
from assemblee.refusal import Refusal
from assemblee.security import FORM_RATE, Role, allow, current_actor, lasting, limiter, undoable

author_pages = Blueprint("author", __name__, url_prefix="/m/<mandate>/petitions")
Answer = str | Redirect | tuple[str, int]
# The field that a refusal belongs to.
PLACES = {
    "petition-title-length": "title",
    "petition-aim-length": "aim",
    "petition-category-unknown": "category",
    "petition-text-length": "text",
    "petition-author-length": "author",
    "petition-drafts-too-many": "title",
    "petition-written-too-many": "title",
}
FILE_PLACES = dict.fromkeys(
    (
        "document-name-invalid",
        "document-empty",
        "document-too-large",
        "petition-attachments-too-many",
        "petition-files-full",
        "petition-files-full-everywhere",
    ),
    "file",
)


def _own(number: int) -> Petition:
    """Return a petition of the visitor; those of others are not found here."""
    petition = queries.petition(reading(), g.mandate.id, number)
    if not is_author(petition):
        raise Refusal("petition-unknown", status=404)
    return petition


@author_pages.get("/mine")
@allow(Role.SIGNED_IN)
def mine() -> str:
    """List the petitions of the visitor."""
    session = reading()
    now = database_now(session)
    petitions = text_queries.of_author(session, g.mandate.id, current_actor().account)
    return render_template(
        "petitions/text/mine.html", rows=[(one, queries.phase(one, now)) for one in petitions]
    )


@author_pages.route("/new", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("petitions.author.withdraw")
@limiter.limit(FORM_RATE, methods=["POST"])
def new() -> Answer:
    """Write a petition: a title first, similar ones, and then the rest."""
    session = reading()
    rules = rule_queries.rules_of(rule_queries.current(session, g.mandate.id))
    if request.form.get("step") == "text":
        form = PetitionForm()
        form.offer(rules.categories)
        if form.validate_on_submit():
            with form.placing(PLACES), writing() as writer:
                made = drafting.write(writer, current_actor(), g.mandate, form.facts())
            if not form.errors:
                flash(
                    _("Your draft is kept. Read it once more, add files if you like, then look for sponsors.")
                )
                return redirect(page_of(made))
        page = render_template("petitions/text/write.html", form=form, petition=None)
        return page, 422 if form.errors else 200
    first = TitleForm()
    if not first.validate_on_submit():
        return render_template(
            "petitions/text/new.html", form=first, rules=rules
        ), 422 if first.errors else 200
    form = PetitionForm(formdata=None, title=first.title.data)
    form.offer(rules.categories)
    similar = text_queries.similar(session, g.mandate.id, first.title.data or "")
    return render_template(
        "petitions/text/write.html", form=form, petition=None, similar=similar, is_second=True
    )


@author_pages.route("/<int:number>/change", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("the draft is written again")
@limiter.limit(FORM_RATE, methods=["POST"])
def change(number: int) -> Answer:
    """Write a draft anew."""
    petition = _own(number)
    require(petition, PetitionState.DRAFT)
    form = PetitionForm() if request.method == "POST" else PetitionForm.of(petition)
    form.offer(rule_queries.rules_of(petition.version).categories)
    if form.validate_on_submit():
        with form.placing(PLACES), writing() as session:
            drafting.change(
                session, current_actor(), queries.petition(session, g.mandate.id, number), form.facts()
            )
        if not form.errors:
            return redirect(page_of(petition))
    page = render_template("petitions/text/write.html", form=form, petition=petition)
    return page, 422 if form.errors else 200


@author_pages.route("/<int:number>/files", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("petitions.author.remove")
@limiter.limit(FORM_RATE, methods=["POST"])
def files(number: int) -> Answer:
    """Add files to a draft."""
    petition = _own(number)
    require(petition, PetitionState.DRAFT)
    form = AttachmentForm()
    if form.validate_on_submit():
        with form.placing(FILE_PLACES), writing() as session:
            drafting.attach(
                session,
                current_actor(),
                queries.petition(session, g.mandate.id, number),
                file_name=form.file.data.filename or "",
                content=form.file.data.read(),
            )
        if not form.errors:
            return redirect(url_for("petitions.author.files", mandate=g.mandate.slug, number=number))
        petition = _own(number)
    page = render_template(
        "petitions/text/files.html",
        petition=petition,
        form=form,
        kinds=", ".join(kind.removeprefix(".") for kind in documents.KINDS),
        most=drafting.MOST_ATTACHMENTS,
        megabytes=drafting.LARGEST_ATTACHMENT // 2**20,
    )
    return page, 422 if form.errors else 200


@author_pages.post("/<int:number>/files/<int:file_id>/remove")
@allow(Role.SIGNED_IN)
@undoable("petitions.author.files")
def remove(number: int, file_id: int) -> Redirect:
    """Take a file off a draft."""
    _own(number)
    ConfirmForm().validate()
    with writing() as session:
        drafting.detach(session, current_actor(), queries.petition(session, g.mandate.id, number), file_id)
    return redirect(url_for("petitions.author.files", mandate=g.mandate.slug, number=number))


def _check(petition: Petition, title: str, after: str, verb: str, *facts: tuple[str, str]) -> Act:
    named = (_("Petition"), petition.title)
    return Act(title, after=after, verb=verb, way_out=page_of(petition), facts=[named, *facts])


@author_pages.post("/<int:number>/submit")
@allow(Role.SIGNED_IN)
@lasting
def submit(number: int) -> str | Redirect:
    """Look for sponsors: from now on the text does not change."""
    petition = _own(number)
    ConfirmForm().validate()
    check = _check(
        petition,
        _("Look for sponsors now?"),
        _("From now on the text cannot be changed. You may still give the petition up."),
        _("Look for sponsors"),
    )
    if page := unless_confirmed(check):
        return page
    with writing() as session:
        drafting.submit(session, current_actor(), queries.petition(session, g.mandate.id, number))
    flash(_("Your petition looks for sponsors: send its address to people who would sign it first."))
    return redirect(page_of(petition))


@author_pages.route("/<int:number>/withdraw", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@lasting
def withdraw(number: int) -> Answer:
    """Give a petition up."""
    petition = _own(number)
    form = ReasonForm(hint="")
    if form.validate_on_submit():
        check = _check(
            petition,
            _("Give this petition up?"),
            _("Nobody signs it any more, and its signatures count for nothing. It cannot be taken up again."),
            _("Give it up"),
        )
        if page := unless_confirmed(check, form):
            return page
        with form.placing({"petition-reason-missing": "reason"}), writing() as session:
            drafting.withdraw(
                session,
                current_actor(),
                queries.petition(session, g.mandate.id, number),
                form.reason.data or "",
            )
        if not form.errors:
            flash(_("Your petition is withdrawn."))
            return redirect(url_for("petitions.author.mine", mandate=g.mandate.slug))
        petition = _own(number)
    page = render_template("petitions/text/withdraw.html", petition=petition, form=form)
    return page, 422 if form.errors else 200


@author_pages.route("/<int:number>/merge", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@undoable("nothing happens before the other author accepts")
@limiter.limit(FORM_RATE, methods=["POST"])
def merge(number: int) -> Answer:
    """Offer to merge a petition into another one."""
    petition = _own(number)
    require(petition, *merging.MERGEABLE)
    form = MergeForm(into=asked_number("into"))
    if form.validate_on_submit():
        places = {"petition-unknown": "into", "petition-merge-itself": "into"}
        with form.placing(places), writing() as session:
            merging.offer(
                session,
                current_actor(),
                queries.petition(session, g.mandate.id, number),
                queries.petition(session, g.mandate.id, form.into.data),
            )
        if not form.errors:
            flash(_("The other author is asked. Nothing changes before they accept."))
            return redirect(page_of(petition))
        petition = _own(number)
    page = render_template(
        "petitions/text/merge.html",
        petition=petition,
        form=form,
        similar=[
            one
            for one in text_queries.similar(reading(), g.mandate.id, petition.title, petition.text)
            if one.id != petition.id
        ],
    )
    return page, 422 if form.errors else 200


@author_pages.post("/<int:number>/merge/<int:offered>")
@allow(Role.SIGNED_IN)
@lasting
def take_in(number: int, offered: int) -> str | Redirect:
    """Accept another petition into one's own."""
    petition = _own(number)
    ConfirmForm().validate()
    check = _check(
        petition,
        _("Take the other petition in?"),
        _("The two are one from then on; whoever signed both counts once. They cannot be parted again."),
        _("Make them one"),
        (_("The other petition"), queries.petition(reading(), g.mandate.id, offered).title),
    )
    if page := unless_confirmed(check):
        return page
    with writing() as session:
        merging.accept(
            session,
            current_actor(),
            queries.petition(session, g.mandate.id, number),
            queries.petition(session, g.mandate.id, offered),
        )
    flash(_("The two petitions are one; whoever signed both counts once."))
    return redirect(page_of(petition))


@author_pages.route("/<int:number>/appeal", methods=["GET", "POST"])
@allow(Role.SIGNED_IN)
@lasting
@limiter.limit(FORM_RATE, methods=["POST"])
def appeal(number: int) -> Answer:
    """Ask the other guarantors to look at a refusal again."""
    petition = _own(number)
    form = AppealForm()
    if form.validate_on_submit():
        check = _check(
            petition,
            _("Send this appeal?"),
            _("The other guarantors read it and decide. There is one appeal, and it cannot be written anew."),
            _("Send the appeal"),
        )
        if page := unless_confirmed(check, form):
            return page
        with form.placing({"petition-reason-missing": "text"}), writing() as session:
            checking.appeal(
                session,
                current_actor(),
                queries.petition(session, g.mandate.id, number),
                form.text.data or "",
            )
        if not form.errors:
            flash(_("The other guarantors are asked."))
            return redirect(page_of(petition))
        petition = _own(number)
    page = render_template(
        "petitions/text/appeal.html",
        petition=petition,
        form=form,
        rules=rule_queries.rules_of(petition.version),
    )
    return page, 422 if form.errors else 200
