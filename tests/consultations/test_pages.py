from __future__ import annotations

import html
import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee import paper as papers
from assemblee.consultations import letters, marking
from assemblee.consultations.models import Consultation, ConsultationState, Mode, RollEntry, VotingMeans
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.paper import Section
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import make, voting
from tests.answers import Visitor
from votes.verify import main as verify

ORGANISER, GUARANTOR = "organisatrice@example.org", "garant0@example.org"
LIST = "/m/val/consultations/"
JSON = "application/json"


@pytest.fixture
def staff(store: Store, mandate: Mandate) -> None:
    for email in (ORGANISER, GUARANTOR, "garant1@example.org"):
        make.account(store, email, password=make.PASSWORD)
    make.organiser(store, mandate, ORGANISER)
    voting.guarantors(store, mandate)


@pytest.fixture
def consultation(store: Store, mandate: Mandate, pool: Pool, staff: None) -> Consultation:
    return voting.settled(store, mandate, pool)


def only_mandate(store: Store) -> Mandate:
    with store.reading() as session:
        found = session.scalars(select(Mandate)).one()
        session.expunge_all()
        return found


def link(app: Flask, entry: RollEntry) -> str:
    return f"/vote/{letters.token(app.extensions['assemblee.config'], entry)}/"


def written(pool: Pool, **changes: object) -> dict[str, object]:
    now = clock.now()
    return {
        "title": "Quelle commission ?",
        "explanation": "Une seule par députée.",
        "arguments": "+ Finances : le budget\n- Finances : technique\n= Rappel",
        "kind": "majority-judgment",
        "proposals": "Défense\nFinances\n",
        "scale": "7",
        "default": "static",
        "criteria": "",
        "routing": "",
        "combination": "lexicographic",
        "threshold": "half",
        "quorum": "10",
        "mode": "secret",
        "roll": f"pool-{pool.id}",
        "opens_at": now.strftime("%Y-%m-%dT%H:%M"),
        "closes_at": (now + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M"),
        "guarantors": "2",
        **changes,
    }


@pytest.mark.only("sqlite")
def test_an_organiser_writes_changes_and_settles(app: Flask, store: Store, pool: Pool, staff: None) -> None:
    organiser = Visitor(app, ORGANISER)
    assert "Aucun vote pour l’instant" in organiser.visit(LIST)
    organiser.visit(f"{LIST}new")
    place = organiser.send(f"{LIST}new", **written(pool))
    Visitor(app).visit(place, status=404)
    organiser.visit(place)
    page = organiser.visit(f"{place}/change")
    assert "+ Finances: le budget" in html.unescape(page)
    measures = written(
        pool,
        kind="multi-criteria",
        criteria="Urgence / Urgency\nImportance",
        routing="Suite / Next\nPacte / Pact\nConvention",
        default="median",
        combination="pareto",
    )
    organiser.send(f"{place}/change", **measures)
    assert "Urgency" in Visitor(app, ORGANISER, "en").visit(place)
    organiser.visit(f"{place}/change")
    organiser.visit(f"{place}/settle")
    organiser.send(f"{place}/settle")
    for language in ("fr", "en"):
        Visitor(app, language=language).visit(place)
    assert Visitor(app).client.get(f"{place}/rules.json").get_json()["kind"] == "multi-criteria"


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"proposals": "Une"}, "proposals"),
        ({"proposals": "A\na"}, "proposals"),
        ({"arguments": "Finances"}, "arguments"),
        ({"kind": "multi-criteria"}, "criteria"),
        ({"kind": "multi-criteria", "criteria": "Urgence", "routing": "Suite"}, "routing"),
        ({"closes_at": "2020-01-01T10:00"}, "closes_at"),
        ({"closes_at": "demain"}, "closes_at"),
        ({"quorum": "101"}, "quorum"),
        ({"guarantors": "0"}, "guarantors"),
        ({"roll": "pool-99"}, "roll"),
        ({"kind": "sideways"}, "kind"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    app: Flask, pool: Pool, staff: None, changes: dict[str, object], field: str
) -> None:
    page = Visitor(app, ORGANISER).send(f"{LIST}new", status=422, **written(pool, **changes))
    assert f'id="{field}-problem"' in page


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("rules", voting.KINDS, ids=lambda rules: rules["kind"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.usefixtures("staff")
def test_every_page_of_each_kind_before_and_after_the_count(
    app: Flask, store: Store, pool: Pool, rules: dict[str, Any], language: str
) -> None:
    mandate = only_mandate(store)
    made = voting.settled(store, mandate, pool, rules)
    place = f"{LIST}{made.id}"
    entries = voting.roll(store, made)
    visitor = Visitor(app, language=language)
    for address in (LIST, place, f"/votes/{made.id}/code", link(app, entries[0])):
        visitor.visit(address)
    columns = len(voting.queries.rules(made).columns)
    for number, entry in enumerate(entries[:11]):
        voting.vote(store, made, entry, bytes((number + column) % 2 for column in range(columns)))
    with voting.after_closing(made):
        for address in (place, f"/votes/{made.id}/code", link(app, entries[0])):
            visitor.visit(address)
        Visitor(app, GUARANTOR, language).visit(place)
    counted = voting.count(store, made, voting.guarantors(store, mandate))
    assert counted.state == ConsultationState.COUNTED
    for address in (LIST, place, f"{place}/board", link(app, entries[0])):
        visitor.visit(address)
    assert ('<table class="map">' in visitor.visit(place)) == (rules["kind"] == "multi-criteria")
    receipt = re.search(r"<code>([0-9A-Z-]{14})</code>", visitor.visit(f"{place}/board"))
    assert receipt is not None
    page = visitor.visit(f"{place}/board")
    assert "/board/" not in page, "what leads to a ballot is no address"
    assert f'value="{receipt.group(1)}"' in page
    for typed in (receipt.group(1), f" {receipt.group(1).lower()} "):
        assert receipt.group(1) in visitor.send(f"{place}/board", 200, receipt=typed)
    for unknown in ("0000-0000-0000", "non", "", "0" * 100):
        assert "aria-invalid" in visitor.send(f"{place}/board", 422, receipt=unknown)
    assert visitor.client.get(f"{place}/board/{receipt.group(1)}").status_code == 404
    for name in ("result.json", "result.csv", "result.pdf", "rules.json", "archive.zip"):
        assert visitor.client.get(f"{place}/{name}").status_code == 200, name


@pytest.mark.both_stores
def test_a_stranger_recounts_the_archive_that_the_site_gives(
    app: Flask, store: Store, mandate: Mandate, consultation: Consultation, tmp_path: Path
) -> None:
    for entry in voting.roll(store, consultation)[:10]:
        voting.vote(store, consultation, entry, bytes([entry.id % 4, 1, 2]))
    voting.count(store, consultation, voting.guarantors(store, mandate))
    content = Visitor(app).client.get(f"{LIST}{consultation.id}/archive.zip").data
    roll = zipfile.ZipFile(io.BytesIO(content)).read("roll.csv").decode()
    for entry, mark in ((voting.roll(store, consultation)[0], 1), (voting.roll(store, consultation)[11], 0)):
        line = re.search(r"<code>([0-9a-f]{64})</code>", Visitor(app).visit(link(app, entry)))
        assert line is not None
        assert f"{line.group(1)},{mark}\n" in roll
    assert "verify.py" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    (tmp_path / "archive.zip").write_bytes(content)
    assert verify([str(tmp_path / "archive.zip")]) == 0


@pytest.mark.only("sqlite")
def test_few_ballots_are_for_the_guarantors_alone(
    app: Flask, store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    receipt = voting.vote(store, consultation, voting.roll(store, consultation)[0], bytes([3, 1, 0]))
    voting.count(store, consultation, voting.guarantors(store, mandate))
    place = f"{LIST}{consultation.id}"
    visitor = Visitor(app)
    assert "Très bien" in visitor.visit(place)
    assert "Passable" not in visitor.send(f"{place}/board", 200, receipt=receipt.code)
    for name in ("result.json", "result.csv", "result.pdf", "archive.zip"):
        assert visitor.client.get(f"{place}/{name}").status_code == 403
        assert Visitor(app, GUARANTOR).client.get(f"{place}/{name}").status_code == 200


@pytest.mark.only("sqlite")
def test_nothing_is_counted_in_public_before_the_count(
    app: Flask, store: Store, consultation: Consultation
) -> None:
    for entry in voting.roll(store, consultation)[:3]:
        voting.vote(store, consultation, entry, bytes([3, 1, 0]))
    place = f"{LIST}{consultation.id}"
    for visitor in (Visitor(app), Visitor(app, ORGANISER), Visitor(app, GUARANTOR)):
        for name in ("result.json", "result.csv", "result.pdf", "archive.zip"):
            assert visitor.client.get(f"{place}/{name}").status_code == 404
        assert visitor.client.get(f"{place}/board").status_code == 409
        visitor.send(f"{place}/board", 409, receipt="AAAA-AAAA-AAAA")


@pytest.mark.only("sqlite")
def test_guarantors_start_the_count_on_the_page(app: Flask, store: Store, consultation: Consultation) -> None:
    place = f"{LIST}{consultation.id}"
    with voting.after_closing(consultation):
        Visitor(app, ORGANISER).send(f"{place}/count", status=403)
        Visitor(app, GUARANTOR, second_factor=False).send(f"{place}/count", status=403)
        one = Visitor(app, GUARANTOR)
        one.send(f"{place}/count")
        assert "1 garants sur 2" in one.visit(place) or "1 sur 2" in one.visit(place)
        one.send(f"{place}/count", status=409)
        Visitor(app, "garant1@example.org").send(f"{place}/count")
    assert voting.fresh(store, consultation).state == ConsultationState.COUNTED


@pytest.mark.only("sqlite")
def test_a_device_is_marked_and_casts_without_a_session(
    app: Flask, store: Store, consultation: Consultation
) -> None:
    device = voting.Device(consultation)
    entry = voting.roll(store, consultation)[0]
    visitor = Visitor(app).client
    asked = {"blinded": device.blinded.message.hex()}
    answers = [visitor.post(f"{link(app, entry)}mark", json=asked).get_json() for _ in range(2)]
    assert answers[0] == answers[1]
    signature = voting.blind.finalize(
        device.key, device.prepared, bytes.fromhex(answers[0]["signature"]), device.blinded.inverse
    )
    token = {"prepared": device.prepared.hex(), "signature": signature.hex()}
    box = f"/votes/{consultation.id}/ballots"
    stranger = app.test_client()
    found = stranger.post(box, json={**token, "ballot": "020003"})
    assert found.status_code == 200
    assert set(found.get_json()) == {"receipt", "note"}
    assert "Set-Cookie" not in found.headers
    for wrong, status, code in (
        ({**token, "ballot": "0909"}, 422, "ballot-invalid"),
        ({**token, "signature": "00" * 256, "ballot": "020003"}, 403, "token-invalid"),
        ({**token, "prepared": "00", "ballot": "020003"}, 403, "token-invalid"),
    ):
        refused = stranger.post(box, json=wrong)
        assert (refused.status_code, refused.get_json()["code"]) == (status, code)
    other = voting.Device(consultation)
    refused = visitor.post(f"{link(app, entry)}mark", json={"blinded": other.blinded.message.hex()})
    assert refused.get_json()["code"] == "voter-already-marked"


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"[" * 30_000, b'{"ballot": 1}', b'{"prepared": "zz"}', b"x" * 30_000]
)
def test_a_request_that_is_no_document_is_refused(
    app: Flask, consultation: Consultation, content: bytes
) -> None:
    answer = app.test_client().post(
        f"/votes/{consultation.id}/ballots", data=content, content_type=JSON, headers={"Accept": JSON}
    )
    assert answer.status_code == 422


@pytest.mark.only("sqlite")
def test_a_voter_without_programs_votes_with_a_mailed_code(
    app: Flask, store: Store, consultation: Consultation
) -> None:
    entry = voting.roll(store, consultation)[0]
    visitor = Visitor(app)
    visitor.visit(link(app, entry))
    visitor.send(f"{link(app, entry)}code")
    assert "code" in visitor.visit(link(app, entry))
    place = f"/votes/{consultation.id}/code"
    answers = {"answer_0": "2", "answer_1": "0", "order": "0123456789abcdef"}
    assert 'id="code-problem"' in visitor.send(place, status=422, code="ABCD", **answers)
    assert 'id="code-problem"' in visitor.send(place, status=422, code="", **answers)
    code = voting.sent_code(store)
    review = visitor.send(place, status=200, code=code, **answers)
    assert "Bien" in review
    assert "sans opinion" in review
    done = visitor.send(place, status=200, code=code, sure="yes", **answers)
    assert re.search(r"<code>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}</code>", done)
    blank = visitor.send(place, status=200, code=code, blank="yes", order="")
    assert "blanc" in blank
    visitor.send(place, status=422, code=code, answer_0="99")
    visitor.send(f"{link(app, entry)}code", status=409)
    with store.reading() as session:
        assert session.scalar(select(RollEntry.means).where(RollEntry.id == entry.id)) == VotingMeans.CODE


@pytest.mark.only("sqlite")
def test_an_incomplete_ballot_says_what_is_missing(
    app: Flask, store: Store, mandate: Mandate, pool: Pool, staff: None
) -> None:
    made = voting.settled(store, mandate, pool, {**voting.JUDGMENT, "default": None})
    with store.writing() as session:
        marking.send_code(session, session.get_one(RollEntry, voting.roll(store, made)[0].id))
    code = voting.sent_code(store)
    page = Visitor(app).send(f"/votes/{made.id}/code", status=422, code=code, answer_0="2")
    assert 'id="answer_1-problem"' in page
    assert 'id="answer_0-problem"' not in page


@pytest.mark.only("sqlite")
def test_a_named_vote_is_reviewed_and_kept(
    app: Flask, store: Store, mandate: Mandate, pool: Pool, staff: None
) -> None:
    made = voting.settled(store, mandate, pool, mode=Mode.OPEN)
    entry = voting.roll(store, made)[0]
    visitor = Visitor(app)
    address = link(app, entry)
    visitor.visit(address)
    visitor.visit(f"/votes/{made.id}/code", status=404)
    answers = {"answer_0": "1", "answer_1": "2", "answer_2": "3"}
    assert "Très bien" in visitor.send(address, status=200, **answers)
    visitor.send(address, status=422, answer_0="x")
    visitor.send(address, status=200, sure="yes", **answers)
    visitor.visit(address)
    voting.count(store, made, voting.guarantors(store, mandate))
    assert "Zéphirine" in visitor.visit(f"{LIST}{made.id}")
    secret = voting.settled(store, mandate, pool)
    visitor.send(link(app, voting.roll(store, secret)[0]), status=409, **answers)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("token", ["x", "WzEsImEiXQ.AAAA"])
def test_a_broken_link_opens_nothing(app: Flask, consultation: Consultation, token: str) -> None:
    Visitor(app).visit(f"/vote/{token}/", status=404)


@pytest.mark.only("sqlite")
def test_the_counter_hands_out_sheets_and_letters(
    app: Flask, store: Store, consultation: Consultation
) -> None:
    organiser = Visitor(app, ORGANISER)
    place = f"{LIST}{consultation.id}"
    entries = voting.roll(store, consultation)
    organiser.visit(f"{place}/roll")
    assert "Zéphirine 3" in organiser.visit(f"{place}/roll?name=zéphirine 3")
    organiser.visit(f"{place}/roll?name=personne")
    organiser.send(f"{place}/roll/{entries[0].id}/hand-out")
    organiser.send(f"{place}/roll/{entries[0].id}/hand-out", status=409)
    organiser.send(f"{place}/roll/99999/hand-out", status=404)
    letter = organiser.send(f"{place}/roll/{entries[1].id}/letter", status=200)
    assert re.search(r"<code>[0-9A-Z]{4}(-[0-9A-Z]{4}){4}</code>", letter)
    organiser.visit(f"{place}/sheets")
    organiser.send(f"{place}/sheets", status=422, number="0")
    sheets = organiser.send(f"{place}/sheets", status=200, number="2")
    codes = re.findall(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})</code>", sheets)
    assert len(codes) == 2
    with voting.after_closing(consultation):
        one, two = Visitor(app, GUARANTOR), Visitor(app, ORGANISER)
        one.visit(f"{place}/enter")
        answers = {"answer_0": "2", "answer_1": "0", "answer_2": "3"}
        assert 'id="code-problem"' in one.send(f"{place}/enter", status=422, code="non", **answers)
        one.send(f"{place}/enter", code=codes[0], **answers)
        assert "1 feuille" in one.visit(f"{place}/enter")
        one.visit(place)
        two.send(f"{place}/enter", code=codes[0], **answers)
        assert "1 feuille" not in one.visit(f"{place}/enter")


