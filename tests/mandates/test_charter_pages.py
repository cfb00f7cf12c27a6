from __future__ import annotations

import hashlib
import html
import json
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee.db import Store
from assemblee.journal.models import Leaf
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.security import COMMAND_LINE
from sortition.timetable import Break, Holiday
from tests import make
from tests.answers import Visitor

ADDRESS = "/m/val/charter"
ORGANISER = "organisatrice@example.org"
TAG = re.compile(r"<(?:(input)\b([^>]*)>|(textarea|select)\b([^>]*)>(.*?)</\3>)", re.DOTALL)
IMPOSSIBLE = (
    ("ordinary-assembly-size", "0"),
    ("ordinary-assembly-size", "beaucoup"),
    ("operational-group-size", "101"),
    ("guarantors-months", ""),
    ("guarantors-parts", "13"),
    ("operational-group-hold_days", "2"),
    ("operational-group-pay_per_day", "cent euros"),
    ("experts-name", ""),
    ("ordinary-assembly-quotas", "Genre; Femmes"),
    ("ordinary-assembly-quotas", "; Femmes; 10000"),
    ("ordinary-assembly-quotas", "Genre; Femmes; 5000"),
    ("calendar-session_first", "septembre"),
    ("calendar-session_last", "02-30"),
    ("calendar-last", "2032-01-01"),
    ("calendar-sessions", "2027 quinze septembre"),
    ("calendar-sessions", "2027 2027-09-15 2029-09-15"),
    ("calendar-holidays", "31/02/2027 31/03/2027 Printemps"),
    ("calendar-breaks", "experts 2028-01-01 2028-02-01 2028-03-01"),
    ("calendar-breaks", "senate 2028-01-01"),
    ("calendar-starts", "ordinary-assembly/1"),
    ("calendar-starts", "senate/1 2028-01-01"),
    ("calendar-starts", "ordinary-assembly/x 2028-01-01"),
    ("calendar-starts", f"ordinary-assembly/{'9' * 5000} 2028-01-01"),
    ("calendar-sessions", f"{'9' * 4000} 2027-09-15 2028-07-15"),
    ("ordinary-assembly-quotas", f"Genre; Femmes; {'9' * 4300}\nGenre; Hommes; {'9' * 4300}"),
)

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture(params=["fr", "en"])
def organiser(app: Flask, store: Store, mandate: Mandate, request: pytest.FixtureRequest) -> Visitor:
    make.account(store, ORGANISER, password=make.PASSWORD)
    make.organiser(store, mandate)
    return Visitor(app, ORGANISER, request.param)


def attribute(attributes: str, name: str) -> str | None:
    found = re.search(rf'\b{name}="([^"]*)"', attributes)
    return html.unescape(found[1]) if found else None


def fields(page: str) -> dict[str, object]:
    """Return what a browser would send of the forms of a page, as they were filled for it."""
    found: dict[str, object] = {}
    for is_input, of_input, tag, of_other, content in TAG.findall(page):
        attributes = of_input if is_input else of_other
        name = attribute(attributes, "name")
        if name is None or name == "csrf_token":
            continue
        if tag == "textarea":
            found[name] = html.unescape(content).lstrip("\r\n")
        elif tag == "select":
            chosen = re.search(r'<option selected value="([^"]*)"', content)
            found[name] = chosen[1] if chosen else ""
        elif attribute(attributes, "type") == "checkbox":
            kept = found.setdefault(name, [])
            assert isinstance(kept, list)
            if "checked" in attributes:
                kept.append(attribute(attributes, "value"))
        else:
            found[name] = attribute(attributes, "value") or ""
    return found


def write_first(organiser: Visitor) -> None:
    page = organiser.send(f"{ADDRESS}/edit", 200, **fields(organiser.visit(f"{ADDRESS}/edit")))
    assert organiser.send(f"{ADDRESS}/edit", **fields(page)) == ADDRESS


def rich(store: Store, mandate: Mandate) -> None:
    """Publish a second version in which everything is said that a charter can say."""
    with store.writing() as session:
        charter = charters.current(session, mandate)
        calendar = replace(
            charter.calendar,
            last=date(2030, 12, 31),
            sessions={2027: (date(2027, 9, 15), date(2028, 7, 15))},
            holidays=(Holiday(date(2026, 12, 19), date(2027, 1, 3), "Noël"),),
            breaks=(
                Break("guarantors", date(2028, 1, 1), None),
                Break("experts", date(2028, 1, 1), date(2028, 2, 1)),
            ),
            starts={"ordinary-assembly/1": date(2026, 9, 15)},
        )
        first, *others = charter.bodies
        census = {"census": [["Genre", "Femmes", 5170], ["Genre", "Hommes", 4830]], "tolerance": 1}
        recipe = replace(first.recipe, parts=2, overlap_days=10, length="months", months=12, incompatible=())
        first = replace(first, recipe=recipe, quotas=census, pay_per_day=92_50)
        charters.publish(
            session,
            COMMAND_LINE,
            mandate,
            replace(charter, calendar=calendar, bodies=(first, *others)),
            "Tout",
        )


