"""The rules for petitions: the form of an organiser, its lines, and the pages that show them."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules.document import OTHER
from assemblee.petitions.rules.forms import read_district, read_step, write_step
from tests import make, petitioning
from tests.answers import Visitor
from tests.petitioning import ORGANISER

LIST = "/m/val/petitions/"


@pytest.fixture
def staff(store: Store, mandate: Mandate) -> None:
    make.account(store, ORGANISER, password=make.PASSWORD)
    make.organiser(store, mandate, ORGANISER)


@pytest.fixture
def rules(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)


def filled(page: str) -> dict[str, str]:
    """Return the fields of the form of rules as a browser would send them."""

    class Fields(HTMLParser):
        def __init__(self) -> None:
            super().__init__(convert_charrefs=True)
            self.found: dict[str, str] = {}
            self.open = ""

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            values = dict(attributes)
            if tag == "input" and values.get("name"):
                self.found[str(values["name"])] = values.get("value") or ""
            if tag == "textarea":
                self.open = str(values["name"])
                self.found[self.open] = ""
            if tag == "select":
                self.found[str(values["name"])] = "0"

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea":
                self.open = ""

        def handle_data(self, data: str) -> None:
            if self.open:
                self.found[self.open] += data

    fields = Fields()
    fields.feed(page)
    return fields.found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_organiser_publishes_the_rules_and_changes_them(
    app: Flask, store: Store, mandate: Mandate, staff: None, language: str
) -> None:
    petitioning.publish(store, mandate)
    organiser = Visitor(app, ORGANISER, language)
    fields = filled(organiser.visit(f"{LIST}rules/edit"))
    fields["steps"] = "100 : réponse\n1 000 : agora\n>1/20 : other : Une audition ; dans 2 secteurs : 1/100\n"
    fields["districts"] = "Nord: 30 000\nSud: 42000"
    assert 'id="reason-problem"' in organiser.send(f"{LIST}rules/edit", status=422, **fields)
    fields["reason"] = "Deux secteurs."
    organiser.send(f"{LIST}rules/edit", **fields)
    with store.reading() as session:
        version = rule_queries.current(session, mandate.id)
        found = rule_queries.rules_of(version)
    assert version.number == 2
    assert [str(one.step.threshold) for one in found.steps] == ["100", "1000", ">1/20"]
    assert found.steps[2].opens == OTHER
    assert found.steps[2].promise == "Une audition"
    assert found.steps[2].step.spread is not None
    assert found.districts == {"Nord": 30_000, "Sud": 42_000}
    visitor = Visitor(app, language=language)
    for address in (f"{LIST}rules", f"{LIST}rules/1", f"{LIST}rules/2"):
        visitor.visit(address)
    assert visitor.client.get(f"{LIST}rules/2.json").get_json()["sponsors"] == 1
    # What another organiser has published meanwhile is not undone.
    page = organiser.send(f"{LIST}rules/edit", status=422, **{**fields, "once": "another form"})
    assert "Une audition" in page, "what was typed stands there still"


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"steps": "beaucoup : answer"}, "steps"),
        ({"steps": "10 : anything"}, "steps"),
        ({"steps": "10 : other"}, "steps"),
        ({"steps": "100 : answer\n50 : assembly"}, "steps"),
        ({"steps": "100 : answer\n200 : assembly\n300 : assembly"}, "steps"),
        ({"steps": "2/1 : answer"}, "steps"),
        ({"steps": "0 : answer"}, "steps"),
        ({"steps": "10 : answer ; in 3 districts : 1/100"}, "steps"),
        ({"districts": "Nord"}, "districts"),
        ({"districts": "Nord: 12\nNord: 13"}, "districts"),
        ({"grounds": ""}, "grounds"),
        ({"categories": "A\nA"}, "categories"),
        ({"sponsors": "-1"}, "sponsors"),
        ({"check_days": "quatorze"}, "check_days"),
        ({"notice_days": "2"}, "notice_days"),
        ({"wave_answer_days": "1"}, "wave_answer_days"),
        ({"pool": "99"}, "pool"),
        ({"number": "x"}, ""),
    ],
)
@pytest.mark.usefixtures("rules", "staff")
def test_rules_that_do_not_fit_are_refused_beside_their_field(
    app: Flask, changes: dict[str, str], field: str
) -> None:
    organiser = Visitor(app, ORGANISER)
    fields = {**filled(organiser.visit(f"{LIST}rules/edit")), "reason": "Essai.", **changes}
    page = organiser.send(f"{LIST}rules/edit", status=422, **fields)
    assert not field or f'id="{field}-problem"' in page


@pytest.mark.only("sqlite")
def test_lines_of_rules_are_read_in_both_languages(app: Flask) -> None:
    with app.test_request_context():
        for line in ("100 : réponse", "1/20 : autre : Une audition : publique ; dans 3 secteurs : >1/100"):
            assert write_step(read_step(line)) == line
    assert read_step("1\u202f000:Assembly").step.threshold.needed(5_000) == 1_000
    assert read_district("Sud: est : 12\u00a0000") == ("Sud: est", 12_000)
    for line in ("", "100", "answer : 100", "100 : answer ; in x districts : 3"):
        with pytest.raises(ValueError):  # noqa: PT011 - the line is all there is to say
            read_step(line)