@pytest.mark.only("sqlite")
def test_giving_up_needs_a_reason_that_stays(app: Flask, store: Store, consultation: Consultation) -> None:
    organiser = Visitor(app, ORGANISER)
    place = f"{LIST}{consultation.id}"
    organiser.visit(f"{place}/cancel")
    organiser.send(f"{place}/cancel", status=422, reason="")
    organiser.send(f"{place}/cancel", reason="La loi est retirée.")
    assert "La loi est retirée." in Visitor(app).visit(place)
    assert "La loi est retirée." in Visitor(app).visit(link(app, voting.roll(store, consultation)[0]))
    organiser.send(f"{place}/cancel", status=409, reason="Encore.")


@pytest.mark.only("sqlite")
def test_a_contested_count_is_told(
    app: Flask, store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    voting.vote(store, consultation, voting.roll(store, consultation)[0], bytes([3, 1, 0]))
    with store.writing() as session:
        for entry in session.scalars(select(RollEntry)):
            entry.means = None
    voting.count(store, consultation, voting.guarantors(store, mandate))
    assert COMMAND_LINE.account is None
    Visitor(app).visit(f"{LIST}{consultation.id}")


def below_quorum(
    store: Store, mandate: Mandate, rules: dict[str, Any], people: int, voters: int
) -> Consultation:
    guarantors = voting.guarantors(store, mandate)
    pool = make.pool(store, mandate, people=people)
    made = voting.settled(store, mandate, pool, {**rules, "quorum": [1, 2]})
    columns = len(voting.queries.rules(made).columns)
    for entry in voting.roll(store, made)[:voters]:
        voting.vote(store, made, entry, bytes(place % 2 for place in range(columns)))
    return voting.count(store, made, guarantors)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("rules", voting.KINDS, ids=lambda rules: rules["kind"])
def test_a_vote_below_its_quorum_announces_no_winner_anywhere(
    app: Flask, store: Store, mandate: Mandate, rules: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = below_quorum(store, mandate, rules, 30, 12)
    place, missed = f"{LIST}{made.id}", "Quorum non atteint\u00a0: 12 sur 15 nécessaires"
    visitor = Visitor(app)
    page = html.unescape(visitor.visit(place))
    result = page[page.index("Résultat</h2>") :]
    assert re.sub(r"<[^>]*>|\s", "", result).startswith(re.sub(r"\s", "", f"Résultat{missed}Cevotenedécide"))
    for word in (
        "En tête",
        "Pourquoi cet ordre",
        "Rang<",
        "non adopté",
        "premier avec d’autres règles",
        "1. ",
    ):
        assert word not in result, word
    assert "(12" in result or "<td" in result
    for address in (LIST, "/m/val/"):
        row = html.unescape(visitor.visit(address)).split(made.title, 1)[1][:400]
        assert "quorum non atteint" in row
        assert "dépouillé" not in row
    table = visitor.client.get(f"{place}/result.csv").data.decode("utf-8-sig")
    assert table.startswith(missed)
    document = visitor.client.get(f"{place}/result.json").get_json()
    assert (document["quorum_met"], document["marks"], document["needed"]) == (False, 12, 15)
    assert not document["tally"].get("ranking")
    assert not any(document["tally"].get("adopted", []))
    printed: list[Section] = []
    monkeypatch.setattr(
        papers, "pdf", lambda _title, sections, *_rest, **_more: printed.extend(sections) or b""
    )
    assert visitor.client.get(f"{place}/result.pdf").status_code == 200
    assert printed[0] == Section(missed, text=["Ce vote ne décide rien."])
    assert ("Nécessaires pour le quorum", "15") in printed[1].facts
    assert [one.title for one in printed[2:]] == ["Résultat"]


@pytest.mark.only("sqlite")
def test_few_ballots_below_the_quorum_have_neither_winner_nor_figures(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    made = below_quorum(store, mandate, voting.JUDGMENT, 30, 4)
    page = html.unescape(Visitor(app).visit(f"{LIST}{made.id}"))
    assert "4 sur 15 nécessaires" in page
    assert "Affaires sociales — " not in page


@pytest.mark.only("sqlite")
def test_a_result_of_the_first_form_has_no_order_below_the_quorum_either(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    made = below_quorum(store, mandate, voting.NOMINAL, 30, 12)
    with store.writing() as session:
        document = json.loads(str(made.result_text))
        del document["needed"]
        document["format"] = "assemblee-consultation-result-1"
        document["tally"]["ranking"] = [1, 2, 2]
        session.get_one(Consultation, made.id).result_text = json.dumps(document)
    page = html.unescape(Visitor(app).visit(f"{LIST}{made.id}"))
    assert "12 sur 15 nécessaires" in page
    assert "En tête" not in page
