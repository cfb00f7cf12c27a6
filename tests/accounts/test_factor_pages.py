"""The pages of the second factor, and the guard that sends people there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import clock, security
from assemblee.accounts import actions, factors, views_factors
from assemblee.accounts.models import Account
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal.models import Leaf
from assemblee.mandates.models import Mandate, RoleHolding
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, WORKER
from tests import ceremony, make
from tests.answers import Visitor
from tests.authenticator import SoftKey
from tests.factors import EMAIL, code

ORIGIN = "https://assemblee.example"


@pytest.fixture
def claire(app: Flask, store: Store, mandate: Mandate) -> Visitor:
    """Give an organiser who has signed in by password, and has nothing else."""
    make.account(store, EMAIL, password=make.PASSWORD)
    make.organiser(store, mandate, EMAIL)
    return Visitor(app, EMAIL, second_factor=False)


def add_app(visitor: Visitor) -> tuple[str, list[str], str]:
    """Add an app on the pages; return its secret, the recovery codes and the page that shows them."""
    page = visitor.visit(visitor.send("/account/security/app"))
    secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].split())
    assert f"secret={secret}" in page
    assert "<svg" in page
    page = visitor.send("/account/security/app/confirm", 200, code=code(secret))
    return secret, re.findall(r"<code>([a-z2-7-]{19})</code>", page), page


def give(visitor: Visitor, address: str, **values: str) -> str:
    return visitor.send(address, **{"email": "nadia@example.org", "role": "guarantor", **values})


def holdings(store: Store) -> int:
    with store.reading() as session:
        return len(session.scalars(select(RoleHolding)).all())


def test_an_organiser_is_led_to_a_second_factor_and_back(claire: Visitor, store: Store) -> None:
    answer = claire.client.get("/m/val/roles?a=b")
    assert answer.headers["Location"] == "/second-factor?next=/m/val/roles?a%3Db"
    assert claire.client.get(answer.headers["Location"]).headers["Location"] == "/account/security"
    claire.visit("/account/security")
    page = claire.send("/m/val/roles", 403, email="nadia@example.org", role="guarantor")
    assert "/second-factor?next=/me" in page
    assert holdings(store) == 1
    _secret, codes, page = add_app(claire)
    assert len(codes) == factors.RECOVERY_CODES
    assert 'href="/m/val/roles?a=b"' in page
    give(claire, "/m/val/roles")
    assert holdings(store) == 2


def test_a_refused_act_leads_back_to_the_page_it_came_from(claire: Visitor) -> None:
    def links(referrer: str) -> str:
        return claire.client.post("/m/val/roles", headers={"Referer": referrer}).text

    assert "/second-factor?next=/m/val/" in links("http://localhost/m/val/")
    assert "/second-factor?next=/me" in links("https://evil.example/m/val/")


def test_a_role_is_asked_for_before_the_second_factor(app: Flask, store: Store, mandate: Mandate) -> None:
    del mandate
    make.account(store, EMAIL, password=make.PASSWORD)
    stranger = Visitor(app, EMAIL, second_factor=False)
    assert "/second-factor" not in stranger.send("/m/val/roles", 403)
    stranger.visit("/m/val/roles", 403)
    assert Visitor(app).client.get("/m/val/roles").headers["Location"].startswith("/sign-in?")
    assert Visitor(app).client.post("/m/val/roles").status_code == 401


def test_what_does_not_bind_needs_no_second_factor(claire: Visitor, pool: Pool) -> None:
    claire.visit("/m/val/pools/")
    claire.visit("/m/val/draws/prepare")
    assert COMMAND_LINE.second_factor
    assert WORKER.second_factor
    del pool


@pytest.mark.both_stores
def test_a_refusal_on_a_frozen_draw_is_recorded(claire: Visitor, store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    claire.send(f"/m/val/draws/{draw.id}/cancel", 403, reason="parce que")
    assert claire.client.get(f"/m/val/draws/{draw.id}/cancel").status_code == 302
    with store.reading() as session:
        bodies = session.scalars(select(Leaf.body).where(Leaf.event == "attempt-refused")).all()
    assert [json.loads(body)["data"]["refusal"] for body in bodies] == ["second-factor-needed"]


def test_an_operator_disables_nobody_by_password_alone(app: Flask, store: Store) -> None:
    make.account(store, EMAIL, password=make.PASSWORD, is_operator=True)
    other = make.account(store, "nadia@example.org")
    Visitor(app, EMAIL, second_factor=False).send(f"/accounts/{other.id}/disable", 403)
    with store.reading() as session:
        assert session.get_one(Account, other.id).disabled_at is None
    Visitor(app, EMAIL).send(f"/accounts/{other.id}/disable")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_who_has_an_app_is_asked_for_it_at_sign_in(claire: Visitor, app: Flask, language: str) -> None:
    secret, codes, _page = add_app(claire)
    claire.visit("/account/security")
    fresh = Visitor(app, EMAIL, language, second_factor=False)
    answer = fresh.client.post(
        "/sign-in", data={"email": EMAIL, "password": make.PASSWORD, "next": "/m/val/roles"}
    )
    asked = answer.headers["Location"]
    assert asked == "/second-factor?next=/m/val/roles"
    page = fresh.visit(asked)
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "security-key.js" not in page
    assert 'aria-invalid="true"' in fresh.send("/second-factor", 422, code="", next="/m/val/roles")
    assert 'aria-invalid="true"' in fresh.send("/second-factor", 422, code="000 000", next="/m/val/roles")
    assert fresh.send("/second-factor", code=code(secret, steps=1), next="/m/val/roles") == "/m/val/roles"
    fresh.visit("/m/val/roles")
    other = Visitor(app, EMAIL, language, second_factor=False)
    other.visit("/second-factor/recovery")
    other.send("/second-factor/recovery", 422, code="abcd")
    assert other.send("/second-factor/recovery", code=codes[0], next="https://evil.example") == "/"
    other.visit("/m/val/roles")
    with clock.shifted(timedelta(minutes=20)):
        assert "/second-factor?next=/account/security" in other.visit("/account/security")
        assert "security-key.js" not in other.visit("/account/security")
        other.send("/account/security/app/remove", 403)
        other.visit("/m/val/roles")
        for _ in range(factors.CODES_ALLOWED):
            other.send("/second-factor", 422, code="000000")
        other.send("/second-factor", 429, code="000000")
        other.send("/second-factor/recovery", 429, code=codes[1])


def test_a_link_in_a_mail_is_no_second_factor(claire: Visitor, app: Flask, store: Store) -> None:
    add_app(claire)
    with store.writing() as session:
        token = actions.issue_link(session, EMAIL, "sign-in")
    fresh = Visitor(app)
    assert fresh.send(f"/sign-in/link/{token}") == "/second-factor?next=/me"
    assert fresh.client.get("/m/val/roles").status_code == 302


def test_codes_are_replaced_and_the_app_removed(claire: Visitor) -> None:
    claire.send("/account/security/codes", 409)
    claire.send("/account/security/app/remove", 409)
    claire.visit("/account/security/app/confirm", 404)
    claire.visit(claire.send("/account/security/app"))
    claire.send("/account/security/app/confirm", 422, code="000000")
    _secret, codes, _page = add_app(claire)
    claire.send("/account/security/app", 409)
    page = claire.send("/account/security/codes", 200)
    assert not set(codes) & set(re.findall(r"<code>([a-z2-7-]{19})</code>", page))
    assert claire.send("/account/security/app/remove") == "/account/security"
    claire.visit("/account/security")
    claire.send("/m/val/roles", 403)


@pytest.mark.both_stores
def test_a_key_is_added_used_and_removed(
    config: Config, store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.account(store, EMAIL, password=make.PASSWORD)
    make.organiser(store, mandate, EMAIL)
    app = create_app(replace(config, base_url=ORIGIN), store)
    monkeypatch.setattr(security.limiter, "enabled", False)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    app.config["SERVER_NAME"] = "assemblee.example"
    claire, key = Visitor(app, EMAIL, second_factor=False), SoftKey()
    assert "security-key.js" in claire.visit("/account/security")
    claire.send("/account/security/keys", 422, name="")
    claire.send("/account/security/keys", 422, name="clé bleue", credential="")
    asked = claire.client.post("/account/security/keys/options")
    assert asked.mimetype == "application/json"
    answer = key.create(asked.text, ORIGIN)
    page = claire.send("/account/security/keys", 200, name="clé bleue", credential=answer)
    assert len(re.findall(r"<code>([a-z2-7-]{19})</code>", page)) == factors.RECOVERY_CODES
    assert "clé bleue" in claire.visit("/account/security")
    asked = claire.client.post("/account/security/keys/options")
    other = SoftKey().create(asked.text, ORIGIN)
    assert claire.send("/account/security/keys", name="clé rouge", credential=other) == "/account/security"
    add_app_to_keys = claire.visit(claire.send("/account/security/app"))
    secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", add_app_to_keys)[0].split())
    assert claire.send("/account/security/app/confirm", code=code(secret)) == "/account/security"
    later = Visitor(app, EMAIL, second_factor=False)
    assert "security-key.js" in later.visit("/second-factor?next=/m/val/roles")
    options = later.client.post("/second-factor/key/options").text
    later.send("/second-factor/key", 422, credential=key.get(options, "https://evil.example"))
    options = later.client.post("/second-factor/key/options").text
    values = {"credential": key.get(options, ORIGIN), "next": "/m/val/roles"}
    assert later.send("/second-factor/key", **values) == "/m/val/roles"
    later.visit("/m/val/roles")
    assert later.send("/account/security/keys/1/remove") == "/account/security"
    later.send("/account/security/keys/1/remove", 404)


def test_a_site_without_a_name_takes_no_keys(claire: Visitor) -> None:
    assert "security-key.js" not in claire.visit("/account/security")
    claire.send("/account/security/keys/options", 409)


@pytest.mark.both_stores
def test_a_sign_in_that_ends_meanwhile_changes_nothing(
    claire: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended:
        open_sign_in = staticmethod(lambda *_: None)

    monkeypatch.setattr(views_factors, "queries", Ended)
    claire.send("/account/security/app", 401)
