from __future__ import annotations

import json

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.draws import choice, objections
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import ceremony
from tests.answers import Visitor

ROUND, SIGNATURE = ceremony.ROUND, ceremony.SIGNATURE


@pytest.fixture
def address(store: Store, pool: Pool) -> str:
    draw = ceremony.hold(store, ceremony.ready_draw(store, pool))
    return f"/m/val/draws/{draw.id}"


def test_the_record_says_everything_the_draw_rests_on(app: Flask, store: Store, address: str) -> None:
    stranger = Visitor(app)
    page = stranger.visit(f"{address}/record")
    lottery = json.loads(stranger.client.get(f"{address}/lottery.json").text)
    document = json.loads(stranger.client.get(f"{address}/draw.json").text)
    assert lottery["commit"] in page
    assert "3 · 12 · 25 · 33 · 48" in page
    for guarantor in document["guarantors"]:
        assert guarantor["name"] in page
    assert "/draws/1/bundle.zip" in page
    Visitor(app, language="en").visit(f"{address}/record")


def test_the_pdf_is_made_again_byte_by_byte(app: Flask, address: str) -> None:
    first, second = (Visitor(app).client.get(f"{address}/record.pdf") for _ in range(2))
    assert first.mimetype == "application/pdf"
    assert first.data == second.data
    assert first.data.startswith(b"%PDF-1.7")
    for mark in (b"pdfaid:part", b"pdfuaid:part", b"/StructTreeRoot"):
        assert mark in first.data
    english = Visitor(app, language="en").client.get(f"{address}/record.pdf")
    assert english.data != first.data


def test_what_people_write_is_printed_and_never_run(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    guarantor = ceremony.guarantor_of(draw.guarantors[0].account_id)
    hostile = "#panic() <script>alert(1)</script> *gras* $x$ \\ ]"
    with store.writing() as session:
        found = objections.file(session, guarantor.actor, draw, hostile)
        objections.answer(session, COMMAND_LINE, draw, found.id, hostile * 20)
    ceremony.hold(store, draw)
    address = f"/m/val/draws/{draw.id}"
    assert Visitor(app).client.get(f"{address}/record.pdf").status_code == 200
    assert "<script>alert" not in Visitor(app).visit(f"{address}/record")


def test_a_round_of_drand_stands_in_the_record(app: Flask, store: Store) -> None:
    draw = ceremony.awaiting_round(store)
    with ceremony.after(draw.beacon_at), store.writing() as session:
        choice.record_round(session, COMMAND_LINE, draw, SIGNATURE)
    assert str(ROUND) in Visitor(app).visit(f"/m/val/draws/{draw.id}/record")
    assert "20 791 007" in Visitor(app).visit(f"/m/val/draws/{draw.id}/ceremony").replace("\u202f", " ")


def test_a_draw_that_is_not_held_has_no_record(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    for name in ("record", "record.pdf"):
        Visitor(app).visit(f"/m/val/draws/{draw.id}/{name}", 409)
