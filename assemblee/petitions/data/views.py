"""What programs and papers take from petitions: open data, files, the poster, the calendar."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, url_for
from werkzeug.http import dump_options_header

from assemblee.db import database_now
from assemblee.forms import reading
from assemblee.pager import asked_page
from assemblee.petitions.data import calendars, exports, posters
from assemblee.petitions.data import queries as public_queries
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.petition.views import address_of, shown
from assemblee.petitions.text import queries as text_queries
from assemblee.refusal import Refusal
from assemblee.security import PAPER_RATE, Role, allow, limiter, network

petition_data = Blueprint("data", __name__, url_prefix="/m/<mandate>")
PER_PAGE = 100


def _public(number: int) -> Petition:
    """Return a petition that everybody sees; data of others are for nobody."""
    petition = queries.petition(reading(), g.mandate.id, number)
    if not petition.is_public:
        raise Refusal("petition-unknown", status=404)
    return petition


@petition_data.get("/petitions.json")
@allow(Role.EVERYONE)
def index() -> Response:
    """List the petitions that everybody sees, newest first, a hundred a page."""
    session = reading()
    asked = asked_page()
    rows, total = public_queries.listed(
        session, g.mandate.id, public_queries.Wanted(), offset=(asked - 1) * PER_PAGE, limit=PER_PAGE
    )
    now = database_now(session)
    return jsonify(
        total=total,
        page=asked,
        petitions=[{**exports.summary(one, queries.phase(one, now)), "page": _page(one.id)} for one in rows],
    )


@petition_data.get("/petitions/<int:number>.json")
@allow(Role.EVERYONE)
def document(number: int) -> Response:
    """Give a petition with its counts."""
    session = reading()
    petition = _public(number)
    facts = exports.document(session, petition, queries.phase(petition, database_now(session)))
    return jsonify({**facts, "page": _page(number)})


def _page(number: int) -> str:
    return url_for("petitions.life.show", mandate=g.mandate.slug, number=number)


@petition_data.get("/petitions/<int:number>/days.csv")
@allow(Role.EVERYONE)
def days(number: int) -> Response:
    """Give the signatures per day."""
    found = _public(number)
    return _file(exports.days_table(reading(), found), "text/csv", f"petition-{number}-days.csv")


@petition_data.get("/petitions/<int:number>/districts.csv")
@allow(Role.EVERYONE)
def districts(number: int) -> Response:
    """Give the signatures per district."""
    found = _public(number)
    return _file(exports.districts_table(reading(), found), "text/csv", f"petition-{number}-districts.csv")


@petition_data.get("/petitions/<int:number>/poster.pdf")
@allow(Role.EVERYONE)
@limiter.limit(PAPER_RATE, key_func=network)
def poster(number: int) -> Response:
    """Give a poster for a shop window."""
    petition = shown(number)
    if petition.state == PetitionState.DRAFT:
        raise Refusal("petition-is-draft")
    return _file(posters.pdf(petition, address_of(petition)), "application/pdf", f"petition-{number}.pdf")


@petition_data.get("/petitions/<int:number>/calendar.ics")
@allow(Role.EVERYONE)
def calendar(number: int) -> Response:
    """Give what comes next to a calendar that subscribes to it."""
    content = calendars.of_petition(reading(), _public(number))
    return Response(content, mimetype=calendars.MEDIA_TYPE)


@petition_data.get("/petitions/<int:number>/files/<int:file_id>")
@allow(Role.EVERYONE)
def attachment(number: int, file_id: int) -> Response:
    """Give a file that the author has added; a browser saves it, and never shows it."""
    found = text_queries.attachment(reading(), shown(number), file_id)
    return _file(found.content, found.media_type, found.name)


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": dump_options_header("attachment", {"filename": name})}
    return Response(content, mimetype=kind, headers=headers)
