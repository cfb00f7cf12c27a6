"""Each look at a page finds what it is for, and leaves the page as it was."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.looks import PHONE, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """<!doctype html><html lang="fr"><head><title>Une page</title><style>
  body {{ color: #000; background: #fff }}
  @media (prefers-color-scheme: dark) {{ body {{ color: {dark}; background: #111 }} }}
  .wide {{ width: {width}px; height: 1px }}
</style></head><body><main><h1>Une page</h1><p style="color: {light}">Un texte</p>
<label {label}>Nom</label> <input id="name"><div class="wide"></div></main></body></html>"""
SOUND = {"dark": "#eee", "light": "inherit", "width": 100, "label": 'for="name"'}


@pytest.mark.parametrize(
    ("changes", "french", "english"),
    [
        ({}, [], []),
        ({"light": "#bbb"}, ["color-contrast"], []),
        ({"dark": "#222"}, ["in the dark, color-contrast"], []),
        ({"label": ""}, ["label"], ["label"]),
        ({"width": 500}, ["it is wider than a phone"], ["it is wider than a phone"]),
        ({"width": 5000}, ["it is wider than its window"], ["it is wider than its window"]),
    ],
)
def test_each_look_finds_what_it_is_for(
    page: Page, changes: dict[str, object], french: list[str], english: list[str]
) -> None:
    page.set_content(PAGE.format(**{**SOUND, **changes}))
    size = page.viewport_size
    for language, expected in (("fr", french), ("en", english)):
        found = [finding.partition(":")[0] for finding in look(page, language)]
        assert [one for one in found if one in expected] == expected
        assert found[: len(expected)] == found or "phone" in found[-1]
    assert page.viewport_size == size != PHONE
    assert page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")