def test_without_a_charter_the_page_says_so(organiser: Visitor) -> None:
    everyone = Visitor(organiser.app, language=organiser.language)
    assert "/charter/edit" not in everyone.visit(ADDRESS)
    assert "/charter/edit" in organiser.visit(ADDRESS)
    everyone.visit(f"{ADDRESS}/1", 404)
    assert everyone.client.get(f"{ADDRESS}/edit").status_code == 302


def test_the_ready_made_charter_is_looked_at_then_published(organiser: Visitor, store: Store) -> None:
    filled = fields(organiser.visit(f"{ADDRESS}/edit"))
    assert filled["operational-group-size"] == "12"
    assert filled["operational-group-incompatible"] == ["guarantors", "experts"]
    page = organiser.send(f"{ADDRESS}/edit", 200, **filled)
    assert make.leaves(store, "charter-published") == 0, "nothing is written before it is confirmed"
    assert organiser.send(f"{ADDRESS}/edit", **fields(page)) == ADDRESS
    assert make.leaves(store, "charter-published") == 1
    everyone = Visitor(organiser.app, language=organiser.language)
    for text in ("Agora ordinaire", "Groupe opérationnel", "2031"):
        assert text in everyone.visit(ADDRESS)
    everyone.visit(f"{ADDRESS}/1")


def test_a_change_is_shown_before_it_is_published_and_after(
    organiser: Visitor, store: Store, mandate: Mandate
) -> None:
    write_first(organiser)
    filled = fields(organiser.visit(f"{ADDRESS}/edit"))
    filled |= {
        "ordinary-assembly-size": "80",
        "operational-group-pay_per_day": "92,5",
        "guarantors-length": "session",
        "calendar-last": "2030-12-31",
        "calendar-sessions": "2027 2027-09-15 15/07/2028",
        "calendar-holidays": "2026-12-19 2027-01-03 Fêtes de fin d’année",
        "calendar-breaks": "experts 2028-01-01\nguarantors 2028-01-01 2028-02-01",
        "calendar-starts": "ordinary-assembly/1 2026-09-15",
        "ordinary-assembly-quotas": "Genre; Femmes; 5170\nGenre; Hommes; 4830",
        "ordinary-assembly-tolerance": "1",
        "reason": "Moins de volontaires que prévu.",
    }
    page = organiser.send(f"{ADDRESS}/edit", 200, **filled)
    assert "Fêtes de fin d’année" in page
    again = fields(organiser.send(f"{ADDRESS}/edit", 200, **fields(page), change="y"))
    assert again == filled | {"operational-group-pay_per_day": "92.50", "guarantors-months": "",
                              "calendar-sessions": "2027 2027-09-15 2028-07-15"}  # fmt: skip
    organiser.send(f"{ADDRESS}/edit", **fields(page))
    shown = Visitor(organiser.app, language=organiser.language).visit(f"{ADDRESS}/2")
    assert "Moins de volontaires que prévu." in shown
    assert "80" in shown
    with store.reading() as session:
        current = charters.current(session, mandate)
    assert (current.number, current.body("operational-group").pay_per_day) == (2, 92_50)
    assert current.body("guarantors").recipe.months is None
    assert current.calendar.breaks[0] == Break("experts", date(2028, 1, 1), None)


def test_every_rule_has_its_words(organiser: Visitor, store: Store, mandate: Mandate) -> None:
    write_first(organiser)
    rich(store, mandate)
    everyone = Visitor(organiser.app, language=organiser.language)
    page = everyone.visit(ADDRESS)
    assert "Noël" in page
    assert "Femmes" in page
    everyone.visit(f"{ADDRESS}/2")
    assert "Noël" not in everyone.visit(f"{ADDRESS}/1")
    filled = fields(organiser.visit(f"{ADDRESS}/edit"))
    assert filled["calendar-breaks"] == "guarantors 2028-01-01\nexperts 2028-01-01 2028-02-01"
    back = filled | {"ordinary-assembly-quotas": "", "reason": "Retour", "rules-rules": ""}
    organiser.send(f"{ADDRESS}/edit", 200, **back)


