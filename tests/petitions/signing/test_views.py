"""Signing on the pages: the form, its stamp, the link in the mail, and the page of one's own signature."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer
from sqlalchemy import func, select

from assemblee import clock, security
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal.models import Leaf
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition, Signature, SignatureState
from assemblee.petitions.signing import stamps
from assemblee.petitions.signing.stamps import SALT
from tests import make, petitioning
from tests.answers import Visitor, refused, statements

LIST = "/m/val/petitions/"
SECRET = "s" * 48
A_WHILE = timedelta(seconds=20)
PERSON = {
    "name": "Ysaline Tournesol",
    "email": "ysaline@example.org",
    "home": "Le Val",
    "over_16": "y",
    "consent": "y",
}


def form(found: Petition) -> str:
    return f"{LIST}{found.id}/sign"


def stamp_of(page: str) -> str:
    found = re.search(r'name="stamp"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def asked(app: Flask, found: Petition, **changes: str) -> str:
    """Open the form, take one's time, and send it; return where it leads."""
    visitor = Visitor(app)
    stamp = stamp_of(visitor.visit(form(found)))
    with clock.shifted(A_WHILE):
        return visitor.send(form(found), **{**PERSON, "stamp": stamp, **changes})


def link(store: Store, email: str = "ysaline@example.org") -> str:
    with store.reading() as session:
        body = session.scalars(
            select(Mail.body).where(Mail.recipient == email).order_by(Mail.id.desc())
        ).first()
    assert body is not None
    found = re.search(r"/signatures/\S+", body)
    assert found is not None
    return found.group(0)


def counted(store: Store, found: Petition) -> int:
    return petitioning.fresh(store, found).counted


def rows(store: Store, found: Petition) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Signature.petition_id == found.id)) or 0


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_signature_counts_by_a_button_and_never_by_a_look(
    app: Flask, store: Store, petition: Petition, language: str
) -> None:
    before = counted(store, petition)
    assert asked(app, petition).endswith("/sign/asked")
    visitor = Visitor(app, language=language)
    visitor.visit(f"{form(petition)}/asked")
    place = link(store)
    for _ in range(3):
        assert "Ysaline Tournesol" in visitor.visit(place)
    assert visitor.client.head(place).status_code == 200
    assert visitor.client.get(f"{place}/confirm").status_code == 405
    assert counted(store, petition) == before
    for _ in range(2):
        visitor.send(f"{place}/confirm")
    assert counted(store, petition) == before + 1
    page = visitor.visit(place)
    written = re.search(r"<pre[^>]*>(\[.*?\])</pre>", page)
    assert written is not None
    text = written.group(1).replace("&#34;", '"').replace("&quot;", '"')
    assert "Ysaline Tournesol" in json.loads(text)
    line = re.search(r"/journal/leaves/(\d+)", page)
    assert line is not None
    with store.reading() as session:
        body = session.scalar(select(Leaf.body).where(Leaf.position == int(line.group(1)))) or ""
    assert json.loads(body)["data"]["signature"] == hashlib.sha256(text.encode()).hexdigest()
    assert "Ysaline" not in body
    assert "Ysaline" not in visitor.visit(f"/journal/leaves/{line.group(1)}")


def test_a_name_is_shown_hidden_and_withdrawn_by_its_owner(
    app: Flask, store: Store, petition: Petition
) -> None:
    asked(app, petition)
    visitor, place = Visitor(app), link(store)
    visitor.send(f"{place}/name", status=410, public="yes")
    visitor.send(f"{place}/withdraw", status=410)
    visitor.send(f"{place}/no-news", status=410)
    visitor.send(f"{place}/confirm")
    assert "Ysaline" not in visitor.visit(f"{LIST}{petition.id}")
    visitor.send(f"{place}/name", public="yes")
    assert "Ysaline Tournesol" in visitor.visit(f"{LIST}{petition.id}")
    visitor.visit(place)
    visitor.send(f"{place}/name")
    assert "Ysaline" not in visitor.visit(f"{LIST}{petition.id}")
    visitor.send(f"{place}/withdraw")
    assert "Ysaline" not in visitor.visit(place)
    # Among the pages of its mandate, as the others.
    assert f"{LIST}" in visitor.send(f"{place}/confirm", status=410)
    assert counted(store, petition) == 1
    visitor.visit("/signatures/nothing", status=404)
    visitor.send("/signatures/nothing/confirm", status=404)


