"""Staff who prove a second factor in a real browser: an app without JavaScript, a security key with it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from assemblee import clock, config, migrations, security
from assemblee.app import create_app
from assemblee.db import Store
from assemblee.journal import keys
from tests import make
from tests.browser.looks import look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EMAIL = "organisatrice@example.org"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve a mandate with one organiser under a name: browsers bind no security key to a number."""
    settings = config.Config(tmp_path, "s" * 40, f"sqlite:///{tmp_path / 'assemblee.sqlite'}")
    keys.create(settings, make.LOG_SEED)
    store = Store.of(settings)
    migrations.upgrade(store)
    make.account(store, EMAIL, password=make.PASSWORD)
    make.organiser(store, make.mandate(store), EMAIL)
    app = create_app(settings, store)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    name = f"http://localhost:{server.server_port}"
    app.extensions["assemblee.config"] = config.Config(
        tmp_path, settings.secret_key, settings.database_url, base_url=name
    )
    security.limiter.enabled = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield name
    server.shutdown()
    thread.join()
    server.server_close()
    security.limiter.enabled = True
    store.dispose()


@dataclass
class Person:
    """The organiser before a browser."""

    page: Page
    address: str

    def sign_in(self) -> None:
        self.page.goto(f"{self.address}/sign-in?next=/m/val/roles")
        self.page.locator("#email").fill(EMAIL)
        self.page.locator("#password").fill(make.PASSWORD)
        self.page.locator("main form button").click()

    def sign_out(self) -> None:
        menu = self.page.locator(".menu summary")
        if menu.is_visible():
            menu.click()
        self.page.locator("header form button").click()
        expect(self.page.locator(".flash")).to_be_visible()

    def add_app(self) -> str:
        self.page.locator("form[action$='/account/security/app'] button").click()
        return (self.page.locator("figcaption code").text_content() or "").replace(" ", "")

    def type_code(self, secret: str) -> None:
        self.page.locator("#code").fill(pyotp.TOTP(secret).at(clock.now()))
        self.page.locator("main form:has(#code) button").click()


def test_an_app_is_added_and_asked_for_on_a_phone_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 700}, locale="fr-FR"
    )
    person = Person(context.new_page(), address)
    page = person.page
    person.sign_in()
    page.wait_for_url(f"{address}/account/security")
    assert not page.locator("form[data-key]").is_visible()
    assert page.locator("[data-without-key]").is_visible()
    secret = person.add_app()
    assert page.locator("figure svg.qr").is_visible()
    person.type_code("A" * 32)
    expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
    person.type_code(secret)
    expect(page.locator("main ol code")).to_have_count(10)
    recovery = page.locator("main ol code").first.text_content() or ""
    page.locator("main a.act").click()
    page.wait_for_url(f"{address}/m/val/roles")
    person.sign_out()
    with clock.shifted(timedelta(minutes=1)):
        person.sign_in()
        page.wait_for_url(re.compile("/second-factor"))
        person.type_code(secret)
        page.wait_for_url(f"{address}/m/val/roles")
    person.sign_out()
    person.sign_in()
    page.locator("main a[href*='recovery']").click()
    page.locator("#code").fill(recovery)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/m/val/roles")
    context.close()


def test_a_security_key_is_added_and_asked_for(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 700}, locale="fr-FR")
    person = Person(context.new_page(), address)
    page = person.page
    # WebAuthn Level 2, section 11: an authenticator in software, which the browser takes for a real one.
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    trouble = []

    def see() -> None:
        trouble.extend(f"{page.url}: {finding}" for finding in look(page, "fr"))

    person.sign_in()
    page.wait_for_url(f"{address}/account/security")
    see()
    assert not page.locator("[data-without-key]").is_visible()
    page.locator("#name").fill("clé bleue")
    page.locator("form[data-key] button").click()
    expect(page.locator("main ol code")).to_have_count(10)
    see()
    page.goto(f"{address}/account/security")
    expect(page.locator("main")).to_contain_text("clé bleue")
    person.add_app()
    see()
    page.goto(f"{address}/account/security")
    see()
    person.sign_out()
    person.sign_in()
    page.wait_for_url(re.compile("/second-factor"))
    see()
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.locator("form[data-key] button").click()
    page.wait_for_url(f"{address}/m/val/roles")
    person.sign_out()
    devices.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    person.sign_in()
    page.goto(f"{address}/second-factor/recovery")
    see()
    page.goto(f"{address}/account/security")
    see()
    context.close()
    assert trouble == []
