"""Pages of the charter: the version in force, earlier ones with what changed, and the form of the next."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Redirect

from assemblee import confirming
from assemblee.forms import CHANGE, Form, reading, writing
from assemblee.i18n import day, euros, number
from assemblee.journal import tree
from assemblee.mandates import charters, queries
from assemblee.mandates.charter import Charter, Difference, check, differences, read, write
from assemblee.mandates.forms_charter import (
    BODY_FIELDS,
    CALENDAR_FIELDS,
    LABELS,
    ConfirmCharterForm,
    charter_form,
    charter_of,
    place_faults,
)
from assemblee.mandates.models import CharterVersion
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, lasting
from sortition.recipes import sessions

charter_pages = Blueprint("charters", __name__, url_prefix="/m/<mandate>/charter")
Answer = str | Redirect | tuple[str, int]
WORDS = {
    "pool": _l("the volunteers"),
    "body": _l("another body"),
    "nomination": _l("nomination"),
    "session": _l("a session"),
    "months": _l("so many months"),
    "calendar": _l("the calendar"),
    "petition": _l("a petition"),
    "parent": _l("the shares of the body it is drawn from"),
}
# A charter has six; a decoder that follows thousands of them can run out of stack and end the process.
DEEPEST = 32


def _version(wanted: int) -> tuple[CharterVersion, CharterVersion | None]:
    """Return a version and the one before it."""
    versions = {version.number: version for version in queries.charters(reading(), g.mandate)}
    if wanted not in versions:
        raise Refusal("charter-version-unknown", status=404)
    return versions[wanted], versions.get(wanted - 1)


@charter_pages.get("")
@allow(Role.EVERYONE)
def show() -> str:
    """Show the charter in force, and the list of its versions."""
    versions = queries.charters(reading(), g.mandate)
    charter = charters.of(versions[0]) if versions else None
    return render_template(
        "mandates/charter.html",
        versions=versions,
        charter=charter,
        sessions=sessions(charter.calendar) if charter else (),
    )


@charter_pages.get("/<int:wanted>")
@allow(Role.EVERYONE)
def version(wanted: int) -> str:
    """Show one version, and what it changed."""
    version, before = _version(wanted)
    charter = charters.of(version)
    return render_template(
        "mandates/charter_version.html",
        version=version,
        charter=charter,
        sessions=sessions(charter.calendar),
        changes=_rows(charters.of(before), charter) if before else [],
    )


@charter_pages.get("/<int:wanted>.json")
@allow(Role.EVERYONE)
def document(wanted: int) -> Response:
    """Give the bytes whose hash stands in the journal."""
    version, _before = _version(wanted)
    return Response(tree.canonical(version.document), mimetype="application/json")


@charter_pages.route("/edit", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@lasting
@binding
def edit() -> Answer:
    """Change the charter: fill the form, look at what changes, publish it."""
    latest = queries.charter(reading(), g.mandate)
    base = charters.of(latest) if latest else charters.ready_made(g.mandate)
    base_hash = latest.hash if latest else ""
    confirmed = ConfirmCharterForm()
    if "document" in request.form and (CHANGE in request.form or confirmed.validate_on_submit()):
        draft = _shown_document(confirmed, base)
        has_changed = confirmed.base.data != base_hash
        if CHANGE in request.form or has_changed:
            form = charter_form(draft)(formdata=None)
            form.base.data, form.reason.data = confirmed.base.data, confirmed.reason.data
            if has_changed:
                place_faults(form, Refusal("charter-changed"))
            return _form_page(form, draft)
        if not confirming.is_confirmed():
            return _preview(confirmed, draft, base if latest else None)
        with writing() as session:
            charters.publish(session, current_actor(), g.mandate, draft, confirmed.reason.data or "")
        flash(_("The charter is published."))
        return redirect(url_for("mandates.charters.show", mandate=g.mandate.slug))
    form = charter_form(base)()
    if not form.is_submitted():
        form.base.data = base_hash
    elif form.validate():
        draft = charter_of(form, base)
        try:
            _require_change(form, draft, latest)
        except Refusal as refused:
            place_faults(form, refused)
        else:
            return _preview(form, draft, base if latest else None)
    return _form_page(form, base)


def _form_page(form: Form, charter: Charter) -> tuple[str, int]:
    page = render_template(
        "mandates/charter_edit.html",
        form=form,
        charter=charter,
        body_fields=BODY_FIELDS,
        calendar_fields=CALENDAR_FIELDS,
    )
    return page, 422 if form.errors else 200


def _preview(form: Form, draft: Charter, base: Charter | None) -> str:
    shown = ConfirmCharterForm(formdata=None)
    shown.document.data = b64encode(tree.canonical(write(draft))).decode()
    shown.base.data, shown.reason.data = form["base"].data, form["reason"].data
    return render_template(
        "mandates/charter_preview.html",
        form=shown,
        charter=draft,
        sessions=sessions(draft.calendar),
        is_first=base is None,
        changes=_rows(base, draft) if base else [],
        **confirming.box([(name, shown[name].data or "") for name in ("document", "base", "reason")]),
    )


def _require_change(form: Form, draft: Charter, latest: CharterVersion | None) -> None:
    """Refuse what publishing would, as long as nothing is lost by it."""
    if form["base"].data != (latest.hash if latest else ""):
        raise Refusal("charter-changed")
    check(draft)
    charters.require_within(draft, g.mandate)
    if latest is not None and latest.document == write(draft):
        raise Refusal("charter-unchanged", status=422)


def _shown_document(form: ConfirmCharterForm, base: Charter) -> Charter:
    try:
        text = b64decode(form.document.data)
        document = json.loads(text) if _depth(text) <= DEEPEST else None
    except ValueError:
        document = None
    return read(document, base.number)


def _depth(text: bytes) -> int:
    """Return how deep the brackets of a text stand in each other, those of its strings counted too."""
    depth = deepest = 0
    for mark in text:
        if mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in b"]}":
            depth -= 1
    return deepest


def _rows(before: Charter, after: Charter) -> list[dict[str, Any]]:
    names = {**before.names, **after.names}
    places = {"calendar": _("Calendar"), "rules": _("Articles"), **names}
    return [
        {
            "where": places[one.where],
            "field": LABELS[one.field],
            "before": _lines(one, one.before, names),
            "after": _lines(one, one.after, names),
        }
        for one in differences(before, after)
    ]


def _lines(one: Difference, value: Any, names: Mapping[str, str]) -> list[str]:  # noqa: ANN401 - of a document
    """Return a value of a document as readers read it, in one line or several."""
    if value is None:
        return [_("nothing")]
    if one.field == "pay_per_day":
        return [euros(value)]
    if isinstance(value, int):
        return [number(value, 0)]
    if isinstance(value, str):
        if one.where == "calendar" and one.field in ("first", "last"):
            return [_day(value)]
        return [
            str(WORDS[value])
            if one.field in ("source", "length", "opens", "quotas")
            else names.get(value, value)
        ]
    more = []
    if one.field == "quotas":
        more = [_("Seats of tolerance: %(seats)s", seats=number(value["tolerance"], 0))]
        value = value["census"]
    items = value.items() if isinstance(value, dict) else value
    return [*(_joined(item, names) for item in items), *more] or [_("nothing")]


def _joined(item: Any, names: Mapping[str, str]) -> str:  # noqa: ANN401 - the same
    if isinstance(item, str):
        return names.get(item, _day(item))
    if isinstance(item, list | tuple):
        return ", ".join(_joined(part, names) for part in item if part is not None)
    return number(item, 0)


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
