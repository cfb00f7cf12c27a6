"""What every door does for whoever comes: headers, cookies, hosts, what is kept where."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from assemblee.app import create_app
from assemblee.checkout import ROOT
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.security import SECRETS
from tests import make
from tests.answers import Visitor

pytestmark = pytest.mark.only("sqlite")
# What a part of an address may be beside a number: it opens nothing, and says nothing of anybody.
PUBLIC = frozenset({"mandate", "filename", "kind", "verb"})
NUMBER = re.compile(r"<int:\w+>")


def routes(app: Flask) -> list[tuple[str, str, frozenset[str]]]:
    """Return the address of every route, with a method each and the names of its parts."""
    return [
        (rule.rule, method, frozenset(rule.arguments))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def filled(rule: str) -> str:
    """Return an address of a route, of nothing that there is."""
    return re.sub(r"<any\((\w+)[^>]*>|<(?:\w+:)?(\w+)>", _part, rule)


def _part(found: re.Match[str]) -> str:
    return found.group(1) or {"mandate": "val"}.get(found.group(2), "999")


def test_every_part_of_an_address_is_a_number_public_or_a_declared_secret(app: Flask) -> None:
    named = {
        part
        for rule in app.url_map.iter_rules()
        for part in re.findall(r"<(?:[a-z]+(?:\([^>]*\))?:)?(\w+)>", NUMBER.sub("", rule.rule))
    }
    assert named - PUBLIC - SECRETS == set()


def test_what_may_hold_something_of_a_person_is_kept_nowhere(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    client = app.test_client()
    tried = 0
    for rule, method, parts in routes(app):
        if rule.startswith("/static/"):
            continue
        with client.open(filled(rule), method=method) as answer:
            is_personal = method != "GET" or bool(parts & SECRETS)
            assert answer.headers["Cache-Control"] == ("no-store" if is_personal else "no-cache"), (
                rule,
                method,
            )
            tried += is_personal
    assert tried > 100


@pytest.mark.parametrize(
    "address", ["/invitation/?code=ABCD", "/sign-in?next=/seat/abc/", "/seat/cut", "/nowhere", "/signatures/"]
)
def test_a_secret_in_a_query_or_a_link_that_was_cut_is_kept_nowhere(app: Flask, address: str) -> None:
    assert app.test_client().get(address).headers["Cache-Control"] == "no-store"


def test_nothing_that_the_signed_in_see_is_kept(app: Flask, store: Store, mandate: Mandate) -> None:
    make.account(store, "zoe@example.org", password=make.PASSWORD)
    visitor = Visitor(app, "zoe@example.org")
    for address in ("/", "/m/val/", "/me", "/journal/leaves.txt"):
        assert visitor.client.get(address).headers["Cache-Control"] == "no-store", address


def site_of(config: Config, store: Store, base_url: str, proxies: int = 0) -> Flask:
    return create_app(replace(config, base_url=base_url, trusted_proxies=proxies), store)


def cookies_of(config: Config, store: Store, base_url: str) -> dict[str, set[str]]:
    """Return the attributes of each cookie that a visitor gets who signs in and chooses a language."""
    make.account(store, "zoe@example.org", password=make.PASSWORD)
    app = site_of(config, store, base_url)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    signed_in = client.post(
        "/sign-in", data={"email": "zoe@example.org", "password": make.PASSWORD}, base_url=base_url
    )
    chosen = client.get("/language/en", base_url=base_url)
    assert client.get("/me", base_url=base_url).status_code == 200, "the cookies come back"
    assert 'lang="en"' in client.get("/", base_url=base_url).text
    found = {}
    for line in (*signed_in.headers.getlist("Set-Cookie"), *chosen.headers.getlist("Set-Cookie")):
        name, *attributes = line.split("; ")
        found[name.partition("=")[0]] = {
            one for one in attributes if not one.startswith(("Expires", "Max-Age"))
        }
    return found


def test_over_tls_no_neighbouring_site_can_set_or_read_a_cookie(config: Config, store: Store) -> None:
    found = cookies_of(config, store, "https://assemblee.example")
    owed = {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert found == {"__Host-assemblee": owed, "__Host-language": owed}


def test_over_plain_http_cookies_have_no_name_that_a_browser_would_refuse(
    config: Config, store: Store
) -> None:
    found = cookies_of(config, store, "http://localhost")
    owed = {"HttpOnly", "Path=/", "SameSite=Lax"}
    assert found == {"assemblee": owed, "language": owed}


OWN, SITE = "assemblee.example", "https://assemblee.example"
FOREIGN = (
    "evil.example",
    "assemblee.example.evil.example",
    "evil.example:443",
    "assemblee.example@evil.example",
    "evil.example/assemblee.example",
    ".assemblee.example",
    "sub.assemblee.example",
    "localhost",
    "127.0.0.1",
    "assemblee.example:port",
    "",
)


def test_a_host_that_is_not_ours_is_refused_on_every_route(config: Config, store: Store) -> None:
    app = site_of(config, store, SITE)
    client = app.test_client()
    for rule, method, _parts in routes(app):
        if rule == "/health":
            continue
        answer = client.open(filled(rule), method=method, headers={"Host": "evil.example"})
        assert answer.status_code == 400, rule
        assert "Location" not in answer.headers
        assert "evil" not in answer.text


def test_other_names_are_not_ours(config: Config, store: Store) -> None:
    app = site_of(config, store, SITE)
    for host in FOREIGN:
        environ = {"HTTP_HOST": host, "SERVER_NAME": "10.0.0.9"}
        assert app.test_client().get("/seat/abc", environ_overrides=environ).status_code == 400, host


def test_the_site_answers_under_its_name_whatever_the_port_and_the_watchdog_under_any(
    config: Config, store: Store
) -> None:
    client = site_of(config, store, SITE).test_client()
    for host in (OWN, f"{OWN}:8443", OWN.upper()):
        assert client.get("/", headers={"Host": host}).status_code == 200, host
    assert client.get("/health", headers={"Host": "10.0.0.9:8000"}).text == "ok\n"
    accented = site_of(config, store, "https://assemblée.example").test_client()
    assert accented.get("/", headers={"Host": "xn--assemble-h1a.example"}).status_code == 200
    here = site_of(config, store, "http://[::1]:8000").test_client()
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert here.get("/", headers={"Host": host}).status_code == 200, host


def test_a_proxys_word_for_the_host_is_checked_and_anybody_elses_not_heard(
    config: Config, store: Store
) -> None:
    behind = site_of(config, store, SITE, proxies=1).test_client()
    said = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": OWN}
    assert behind.get("/", headers=said).status_code == 200
    assert behind.get("/", headers={**said, "X-Forwarded-Host": "evil.example"}).status_code == 400
    alone = site_of(config, store, SITE).test_client()
    assert alone.get("/", headers={"Host": OWN, "X-Forwarded-Host": "evil.example"}).status_code == 200
    assert alone.get("/", headers=said).status_code == 400


def test_nothing_that_is_sent_or_shown_takes_its_host_from_a_request() -> None:
    taken = re.compile(r"_external|\burl_root\b|\bhost_url\b|request\.(?:base_)?url\b|request\.root_url")
    files = [*(ROOT / "assemblee").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    assert len(files) > 200
    assert [str(path) for path in files if taken.search(path.read_text(encoding="utf-8"))] == []
