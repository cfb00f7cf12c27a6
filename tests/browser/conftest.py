"""A real Chromium on a real server over a small, complete installation."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from assemblee import clock, migrations, security
from assemblee import config as settings
from assemblee.app import create_app
from assemblee.db import Store
from assemblee.draws import lotteries
from assemblee.journal import keys
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.security import COMMAND_LINE
from tests import make
from tests.browser import scenes

# The first is all of a browser but its window, and takes a third less of a processor.
CHROMIUM = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
HOW = "no Chromium here: apt-get install chromium-headless-shell (or any Chromium or Chrome on PATH)"
ORGANISER = "organisatrice@example.org"
OPERATOR = "operatrice@example.org"
GUARANTOR = "garant0@example.org"

# Two browsers share the machine with the rest of the tests.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Site:
    """A running site: where it answers, what stands behind it, and its draws and petitions by their state."""

    address: str
    store: Store
    draws: dict[str, int | str]

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


@contextmanager
def installation(folder: Path) -> Iterator[tuple[settings.Config, Store]]:
    """Set up an installation with a journal that can sign, and nothing in it."""
    # Scenes live days in a moment, with people who stay signed in.
    configured = settings.Config(
        folder,
        "s" * 40,
        f"sqlite:///{folder / 'assemblee.sqlite'}",
        staff_idle_minutes=60 * 24 * 366,
        staff_hours=24 * 366,
    )
    keys.create(configured, make.LOG_SEED)
    store = Store.of(configured)
    migrations.upgrade(store)
    yield configured, store
    store.dispose()


@contextmanager
def serving(configured: settings.Config, store: Store) -> Iterator[str]:
    """Serve an installation from this process, which shares its time, and give its address."""
    app = create_app(configured, store)
    security.limiter.enabled = False
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    app.extensions["assemblee.config"] = replace(configured, base_url=address)
    yield address
    server.shutdown()
    thread.join()
    server.server_close()
    security.limiter.enabled = True


def _ground(store: Store) -> Mandate:
    make.account(store, ORGANISER, password=make.PASSWORD)
    make.account(store, OPERATOR, password=make.PASSWORD, is_operator=True)
    # The scenes lie hours apart, whatever the day on which they are played.
    with store.writing() as session:
        every_day = lotteries.Schedule(tuple(lotteries.WEEK), time(0), "inventé")
        lotteries.write_down(session, COMMAND_LINE, "loto", every_day)
    place = make.mandate(store)
    make.organiser(store, place, ORGANISER)
    make.organiser(store, make.mandate(store, slug="vide", name="Mandat vide"), ORGANISER)
    pool = make.pool(store, place)
    with store.writing() as session:
        pools.set_open(session, COMMAND_LINE, pool, is_open=True)
    return place


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an installation with a draw in each state, and an empty mandate."""
    with installation(tmp_path_factory.mktemp("site")) as (configured, store):
        # The journal's time never goes back, and some draws were held days ago.
        with clock.shifted(timedelta(days=-6)):
            place = _ground(store)
        draws = scenes.play(store, place, ORGANISER)
        scenes.give_passwords(store, GUARANTOR)
        with serving(configured, store) as address:
            yield Site(address, store, draws)


def sign_in(page: Page, site: Site, email: str) -> None:
    """Sign in with the keyboard only."""
    page.goto(f"{site.address}/sign-in")
    page.locator("#email").focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(make.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/")
    with site.store.writing() as session:
        make.prove(session, email)


def confirm(page: Page) -> None:
    """Read the check page of an act, and go on."""
    page.locator("#sure").check()
    page.locator("form.sure button.danger").click()


def confirm_by_keyboard(page: Page) -> None:
    """Do the same by the keyboard only."""
    expect(page.locator("#sure")).to_be_visible()
    page.locator("#sure").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a fresh page in French."""
    context: BrowserContext = browser.new_context(locale="fr-FR")
    yield context.new_page()
    context.close()
