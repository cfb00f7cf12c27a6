from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from assemblee import clock
from assemblee.db import Store
from assemblee.draws import freezing
from assemblee.draws.models import Draw, DrawState
from assemblee.journal.models import Leaf
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import Role
from tests import ceremony, make
from tests.answers import Visitor
from tests.ceremony import after, person

PASSWORD = make.PASSWORD
PARIS = ZoneInfo("Europe/Paris")


def typed(moment: datetime) -> str:
    return moment.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def organiser(app: Flask, store: Store, mandate: Mandate) -> Visitor:
    del mandate
    return person(app, store, "organisatrice@example.org", Role.ORGANISER)


def attempts(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as session:
        bodies = session.scalars(
            select(Leaf.body).where(Leaf.event == "attempt-refused").order_by(Leaf.position)
        ).all()
    found = [json.loads(body) for body in bodies]
    return [(body["actor"], body["data"]["act"], body["data"]["refusal"]) for body in found]


@pytest.mark.both_stores
def test_a_draw_is_led_from_end_to_end(  # noqa: PLR0915 - it is one story
    organiser: Visitor, app: Flask, store: Store, pool: Pool
) -> None:
    organiser.visit(f"/m/val/draws/prepare?pool={pool.id}")
    organiser.send("/m/val/draws/prepare", 422)
    values = {"title": "Agora", "pool": str(pool.id), "rule": "leximin", "tickets": "1000", "body": "0"}
    target = organiser.send("/m/val/draws/prepare", **values)
    organiser.send("/m/val/draws/prepare", 422, **{**values, "rule": "uniform"})
    assert "data-refresh" in organiser.visit(target)
    organiser.send(f"{target}/stop")
    organiser.visit(target)
    organiser.send(f"{target}/stop", 409)
    organiser.send(f"{target}/check")
    organiser.visit(f"{target}/freeze", 409)
    make.finish_jobs(store)
    organiser.visit(target)
    organiser.visit(f"{target}/lottery.json", 404)
    organiser.visit(f"{target}/draw.json", 404)
    organiser.visit(f"{target}/ceremony", 404)
    organiser.visit(f"{target}/panel.csv", 409)
    assert "assemblee-witness" not in organiser.visit(f"{target}/freeze"), "there is no guarantor yet"
    team = ceremony.team_of(store, pool)
    organiser.visit(f"{target}/freeze")
    now = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    cosign, reveal, beacon = (now + timedelta(hours=hours) for hours in (1, 2, 3))
    terms = {
        "publication": "sealed",
        "alternates": "2",
        "drawing": "balls",
        "cosign_until": typed(cosign),
        "reveal_until": typed(reveal),
        "own_moment": typed(beacon),
    }
    for changes in (
        {"publication": "open"},
        {"alternates": "99"},
        {"alternates": "-1"},
        {"alternates": "beaucoup"},
        {"cosign_until": typed(now - timedelta(hours=1))},
        {"cosign_until": "demain"},
        {"own_moment": ""},
        {"drawing": "dés"},
        {"drawing": ""},
        {"drawing": "loto 2026-01-01"},
    ):
        page = organiser.send(f"{target}/freeze", 422, **{**terms, **changes})
        assert 'aria-invalid="true"' in page or "wrong" in page, changes
    assert organiser.send(f"{target}/freeze", **terms).endswith("/ceremony")
    organiser.send(f"{target}/freeze", 409, **terms)
    organiser.visit(f"{target}/ceremony")
    organiser.visit(target)
    organiser.send(f"{target}/compute", 409)
    make.finish_jobs(store)
    assert "data-refresh" in organiser.visit(f"{target}/ceremony")
    rehearsal = organiser.send(f"{target}/rehearse")
    organiser.visit(rehearsal)
    organiser.visit(f"{target}/panel.xlsx", 409)
    with store.reading() as session:
        draw = make.fresh(store, session.scalars(select(Draw)).one())
    desks = [person(app, store, f"garant{number}@example.org") for number in range(6)]
    for guarantor, desk in zip(team[:4], desks, strict=False):
        assert "sign-draw" in desk.visit(f"{target}/desk")
        desk.send(f"{target}/cosign", 422)
        desk.send(f"{target}/cosign", 422, note="rien du tout")
        assert desk.send(f"{target}/cosign", note=guarantor.cosign_note(draw)).endswith("/desk")
        desk.visit(f"{target}/desk")
    assert desks[0].client.get(f"{target}/rows.age").data.startswith(b"age-encryption.org/v1")
    with after(draw.cosign_until):
        for guarantor, desk in zip(team[:3], desks, strict=False):
            assert "reveal" in desk.visit(f"{target}/desk")
            desk.send(f"{target}/reveal", 422, secret="00")
            desk.send(f"{target}/reveal", secret=guarantor.secret().hex())
        desks[4].visit(f"{target}/desk")
        Visitor(app).visit(f"{target}/ceremony")
    with after(draw.beacon_at):
        desks[0].visit(f"{target}/desk")
        desks[0].send(f"{target}/numbers", 422, group0="11", group1="7", group2="1")
        desks[0].send(f"{target}/numbers", group0="4", group1="7", group2="1")
        desks[1].send(f"{target}/numbers", group0="4", group1="7", group2="2")
        Visitor(app).visit(f"{target}/ceremony")
        desks[2].send(f"{target}/numbers", group0="4", group1="7", group2="1")
        desks[3].send(f"{target}/numbers", 409, group0="4", group1="7", group2="1")
    organiser.send(f"{target}/rehearse", 409)
    assert "Zéphirine" in organiser.visit(target)
    organiser.visit(f"{target}/rehearsals/2", 404)
    organiser.visit(f"{target}/cancel")
    organiser.send(f"{target}/cancel", 409, reason="trop tard")
    for kind in ("csv", "xlsx"):
        assert "attachment" in organiser.client.get(f"{target}/panel.{kind}").headers["Content-Disposition"]
    stranger = Visitor(app)
    assert "Zéphirine" not in stranger.visit(target), "names are for the organisers"
    assert json.loads(stranger.client.get(f"{target}/lottery.json").text)["commit"] == draw.commitment
    assert json.loads(stranger.client.get(f"{target}/draw.json").text)["draw"] == draw.id
    for desk in desks:
        assert "verify.py" in desk.visit(f"{target}/desk")


def test_the_bundle_has_a_short_address(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.hold(store, ceremony.ready_draw(store, pool))
    stranger = Visitor(app)
    answer = stranger.client.get(f"/draws/{draw.id}/bundle.zip")
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert {"draw.json", "lottery.json", "verify.py", "manifest.txt"} <= set(names)
    assert stranger.client.get(f"/draws/{draw.id}").headers["Location"] == f"/m/val/draws/{draw.id}"
    stranger.visit("/draws/99/bundle.zip", 404)
    stranger.visit("/draws/99", 404)


def test_a_bundle_that_is_not_there_says_why(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    Visitor(app).visit(f"/draws/{draw.id}/bundle.zip", 409)


def test_a_draw_that_too_few_signed_says_so(organiser: Visitor, app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    address = f"/m/val/draws/{draw.id}"
    desk = person(app, store, "garant0@example.org")
    with after(draw.cosign_until):
        for page in (organiser.visit(address), Visitor(app).visit(f"{address}/ceremony")):
            assert "data-refresh" not in page
            assert "note bad" in page
        desk.visit(f"{address}/desk")
        desk.send(f"{address}/suspend", 302, **{"suspend-reason": "pour voir"})


def test_a_draw_is_suspended_and_goes_on(organiser: Visitor, app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    address = f"/m/val/draws/{draw.id}"
    desks = [person(app, store, f"garant{number}@example.org") for number in range(4)]
    desks[0].send(f"{address}/suspend", 422)
    desks[0].send(f"{address}/suspend", **{"suspend-reason": "La liste a circulé."})
    assert "La liste a circulé." in Visitor(app).visit(f"{address}/ceremony")
    desks[0].visit(f"{address}/desk")
    organiser.visit(address)
    for desk in desks:
        desk.send(f"{address}/lift")
    assert "La liste a circulé." not in Visitor(app).visit(f"{address}/ceremony")
    desks[0].send(f"{address}/lift", 409)


def test_a_frozen_draw_is_cancelled_by_its_guarantors(
    organiser: Visitor, app: Flask, store: Store, pool: Pool
) -> None:
    draw = ceremony.ready_draw(store, pool)
    address = f"/m/val/draws/{draw.id}"
    organiser.visit(f"{address}/cancel")
    organiser.send(f"{address}/cancel", 422)
    organiser.send(f"{address}/cancel", reason="La salle a brûlé.")
    organiser.visit(address)
    with store.reading() as session:
        draw = make.fresh(store, session.get_one(Draw, draw.id))
    for number in range(4):
        desk = person(app, store, f"garant{number}@example.org")
        assert "La salle a brûlé." in desk.visit(f"{address}/desk")
        desk.send(f"{address}/cancel-signature", 422, **{"cancel-note": "rien"})
        guarantor = ceremony.guarantor_of(draw.guarantors[number].account_id)
        desk.send(f"{address}/cancel-signature", **{"cancel-note": guarantor.cancel_note(draw)})
    assert make.fresh(store, draw).state == DrawState.CANCELLED
    assert "La salle a brûlé." in Visitor(app).visit(address)


def test_a_round_of_drand_is_pasted(
    organiser: Visitor, app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    ceremony.team_of(store, pool)
    draw = ceremony.frozen(store, pool, beacon="drand")
    address = f"/m/val/draws/{draw.id}"
    assert "api.drand.sh" in organiser.visit(f"{address}/round")
    organiser.send(f"{address}/round", 422)
    organiser.send(f"{address}/round", 409, signature="00")
    for guarantor in [ceremony.guarantor_of(part.account_id) for part in draw.guarantors][:4]:
        ceremony.cosign(store, draw, guarantor)
    with after(draw.beacon_at, 10):
        organiser.send(f"{address}/round", 422, signature="00")
        assert "/round" in organiser.visit(f"{address}/ceremony")
        desk = person(app, store, "garant0@example.org")
        assert "/round" in desk.visit(f"{address}/desk")
    other = ceremony.frozen(store, make.pool(store, mandate, name="Un autre vivier"))
    organiser.visit(f"/m/val/draws/{other.id}/round", 409)
    organiser.visit(f"/m/val/draws/{other.id}/rows.age", 409)
    Visitor(app).visit(f"/m/val/draws/{other.id}/ceremony")


ROLES = ("visitor", "citizen", "organiser", "guarantor", "other guarantor", "operator")


def roles(app: Flask, store: Store) -> dict[str, Visitor]:
    """Sign in as each role, a guarantor of the draw and one who came later among them."""
    place = make.mandate(store, slug="ailleurs", name="Ailleurs")
    make.account(store, "operateur@example.org", password=PASSWORD, is_operator=True)
    del place
    return {
        "visitor": Visitor(app),
        "citizen": person(app, store, "citoyenne@example.org", Role.CITIZEN),
        "organiser": person(app, store, "organisateur@example.org", Role.ORGANISER),
        "guarantor": person(app, store, "garant0@example.org"),
        "other guarantor": person(app, store, "garant9@example.org", Role.GUARANTOR),
        "operator": Visitor(app, "operateur@example.org"),
    }


def abuse(visitor: Visitor, address: str, draw: Draw) -> list[tuple[str, int]]:
    """Try every act of step 6 that comes too late or too early, or twice; return the statuses."""
    guarantor = ceremony.guarantor_of(draw.guarantors[0].account_id)
    moment = typed(clock.now() + timedelta(days=1))
    tried = {
        "freeze": {
            "publication": "sealed",
            "alternates": "0",
            "drawing": "drand",
            **dict.fromkeys(("cosign_until", "reveal_until", "own_moment"), moment),
        },
        "compute": {},
        "cosign": {"note": guarantor.cosign_note(draw)},
        "reveal": {"secret": guarantor.secret().hex()},
        "numbers": {"group0": "3 12 25 33 48", "group1": "7"},
        "round": {"signature": "00" * 48},
        "cancel": {"reason": "parce que"} if draw.state == DrawState.HELD else None,
        "cancel-signature": {"cancel-note": guarantor.cosign_note(draw)},
        "rehearse": {} if draw.state == DrawState.HELD else None,
        "lift": {},
    }
    return [
        (act, visitor.client.post(f"{address}/{act}", data=values).status_code)
        for act, values in tried.items()
        if values is not None
    ]


def require_refused(app: Flask, store: Store, draw: Draw) -> None:
    people = roles(app, store)
    address = f"/m/val/draws/{draw.id}"
    before = make.fresh(store, draw)
    leaves = len(attempts(store))
    for role, visitor in people.items():
        tried = abuse(visitor, address, draw)
        for act, status in tried:
            # Only a wrong round or a wrong note is answered beside its field.
            assert status in {401, 403, 409, 422}, (role, act, status)
        noted = attempts(store)
        # A visitor's would name nobody, and anybody could write a million.
        refused = [act for act, status in tried if status != 422 and role != "visitor"]
        assert len(noted) - leaves == len(refused), (role, tried, noted[leaves:])
        leaves = len(noted)
    assert "visitor" not in {actor for actor, _act, _refusal in attempts(store)}
    now = make.fresh(store, draw)
    for name in ("state", "commitment", "lottery_hash", "frozen_text", "result_text", "beacon_found"):
        assert getattr(now, name) == getattr(before, name), name
    assert [part.secret for part in now.guarantors] == [part.secret for part in before.guarantors]
    with store.reading() as session:
        verbs_left = session.get_one(Draw, draw.id).last_leaf
    assert verbs_left is not None


def test_every_abuse_before_its_time_is_refused_and_logged_for_every_role(
    app: Flask, store: Store, pool: Pool
) -> None:
    draw = ceremony.ready_draw(store, pool)
    for part in draw.guarantors[:4]:
        ceremony.cosign(store, draw, ceremony.guarantor_of(part.account_id))
    require_refused(app, store, make.fresh(store, draw))


def test_every_abuse_after_the_draw_is_refused_and_logged_for_every_role(
    app: Flask, store: Store, pool: Pool
) -> None:
    require_refused(app, store, ceremony.hold(store, ceremony.ready_draw(store, pool)))


def test_a_late_secret_is_refused_and_logged_for_every_role(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    for part in draw.guarantors[:4]:
        ceremony.cosign(store, draw, ceremony.guarantor_of(part.account_id))
    with after(draw.reveal_until):
        require_refused(app, store, make.fresh(store, draw))
    assert ("account-1", "reveal", "draw-reveal-too-late") in attempts(store)


def test_an_attempt_on_a_draw_that_is_not_frozen_leaves_no_line(app: Flask, store: Store, pool: Pool) -> None:
    draw = make.draw(store, pool)
    assert Visitor(app).client.post(f"/m/val/draws/{draw.id}/reveal").status_code == 401
    assert Visitor(app).client.post("/m/val/draws/99/reveal").status_code == 401
    assert attempts(store) == []
    assert freezing.default_threshold(6) == 4


def test_visitors_write_nothing_into_the_journal_however_they_try(
    app: Flask, store: Store, pool: Pool
) -> None:
    draw = ceremony.ready_draw(store, pool)
    with store.reading() as session:
        before = session.scalar(select(func.count()).select_from(Leaf))
    acts = [
        rule.rule.replace("<mandate>", "val").replace("<int:draw_id>", str(draw.id))
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "binding", False) and "POST" in (rule.methods or ())
    ]
    assert len(acts) > 20
    visitor = Visitor(app).client
    visitor.set_cookie("assemblee", "a session that is over")
    for act in acts:
        assert visitor.post(re.sub("<[^>]+>", "1", act), data={"account": "1"}).status_code == 401, act
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Leaf)) == before


def test_the_script_of_a_public_session_is_on_the_page(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.hold(store, ceremony.ready_draw(store, pool))
    page = Visitor(app).visit(f"/m/val/draws/{draw.id}/ceremony")
    assert page.count("<li data-state=") == 7
    assert str(draw.commitment) in page
    assert re.search(r"guarantor-1", page)


def test_a_person_finds_their_number_and_its_proof(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.hold(store, ceremony.ready_draw(store, pool))
    mine, other = person(app, store, "p7@example.org"), person(app, store, "p8@example.org")
    page = mine.visit("/me")
    found = re.search(r"/proof/([0-9]{4}-[0-9]{4})\.json", page)
    assert found is not None
    address = f"/m/val/draws/{draw.id}/proof/{found[1]}.json"
    proof = json.loads(mine.client.get(address).text)
    assert proof["id"] == found[1]
    assert proof["pool_root"] == draw.pool_root
    other.visit(address, 404)
    other.visit(f"/m/val/draws/{draw.id}/proof/nobody.json", 404)
    assert Visitor(app).client.get(address).status_code == 302


def test_an_objection_is_filed_and_answered_in_public(
    organiser: Visitor, app: Flask, store: Store, pool: Pool
) -> None:
    draw = ceremony.ready_draw(store, pool)
    address = f"/m/val/draws/{draw.id}"
    desk = person(app, store, "garant0@example.org")
    desk.send(f"{address}/objections", 422)
    desk.send(f"{address}/objections", **{"objection-text": "La liste n’a pas été affichée."})
    assert "La liste n’a pas été affichée." in Visitor(app).visit(address)
    assert "/objections/1/answer" in organiser.visit(f"{address}/ceremony")
    organiser.visit(f"{address}/objections/1/answer")
    organiser.visit(f"{address}/objections/9/answer", 404)
    organiser.send(f"{address}/objections/1/answer", 422)
    with clock.shifted(timedelta(days=8)):
        Visitor(app).visit(f"{address}/ceremony")
        organiser.send(f"{address}/objections/1/answer", text="Elle l’a été lundi.")
        organiser.send(f"{address}/objections/1/answer", 409, text="Ou mardi.")
    assert "Elle l’a été lundi." in Visitor(app).visit(f"{address}/ceremony")
