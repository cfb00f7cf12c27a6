"""Every page, in both languages, both themes and at two widths, under axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import OPERATOR, ORGANISER, Site, findings, overflows, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVERYONE = (
    "/",
    "/sign-in",
    "/sign-in/link",
    "/journal/",
    "/journal/checkpoints",
    "/journal/leaves/1",
    "/source",
    "/accessibility",
    "/privacy",
    "/nowhere",
    "/m/val/",
    "/m/vide/",
    "/m/val/draws/",
    "/m/vide/draws/",
    "/m/val/draws/1",
    "/m/val/draws/1/rehearsals/1",
    "/m/val/draws/2",
    "/m/val/draws/3",
    "/m/val/pools/1/volunteer",
)
ORGANISERS = (
    "/me",
    "/password",
    "/m/vide/pools/",
    "/m/vide/draws/prepare",
    "/m/val/roles",
    "/m/val/pools/",
    "/m/val/pools/new",
    "/m/val/pools/1",
    "/m/val/pools/1?text=introuvable",
    "/m/val/pools/1/quotas",
    "/m/val/pools/1/feasibility",
    "/m/val/pools/2/feasibility",
    "/m/val/pools/1/import",
    "/m/val/draws/prepare",
    "/m/val/draws/1",
    "/m/val/draws/3",
    "/m/val/draws/3/cancel",
)
OPERATORS = ("/", "/jobs/", "/accounts/", "/mandates/new")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1180, 360])
def test_axe_finds_nothing(browser: Browser, site: Site, language: str, theme: str, width: int) -> None:
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light", viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{site.address}/language/{language}")
    trouble = look(page, site, EVERYONE, language)
    sign_in(page, site, ORGANISER)
    trouble += look(page, site, ORGANISERS, language)
    trouble += errors(page, site)
    page.get_by_role("button", name="Se déconnecter" if language == "fr" else "Sign out").click()
    sign_in(page, site, OPERATOR)
    trouble += look(page, site, OPERATORS, language)
    context.close()
    assert trouble == []


def look(page: Page, site: Site, addresses: tuple[str, ...], language: str) -> list[str]:
    trouble = []
    for address in addresses:
        page.goto(f"{site.address}{address}")
        assert page.locator("html").get_attribute("lang") == language
        # What is folded away must be as sound as what is shown.
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        trouble += [f"{address} {finding}" for finding in findings(page)]
        if overflows(page):
            trouble.append(f"{address} is wider than its window")
    return trouble


def errors(page: Page, site: Site) -> list[str]:
    """Look at pages that refuse what was typed."""
    trouble = []
    for address in ("/m/val/pools/new", "/m/val/draws/prepare", "/m/val/pools/1/volunteer"):
        page.goto(f"{site.address}{address}")
        with page.expect_navigation():
            page.locator("main form").first.evaluate("form => form.submit()")
        assert page.locator("[aria-invalid=true]").count() > 0, address
        trouble += [f"{address} refused: {finding}" for finding in findings(page)]
    return trouble
