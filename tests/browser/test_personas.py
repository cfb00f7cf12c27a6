"""People who use the site as they can: by keyboard, on a phone, without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from assemblee.draws.models import Draw
from tests import ceremony, make
from tests.browser.conftest import GUARANTOR, ORGANISER, Site, confirm_by_keyboard, sign_in
from tests.browser.looks import overflows

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# How many times somebody presses Tab before giving up.
LONGEST_PAGE = 150


def reach(page: Page, name: str) -> None:
    """Press Tab until the named control has the focus."""
    for _ in range(LONGEST_PAGE):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.innerText || document.activeElement.value || ''")
        if text.strip().startswith(name):
            return
    pytest.fail(f"the keyboard does not reach {name}")


def reach_field(page: Page, field: str) -> None:
    """Press Tab until a field has the focus."""
    for _ in range(LONGEST_PAGE):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    pytest.fail(f"the keyboard does not reach {field}")


def reach_refused(page: Page, field: str) -> None:
    """Go from the summary of problems, which takes the focus once the page is drawn, to the field."""
    expect(page.locator(".problems")).to_be_focused()
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{field}")).to_be_focused()


def test_an_organiser_leads_a_draw_with_the_keyboard_only(page: Page, site: Site) -> None:
    sign_in(page, site, ORGANISER)
    page.goto(f"{site.address}/m/val/draws/prepare")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#body-0")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.locator("#title")).to_be_focused()
    page.keyboard.type("Tirage au clavier")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/draws/\d+(#content)?$"))
    expect(page.locator("[data-refresh]")).to_be_visible()
    make.finish_jobs(site.store)
    # The page looks again by itself while work is under way.
    expect(page.get_by_role("link", name="Sceller le tirage")).to_be_visible(timeout=15_000)
    reach(page, "Sceller le tirage")
    page.keyboard.press("Enter")
    page.wait_for_url("**/freeze")
    reach_field(page, "drawing-0")
    page.keyboard.press("Space")
    reach_field(page, "alternates")
    page.keyboard.press("Control+a")
    page.keyboard.type("beaucoup")
    page.keyboard.press("Enter")
    reach_refused(page, "alternates")
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    reach(page, "Continuer")
    page.keyboard.press("Enter")
    confirm_by_keyboard(page)
    page.wait_for_url(re.compile("/ceremony"))
    make.finish_jobs(site.store)
    expect(page.locator("[aria-current=step]")).to_contain_text("Les garants signent", timeout=15_000)


def test_a_guarantor_signs_and_objects_with_the_keyboard_only(page: Page, site: Site) -> None:
    sign_in(page, site, GUARANTOR)
    page.goto(f"{site.address}/m/val/oversight/")
    reach(page, "Tirage à signer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    reach_field(page, "note")
    page.keyboard.type("rien du tout")
    # A tab leaves a large field too.
    reach(page, "Envoyer ma signature")
    page.keyboard.press("Enter")
    reach_refused(page, "note")
    page.keyboard.press("Control+a")
    draw = drawn(site, "sign")
    page.keyboard.insert_text(ceremony.guarantor_of(draw.guarantors[0].account_id).cosign_note(draw))
    reach(page, "Envoyer ma signature")
    page.keyboard.press("Enter")
    confirm_by_keyboard(page)
    expect(page.locator(".flash")).to_contain_text("Votre signature est dans le journal")
    reach_field(page, "objection-text")
    page.keyboard.type("La salle est trop petite pour tout le monde.")
    reach(page, "Publier l’objection")
    page.keyboard.press("Enter")
    confirm_by_keyboard(page)
    expect(page.locator(".flash")).to_contain_text("Votre objection est publiée")
    page.goto(f"{site.address}/m/val/draws/{draw.id}/ceremony")
    expect(page.locator("main")).to_contain_text("La salle est trop petite")


def drawn(site: Site, state: str) -> Draw:
    with site.store.reading() as session:
        return make.fresh(site.store, session.get_one(Draw, site.draws[state]))


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


def test_a_town_hall_prints_the_ceremony_as_a_script(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/m/val/draws/{site.draws['sign']}/ceremony")
    expect(page.locator(".script .paper").first).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".script > ol > li")).to_have_count(7)
    expect(page.locator(".script .paper").first).to_be_visible()
    expect(page.locator(".script .ticks").first.locator("li")).to_have_count(6)
    expect(page.locator("header nav")).to_be_hidden()
    expect(page.locator("footer")).to_be_hidden()
    assert not overflows(page)


def test_a_draw_that_stopped_shows_no_step_under_way(page: Page, site: Site) -> None:
    for state, done in (("lapsed", 2), ("cancelled", 2)):
        page.goto(f"{site.address}/m/val/draws/{site.draws[state]}/ceremony")
        expect(page.locator("[data-state=done]")).to_have_count(done)
        expect(page.locator("[data-state=off]")).to_have_count(7 - done)
        expect(page.locator("[data-refresh]")).to_have_count(0)
        expect(page.locator(".script")).to_have_count(0)
