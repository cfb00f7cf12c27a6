"""Requests that no page of this room would make: numbers of elsewhere, and texts that nobody types."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from assemblee.consultations import letters
from assemblee.consultations.models import Consultation, RollEntry
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import Role
from tests import ceremony, make, voting
from tests.answers import Visitor
from tests.consultations.test_pages import only_mandate, written

ROOM = ("consultations.", "voter.", "ballot_box.")
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
    "+",
    "/",
    "\n" * 3000,
    "a/b\n" * 300,
)
MOMENTS = ("0001-01-01T00:00", "9999-12-31T23:59")
BALLOT = ("code", "order", "answer_0", "answer_1", "answer_2", "blank", "sure")


def rules(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(ROOM)
        for method in ("GET", "POST")
        if method in (rule.methods or set())
    ]


def address(rule: Rule, values: Mapping[str, object]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)


def team(app: Flask, store: Store, mandate: Mandate) -> Visitor:
    """Give somebody who may do everything in the mandate."""
    voting.guarantors(store, mandate)
    ceremony.person(app, store, "tout@example.org", Role.GUARANTOR)
    return ceremony.person(app, store, "tout@example.org", Role.ORGANISER)


@pytest.mark.only("sqlite")
def test_no_address_opens_a_vote_of_another_mandate(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    visitor = team(app, store, mandate)
    other = make.mandate(store, slug="aval")
    voting.guarantors(store, other)
    far = voting.settled(store, other, make.pool(store, other))
    near = voting.settled(store, mandate, pool)
    stranger = voting.roll(store, far)[0].id
    values = {"mandate": "val", "number": far.id, "entry_id": stranger, "receipt": "AAAA-AAAA-AAAA"}
    for rule, method in rules(app):
        if "<mandate>" not in rule.rule or "<int:number>" not in rule.rule:
            continue
        with visitor.client.open(address(rule, values), method=method) as answer:
            assert answer.status_code == 404, (method, rule.rule)
        if "<int:entry_id>" in rule.rule:
            with visitor.client.open(address(rule, {**values, "number": near.id}), method=method) as answer:
                assert answer.status_code == 404, (method, rule.rule)
    assert {entry.means for entry in voting.roll(store, far)} == {None}


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:8]))
def test_no_text_breaks_a_form(app: Flask, store: Store, mandate: Mandate, pool: Pool, text: str) -> None:
    visitor = team(app, store, mandate)
    fields = written(pool)
    for name in fields:
        answer = visitor.client.post("/m/val/consultations/new", data={**fields, name: text})
        assert answer.status_code in {302, 422}, (name, answer.status_code)
    with store.reading() as session:
        drafts = session.scalars(select(Consultation.id)).all()
    for draft in drafts:
        visitor.visit(f"/m/val/consultations/{draft}")
        visitor.visit(f"/m/val/consultations/{draft}/settle")
        visitor.send(f"/m/val/consultations/{draft}/settle", sure="y")
    made = voting.settled(store, mandate, pool)
    entry = voting.roll(store, made)[0]
    link = f"/vote/{letters.token(app.extensions['assemblee.config'], entry)}/"
    for place in (f"/votes/{made.id}/code", f"{link}code", f"{link}mark", link, f"/votes/{made.id}/ballots"):
        for name in BALLOT:
            answer = visitor.client.post(place, data={"code": "x", name: text})
            assert answer.status_code < 500, (place, name)
    for query in ("name", "page"):
        answer = visitor.client.get(f"/m/val/consultations/{made.id}/roll", query_string={query: text})
        assert answer.status_code == 200
    assert (
        visitor.client.post(f"/m/val/consultations/{made.id}/sheets", data={"number": text}).status_code < 500
    )


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
def test_no_day_is_too_far(app: Flask, store: Store, pool: Pool, moment: str, field: str) -> None:
    visitor = team(app, store, only_mandate(store))
    answer = visitor.client.post("/m/val/consultations/new", data=written(pool, **{field: moment}))
    assert answer.status_code in {302, 422}


def test_a_voter_is_not_marked_by_who_only_looks(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool)
    link = letters.token(app.extensions["assemblee.config"], voting.roll(store, made)[0])
    client = app.test_client()
    for path in ("", "mark", "code"):
        client.get(f"/vote/{link}/{path}")
    with store.reading() as session:
        assert session.scalars(select(RollEntry.means).where(RollEntry.means.is_not(None))).all() == []
