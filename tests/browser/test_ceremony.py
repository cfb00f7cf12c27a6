"""The whole ceremony in a real browser: an organiser, six guarantors with the real program, and a watcher."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from assemblee.db import Store
from assemblee.draws.models import Draw, DrawState
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate
from assemblee.security import COMMAND_LINE, Role
from tests import make
from tests.browser import scenes
from tests.browser.conftest import ORGANISER, Site, confirm, installation, serving, sign_in
from tests.ceremony import after

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOOL = Path(__file__).parents[2] / "assemblee" / "standalone" / "assemblee-witness.py"
# The page looks again every two seconds.
LIVE = 15_000
SIGNERS = 4


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Serve a mandate with a pool, an organiser, and six guarantors who have no key yet."""
    with installation(tmp_path) as (configured, store):
        place = make.mandate(store)
        make.account(store, ORGANISER, password=make.PASSWORD)
        make.organiser(store, place, ORGANISER)
        make.pool(store, place)
        for number in range(6):
            invite(store, place, address_of(number))
        with serving(configured, store) as address:
            yield Site(address, store, {})


def address_of(number: int) -> str:
    return f"garant{number}@example.org"


def invite(store: Store, place: Mandate, email: str) -> None:
    with store.writing() as session:
        mandates.give_role(session, COMMAND_LINE, place, email, Role.GUARANTOR)
    scenes.give_passwords(store, email)


@dataclass
class Guarantor:
    """A guarantor at their own machine: a browser that is signed in, and a folder with their key."""

    page: Page
    site: Site
    home: Path

    def tool(self, *words: str) -> str:
        """Run the program that guarantors run, and return what it printed."""
        ran = subprocess.run(
            [sys.executable, "-I", "-S", str(TOOL), "--home", str(self.home), *words],
            capture_output=True,
            text=True,
            check=True,
            cwd=self.home,
        )
        return ran.stdout

    def register(self) -> str:
        """Make a key, register it, and return the name that the page gives."""
        self.page.goto(f"{self.site.address}/m/val/oversight/key")
        name = self.page.locator("main code").first.inner_text().split()[-1]
        self.page.locator("#key").fill(self.tool("init", name))
        self.page.locator("main form button").click()
        expect(self.page.locator("main")).to_contain_text(name)
        return name

    def fetch(self, desk: str) -> None:
        """Download the two files that are to be signed."""
        self.page.goto(desk)
        for name in ("draw.json", "lottery.json"):
            with self.page.expect_download() as download:
                self.page.get_by_role("link", name=name).first.click()
            download.value.save_as(self.home / name)

    def cosign(self, desk: str) -> None:
        self.fetch(desk)
        note = self.tool("sign-draw", "--draw", "draw.json", "--lottery", "lottery.json")
        self._send(self.page.locator("#note"), note)

    def reveal(self, desk: str) -> None:
        self.page.goto(desk)
        self._send(self.page.locator("#secret"), self.tool("reveal", "--draw", "draw.json").split()[-1])

    def type_numbers(self, desk: str) -> None:
        self.page.goto(desk)
        self.page.locator("#group0").fill("48, 3 12 25 33")
        self._send(self.page.locator("#group1"), "7")

    def _send(self, field: Locator, text: str) -> None:
        field.fill(text)
        field.locator("xpath=ancestor::form").get_by_role("button").click()
        confirm(self.page)
        expect(self.page.locator(".flash li")).to_be_visible()
        expect(self.page.locator(".problems")).to_have_count(0)


def at(browser: Browser, site: Site, email: str) -> Page:
    """Open a browser of somebody's own, and sign in."""
    page = browser.new_context(locale="fr-FR").new_page()
    sign_in(page, site, email)
    return page


def drawn(site: Site) -> Draw:
    with site.store.reading() as session:
        return make.fresh(site.store, session.get_one(Draw, 1))


def freeze(organiser: Page, site: Site) -> None:
    """Prepare a draw and freeze it, through the forms."""
    organiser.goto(f"{site.address}/m/val/draws/prepare")
    organiser.locator("#body-0").check()
    organiser.locator("#title").fill("Assemblée ordinaire 2026–2027")
    organiser.locator("main form button").click()
    organiser.wait_for_url("**/draws/1")
    make.finish_jobs(site.store)
    organiser.goto(f"{site.address}/m/val/draws/1/freeze")
    organiser.locator("input[name=drawing][value^=loto]").first.check()
    organiser.locator("main form button").click()
    confirm(organiser)
    organiser.wait_for_url("**/ceremony")
    make.finish_jobs(site.store)


def test_six_guarantors_lead_a_ceremony_and_two_of_them_never_show_up(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    team = []
    for number in range(6):
        home = tmp_path / f"machine{number}"
        home.mkdir()
        team.append(Guarantor(at(browser, site, address_of(number)), site, home))
    names = [guarantor.register() for guarantor in team]
    organiser = at(browser, site, ORGANISER)
    freeze(organiser, site)
    desk, address = (f"{site.address}/m/val/draws/1/{page}" for page in ("desk", "ceremony"))
    watcher = browser.new_context(locale="fr-FR").new_page()
    watcher.goto(address)
    now = watcher.locator("ol.steps [aria-current=step]")
    expect(now).to_contain_text("Les garants signent")
    for guarantor in team[:SIGNERS]:
        guarantor.cosign(desk)
    expect(now).to_contain_text("4 sur 6", timeout=LIVE)
    with after(drawn(site).cosign_until):
        expect(now).to_contain_text("ouvrent leurs secrets", timeout=LIVE)
        for guarantor in team[:SIGNERS]:
            guarantor.reveal(desk)
        expect(now).to_contain_text("4 sur 4", timeout=LIVE)
    with after(drawn(site).beacon_at):
        expect(now).to_contain_text("Le hasard est tiré", timeout=LIVE)
        for guarantor in team[:2]:
            guarantor.type_numbers(desk)
        expect(watcher.locator("ol.steps [data-state=done]")).to_have_count(7, timeout=LIVE)
        assert drawn(site).state == DrawState.HELD
        for place, name in enumerate(names):
            row = watcher.get_by_role("row", name=name)
            expect(row).to_contain_text("manque" if place >= SIGNERS else "20")
        anybody_replays_the_draw(watcher, tmp_path / "anybody")
    for page in (organiser, watcher, *(guarantor.page for guarantor in team)):
        page.context.close()


def anybody_replays_the_draw(page: Page, folder: Path) -> None:
    """Download the folder from the page of the ceremony, and run its program."""
    with page.expect_download() as download:
        page.locator("a[href='/draws/1/bundle.zip']").first.click()
    with zipfile.ZipFile(download.value.path()) as bundle:
        bundle.extractall(folder)
    verdict = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