def test_a_changed_tolerance_is_told(organiser: Visitor, store: Store, mandate: Mandate) -> None:
    write_first(organiser)
    rich(store, mandate)
    filled = fields(organiser.visit(f"{ADDRESS}/edit"))
    page = organiser.send(
        f"{ADDRESS}/edit", 200, **filled | {"ordinary-assembly-tolerance": "3", "reason": "Moins strict"}
    )
    if organiser.language == "en":
        assert "Seats of tolerance: 1" in page
        assert "Seats of tolerance: 3" in page


def test_the_data_are_the_bytes_of_the_journal(organiser: Visitor, store: Store) -> None:
    write_first(organiser)
    answer = Visitor(organiser.app).client.get(f"{ADDRESS}/1.json")
    with store.reading() as session:
        leaf = session.scalars(select(Leaf).where(Leaf.event == "charter-published")).one()
    assert json.loads(leaf.body)["data"]["charter"] == hashlib.sha256(answer.data).hexdigest()


def test_what_cannot_be_is_said_beside_its_field(organiser: Visitor) -> None:
    filled = fields(organiser.visit(f"{ADDRESS}/edit"))
    for name, value in IMPOSSIBLE:
        page = organiser.send(f"{ADDRESS}/edit", 422, **filled | {name: value})
        assert f'id="{name}-problem"' in page, (name, value)
        assert f'href="#{name}"' in page


def test_a_later_version_needs_a_reason_and_a_change(organiser: Visitor, store: Store) -> None:
    write_first(organiser)
    filled = fields(organiser.visit(f"{ADDRESS}/edit"))
    organiser.send(f"{ADDRESS}/edit", 422, **filled | {"guarantors-size": "8"})
    organiser.send(f"{ADDRESS}/edit", 422, **filled | {"reason": "Pour rien"})
    assert make.leaves(store, "charter-published") == 1


def test_what_was_shown_before_another_published_is_refused(organiser: Visitor, store: Store) -> None:
    write_first(organiser)
    mine, theirs = (fields(organiser.visit(f"{ADDRESS}/edit")) for _ in range(2))
    mine |= {"guarantors-size": "8", "reason": "Plus de garant·es"}
    theirs |= {"guarantors-size": "9", "reason": "Encore plus"}
    page = organiser.send(f"{ADDRESS}/edit", 200, **mine)
    organiser.send(f"{ADDRESS}/edit", **fields(organiser.send(f"{ADDRESS}/edit", 200, **theirs)))
    for late in (fields(page), mine):
        again = organiser.send(f"{ADDRESS}/edit", 422, **late)
        assert "Plus de garant·es" in again, "what was typed stands there still"
    assert make.leaves(store, "charter-published") == 2


def test_a_document_made_up_is_refused(organiser: Visitor) -> None:
    filled = organiser.send(f"{ADDRESS}/edit", 200, **fields(organiser.visit(f"{ADDRESS}/edit")))
    whole = b64decode(str(fields(filled)["document"])).decode()
    digits, quoted = "9" * 5000, whole.partition('"session_first":"')[2][:5]
    broken = {
        "{",
        "[]",
        '{"format":"assemblee-charter-1"}',
        "[" * 100_000,
        "[" * 900 + "]" * 900,
        '{"format":"\\ud800"}',
        whole.replace('"sessions":{}', f'"sessions":{{"{digits}":["2027-09-15","2028-07-15"]}}'),
        whole.replace(f'"session_first":"{quoted}"', f'"session_first":"{digits}-{digits}"'),
        whole.replace('"starts":{}', f'"starts":{{"ordinary-assembly/{digits}":"2028-01-01"}}'),
        whole.replace('"starts":{}', '"starts":{"ordinary-assembly/x":"2028-01-01"}'),
        whole.replace('"size":100', f'"size":{digits}'),
    }
    assert whole not in broken
    for document in broken:
        sent = b64encode(document.encode()).decode()
        organiser.send(f"{ADDRESS}/edit", 422, document=sent, base="", reason="")
    last = json.loads(whole)["bodies"][-1] | {"incompatible": []}
    fewer = json.dumps({**json.loads(whole), "bodies": [last]})
    sent = b64encode(fewer.encode()).decode()
    organiser.send(f"{ADDRESS}/edit", 200, document=sent, base="", reason="", change="y")
