"""Every page, opened as its readers open it, with what it refuses."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import security
from assemblee.accounts.models import Account
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.db import Store
from assemblee.draws.models import Draw, DrawState
from assemblee.jobs import actions as jobs
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Quota, Volunteer
from assemblee.security import COMMAND_LINE
from tests import ceremony, make
from tests.answers import Visitor, check_page

Visit = Callable[..., Visitor]


def file(content: bytes, name: str = "people.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


@pytest.fixture(params=["fr", "en"])
def visit(app: Flask, request: pytest.FixtureRequest) -> Visit:
    """Give visitors of either language."""
    return lambda email=None: Visitor(app, email, request.param)


@pytest.fixture
def organiser(app: Flask, store: Store, mandate: Mandate) -> Visitor:
    """Give the organiser of the mandate, signed in."""
    make.account(store, "organisatrice@example.org", password=make.PASSWORD)
    make.organiser(store, mandate)
    return Visitor(app, "organisatrice@example.org")


def link_in_mail(store: Store, recipient: str) -> str:
    with store.reading() as session:
        body = session.scalars(
            select(Mail.body).where(Mail.recipient == recipient).order_by(Mail.id.desc())
        ).first()
    found = re.search(r"https?://\S+", body or "")
    assert found
    return urlsplit(found[0]).path


def test_the_public_pages_stand_empty_and_full(visit: Visit, store: Store) -> None:
    visitor = visit()
    for address in ("/", "/journal/", "/source", "/accessibility", "/privacy", "/sign-in", "/sign-in/link"):
        visitor.visit(address)
    place = make.mandate(store)
    for address in ("/m/val/", "/m/val/draws/"):
        visitor.visit(address)
    pool = make.pool(store, place)
    with store.writing() as session:
        pools.set_open(session, COMMAND_LINE, pool, is_open=True)
    draw = ceremony.ready_draw(store, pool)
    for address in (
        "/",
        "/m/val/",
        "/m/val/draws/",
        f"/m/val/draws/{draw.id}",
        "/journal/",
        "/m/val/pools/1/volunteer",
    ):
        visitor.visit(address)
    assert visitor.client.get("/health").text == "ok\n"


def test_what_is_not_there_says_so(visit: Visit, mandate: Mandate) -> None:
    visitor = visit()
    for address in (
        "/nowhere",
        "/m/nowhere/",
        f"/m/{mandate.slug}/draws/9",
        "/language/xx",
        "/m/val/pools/9/volunteer",
    ):
        visitor.visit(address, 404)
    visitor.visit("/sign-out", 405)
    answer = visitor.client.get("/nowhere", headers={"Accept": "application/json"})
    assert (answer.mimetype, json.loads(answer.text)["status"]) == ("application/problem+json", 404)


def test_a_fault_of_ours_is_a_page_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("assemblee.mandates.queries.all_mandates", fail)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    check_page(answer.text, "fr")


def test_the_language_is_chosen_and_kept(app: Flask) -> None:
    client = app.test_client()
    assert 'lang="fr"' in client.get("/privacy").text
    answer = client.get("/language/en?next=/privacy")
    assert answer.headers["Location"] == "/privacy"
    assert 'lang="en"' in client.get("/privacy").text
    for elsewhere in ("https://example.org/", "//example.org", "/\\example.org"):
        assert client.get(f"/language/fr?next={elsewhere}").headers["Location"] == "/"


@pytest.mark.both_stores
def test_staff_sign_in_and_out(visit: Visit, store: Store) -> None:
    make.account(store, "claire@example.org", password=make.PASSWORD)
    visitor = visit()
    assert visitor.client.get("/me").headers["Location"] == "/sign-in?next=/me"
    visitor.send("/sign-in", 422, email="claire@example.org", password="ce n'est pas elle")
    visitor.send("/sign-in", 422)
    assert visitor.send("/sign-in", email="claire@example.org", password=make.PASSWORD, next="/me") == "/me"
    visitor.visit("/me")
    stolen = visitor.client.get_cookie("assemblee")
    visitor.send("/sign-out")
    assert stolen is not None
    visitor.client.set_cookie("assemblee", stolen.value)
    assert visitor.client.get("/me").status_code == 302, "a cookie kept from before is worth nothing"
    for elsewhere in ("https://example.org/", "//example.org"):
        target = visitor.send("/sign-in", email="claire@example.org", password=make.PASSWORD, next=elsewhere)
        assert target == "/"
    assert Visitor(visitor.app).client.post("/me").status_code == 405


def test_a_citizen_signs_in_by_a_link_that_works_once(visit: Visit, store: Store) -> None:
    visitor = visit()
    visitor.send("/sign-in/link", 422, email="pas une adresse")
    visitor.send("/sign-in/link", 422)
    visitor.send("/sign-in/link", 200, email="Nadia@Example.org")
    address = link_in_mail(store, "nadia@example.org")
    visitor.visit(address)
    assert visitor.send(address) == "/me"
    visitor.visit("/me")
    visitor.visit(address, 410)
    with store.writing() as session:
        account = session.scalars(select(Account)).one()
        account.disabled_at = account.created_at
    assert visitor.client.get("/me").status_code == 302
    visitor.send("/sign-in/link", 200, email="nadia@example.org")
    visitor.send(link_in_mail(store, "nadia@example.org"), 410)


def test_a_password_is_changed(visit: Visit, store: Store) -> None:
    make.account(store, "claire@example.org", password=make.PASSWORD)
    visitor = visit("claire@example.org")
    visitor.visit("/password")
    new = "une tout autre phrase"
    visitor.send("/password", 422, current="fausse", new=new, again=new)
    visitor.send("/password", 422, current=make.PASSWORD, new="court", again="court")
    visitor.send("/password", 422, current=make.PASSWORD, new=new, again="une différente phrase")
    assert visitor.send("/password", current=make.PASSWORD, new=new, again=new) == "/me"


def test_an_operator_runs_the_installation(visit: Visit, store: Store) -> None:
    make.account(store, "op@example.org", password=make.PASSWORD, is_operator=True)
    visitor = visit("op@example.org")
    for address in ("/", "/jobs/", "/accounts/", "/mandates/new"):
        visitor.visit(address)
    values = {name: str(value) for name, value in vars(make.FACTS).items()}
    visitor.send("/mandates/new", 422)
    visitor.send("/mandates/new", 422, **{**values, "time_zone": "Mars/Olympus"})
    visitor.send("/mandates/new", 422, **{**values, "term_end": "2020-01-01"})
    assert visitor.send("/mandates/new", **values) == "/m/val/roles"
    visitor.send("/mandates/new", 422, **values)
    visitor.visit("/m/val/roles")
    visitor.send("/m/val/roles", 422, email="pas une adresse", role="organiser")
    visitor.send("/m/val/roles", email="orga@example.org", role="organiser")
    visitor.send("/m/val/roles", 422, email="orga@example.org", role="organiser")
    visitor.send("/m/val/roles", 422, email="orga@example.org", role="operator")
    visitor.visit("/m/val/roles")
    visitor.send("/m/val/roles/1/take-back")
    visitor.send("/m/val/roles/1/take-back", 404)
    other = make.account(store, "other@example.org", password=make.PASSWORD)
    visitor.send(f"/accounts/{other.id}/disable")
    visitor.send(f"/accounts/{other.id}/disable", 409)
    visitor.send("/accounts/1/disable", 409)
    visitor.send("/accounts/99/disable", 404)
    visitor.visit("/accounts/")
    make.draw(store, make.pool(store, _mandate(store)))
    visitor.visit("/jobs/")


def _mandate(store: Store) -> Mandate:
    with store.reading() as session:
        return session.scalars(select(Mandate)).one()


def test_a_role_in_one_mandate_opens_no_other(organiser: Visitor, store: Store) -> None:
    other = make.mandate(store, slug="mont")
    pool = make.pool(store, other)
    organiser.visit("/m/mont/pools/", 403)
    organiser.visit(f"/m/val/pools/{pool.id}", 404)
    organiser.send(f"/m/val/pools/{pool.id}/open", 404, open="1")


@pytest.mark.both_stores
@pytest.mark.usefixtures("mandate")
def test_an_organiser_builds_a_pool_from_files(organiser: Visitor, store: Store) -> None:
    organiser.visit("/m/val/pools/")
    organiser.visit("/m/val/pools/new")
    organiser.visit("/m/val/draws/prepare")
    organiser.send("/m/val/pools/new", 422)
    assert organiser.send("/m/val/pools/new", name="Volontaires", size="4") == "/m/val/pools/1/quotas"
    organiser.send("/m/val/pools/new", 422, name="Volontaires", size="4")
    for address in ("", "/quotas", "/feasibility", "/import", "/quotas/live?size=3"):
        if address.endswith("size=3"):
            assert organiser.client.get(f"/m/val/pools/1{address}").status_code == 200
        else:
            organiser.visit(f"/m/val/pools/1{address}")
    organiser.send("/m/val/pools/1/import", 409, file=file(make.respondents(3)))
    page = organiser.send(
        "/m/val/pools/1/quotas/file",
        422,
        file=file(b"category,value,min,max\nGenre,Femmes,x,2\nGenre,,3,1\n"),
    )
    assert "ligne 2" in page
    organiser.send("/m/val/pools/1/quotas/file", 422)
    rows = "category,value,min,max\n" + "".join(
        f"{cell.category},{cell.value},{cell.minimum},{cell.maximum}\n" for cell in make.CELLS
    )
    organiser.send("/m/val/pools/1/quotas/file", file=file(rows.encode(), "categories.csv"))
    organiser.visit("/m/val/pools/1/quotas")
    organiser.visit("/m/val/pools/1/import")
    organiser.send("/m/val/pools/1/import", 422)
    target = organiser.send("/m/val/pools/1/import", file=file(make.respondents(12) + b"\nP99,,,Martiens,\n"))
    organiser.visit(target)
    organiser.send(target)
    organiser.visit("/m/val/pools/1")
    organiser.visit("/m/val/pools/1?text=Z%C3%A9phirine+3&state=volunteer&page=7")
    organiser.visit("/m/val/pools/1?text=Z%C3%A9phirine+99")
    organiser.visit("/m/val/pools/")
    again = organiser.send("/m/val/pools/1/import", file=file(make.respondents(12)))
    organiser.visit(again)
    organiser.send(f"{again}/drop")
    organiser.visit(again, 404)
    unreadable = organiser.send("/m/val/pools/1/import", file=file(b"\xff\xfe"))
    organiser.visit(unreadable)
    assert "sure" not in organiser.send(unreadable, 200), "there is nothing to keep"


@pytest.mark.usefixtures("mandate")
def test_an_organiser_types_categories_by_hand(organiser: Visitor) -> None:
    organiser.send("/m/val/pools/new", name="À la main", size="2")
    organiser.send("/m/val/pools/1/quotas/category", category="Genre", values="Femmes\nHommes\nFemmes\n")
    organiser.send("/m/val/pools/1/quotas/category", 422, category="Genre", values="A\nB")
    organiser.send("/m/val/pools/1/quotas/category", 422)
    organiser.send("/m/val/pools/1/import", file=file(b"Genre\nFemmes\nHommes\nHommes\n"))
    organiser.send("/m/val/pools/1/import/1")
    organiser.send("/m/val/pools/1/quotas/category", 422, category="Taille", values="grande\npetite")


def quota_fields(store: Store, pool: Pool, **changes: str) -> dict[str, str]:
    with store.reading() as session:
        fields = {"size": "4"}
        for quota in session.scalars(select(Quota).order_by(Quota.id)):
            fields[f"minimum_{quota.id}"] = str(quota.minimum)
            fields[f"maximum_{quota.id}"] = str(quota.maximum)
    return {**fields, **changes}


def test_quotas_are_counted_live_kept_and_mended(organiser: Visitor, store: Store, pool: Pool) -> None:
    base = f"/m/val/pools/{pool.id}"
    live = organiser.client.get(
        f"{base}/quotas/live", query_string=quota_fields(store, pool, minimum_1="9", maximum_2="1")
    )
    assert live.text.count("<li>") == 3
    organiser.send(f"{base}/quotas", 422, **quota_fields(store, pool, minimum_1="-1"))
    organiser.send(f"{base}/quotas", 422, **quota_fields(store, pool, minimum_1="quatre"))
    organiser.send(f"{base}/quotas", 422, **quota_fields(store, pool, minimum_1="3", maximum_1="2"))
    organiser.send(f"{base}/quotas", 422, **quota_fields(store, pool, size="0"))
    kept = organiser.send(f"{base}/quotas", **quota_fields(store, pool, minimum_1="4", maximum_1="4"))
    assert kept == f"{base}/feasibility"
    page = organiser.visit(kept)
    assert "<table" in page
    organiser.send(kept)
    assert "<table" not in organiser.visit(kept)
    organiser.visit(base)
    for size in ("11", "13"):
        organiser.send(f"{base}/quotas", **quota_fields(store, pool, size=size))
        assert 'class="note' in organiser.visit(f"{base}/feasibility")
    assert organiser.send(f"{base}/feasibility") == f"{base}/feasibility"


def test_a_large_pool_is_checked_by_the_worker(
    organiser: Visitor, store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assemblee.pools.feasibility.FEW", 5)
    base = f"/m/val/pools/{pool.id}/feasibility"
    organiser.visit(base)
    organiser.send(f"{base}/check")
    assert "data-refresh" in organiser.visit(base)
    organiser.send(f"{base}/stop")
    organiser.visit(base)
    organiser.send(f"{base}/check")
    make.finish_jobs(store)
    assert "data-refresh" not in organiser.visit(base)
    organiser.send(f"/m/val/pools/{pool.id}/people/1/withdraw")
    organiser.visit(base)
    organiser.send(base, 409)


def test_people_in_no_possible_panel_are_named(organiser: Visitor, store: Store, mandate: Mandate) -> None:
    closed = (
        make.CELLS[0],
        make.CELLS[1],
        *(type(cell)(cell.category, cell.value, 0, 4) for cell in make.CELLS[2:3]),
    )
    pool = make.pool(store, mandate, cells=(*closed, type(make.CELLS[3])("Âge", "40 ans et plus", 0, 0)))
    assert "<table" in organiser.visit(f"/m/val/pools/{pool.id}/feasibility")
    draw = ceremony.ready_draw(store, pool)
    assert "<details>" in organiser.visit(f"/m/val/draws/{draw.id}")


def test_an_organiser_acts_for_a_person(organiser: Visitor, pool: Pool) -> None:
    base = f"/m/val/pools/{pool.id}"
    organiser.send(f"{base}/people/1/withdraw")
    organiser.send(f"{base}/people/1/withdraw", 409)
    organiser.send(f"{base}/people/1/erase")
    organiser.send(f"{base}/people/99/erase", 404)
    organiser.visit(base)


def test_a_citizen_comes_forward_and_withdraws(
    visit: Visit, organiser: Visitor, store: Store, pool: Pool
) -> None:
    base = f"/m/val/pools/{pool.id}"
    visitor = visit()
    visitor.visit(f"{base}/volunteer", 410)
    organiser.send(f"{base}/open", open="1")
    visitor.visit(f"{base}/volunteer")
    answers = {
        "name": "Nadia",
        "email": "nadia@example.org",
        "category_1": "Femmes",
        "category_2": "16–39 ans",
        "over_16": "y",
        "consent": "y",
    }
    visitor.send(f"{base}/volunteer", 422)
    visitor.send(f"{base}/volunteer", 422, **{**answers, "category_1": "Martiens"})
    visitor.send(f"{base}/volunteer", 422, **{**answers, "email": "pas une adresse"})
    visitor.send(f"{base}/volunteer", 200, **answers)
    with store.reading() as session:
        assert len(session.scalars(select(Volunteer)).all()) == 12, "nobody is in before the mail came back"
    address = link_in_mail(store, "nadia@example.org")
    visitor.visit(address)
    other = make.pool(store, make.mandate(store, slug="mont"))
    visitor.send(f"/m/mont/pools/{other.id}/volunteer/{address.rsplit('/', 1)[1]}", 410)
    visitor.send(address, 200)
    visitor.visit(address, 410)
    visitor.send("/sign-in/link", 200, email="nadia@example.org")
    visitor.send(link_in_mail(store, "nadia@example.org"))
    assert "16–39 ans" in visitor.visit("/me")
    with store.reading() as session:
        mine = session.scalars(select(Volunteer.id).where(Volunteer.email == "nadia@example.org")).one()
    visitor.send(f"{base}/mine/1/withdraw", 404)
    visitor.send(f"{base}/mine/{mine}/withdraw")
    visitor.visit("/me")
    visitor.send(f"{base}/mine/{mine}/withdraw", 409)
    assert visitor.send("/me/erase") == "/"
    assert visitor.client.get("/me").status_code == 302, "nothing else needed the account"
    with store.reading() as session:
        assert "nadia@example.org" not in session.scalars(select(Account.email)).all()
    organiser.send(f"{base}/open")
    visitor.visit(f"{base}/volunteer", 410)


def test_a_draw_that_fails_or_is_given_up_says_why(
    organiser: Visitor, store: Store, mandate: Mandate
) -> None:
    narrow = (type(make.CELLS[0])("Genre", "Femmes", 4, 4), *make.CELLS[1:])
    pool = make.pool(store, mandate, cells=narrow)
    draw = make.draw(store, pool)
    make.finish_jobs(store)
    target = f"/m/val/draws/{draw.id}"
    organiser.visit(target)
    organiser.send(f"{target}/cancel", 422)
    organiser.send(f"{target}/cancel", reason="quotas impossibles")
    assert "quotas impossibles" in organiser.visit(target)
    with store.writing() as session:
        row = session.get_one(Draw, draw.id)
        row.state, row.cancelled_at = DrawState.PREPARED, None
    with store.writing() as session:
        job = jobs.start(session, "draw-check", draw.id, mandate=mandate.id)
    with store.writing() as session:
        jobs.fail(session, job.id, "job-crashed")
    organiser.visit(target)
    organiser.send("/m/val/draws/prepare", 422, title="x", pool="99", rule="leximin", tickets="1000")


def test_every_leaf_can_be_downloaded_and_hashed(app: Flask, pool: Pool) -> None:
    assert pool.id == 1
    text = app.test_client().get("/journal/leaves.txt").text
    assert text.count("\n") == 4
    assert '"event":"people-imported"' in text


@pytest.mark.only("sqlite")
def test_forms_without_their_token_and_floods_are_refused(config: Config, store: Store) -> None:
    app = create_app(config, store)
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 400
    check_page(answer.text, "fr")
    app.config["WTF_CSRF_ENABLED"] = False
    security.limiter.reset()
    statuses = [
        client.post("/sign-in/link", data={"email": "pas une adresse"}).status_code for _ in range(12)
    ]
    assert statuses[:10] == [422] * 10
    assert statuses[-1] == 429
    security.limiter.reset()


@pytest.mark.only("sqlite")
def test_behind_tls_cookies_are_for_tls_only(config: Config, store: Store) -> None:
    safe = Config(**{**vars(config), "base_url": "https://assemblee.example", "trusted_proxies": 1})
    app = create_app(safe, store)
    app.config["WTF_CSRF_ENABLED"] = False
    make.account(store, "claire@example.org", password=make.PASSWORD)
    answer = app.test_client().post(
        "/sign-in",
        data={"email": "claire@example.org", "password": make.PASSWORD},
        base_url="https://assemblee.example",
    )
    assert "Secure; HttpOnly" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
