"""People who use the site as they can: by keyboard, on a phone, without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import make
from tests.browser.conftest import ORGANISER, Site, overflows, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def reach(page: Page, name: str) -> None:
    """Press Tab until the named control has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.innerText || document.activeElement.value || ''")
        if text.strip().startswith(name):
            return
    pytest.fail(f"the keyboard does not reach {name}")


def test_an_organiser_leads_a_draw_with_the_keyboard_only(page: Page, site: Site) -> None:
    sign_in(page, site, ORGANISER)
    page.goto(f"{site.address}/m/val/draws/prepare")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "title"
    page.keyboard.type("Tirage au clavier")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/draws/\d+(#content)?$"))
    expect(page.locator("[data-refresh]")).to_be_visible()
    make.finish_jobs(site.store)
    # The page looks again by itself while work is under way.
    expect(page.get_by_role("button", name="Calculer la loterie")).to_be_visible(timeout=15_000)
    reach(page, "Calculer la loterie")
    page.keyboard.press("Enter")
    expect(page.locator("[data-refresh]")).to_be_visible()
    make.finish_jobs(site.store)
    expect(page.get_by_role("button", name="Procéder au tirage")).to_be_visible(timeout=15_000)
    reach(page, "Procéder au tirage")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Zéphirine")


def test_a_citizen_on_a_phone_without_javascript_comes_forward(browser: Browser, site: Site) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 700}, locale="fr-FR"
    )
    page = context.new_page()
    page.goto(f"{site.address}/m/val/")
    page.locator("main a.act").first.click()
    page.locator("#name").fill("Nadia Ruisselet")
    page.locator("#email").fill("nadia@example.org")
    page.locator("#category_1").select_option("Femmes")
    page.locator("#over_16").check()
    page.locator("#consent").check()
    page.locator("main form button").click()
    expect(page.locator("#category_2")).to_have_attribute("aria-invalid", "true")
    assert page.locator("#name").input_value() == "Nadia Ruisselet", "what was typed is not lost"
    page.locator("#category_2").select_option("16–39 ans")
    page.locator("main form button").click()
    link = re.search(r"https?://\S+", site.last_mail())
    assert link
    page.goto(link[0])
    page.locator("main form button").click()
    expect(page.locator("h1")).to_contain_text("Merci")
    context.close()


def test_quotas_are_recounted_as_they_are_typed(page: Page, site: Site) -> None:
    sign_in(page, site, ORGANISER)
    page.goto(f"{site.address}/m/val/pools/1/quotas")
    expect(page.locator("#live li")).to_have_count(0)
    page.locator("input[name^=minimum_]").first.fill("9")
    page.keyboard.press("Tab")
    expect(page.locator("#live li").first).to_be_visible()


def test_a_long_name_never_breaks_a_phone(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 700})
    page = context.new_page()
    sign_in(page, site, ORGANISER)
    page.goto(f"{site.address}/m/val/pools/new")
    page.locator("#name").fill("Constitution" * 12)
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/quotas$"))
    assert not overflows(page)
    page.goto(f"{site.address}/m/val/pools/")
    assert not overflows(page)
    context.close()
