from __future__ import annotations

import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws.models import Draw
from assemblee.mandates.models import Mandate
from assemblee.pools import actions, deriving, queries
from assemblee.pools.models import Pool, Volunteer
from assemblee.security import COMMAND_LINE
from tests import make
from tests.answers import Visitor, refused

ORGANISER = "organisatrice@example.org"
BANDS = ["16–39 ans: 16-39", "40 ans et plus: 40-"]
PEOPLE = "id;né(e) en;code postal\n1;1990;01210\n2;1987;1210\n3;1950;75001\n".encode()


@pytest.fixture
def pool(store: Store, mandate: Mandate) -> Pool:
    made = make.pool(store, mandate, cells=(), people=0, size=2)
    with store.writing() as session:
        row = session.get_one(Pool, made.id)
        deriving.add(session, COMMAND_LINE, row, "Âge", BANDS, on=date(2026, 6, 1))
        deriving.add(session, COMMAND_LINE, row, "Secteur", ["01210: Nord", "75001: Sud"])
    with store.reading() as session:
        row = session.get_one(Pool, made.id)
        assert [cell.value for cell in queries.cells(row)] == ["16–39 ans", "40 ans et plus", "Nord", "Sud"]
    make.import_people(store, row, PEOPLE)
    return row


def ages(store: Store, pool: Pool) -> list[str]:
    with store.reading() as session:
        rows = session.scalars(select(Volunteer).where(Volunteer.pool_id == pool.id).order_by(Volunteer.id))
        return [row.traits["Âge"] for row in rows]


def test_a_file_of_births_and_postcodes_gives_bands_and_districts(store: Store, pool: Pool) -> None:
    assert ages(store, pool) == ["16–39 ans", "16–39 ans", "40 ans et plus"]
    with store.reading() as session:
        kept = session.scalars(select(Volunteer).order_by(Volunteer.id)).first()
        assert kept is not None
        assert (kept.sources, kept.traits["Secteur"]) == ({"Âge": "1990", "Secteur": "01210"}, "Nord")


def test_bands_are_followed_again_on_another_day_and_nobody_falls_out(store: Store, pool: Pool) -> None:
    with store.writing() as session:
        row = session.get_one(Pool, pool.id)
        assert deriving.move(session, COMMAND_LINE, row, "Âge", date(2027, 6, 1)) == 1
    assert ages(store, pool) == ["16–39 ans", "40 ans et plus", "40 ans et plus"]
    with refused("derivation-leaves-out"), store.writing() as session:
        row = session.get_one(Pool, pool.id)
        deriving.move(session, COMMAND_LINE, row, "Âge", date(2000, 6, 1))
    with refused("category-unknown"), store.writing() as session:
        row = session.get_one(Pool, pool.id)
        deriving.move(session, COMMAND_LINE, row, "Secteur", date(2027, 6, 1))
    assert make.leaves(store, "category-derived") == 3


def test_the_rule_is_taken_down_with_a_draw(store: Store, pool: Pool) -> None:
    with store.writing() as session:
        row = session.get_one(Pool, pool.id)
        draw = draws.prepare(session, COMMAND_LINE, row, title="Agora", rule="leximin").id
    with store.writing() as session:
        row = session.get_one(Pool, pool.id)
        deriving.move(session, COMMAND_LINE, row, "Âge", date(2027, 6, 1))
    with store.reading() as session:
        kept = session.get_one(Draw, draw)
        assert kept.derived["Âge"]["on"] == "2026-06-01"
        assert kept.derived["Secteur"]["postcodes"] == [["01210", "Nord"], ["75001", "Sud"]]


@pytest.mark.parametrize(
    ("name", "lines", "code"),
    [("Âge", BANDS, "category-name-taken"), ("Autre", ["tout"], "derivation-unreadable")],
)
def test_a_rule_that_cannot_be_is_refused(
    store: Store, pool: Pool, name: str, lines: list[str], code: str
) -> None:
    with refused(code), store.writing() as session:
        row = session.get_one(Pool, pool.id)
        deriving.add(session, COMMAND_LINE, row, name, lines, on=date(2026, 6, 1))


def test_a_birth_goes_with_the_person(store: Store, pool: Pool) -> None:
    with store.writing() as session:
        actions.erase(session, COMMAND_LINE, session.get_one(Pool, pool.id), 1)
    with store.reading() as session:
        assert session.get_one(Volunteer, 1).sources == {}


def test_the_page_adds_bands_and_says_what_it_does_not_understand(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    made = make.pool(store, mandate, cells=(), people=0, size=2)
    make.account(store, ORGANISER, password=make.PASSWORD)
    make.organiser(store, mandate, ORGANISER)
    visitor = Visitor(app, ORGANISER)
    where = f"/m/{mandate.slug}/pools/{made.id}/derived"
    visitor.visit(where)
    wrong = visitor.send(f"{where}/age", 422, category="Âge", bands="tout", on="2027-01-15")
    assert "«\u00a0tout\u00a0»" in wrong
    assert visitor.send(f"{where}/age", 422, category="", bands="", on="")
    visitor.send(f"{where}/age", category="Âge", bands="\n".join(BANDS), on="2027-01-15")
    assert visitor.send(
        f"{where}/postcodes", 422, **{"places-category": "Âge", "places-postcodes": "1: Nord"}
    )
    visitor.send(f"{where}/postcodes", **{"places-category": "Secteur", "places-postcodes": "01210: Nord"})
    assert "15 janvier 2027" in visitor.visit(where)
    with store.reading() as session:
        category = session.get_one(Pool, made.id).categories[0].id
    assert visitor.send(f"{where}/{category}/day", 422, **{f"day{category}-on": "demain"})
    visitor.send(f"{where}/{category}/day", **{f"day{category}-on": "2028-01-15"})
    assert "15 janvier 2028" in visitor.visit(where)
    with store.reading() as session:
        make.import_people(store, session.get_one(Pool, made.id), PEOPLE.replace(b"75001", b"01210"))
    address = visitor.send(
        f"/m/{mandate.slug}/pools/{made.id}/import", file=(io.BytesIO(PEOPLE), "people.csv")
    )
    shown = visitor.visit(address)
    assert "Code postal, d’où se déduit" in shown
    assert "n’est pas dans la liste" in shown
