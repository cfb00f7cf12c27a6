"""A real Chromium on a real server over a small, complete installation."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from assemblee import config as settings
from assemblee import migrations, security
from assemblee.app import create_app
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.journal import actions as journal
from assemblee.journal import keys
from assemblee.mail import Mail
from assemblee.pools import actions as pools
from assemblee.security import COMMAND_LINE
from tests import ceremony, make

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "no Chromium here: apt-get install chromium (or any Chrome on PATH)"
ORGANISER = "organisatrice@example.org"
OPERATOR = "operatrice@example.org"


@dataclass(frozen=True)
class Site:
    """A running site: where it answers, and what stands behind it."""

    address: str
    store: Store

    def last_mail(self) -> str:
        with self.store.reading() as session:
            return session.scalars(select(Mail.body).order_by(Mail.id.desc())).first() or ""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a browser, or skip with the way to get one."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        if os.environ.get("ASSEMBLEE_REQUIRE_BROWSER"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an installation with a held draw, a rehearsed one, an infeasible one, and an empty mandate."""
    folder: Path = tmp_path_factory.mktemp("site")
    configured = settings.Config(folder, "s" * 40, f"sqlite:///{folder / 'assemblee.sqlite'}")
    keys.create(configured, make.LOG_SEED)
    store = Store.of(configured)
    migrations.upgrade(store)
    make.account(store, ORGANISER, password=make.PASSWORD)
    make.account(store, OPERATOR, password=make.PASSWORD, is_operator=True)
    place = make.mandate(store)
    make.organiser(store, place, ORGANISER)
    make.organiser(store, make.mandate(store, slug="vide", name="Mandat vide"), ORGANISER)
    pool = make.pool(store, place)
    with store.writing() as session:
        pools.set_open(session, COMMAND_LINE, pool, is_open=True)
    held = ceremony.ready_draw(store, pool)
    with store.writing() as session:
        draws.rehearse(session, COMMAND_LINE, held, make.SEED)
    ceremony.hold(store, held)
    with store.writing() as session:
        narrow = (type(make.CELLS[0])("Genre", "Femmes", 4, 4), *make.CELLS[1:])
        other = pools.create(session, COMMAND_LINE, place.id, "Vivier impossible", 4)
        pools.set_quotas(session, COMMAND_LINE, other, narrow, 4)
    make.import_people(store, other, make.respondents(12))
    make.draw(store, other, title="Tirage impossible")
    make.finish_jobs(store)
    make.draw(store, pool, title="Tirage en attente")
    with store.writing() as session:
        journal.checkpoint(session)
    app = create_app(configured, store)
    security.limiter.enabled = False
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    app.extensions["assemblee.config"] = settings.Config(folder, "s" * 40, str(store.url), base_url=address)
    yield Site(address, store)
    server.shutdown()
    thread.join()
    server.server_close()
    security.limiter.enabled = True
    store.dispose()


def sign_in(page: Page, site: Site, email: str) -> None:
    """Sign in with the keyboard only."""
    page.goto(f"{site.address}/sign-in")
    page.locator("#email").focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(make.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/")


def findings(page: Page) -> list[str]:
    """Return what axe finds on the page, as short lines."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['target']} {one['nodes'][0]['html'][:120]}" for one in found]


def overflows(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a fresh page in French."""
    context: BrowserContext = browser.new_context(locale="fr-FR")
    yield context.new_page()
    context.close()
