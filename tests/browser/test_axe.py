"""Every page of the site as each of its readers sees it, and every form as it refuses what is empty."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import GUARANTOR, OPERATOR, ORGANISER, Site, sign_in
from tests.browser.looks import UNFOLD, look, misfits

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
    "/m/val/draws/{held}",
    "/m/val/draws/{held}/rehearsals/1",
    "/m/val/draws/{held}/ceremony",
    "/m/val/draws/{held}/record",
    "/m/val/draws/{infeasible}",
    "/m/val/draws/{lapsed}/ceremony",
    "/m/val/draws/{numbers}/ceremony",
    "/m/val/draws/{reveal}/ceremony",
    "/m/val/draws/{suspended}/ceremony",
    "/m/val/draws/{cancelled}/ceremony",
    "/m/val/draws/{open}/ceremony",
    "/m/val/draws/{frozen}/ceremony",
    "/m/val/draws/{waiting}",
    "/m/val/oversight/checklist",
    "/m/val/pools/1/volunteer",
    "/m/val/consultations/",
    "/m/val/consultations/{judged}",
    "/m/val/consultations/{judged}/board",
    "/m/val/consultations/{measures}",
    "/votes/{vote}/code",
    "/m/val/petitions/",
    "/m/vide/petitions/",
    "/m/val/petitions/rules",
    "/m/val/petitions/{petition}",
    "/m/val/petitions/{petition}/sign",
    "/m/val/petitions/{reached}",
    "/m/val/petitions/{reached}/wave/",
    "/signatures/{signature}",
    "/invitation/?code={letter}",
)
ORGANISERS = (
    "/me",
    "/me/erase",
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
    "/m/val/pools/1/derived",
    "/m/val/draws/prepare",
    "/m/val/draws/{held}",
    "/m/val/draws/{held}/cancel",
    "/m/val/draws/{checked}",
    "/m/val/draws/{checked}/freeze",
    "/m/val/draws/{frozen}",
    "/m/val/draws/{round}/ceremony",
    "/m/val/draws/{round}/round",
    "/m/val/draws/{sign}",
    "/m/val/draws/{sign}/cancel",
    "/m/val/draws/{sign}/objections/2/answer",
    "/m/val/draws/{waiting}/cancel",
    "/m/val/oversight/draws/{held}/verify",
    "/m/val/consultations/{draft}/change",
    "/m/val/consultations/{draft}/settle",
    "/m/val/consultations/{vote}/roll",
    "/m/val/petitions/{draft_petition}/change",
    "/m/val/petitions/rules/edit",
)
GUARANTORS = (
    "/m/val/oversight/",
    "/m/val/oversight/key",
    "/m/val/draws/{sign}/desk",
    "/m/val/draws/{reveal}/desk",
    "/m/val/draws/{beacon}/desk",
    "/m/val/draws/{numbers}/desk",
    "/m/val/draws/{round}/desk",
    "/m/val/draws/{held}/desk",
    "/m/val/draws/{lapsed}/desk",
    "/m/val/draws/{suspended}/desk",
    "/m/val/draws/{given_up}/desk",
    "/m/val/draws/{cancelled}/desk",
    "/m/val/consultations/{closed}",
    "/m/val/consultations/{closed}/enter",
    "/m/val/petitions/{checked_petition}/check",
    "/m/val/petitions/{petition}/desk/",
    "/m/val/petitions/{petition}/desk/finding?place=0",
    "/m/val/petitions/{petition}/sheets/enter",
)
REFUSED_TO_ORGANISERS = (
    ("/m/val/pools/new", 0),
    ("/m/val/draws/prepare", 0),
    ("/m/val/draws/{checked}/freeze", 0),
    ("/m/val/draws/{round}/round", 0),
    ("/m/val/draws/{sign}/objections/2/answer", 0),
    ("/m/val/pools/1/volunteer", 0),
    ("/m/val/consultations/new", 0),
    ("/m/val/petitions/{petition}/sign", 0),
    ("/m/val/petitions/rules/edit", 0),
)
# On a desk, after the form of the step come those that stop the draw and that object to it.
REFUSED_TO_GUARANTORS = (
    ("/m/val/oversight/key", 0),
    ("/m/val/draws/{sign}/desk", 0),
    ("/m/val/draws/{sign}/desk", 1),
    ("/m/val/draws/{sign}/desk", 2),
    ("/m/val/draws/{numbers}/desk", 0),
    ("/m/val/draws/{given_up}/desk", 1),
    ("/m/val/petitions/{checked_petition}/check", 0),
)
# As a browser that checks nothing would send it.
EMPTY = """form => {
  const written = form.querySelectorAll('input[type=text], input[type=datetime-local], textarea')
  written.forEach(one => { one.value = '' })
  form.submit()
}"""
OPERATORS = ("/", "/jobs/", "/accounts/", "/mandates/new", "/lotteries/", "/lotteries/loto")
# Buttons that lead to a check page, which says once more what to tick if that is forgotten.
CHECKED_BY_ORGANISERS = (
    ("/m/val/pools/1", "main table form button"),
    ("/m/val/consultations/{vote}/cancel", "main form button"),
    ("/m/val/draws/{waiting}/cancel", "main form button"),
)


# Shared out between two workers. What a reader opens; which forms are sent empty.
READERS = {
    "visitors and guarantors": (
        ("", EVERYONE, ()),
        (GUARANTOR, GUARANTORS, REFUSED_TO_GUARANTORS),
    ),
    "organisers and operators": (
        (ORGANISER, ORGANISERS, REFUSED_TO_ORGANISERS),
        (OPERATOR, OPERATORS, ()),
    ),
}


@pytest.mark.parametrize("readers", list(READERS))
def test_every_page_is_sound(browser: Browser, site: Site, readers: str) -> None:
    # A minute: some hundred pages, three looks each. In English the same templates stand, so that only their
    # words can be too long; axe looks at English pages where somebody is on the way through a flow.
    trouble = []
    for email, addresses, forms in READERS[readers]:
        context = browser.new_context(viewport={"width": 1180, "height": 800})
        page = context.new_page()
        page.goto(f"{site.address}/language/fr")
        if email:
            sign_in(page, site, email)
        trouble += opened(page, site, addresses, "fr")
        trouble += refused(page, site, forms, "fr")
        if email == ORGANISER:
            trouble += checked(page, site)
        page.goto(f"{site.address}/language/en")
        trouble += opened(page, site, addresses, "en")
        trouble += refused(page, site, forms, "en")
        context.close()
    assert trouble == []


def seen(page: Page, language: str) -> list[str]:
    return look(page, language) if language == "fr" else misfits(page)


def opened(page: Page, site: Site, addresses: tuple[str, ...], language: str) -> list[str]:
    trouble = []
    for address in addresses:
        page.goto(f"{site.address}{address.format(**site.draws)}")
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate(UNFOLD)
        trouble += [f"{address} ({language}): {finding}" for finding in seen(page, language)]
    return trouble


def refused(page: Page, site: Site, forms: tuple[tuple[str, int], ...], language: str) -> list[str]:
    """Send forms empty, each by its address and its place on the page, and look at what refuses them."""
    trouble = []
    for address, place in forms:
        page.goto(f"{site.address}{address.format(**site.draws)}")
        with page.expect_navigation():
            page.locator("main form").nth(place).evaluate(EMPTY)
        assert page.locator("[aria-invalid=true], fieldset.wrong").count() > 0, address
        trouble += [f"{address} refused ({language}): {finding}" for finding in seen(page, language)]
    return trouble


def checked(page: Page, site: Site) -> list[str]:
    """Look at the check pages of acts, and at what they answer who has not ticked the box."""
    trouble = []
    for address, button in CHECKED_BY_ORGANISERS:
        page.goto(f"{site.address}{address.format(**site.draws)}")
        for text in page.locator("main form textarea").all():
            text.fill("Une raison")
        page.locator(button).first.click()
        assert page.locator("#sure").count() == 1, address
        trouble += [f"{address} checked: {finding}" for finding in look(page, "fr")]
        page.locator("form.sure button.danger").click()
        assert page.locator("#sure[aria-invalid=true]").count() == 1, address
        trouble += [f"{address} unsure: {finding}" for finding in look(page, "fr")]
    return trouble
