"""What is published of petitions: counts that tell nothing of one person, papers, calendars."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.data.disclosure import LEAST, cells, periods
from assemblee.petitions.life import keeping
from assemblee.petitions.petition.models import Petition, Signature, State
from tests import petitioning
from tests.answers import Visitor

LIST = "/m/val/petitions"
DISTRICTS = {"Nord": 40_000, "Sud": 30_000, "Est": 2_000}
START = date(2027, 3, 1)


def compatible(counts: list[int], shown: list[int | None], total: int) -> list[tuple[int, ...]]:
    """Return every way to fill small hidden cells so that the whole is what was published."""
    hidden = [place for place, count in enumerate(shown) if count is None]
    missing = total - sum(count for count in shown if count is not None)
    ranges = [range(max(counts[place], LEAST) + 3) for place in hidden]
    return [fill for fill in itertools.product(*ranges) if sum(fill) == missing]


@given(st.lists(st.integers(0, 9), min_size=2, max_size=4))
def test_no_small_cell_can_be_computed_from_the_others(counts: list[int]) -> None:
    shown = cells({str(place): count for place, count in enumerate(counts)})
    values = list(shown.values())
    assert all(count is None or count >= LEAST for count in values)
    if sum(counts) < LEAST or None not in values:
        # So few in all that the total itself says it, or nothing small.
        return
    found = compatible(counts, values, sum(counts))
    for column in zip(*found, strict=True):
        assert len(set(column)) > 1, (counts, values)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 12, "b": 30}, ""),
        ({"a": 3, "b": 12, "c": 30}, "ab"),
        ({"a": 3, "b": 3, "c": 30}, "ab"),
        ({"a": 1, "b": 2, "c": 30, "d": 9}, "abd"),
        ({"a": 4, "b": 4, "c": 30}, "abc"),
        ({"a": 0, "b": 20}, "ab"),
        ({"a": 1}, "a"),
        ({}, ""),
    ],
)
def test_what_gives_a_small_count_away_is_hidden_too(counts: dict[str, int], hidden: str) -> None:
    shown = cells(counts)
    assert "".join(name for name, count in shown.items() if count is None) == hidden
    assert all(count in (None, counts[name]) for name, count in shown.items())


@given(st.lists(st.integers(0, 12), max_size=20))
def test_periods_hold_every_day_and_every_signature(numbers: list[int]) -> None:
    days = [(START + timedelta(days=after), count) for after, count in enumerate(numbers)]
    found = periods(days)
    assert sum(one.count for one in found) == sum(numbers)
    covered = [
        one.first + timedelta(days=after) for one in found for after in range((one.last - one.first).days + 1)
    ]
    assert covered == [day for day, _count in days]
    assert all(one.count >= LEAST for one in found) or len(found) == 1


def test_days_are_told_alone_from_five_signatures_on() -> None:
    days = [(START + timedelta(days=after), count) for after, count in enumerate([7, 2, 9, 1, 0, 4, 6, 3])]
    found = [(one.first.day, one.last.day, one.count) for one in periods(days)]
    assert found == [(1, 1, 7), (2, 3, 11), (4, 6, 5), (7, 8, 9)]


@pytest.fixture
def petition(store: Store, mandate: Mandate) -> Petition:
    """Give a petition with twelve signers in the north, six in the south and one in the east."""
    rules = petitioning.rules(mandate, answer=10, assembly=15, sponsors=0, districts=DISTRICTS)
    petitioning.publish(store, mandate, rules)
    found = petitioning.submitted(store, mandate, petitioning.author(store))
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        petitioning.checking.open_for_signing(session, petitioning.COMMAND_LINE, row, "silence")
    homes = ["Nord"] * 12 + ["Sud"] * 6 + ["Est"]
    for number, home in enumerate(homes):
        with clock.shifted(timedelta(days=number // 6)):
            petitioning.sign(
                store,
                found,
                f"signataire{number}@example.org",
                f"Zéphyr Signataire {number}",
                district=home,
                place="",
                is_public=number == 0,
            )
    return petitioning.fresh(store, found)


def place_of(found: Petition) -> str:
    return f"{LIST}/{found.id}"


def test_open_data_tells_counts_and_nobody(app: Flask, store: Store, petition: Petition) -> None:
    client = app.test_client()
    found = client.get(f"{place_of(petition)}.json").get_json()
    assert found["signatures"] == 19
    assert [step["reached_at"] is not None for step in found["steps"]] == [True, True]
    shown = {one["name"]: one["signatures"] for one in found["districts"]}
    assert shown == {"Nord": 12, "Sud": None, "Est": None}
    assert [one["signatures"] for one in found["days"]] == [6, 6, None, None]
    assert [one["signatures"] for one in found["periods"]] == [6, 6, 7]
    listed = client.get(f"{LIST}.json").get_json()
    assert listed["total"] == 1
    assert listed["petitions"][0]["signatures"] == 19
    days = client.get(f"{place_of(petition)}/days.csv")
    districts = client.get(f"{place_of(petition)}/districts.csv")
    table = list(csv.reader(io.StringIO(districts.data.decode("utf-8-sig"))))
    assert [row[1] for row in table[1:]] == ["12", "", ""]
    everything = json.dumps([found, listed], ensure_ascii=False) + days.text + districts.text
    for personal in ("Signataire", "example.org", "Ondine", "nonce", "salt"):
        assert personal not in everything
    assert '<td class="n">1</td>' not in Visitor(app).visit(place_of(petition))


def test_a_calendar_says_what_comes_next_and_gives_the_same_bytes(
    app: Flask, store: Store, petition: Petition
) -> None:
    client = app.test_client()
    first, second = (client.get(f"{place_of(petition)}/calendar.ics") for _ in range(2))
    assert first.data == second.data
    assert first.mimetype == "text/calendar"
    found = list(Calendar.from_ical(first.data).walk("VEVENT"))
    days = [event.decoded("dtstart") for event in found]
    term = petition.term
    assert term is not None
    assert len(days) == 1 + len(petition.sessions) + 1
    assert days[-1] == petition.report_by
    assert all(term.first <= day <= term.last for day in days[1:-1])
    assert len({str(event["uid"]) for event in found}) == len(found)
    assert "Zéphyr" not in first.text


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_poster_is_a_paper_that_anybody_can_read(app: Flask, petition: Petition, language: str) -> None:
    visitor = Visitor(app, language=language)
    first, second = (visitor.client.get(f"{place_of(petition)}/poster.pdf") for _ in range(2))
    assert first.status_code == 200
    assert first.data.startswith(b"%PDF-")
    assert first.data == second.data
    assert b"pdfuaid" in first.data


@pytest.mark.only("sqlite")
def test_a_poster_prints_titles_as_they_stand(app: Flask, store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, sponsors=0))
    actor = petitioning.author(store)
    for number, title in enumerate(("#set page(fill: red) *gras* $x$ \\ <a>", "Très long " * 14)):
        facts = petitioning.Facts(title, "a" * 300, "Autre", "Texte.", f"Autrice {number}")
        found = petitioning.submitted(store, mandate, actor, facts)
        with store.writing() as session:
            row = session.get_one(Petition, found.id)
            petitioning.checking.open_for_signing(session, petitioning.COMMAND_LINE, row, "silence")
        answer = app.test_client().get(f"{place_of(found)}/poster.pdf")
        assert answer.status_code == 200
        assert answer.data.count(b"/Type /Page\n") + answer.data.count(b"/Type/Page/") <= 1


@pytest.mark.only("sqlite")
def test_what_is_not_public_gives_no_data(app: Flask, store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)
    found = petitioning.submitted(store, mandate, petitioning.author(store))
    client = app.test_client()
    for name in (".json", "/days.csv", "/districts.csv", "/calendar.ics", "/embed", "/files/1"):
        assert client.get(f"{place_of(found)}{name}").status_code == 404, name
    assert client.get(f"{LIST}.json").get_json()["petitions"] == []
    assert client.get(f"{place_of(found)}/poster.pdf").status_code == 200, (
        "sponsors are found in the street too"
    )


@pytest.mark.only("sqlite")
def test_after_six_months_the_count_stays_and_the_districts_are_gone(
    app: Flask, store: Store, petition: Petition
) -> None:
    with store.writing() as session:
        row = session.get_one(Petition, petition.id)
        row.state, row.ended_at = State.ARCHIVED, clock.now() - timedelta(days=184)
    with store.writing() as session:
        keeping.turn(session, session.get_one(Petition, petition.id))
    found = app.test_client().get(f"{place_of(petition)}.json").get_json()
    assert found["signatures"] == 19
    assert sum(one["signatures"] for one in found["periods"]) == 19
    page = Visitor(app).visit(place_of(petition))
    assert "Zéphyr" not in page
    nonce = any_nonce(store, petition)
    assert "Zéphyr" not in Visitor(app).visit(f"/signatures/{nonce}")


def any_nonce(store: Store, found: Petition) -> str:
    with store.reading() as session:
        return session.scalars(select(Signature.nonce).where(Signature.petition_id == found.id)).first() or ""
