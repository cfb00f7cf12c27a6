"""How a page is looked at: by all of axe once, then by what a theme, a width or a language can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

# A language changes no step of a flow, and every page is checked in both elsewhere: the flows of most people
# are gone through in both, the others in one or the other.
in_both_languages = pytest.mark.parametrize("language", ["fr", "en"])
in_french = pytest.mark.parametrize("language", ["fr"])
in_english = pytest.mark.parametrize("language", ["en"])
PHONE: ViewportSize = {"width": 360, "height": 800}
EVERYTHING: Mapping[str, Any] = {}
# A theme changes colours and nothing else.
CONTRAST: Mapping[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# A language changes what things are called and which tongue a text is said to be in.
TEXTS: Mapping[str, Any] = {
    "runOnly": {
        "type": "tag",
        "values": ["cat.name-role-value", "cat.text-alternatives", "cat.language", "cat.forms"],
    }
}
# Only what is wrong comes back: what axe found right is hundreds of times as long.
RUN = """options => axe.run(document, { ...options, resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes: [one] }) => `${id}: ${one.target} ${one.html.slice(0, 120)}`))"""
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
# The band of a page on a phone, with its menu folded, as it comes.
BAND = """() => {
  const menu = document.querySelector('.menu'), band = document.querySelector('.band')
  if (!menu || !band) return 0
  const open = menu.open
  menu.open = false
  const height = band.getBoundingClientRect().height
  menu.open = open
  return height
}"""
TALLEST_BAND = 96
# What is folded away must be as sound as what is shown.
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true })"


def findings(page: Page, options: Mapping[str, Any] = EVERYTHING) -> list[str]:
    """Return what axe finds on the page, as short lines."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: Sequence[str] = page.evaluate(RUN, dict(options))
    return list(found)


def overflows(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate(WIDER))


def look(page: Page, language: str) -> list[str]:
    """Return what is wrong with a page, which is left as it was.

    In French everything, in the light and at the width at hand, then contrast in the dark. In English what a
    language changes. In both whether it fits a phone.
    """
    trouble = findings(page, EVERYTHING if language == "fr" else TEXTS)
    if language == "fr":
        page.emulate_media(color_scheme="dark")
        trouble += [f"in the dark, {finding}" for finding in findings(page, CONTRAST)]
        page.emulate_media(color_scheme="light")
    return trouble + misfits(page)


def misfits(page: Page) -> list[str]:
    """Return whether a page is wider than its window or than a phone; it is left as it was."""
    size = page.viewport_size
    trouble = ["it is wider than its window"] if overflows(page) else []
    if size is not None and size["width"] > PHONE["width"]:
        page.set_viewport_size(PHONE)
        trouble += ["it is wider than a phone"] if overflows(page) else []
        trouble += ["its band is tall on a phone"] if page.evaluate(BAND) > TALLEST_BAND else []
        page.set_viewport_size(size)
    return trouble
