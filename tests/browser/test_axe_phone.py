"""Every page on a phone, in both languages and both themes, under axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import look_everywhere
from tests.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(browser: Browser, site: Site, language: str, theme: str) -> None:
    look_everywhere(browser, site, language, theme, 360)
