"""What members of a body read and learn: documents and training modules."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.models import Document
from assemblee.assemblies.papers import documents, training
from assemblee.assemblies.papers.forms import DocumentForm, ModuleForm
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Term
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import reading, writing
from assemblee.mandates import charters
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting, undoable

paper_pages = Blueprint("papers", __name__, url_prefix="/<int:term_id>")
Answer = str | Redirect | tuple[str, int]
FILE_FAULTS = ("document-name-invalid", "document-empty", "document-too-large", "documents-full")


def download(document: Document) -> Response:
    """Give a document to save: no browser shows it as a page of this site."""
    headers = {
        "Content-Disposition": dump_options_header("attachment", {"filename": document.name}),
    }
    return Response(document.content, mimetype=documents.media_type(document.name), headers=headers)


@paper_pages.get("/papers")
@allow(Role.EVERYONE)
def index(term_id: int) -> str:
    """Show the documents of a body, and what its members learn."""
    return _page(term_id)


def _page(term_id: int, **forms: object) -> str:
    session = reading()
    term = queries.term(session, g.mandate.id, term_id)
    shown: dict[str, object] = {
        "document_form": DocumentForm(formdata=None),
        "module_form": ModuleForm(formdata=None),
        **forms,
    }
    return render_template(
        "assemblies/papers/show.html",
        term=term,
        body=charters.current(session, g.mandate).body(term.body),
        documents=meeting_queries.documents(session, term),
        modules=meeting_queries.modules(session, term),
        done=training.counts(session, term),
        holding=len(queries.seats(session, term, HOLDING)),
        **shown,
    )


def _act(term_id: int, act: Callable[[Session, Term], object], done: str) -> Redirect:
    with writing() as session:
        act(session, queries.term(session, g.mandate.id, term_id))
    flash(done)
    return redirect(url_for("assemblies.papers.index", mandate=g.mandate.slug, term_id=term_id))


@paper_pages.post("/documents")
@allow(Role.ORGANISER)
@undoable("assemblies.papers.withdraw_document")
@binding
def add_document(term_id: int) -> Answer:
    """Keep a document."""
    form = DocumentForm()
    if not form.validate():
        return _page(term_id, document_form=form), 422
    name, content = form.file.data.filename or "", form.file.data.read()

    def keep(session: Session, term: Term) -> None:
        documents.add(
            session,
            current_actor(),
            term,
            file_name=name,
            content=content,
            is_public=form.is_public.data,
        )

    try:
        return _act(term_id, keep, _("The document is kept, and its hash is in the journal."))
    except Refusal as refused:
        fields = dict.fromkeys(FILE_FAULTS, "file")
        form.refuse(refused, fields)
        # A file that is too large is no error of what was typed: its status tells.
        return _page(term_id, document_form=form), refused.status


@paper_pages.get("/documents/<int:document_id>")
@allow(Role.EVERYONE)
def document(term_id: int, document_id: int) -> Response:
    """Give a document that is public, and any to the organisers."""
    session = reading()
    term = queries.term(session, g.mandate.id, term_id)
    for_members = Role.ORGANISER in current_actor().roles
    return download(documents.document(session, term, document_id, for_members=for_members))


@paper_pages.post("/documents/<int:document_id>/withdraw")
@allow(Role.ORGANISER)
@lasting
@binding
def withdraw_document(term_id: int, document_id: int) -> Answer:
    """Erase what is in a document."""
    if not ConfirmForm().validate():
        return _page(term_id), 422
    session = reading()
    term = queries.term(session, g.mandate.id, term_id)
    check = Act(
        _("Withdraw this document?"),
        after=_("What is in it is erased for good; its name, its day and its hash stay in the open."),
        verb=_("Erase the document"),
        way_out=url_for("assemblies.papers.index", mandate=g.mandate.slug, term_id=term_id),
        facts=[
            (_("Document"), documents.document(session, term, document_id, for_members=True).name),
            (_("Body"), queries.title(session, term)),
        ],
    )
    if page := unless_confirmed(check):
        return page

    def withdraw(session: Session, term: Term) -> None:
        document = documents.document(session, term, document_id, for_members=True)
        documents.withdraw(session, current_actor(), term, document)

    return _act(term_id, withdraw, _("The document is withdrawn; its hash stays."))


@paper_pages.post("/modules")
@allow(Role.ORGANISER)
@undoable("assemblies.papers.withdraw_module")
@binding
def add_module(term_id: int) -> Answer:
    """Ask the members to learn something."""
    form = ModuleForm()
    if not form.validate():
        return _page(term_id, module_form=form), 422

    def add(session: Session, term: Term) -> None:
        training.add(
            session,
            current_actor(),
            term,
            title=form.title.data or "",
            text=form.text.data or "",
            link=form.link.data or "",
        )

    fields = {"module-title-missing": "title", "module-empty": "text", "link-invalid": "link"}
    with form.placing(fields):
        return _act(term_id, add, _("The module is on the page of every member."))
    return _page(term_id, module_form=form), 422


@paper_pages.post("/modules/<int:module_id>/withdraw")
@allow(Role.ORGANISER)
@undoable("assemblies.papers.add_module")
@binding
def withdraw_module(term_id: int, module_id: int) -> Answer:
    """Ask nobody for a module any more."""
    if not ConfirmForm().validate():
        return _page(term_id), 422

    def withdraw(session: Session, term: Term) -> None:
        training.withdraw(session, current_actor(), term, training.module(session, term, module_id))

    return _act(term_id, withdraw, _("The module is withdrawn."))
