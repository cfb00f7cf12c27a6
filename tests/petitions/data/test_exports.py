"""What is published of petitions: counts that tell nothing of one person, papers, calendars."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import keeping
from assemblee.petitions.petition.models import Petition, PetitionState, Signature
from tests import petitioning
from tests.answers import Visitor

LIST = "/m/val/petitions"
DISTRICTS = {"Nord": 40_000, "Sud": 30_000, "Est": 2_000}


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
        row.state, row.ended_at = PetitionState.ARCHIVED, clock.now() - timedelta(days=184)
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
