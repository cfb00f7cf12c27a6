from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from assemblee.db import Store
from assemblee.journal import tree
from assemblee.journal.models import Leaf
from assemblee.mandates import charter as charter_module
from assemblee.mandates import charters, queries
from assemblee.mandates.charter import Body, Charter, Difference, differences, read, write
from assemblee.mandates.models import CharterVersion, Mandate
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE
from sortition.timetable import Break, Holiday, timetable
from tests import make
from tests.answers import at_once, refused

CENSUS = {"census": [["Genre", "Femmes", 5170], ["Genre", "Hommes", 4830]], "tolerance": 1}


def publish(store: Store, mandate: Mandate, charter: Charter, reason: str = "") -> CharterVersion:
    with store.writing() as session:
        return charters.publish(session, COMMAND_LINE, mandate, charter, reason)


def with_size(charter: Charter, size: int) -> Charter:
    first = charter.bodies[0]
    changed = replace(first, recipe=replace(first.recipe, size=size))
    return replace(charter, bodies=(changed, *charter.bodies[1:]))


def full(mandate: Mandate) -> Charter:
    """Return a charter in which everything is filled in."""
    draft = charters.ready_made(mandate)
    calendar = replace(
        draft.calendar,
        sessions={2027: (date(2027, 9, 15), date(2028, 7, 15))},
        holidays=(Holiday(date(2026, 12, 19), date(2027, 1, 3), "Noël"),),
        breaks=(
            Break("guarantors", date(2028, 1, 1), None),
            Break("experts", date(2028, 1, 1), date(2028, 2, 1)),
        ),
        starts={"ordinary-assembly/1": date(2026, 9, 15)},
    )
    census = replace(draft.bodies[0], quotas=CENSUS)
    return replace(draft, calendar=calendar, bodies=(census, *draft.bodies[1:]))


@pytest.mark.only("sqlite")
def test_a_charter_is_what_its_document_says(mandate: Mandate) -> None:
    for charter in (charters.ready_made(mandate), full(mandate)):
        document = write(charter)
        again = read(json.loads(tree.canonical(document)), 3)
        assert replace(again, number=0) == charter
        assert (again.number, write(again)) == (3, document)
        assert len(timetable(charter.recipes, charter.calendar)) > 40


def test_the_first_charter_needs_no_reason_and_leaves_a_line(store: Store, mandate: Mandate) -> None:
    with store.reading() as session, refused("charter-missing"):
        charters.current(session, mandate)
    version = publish(store, mandate, charters.ready_made(mandate))
    assert version.number == 1
    with store.reading() as session:
        current = charters.current(session, mandate)
        found = queries.charter(session, mandate)
        leaf = session.scalars(select(Leaf).where(Leaf.event == "charter-published")).one()
    assert found is not None
    assert current.number == 1
    assert replace(current, number=0) == charters.ready_made(mandate)
    data = json.loads(leaf.body)["data"]
    assert data["charter"] == hashlib.sha256(tree.canonical(found.document)).hexdigest()
    assert (data["number"], data["replaces"]) == (1, None)


@pytest.mark.both_stores
def test_a_new_version_replaces_the_one_it_was_made_from(store: Store, mandate: Mandate) -> None:
    first = publish(store, mandate, charters.ready_made(mandate))
    with store.reading() as session:
        current = charters.current(session, mandate)
    with refused("charter-reason-missing"):
        publish(store, mandate, with_size(current, 80), "  ")
    with refused("charter-unchanged"):
        publish(store, mandate, current, "pour rien")
    second = publish(store, mandate, with_size(current, 80), "moins de volontaires que prévu")
    assert second.number == 2
    with refused("charter-changed"):
        publish(store, mandate, with_size(current, 90), "trop tard")
    with refused("charter-changed"):
        publish(store, mandate, charters.ready_made(mandate))
    with store.reading() as session:
        assert [version.number for version in queries.charters(session, mandate)] == [2, 1]
        leaf = session.scalars(
            select(Leaf).where(Leaf.event == "charter-published").order_by(Leaf.position.desc())
        ).first()
    assert leaf is not None
    assert json.loads(leaf.body)["data"]["replaces"] == first.hash
    assert make.leaves(store, "charter-published") == 2


@pytest.mark.both_stores
def test_of_two_published_at_once_one_counts(store: Store, mandate: Mandate) -> None:
    publish(store, mandate, charters.ready_made(mandate))
    with store.reading() as session:
        current = charters.current(session, mandate)

    def act(size: int) -> Callable[[], object]:
        return lambda: publish(store, mandate, with_size(current, size), "une autre taille")

    answers = at_once([act(size) for size in (60, 70, 80, 90)])
    assert answers == ["charter-changed"] * 3 + ["done"]
    assert make.leaves(store, "charter-published") == 2