@pytest.mark.both_stores
def test_a_signature_asks_the_database_little(app: Flask, store: Store, petition: Petition) -> None:
    # All signers of a petition wait for one row while it is held: each question more makes them slower.
    with statements(store.engine) as asking:
        asked(app, petition)
    visitor, place = Visitor(app), link(store)
    with statements(store.engine) as confirming:
        visitor.send(f"{place}/confirm")
    assert (len(asking) <= 8, len(confirming) <= 6) == (True, True), (asking, confirming)


@pytest.mark.only("sqlite")
def test_nothing_is_withdrawn_once_the_assembly_is_open(app: Flask, store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=2, assembly=3))
    found = petitioning.opened(store, mandate)
    for number in range(2):
        petitioning.sign(store, found, f"s{number}@example.org", f"Zoé {number}")
    place = f"/signatures/{petitioning.row_of(store, found, 's0@example.org').nonce}"
    visitor = Visitor(app)
    assert "/withdraw" not in visitor.visit(place)
    visitor.send(f"{place}/withdraw", status=409)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": ""}, "email"),
        ({"email": "not an address"}, "email"),
        ({"email": "me@mailinator.com"}, "email"),
        ({"home": ""}, "home"),
        ({"over_16": ""}, "over_16"),
        ({"consent": ""}, "consent"),
        ({"code": "nothing"}, "code"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_kept(
    app: Flask, store: Store, petition: Petition, changes: dict[str, str], field: str
) -> None:
    before = rows(store, petition)
    visitor = Visitor(app)
    stamp = stamp_of(visitor.visit(form(petition)))
    fields = {key: value for key, value in {**PERSON, "stamp": stamp, **changes}.items() if value}
    with clock.shifted(A_WHILE):
        page = visitor.send(form(petition), status=422, **fields)
        assert f'id="{field}-problem"' in page
        assert stamp_of(page) == stamp
        assert rows(store, petition) == before
        visitor.send(form(petition), **{**PERSON, "stamp": stamp})
    assert rows(store, petition) == before + 1


@pytest.mark.only("sqlite")
def test_districts_are_chosen_from_those_of_the_rules(app: Flask, store: Store, mandate: Mandate) -> None:
    rules = petitioning.rules(mandate, districts={"Nord": 40_000, "Sud": 32_000}, sponsors=0)
    petitioning.publish(store, mandate, rules)
    found = petitioning.submitted(store, mandate, petitioning.author(store))
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        petitioning.checking.open_for_signing(session, petitioning.COMMAND_LINE, row, "silence")
    visitor = Visitor(app)
    stamp = stamp_of(visitor.visit(form(found)))
    with clock.shifted(A_WHILE):
        page = visitor.send(form(found), status=422, **{**PERSON, "stamp": stamp, "home": "Est"})
        assert 'id="home-problem"' in page
        visitor.send(form(found), **{**PERSON, "stamp": stamp, "home": "Sud"})
    assert petitioning.row_of(store, found, "ysaline@example.org").district == "Sud"


@pytest.mark.only("sqlite")
def test_the_answer_is_the_same_whether_an_address_has_signed_or_not(
    app: Flask, store: Store, petition: Petition
) -> None:
    first = asked(app, petition)
    Visitor(app).send(f"{link(store)}/confirm")
    again = asked(app, petition, email="Y.SALINE+x@example.org".replace("Y.S", "ys"))
    assert first == again
    assert rows(store, petition) == 2


@pytest.mark.only("sqlite")
def test_a_program_that_fills_everything_in_is_told_thanks_and_keeps_nothing(
    app: Flask, store: Store, petition: Petition
) -> None:
    before = rows(store, petition)
    page = Visitor(app).visit(form(petition))
    trap = re.search(r'<div class="trap" aria-hidden="true">(.*?)</div>', page, re.DOTALL)
    assert trap is not None
    assert 'tabindex="-1"' in trap.group(1)
    assert asked(app, petition, website="https://spam.example").endswith("/sign/asked")
    assert rows(store, petition) == before


@pytest.mark.only("sqlite")
def test_a_form_is_not_sent_faster_than_anybody_types_nor_twice_nor_forged(
    app: Flask, store: Store, petition: Petition
) -> None:
    visitor = Visitor(app)
    stamp = stamp_of(visitor.visit(form(petition)))
    page = visitor.send(form(petition), status=422, **{**PERSON, "stamp": stamp})
    assert stamp_of(page) == stamp, "who waits and presses again goes on"
    before = rows(store, petition)
    with clock.shifted(A_WHILE):
        visitor.send(form(petition), **{**PERSON, "stamp": stamp})
        replayed = {**PERSON, "stamp": stamp, "email": "autre@example.org", "name": "Autre Personne"}
        page = visitor.send(form(petition), status=422, **replayed)
        assert stamp_of(page) != stamp
        for forged in ("", "x", stamp[:-1], stamp[:-2] + "AA", stamps.write("another" * 6, petition.id)):
            visitor.send(form(petition), status=422, **{**replayed, "stamp": forged})
    with clock.shifted(timedelta(hours=25)):
        page = visitor.send(form(petition), status=422, **{**replayed, "stamp": stamp_of(page)})
    assert rows(store, petition) == before + 1


def test_a_stamp_says_how_long_its_form_was_open() -> None:
    text = stamps.write(SECRET, 7)
    with refused("form-too-fast"):
        stamps.read(SECRET, 7, text)
    with clock.shifted(timedelta(seconds=42)):
        found = stamps.read(SECRET, 7, text)
        assert found.seconds == 42
        assert len(found.mark) == 32
        assert found.mark != stamps.read(SECRET, 7, stamps_of(-30)).mark
        with refused("form-stamp-invalid"):
            stamps.read(SECRET, 8, text)
        with refused("form-stamp-invalid"):
            stamps.read(SECRET, 7, "x" * 100_000)
    with clock.shifted(timedelta(hours=24, seconds=1)), refused("form-stamp-invalid"):
        stamps.read(SECRET, 7, text)
    for content in (["mark", 7], "text", [1, 2, 3, 4]):
        with refused("form-stamp-invalid"):
            stamps.read(SECRET, 7, str(URLSafeSerializer(SECRET, SALT).dumps(content)))


def stamps_of(seconds: int) -> str:
    with clock.shifted(timedelta(seconds=seconds)):
        return stamps.write(SECRET, 7)


@pytest.mark.only("sqlite")
def test_a_forged_network_header_changes_nothing(app: Flask, store: Store, petition: Petition) -> None:
    stamp = stamp_of(Visitor(app).visit(form(petition)))
    with clock.shifted(A_WHILE):
        answer = app.test_client().post(
            form(petition),
            data={**PERSON, "stamp": stamp},
            headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"},
        )
    assert answer.status_code == 302
    assert petitioning.row_of(store, petition, "ysaline@example.org").network == "127.0.0.0/24"


@pytest.mark.only("sqlite")
def test_a_draft_and_a_closed_petition_are_not_signed(app: Flask, store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)
    actor = petitioning.author(store)
    draft = petitioning.written(store, mandate, actor)
    Visitor(app).visit(form(draft), status=404)
    found = petitioning.opened(store, mandate, actor)
    with clock.shifted(timedelta(days=200)):
        Visitor(app).visit(form(found), status=410)
        page = Visitor(app).visit(f"/signatures/{pending(store, found)}")
        assert "/confirm" not in page


def pending(store: Store, found: Petition) -> str:
    with clock.shifted(-timedelta(days=200)):
        petitioning.ask(store, found, "tard@example.org")
    return petitioning.row_of(store, found, "tard@example.org").nonce


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("state", [SignatureState.SET_ASIDE, SignatureState.DOUBLE, SignatureState.WITHDRAWN])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_does_not_count_is_told_to_its_owner(
    app: Flask, store: Store, petition: Petition, state: SignatureState, language: str
) -> None:
    signed = petitioning.sign(store, petition, "ysaline@example.org")
    with store.writing() as session:
        session.get_one(Signature, signed.id).state = state
    page = Visitor(app, language=language).visit(f"/signatures/{signed.nonce}")
    assert "/confirm" not in page
    assert "/withdraw" not in page


@pytest.mark.only("sqlite")
def test_signing_is_limited_at_the_door(
    config: Config, store: Store, petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(config, store)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    monkeypatch.setattr(security.limiter, "enabled", True)
    client = app.test_client()
    statuses = [client.post(form(petition), data={}).status_code for _ in range(122)]
    assert statuses[:120] == [422] * 120
    assert statuses[120:] == [429, 429]
    security.limiter.reset()
    assert make.leaves(store, "signature-counted") == 1
