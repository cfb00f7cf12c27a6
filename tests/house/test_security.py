"""What every door does for whoever comes: headers, cookies, hosts, what is kept where."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from assemblee import clock, security
from assemblee.app import create_app
from assemblee.checkout import ROOT
from assemblee.config import Config
from assemblee.consultations import marking
from assemblee.consultations.models import RollEntry
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.signing import stamps
from assemblee.security import SECRETS
from tests import make, petitioning, voting
from tests.answers import Visitor

pytestmark = pytest.mark.only("sqlite")
# What a part of an address may be beside a number: it opens nothing, and says nothing of anybody.
PUBLIC = frozenset({"mandate", "filename", "kind", "verb", "lottery"})
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


# Addresses without a part that is secret, whose very time says what somebody did.
TELLING = ("/vote/<token>/", "/votes/<int:number>/code", "/votes/<int:number>/ballots", "/invitation/")


def test_the_proxys_log_of_the_documents_holds_no_address_with_a_secret(app: Flask) -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    example = text.partition("## nginx")[2].partition("## PostgreSQL")[0]
    patterns = [re.compile(found) for found in re.findall(r"^    ~(\S+) +0;$", example, re.MULTILINE)]
    assert len(patterns) == 2
    assert "bare if=$is_logged" in example
    assert "$request_uri" not in example
    assert '"$request"' not in example
    secret = {rule for rule, _method, parts in routes(app) if parts & SECRETS}
    assert len(secret) > 20
    board = {rule for rule, _method, _parts in routes(app) if rule.endswith("/board")}
    for rule in secret | board | set(TELLING):
        assert any(pattern.search(filled(rule)) for pattern in patterns), rule
    for rule in ("/", "/m/val/", "/m/val/petitions/7", "/journal/leaves/7", "/m/val/consultations/7"):
        assert not any(pattern.search(rule) for pattern in patterns), rule


@pytest.fixture
def crowded(config: Config, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Give a site that counts, as one on which nobody has been yet."""
    app = create_app(config, store)
    app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(security.limiter, "enabled", True)
    security.limiter.reset()
    yield app
    security.limiter.reset()


def statuses(
    app: Flask, address: str, forms: Iterable[dict[str, str]], remote: str = "192.0.2.7"
) -> list[int]:
    """Let as many people send a form, from one network."""
    origin = {"REMOTE_ADDR": remote}
    return [
        app.test_client().post(address, data=form, environ_overrides=origin).status_code for form in forms
    ]


def mailboxes(number: int) -> list[dict[str, str]]:
    return [{"email": f"p{one}@example.org"} for one in range(number)]


def test_a_room_asks_for_links_and_a_bot_soon_for_none(crowded: Flask) -> None:
    assert statuses(crowded, "/sign-in/link", mailboxes(60)) == [200] * 60
    assert statuses(crowded, "/sign-in/link", mailboxes(1)) == [429]
    assert statuses(crowded, "/sign-in/link", mailboxes(1), "192.0.2.8") == [200], "another network"


def test_one_mailbox_is_not_flooded_however_it_is_spelled_and_not_shut_out_from_elsewhere(
    crowded: Flask,
) -> None:
    spelled = [{"email": f"Zoe+{one}@Example.org"} for one in range(11)]
    assert statuses(crowded, "/sign-in/link", spelled) == [200] * 10 + [429]
    assert statuses(crowded, "/sign-in/link", [{"email": "zoe@example.org"}], "198.51.100.1") == [200]
    assert statuses(crowded, "/sign-in/link", [{"email": "noe@example.org"}]) == [200], "the room goes on"


def test_a_line_of_ipv6_is_one_network_whatever_its_last_half(crowded: Flask) -> None:
    for one in range(60):
        assert statuses(crowded, "/sign-in/link", [mailboxes(60)[one]], f"2001:db8::{one:x}") == [200]
    assert statuses(crowded, "/sign-in/link", mailboxes(1), "2001:db8::ffff:1") == [429]
    assert statuses(crowded, "/sign-in/link", mailboxes(1), "2001:db8:0:1::1") == [200]


def ballots(codes: Iterable[str]) -> list[dict[str, str]]:
    answers = {"order": "0123456789abcdef", **{f"answer_{one}": "2" for one in range(3)}}
    return [{**answers, "code": code, **sure} for code in codes for sure in ({}, {"sure": "y"})]


def test_a_room_votes_by_code_and_who_guesses_is_stopped(
    crowded: Flask, store: Store, mandate: Mandate
) -> None:
    pool = make.pool(store, mandate, people=60)
    voting.guarantors(store, mandate)
    found = voting.settled(store, mandate, pool)
    codes = []
    for entry in voting.roll(store, found):
        with store.writing() as session:
            marking.send_code(session, session.get_one(RollEntry, entry.id))
        codes.append(voting.sent_code(store))
    place = f"/votes/{found.id}/code"
    assert statuses(crowded, place, ballots(codes)) == [200] * 120
    guessed = [{**form, "code": f"{codes[0][:-4]}{one:04}"} for one, form in enumerate(ballots(codes)[::2])]
    assert statuses(crowded, place, guessed[:30]) == [422] * 30
    assert statuses(crowded, place, guessed[30:31]) == [429]
    assert statuses(crowded, place, ballots(codes)[:1], "192.0.2.8") == [200], "from elsewhere it goes on"