@pytest.mark.only("sqlite")
def test_a_charter_stays_within_its_mandate(store: Store, mandate: Mandate) -> None:
    draft = charters.ready_made(mandate)
    for calendar in (
        replace(draft.calendar, first=date(2026, 8, 1)),
        replace(draft.calendar, last=date(2031, 7, 1)),
    ):
        with refused("charter-outside-mandate"):
            publish(store, mandate, replace(draft, calendar=calendar))
    early = replace(draft, calendar=replace(draft.calendar, last=date(2028, 6, 30)))
    assert publish(store, mandate, early).number == 1


@pytest.mark.only("sqlite")
def test_bodies_are_found_by_key_and_by_what_opens_them(mandate: Mandate) -> None:
    charter = charters.ready_made(mandate)
    assert charter.body("guarantors").name == "Garant·es"
    assert charter.opened_by("petition").recipe.key == "extraordinary-assembly"
    with refused("charter-body-unknown"):
        charter.body("senate")


def faults(draft: Charter) -> list[tuple[str, str, str]]:
    with pytest.raises(Refusal) as caught:
        read(write(draft))
    assert caught.value.code == "charter-invalid"
    found: Any = caught.value.parameters["faults"]
    return [(fault.where, fault.field, fault.code) for fault in found]


@pytest.mark.only("sqlite")
def test_every_fault_of_a_charter_is_listed(mandate: Mandate) -> None:
    draft = charters.ready_made(mandate)
    recipe = draft.bodies[0].recipe
    census = {"census": [["Genre", "Femmes", -1], ["Genre", "Hommes", 4830]], "tolerance": 101}
    bodies = (
        Body(replace(recipe, size=0), "", "parent", -1, 8),
        Body(replace(recipe, key="other", incompatible=()), "Autre", census),
        Body(draft.bodies[1].recipe, "Groupe", "mirror"),
    )
    calendar = replace(draft.calendar, starts={"senate/1": date(2027, 1, 1)})
    assert faults(replace(draft, bodies=bodies, calendar=calendar)) == [
        ("ordinary-assembly", "size", "out-of-range"),
        ("ordinary-assembly", "incompatible", "unknown-body"),
        ("operational-group", "incompatible", "unknown-body"),
        ("operational-group", "incompatible", "unknown-body"),
        ("operational-group", "size", "larger-than-parent"),
        ("calendar", "starts", "unknown-term"),
        ("ordinary-assembly", "pay_per_day", "out-of-range"),
        ("ordinary-assembly", "days_per_week", "out-of-range"),
        ("ordinary-assembly", "name", "empty"),
        ("ordinary-assembly", "quotas", "unknown-word"),
        ("other", "quotas", "out-of-range"),
        ("other", "quotas", "shares-do-not-add-up"),
        ("other", "tolerance", "out-of-range"),
        ("operational-group", "quotas", "unknown-word"),
    ]


def set_at(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *above, last = path.split("/")
    place: Any = document
    for step in above:
        place = place[int(step)] if step.isdecimal() else place[step]
    place[int(last) if last.isdecimal() else last] = value
    return document


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("format", "assemblee-charter-2", "format"),
        ("rules/0", "e\u0301", "charter"),
        ("rules/0", 1.5, "charter"),
        ("rules/0", 1, "rules"),
        ("bodies", {}, "bodies"),
        ("bodies/1", "group", "bodies/1"),
        ("bodies/1/size", True, "bodies/1/size"),
        ("bodies/1/months", "2", "bodies/1/months"),
        ("bodies/1/quotas", 3, "bodies/1/quotas"),
        ("bodies/0/quotas/census/0", ["Genre"], "bodies/0/quotas/census"),
        ("calendar", None, "calendar"),
        ("calendar/first", "1 July", "calendar/first"),
        ("calendar/session_first", "September", "calendar/session_first"),
        ("calendar/sessions/MMXXVII", ["2027-09-01", "2028-07-31"], "calendar/sessions"),
    ],
)
def test_a_document_of_another_shape_is_refused_with_the_place(
    mandate: Mandate, path: str, value: object, where: str
) -> None:
    with pytest.raises(Refusal) as caught:
        read(set_at(json.loads(tree.canonical(write(full(mandate)))), path, value))
    assert (caught.value.code, caught.value.parameters["where"]) == ("charter-invalid", where)


@pytest.mark.only("sqlite")
def test_differences_name_what_changes_and_nothing_else(mandate: Mandate) -> None:
    before = charters.ready_made(mandate)
    assert differences(before, before) == []
    without = replace(before, bodies=before.bodies[:4], rules=(*before.rules, "Un article de plus."))
    calendar = replace(before.calendar, last=date(2028, 6, 30))
    after = with_size(replace(without, calendar=calendar), 80)
    assert differences(before, after) == [
        Difference("calendar", "last", "2031-06-30", "2028-06-30"),
        Difference("ordinary-assembly", "size", 100, 80),
        Difference("extraordinary-assembly", "name", "Agora extraordinaire", None),
        Difference("rules", "rules", list(before.rules), [*before.rules, "Un article de plus."]),
    ]
    assert differences(after, before)[2] == Difference(
        "extraordinary-assembly", "name", None, "Agora extraordinaire"
    )
    assert charter_module.FORMAT == "assemblee-charter-1"
