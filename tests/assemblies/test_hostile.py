"""Requests that no page of this room would make: numbers of elsewhere, and texts that nobody types."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import attendance, ledger
from assemblee.assemblies.papers import documents, training
from assemblee.assemblies.rotation import planning
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Term
from assemblee.db import Store
from assemblee.mandates import actions as mandates
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate, RoleHolding
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Role, access_table
from tests import bodies, ceremony, make
from tests.answers import Visitor

ROOM = ("assemblies.", "seat.", "mandates.")
# Acts of an operator, on the installation as a whole.
OUTSIDE = {"mandates.new"}
TEXTS = (
    "\x00",
    "a\x00b",
    "N" * 20_000,
    "9" * 5000,
    "-" + "9" * 30,
    str(2**31),
    "\u0663",
    "é\ufffe",
    "[" * 9000,
)
# Acts after which less is possible: they come last.
ENDINGS = ("/cancel", "/leave", "/suspend", "/withdraw", "/take-back")
DAYS = ("0001-01-01", "9999-12-31")
MOMENTS = ("0001-01-01T00:00", "9999-12-31T23:59")
# What the fields of the room are called, those without a form class too.
LOOSE = {"line": "1", "shown": "x", "again": "1", "document": "x", "seat-1": "present"}


@dataclass(frozen=True)
class Place:
    """A body that sits, with one of each thing that has a number."""

    term: int
    ids: Mapping[str, int]
    token: str
    entry_pass: str


def furnish(store: Store, found: Term, today: date) -> Place:
    """Give a term a meeting, a document, a module and an expense, none of which is public."""
    with store.writing() as session:
        term = session.get_one(Term, found.id)
        (seat, *_others) = queries.seats(session, term, HOLDING)
        begins = datetime.combine(today + timedelta(days=10), time(9), UTC)
        ends = begins + timedelta(hours=8)
        facts = meetings.MeetingFacts("Les transports", begins, ends, place="Mairie")
        meeting = meetings.convene(session, COMMAND_LINE, term, facts)
        document = documents.add(
            session, COMMAND_LINE, term, file_name="a.txt", content=b"a", is_public=False
        )
        module = training.add(session, COMMAND_LINE, term, title="La loi", text="À lire.", link="")
        line = ledger.declare(session, COMMAND_LINE, seat, cents=100, purpose="Train", day=found.first)
        holding = session.scalars(
            select(RoleHolding.id).where(RoleHolding.mandate_id == term.mandate_id)
        ).first()
        ids = {
            "meeting_id": meeting.id,
            "document_id": document.id,
            "module_id": module.id,
            "line_id": line.id,
            "seat_id": seat.id,
            "holding_id": holding or 0,
        }
        settings = session.info["settings"]
        return Place(
            term.id, ids, letters.token(settings, seat), attendance.entry_pass(settings, meeting, seat)
        )


def neighbour(store: Store) -> Mandate:
    """Give another mandate with the same bodies."""
    place = make.mandate(store, slug="aval", term_start=bodies.TERM_START, term_end=bodies.TERM_END)
    with store.writing() as session:
        row = session.get_one(Mandate, place.id)
        charters.publish(session, COMMAND_LINE, row, bodies.small(charters.ready_made(row)), "")
        planning.replan(session, COMMAND_LINE, row, queries.today(session, row))
        mandates.give_role(session, COMMAND_LINE, row, "voisine@example.org", Role.ORGANISER)
    return place


@pytest.fixture
def places(store: Store, mandate: Mandate, pool: Pool) -> Iterator[tuple[Place, Place, Place]]:
    """Give a body that sits, another of the same mandate, and one of another mandate, on its first day."""
    other = neighbour(store)
    label, elsewhere = f"{bodies.GUARANTORS}/1", bodies.pool(store, other)
    mine = bodies.running(store, mandate, pool, label)
    theirs = bodies.running(store, other, elsewhere, label)
    assembly = bodies.running(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    today = max(mine.first, assembly.first)
    with bodies.on(today):
        own, beside, far = (furnish(store, one, today) for one in (mine, assembly, theirs))
        yield own, beside, far


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Return every address of the room, once for each method."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(ROOM) and rule.endpoint not in OUTSIDE
        for method in ("GET", "POST")
        if method in (rule.methods or set())
    ]


def address(rule: Rule, values: Mapping[str, object]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)


def team(app: Flask, store: Store) -> Visitor:
    """Give somebody who may do everything in the first mandate, and nothing in the other."""
    ceremony.person(app, store, "tout@example.org", Role.GUARANTOR)
    return ceremony.person(app, store, "tout@example.org", Role.ORGANISER)


FIELDS = {
    "title": "Autre",
    "starts_at": "2028-01-10T09:00",
    "ends_at": "2028-01-10T17:00",
    "place": "Salle",
    "reason": "Parce que.",
    "why": "Parce que.",
    "text": "Parce que.",
    "tables": "1",
    "rounds": "1",
    "sure": "y",
    "answer": "accept",
    "means": "phone",
}


def wrong_places(rule: Rule, mine: Place, others: tuple[Place, Place]) -> list[dict[str, object]]:
    """Return every way to put a number of elsewhere into an address."""
    own = {"term_id": mine.term, **mine.ids}
    found: list[dict[str, object]] = [
        {name: other.ids[name]}
        for name in sorted(rule.arguments & mine.ids.keys())
        for other in others
        if other.ids[name] != own[name]
    ]
    if "term_id" in rule.arguments:
        found.append({"term_id": others[1].term})
        if rule.arguments & mine.ids.keys():
            found.append({"term_id": others[0].term})
    if "check-in" in rule.rule:
        found += [{"token": other.entry_pass} for other in others]
    return found


def test_numbers_of_another_body_or_mandate_open_nothing(
    app: Flask, store: Store, places: tuple[Place, Place, Place]
) -> None:
    mine, *others = places
    visitor, tried = team(app, store), 0
    for rule, method in rules(app):
        own = {"mandate": "amont", "term_id": mine.term, "token": mine.token, "wanted": 1, **mine.ids}
        if "check-in" in rule.rule:
            own["token"] = mine.entry_pass
        for change in wrong_places(rule, mine, (others[0], others[1])):
            where = address(rule, own | change)
            # A file is read to its end by each request.
            sent = {**FIELDS, "file": (io.BytesIO(b"a"), "a.txt")}
            answer = visitor.client.open(where, method=method, data=sent if method == "POST" else None)
            assert answer.status_code == 404, (method, where, answer.status_code, answer.location)
            tried += 1
    assert tried > 60
    here = f"/m/amont/assemblies/{mine.term}"
    for other in others:
        visitor.send(f"{here}/ledger/pay", status=404, line=[str(other.ids["line_id"])])
        visitor.send(f"{here}/answers", status=422, seat=other.ids["seat_id"], answer="excuse", means="mail")
    visitor.send(f"{here}/draw", status=422, pool=2)


def test_another_mandate_stays_shut(app: Flask, store: Store, places: tuple[Place, Place, Place]) -> None:
    theirs, visitor, tried = places[2], team(app, store), 0
    access = access_table(app)
    for rule, method in rules(app):
        if "mandate" not in rule.arguments or Role.EVERYONE in access[rule.endpoint]:
            continue
        own = {"mandate": "aval", "term_id": theirs.term, "token": theirs.entry_pass, **theirs.ids}
        answer = visitor.client.open(address(rule, own), method=method)
        assert answer.status_code == 403, (method, rule.rule, answer.status_code)
        tried += 1
    assert tried > 30


def values(control: str, *, is_long: bool) -> tuple[str, ...]:
    """Return what nobody types into a field of this kind; of a long form, the worst of it."""
    if is_long:
        return ("9" * 5000,)
    return (*{"date": DAYS, "datetime-local": MOMENTS}.get(control, ()), *TEXTS)


# Some two thousand forms: a quarter of a minute. On PostgreSQL, which takes fewer texts than SQLite does.
@pytest.mark.slow
@pytest.mark.only("postgresql")
def test_nothing_typed_breaks_a_page(app: Flask, store: Store, places: tuple[Place, Place, Place]) -> None:
    mine, visitor, tried = places[0], team(app, store), 0
    forms: dict[str, dict[str, str]] = {}
    own = {"mandate": "amont", "term_id": mine.term, "token": mine.token, "wanted": 1, **mine.ids}
    posts = [rule for rule, method in rules(app) if method == "POST"]
    posts.sort(key=lambda rule: rule.rule.endswith(ENDINGS))
    for rule, method in rules(app):
        if method == "GET":
            where = address(rule, own | {"token": mine.entry_pass if "check-in" in rule.rule else mine.token})
            page = visitor.client.get(where)
            assert page.status_code < 500, where
            assert visitor.client.get(f"{where}?page={'9' * 5000}").status_code < 500, where
            if page.mimetype == "text/html":
                forms |= fields_of(page.text, where)
    for rule in posts:
        where = address(rule, own)
        known = forms.get(where, {})
        for text in (*TEXTS, *DAYS, *MOMENTS):
            answer = visitor.client.post(
                where, data={**dict.fromkeys(known, text), **dict.fromkeys(LOOSE, text)}
            )
            assert answer.status_code < 500, (where, text[:20])
        for name, control in known.items():
            for text in values(control, is_long=len(known) > 20):
                answer = visitor.client.post(where, data={**FIELDS, name: text})
                assert answer.status_code < 500, (where, name, text[:20])
                tried += 1
    assert tried > 300


def fields_of(page: str, here: str) -> dict[str, dict[str, str]]:
    """Return the fields of every form of a page by its address, each with the kind of its control."""
    found = {}
    for start, content in re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.DOTALL):
        controls = re.findall(r"<(?:input|textarea|select)\b[^>]*>", content)
        named = {attribute(one, "name"): attribute(one, "type") for one in controls}
        named.pop("csrf_token", None)
        found[attribute(start, "action") or here] = named
    return found


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""