def test_one_code_is_not_sent_without_end(crowded: Flask, store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate)
    voting.guarantors(store, mandate)
    found = voting.settled(store, mandate, pool)
    with store.writing() as session:
        marking.send_code(session, session.get_one(RollEntry, voting.roll(store, found)[0].id))
    form = ballots([voting.sent_code(store)])[:1]
    assert statuses(crowded, f"/votes/{found.id}/code", form * 31) == [200] * 30 + [429]


def test_a_room_signs_in_by_password_and_who_guesses_is_stopped(crowded: Flask, store: Store) -> None:
    make.account(store, "zoe@example.org", password=make.PASSWORD)
    right = {"email": "zoe@example.org", "password": make.PASSWORD}
    assert statuses(crowded, "/sign-in", [right] * 60) == [302] * 60
    wrong = [{**form, "password": "une autre phrase"} for form in mailboxes(31)]
    assert statuses(crowded, "/sign-in", wrong) == [422] * 30 + [429]
    assert statuses(crowded, "/sign-in", [right]) == [429], "nobody guesses on behind those who know"


def test_links_and_accounts_behind_one_address_are_counted_apart(crowded: Flask) -> None:
    for link in ("one", "two", "three"):
        assert statuses(crowded, f"/seat/{link}/accept", [{}] * 30) == [404] * 30
        assert statuses(crowded, f"/seat/{link}/accept", [{}]) == [429], link


def test_all_forms_of_one_network_together_have_a_limit_too(crowded: Flask) -> None:
    for one in range(600):
        assert statuses(crowded, f"/seat/guess{one}/accept", [{}]) == [404]
    assert statuses(crowded, "/seat/last/accept", [{}]) == [429]
    assert crowded.test_client().get("/", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_whoever_is_told_to_wait_is_told_how_long(crowded: Flask, store: Store, mandate: Mandate) -> None:
    client = crowded.test_client()
    for _ in range(11):
        answer = client.post("/sign-in/link", data={"email": "zoe@example.org"})
    assert answer.status_code == 429
    assert 3540 <= int(answer.headers["Retry-After"]) <= 3601
    assert "6" in answer.text.partition(" min ")[0][-3:]
    for _ in range(11):
        answer = client.post("/sign-in", data={"email": "zoe@example.org", "password": "une autre phrase"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    petitioning.publish(store, mandate)
    found = petitioning.opened(store, mandate)
    for one in range(100):
        petitioning.ask(store, found, f"s{one}@example.org", network="127.0.0.0/24")
    stamp = stamps.write("s" * 48, found.id)
    form = {"name": "Ysaline", "email": "y@example.org", "home": "Le Val", "over_16": "y", "consent": "y"}
    with clock.shifted(stamps.FASTEST * 5):
        answer = client.post(f"/m/val/petitions/{found.id}/sign", data={**form, "stamp": stamp})
    assert answer.status_code == 429
    assert 3500 <= int(answer.headers["Retry-After"]) <= 3600


def test_every_429_of_the_house_says_how_long_to_wait() -> None:
    found = [
        line
        for path in (ROOT / "assemblee").rglob("*.py")
        for line in re.findall(
            r"status=(?:429|HTTPStatus.TOO_MANY_REQUESTS).*", path.read_text(encoding="utf-8")
        )
    ]
    assert len(found) == 3
    assert [one for one in found if "seconds=" not in one] == []


def test_only_workbooks_are_unpacked_and_these_with_a_measure(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    unpacking = re.compile(
        r"gzip|zlib|bz2|lzma|tarfile|load_workbook|unpack_archive|ZipFile\((?!content, \"w\")"
    )
    files = [path for path in (ROOT / "assemblee").rglob("*.py") if "standalone" not in path.parts]
    found = [path.name for path in files if unpacking.search(path.read_text(encoding="utf-8"))]
    assert found == ["workbooks.py"], "which counts what it unpacks: see tests/tabular/test_workbooks.py"
    packed = gzip.compress(b"email=zoe%40example.org")
    answer = app.test_client().post("/sign-in/link", data=packed, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 422, "a packed form has no fields"


def test_every_answer_has_its_headers(app: Flask, store: Store, mandate: Mandate) -> None:
    client = app.test_client()
    for rule, method, _parts in routes(app):
        with client.open(filled(rule), method=method) as answer:
            policy = set(answer.headers["Content-Security-Policy"].split("; "))
            assert {"default-src 'none'", "object-src 'none'", "base-uri 'none'"} <= policy, rule
            framed = "frame-ancestors *" if rule.endswith("/embed") else "frame-ancestors 'none'"
            assert framed in policy, rule
            assert not any("unsafe" in one for one in policy), rule
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_each_check_of_the_security_page_has_its_test() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| .+ \| `(\S+)::(\w+)` \|$", text, re.MULTILINE)
    assert len({number for number, _file, _test in rows}) == len(rows) == 40
    for number, file, test in rows:
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), number


def test_nothing_that_is_sent_or_shown_takes_its_host_from_a_request() -> None:
    taken = re.compile(r"_external|\burl_root\b|\bhost_url\b|request\.(?:base_)?url\b|request\.root_url")
    files = [*(ROOT / "assemblee").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    assert len(files) > 200
    assert [str(path) for path in files if taken.search(path.read_text(encoding="utf-8"))] == []
