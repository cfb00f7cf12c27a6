"""A person who was drawn, on a phone and by keyboard, and an organiser who plans again; in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms.models import Seat, SeatState, Term
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.security import COMMAND_LINE
from tests import bodies, make
from tests.browser.conftest import ORGANISER, Site, confirm_by_keyboard, installation, serving, sign_in
from tests.browser.looks import UNFOLD, in_both_languages, in_french, look
from tests.browser.test_personas import reach, reach_field

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {
    "fr": {
        "yes": "Oui, je viens",
        "taken": "Merci",
        "dates": "Mes dates pour mon agenda",
        "absence": "Je ne peux pas venir",
        "noted": "absence annoncée",
        "leave": "Quitter l’assemblée",
        "left": "C’est noté",
        "drawn": "Votre numéro est sorti",
        "look": "Voir ce qui change",
        "publish": "Publier cette charte",
        "apply": "Appliquer ces changements",
        "done": "Les assemblées suivent désormais la charte",
    },
    "en": {
        "yes": "Yes, I take the seat",
        "taken": "Thank you",
        "dates": "My dates for my calendar",
        "absence": "I cannot come",
        "noted": "absence announced",
        "leave": "Leave",
        "left": "Your place is given up",
        "drawn": "You have been drawn by lot",
        "look": "See what changes",
        "publish": "Publish this charter",
        "apply": "Apply these changes",
        "done": "The terms follow the charter from now on",
    },
}


@dataclass(frozen=True)
class Drawn:
    """A site where a panel was drawn, and the mandate and the term that it is for."""

    site: Site
    mandate: Mandate
    term: Term

    @property
    def store(self) -> Store:
        return self.site.store

    def link(self, number: int) -> str:
        with self.store.reading() as session:
            seat = session.get_one(Seat, number)
            return f"{self.site.address}/seat/{letters.token(session.info['settings'], seat)}/"

    def invited(self) -> list[int]:
        found = bodies.term(self.store, self.mandate, self.term.label)
        return [seat.id for seat in bodies.of(found, SeatState.INVITED)]


@pytest.fixture
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    """Serve a mandate whose assembly has just been drawn."""
    with installation(tmp_path_factory.mktemp("seats")) as (configured, store):
        make.account(store, ORGANISER, password=make.PASSWORD)
        place = bodies.mandate(store)
        make.organiser(store, place, ORGANISER)
        found = bodies.drawn(store, place, bodies.pool(store, place), f"{bodies.ASSEMBLY}/1")
        with serving(configured, store) as address:
            yield Drawn(Site(address, store, {}), place, found)


def convene(drawn: Drawn) -> None:
    starts = datetime(2027, 9, 18, 9, 30, tzinfo=ZoneInfo("Europe/Paris"))
    facts = meetings.MeetingFacts("Première séance", starts, starts + timedelta(hours=6), "Salle des fêtes")
    with drawn.store.writing() as session:
        meetings.convene(session, COMMAND_LINE, session.get_one(Term, drawn.term.id), facts)


def sound(page: Page, language: str) -> None:
    assert look(page, language) == []


@in_both_languages
def test_a_person_drawn_accepts_takes_the_dates_announces_an_absence_and_leaves(
    browser: Browser, drawn: Drawn, language: str
) -> None:
    words = WORDS[language]
    context = browser.new_context(viewport={"width": 360, "height": 740}, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{drawn.site.address}/language/{language}")
    convene(drawn)
    page.goto(drawn.link(drawn.invited()[0]))
    expect(page.locator("main .lead")).to_contain_text(words["drawn"])
    sound(page, language)
    reach_field(page, "public_name")
    page.keyboard.type("Nadia R.")
    reach(page, words["yes"])
    page.keyboard.press("Enter")
    expect(page.locator(".flash")).to_contain_text(words["taken"])
    sound(page, language)
    reach(page, words["dates"])
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    calendar = download.value.path().read_text(encoding="utf-8")
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert "20270918T073000Z" in calendar
    page.reload()
    reach(page, words["absence"])
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(words["noted"])
    sound(page, language)
    reach(page, words["leave"])
    page.keyboard.press("Enter")
    expect(page.locator("#sure")).to_be_visible()
    sound(page, language)
    confirm_by_keyboard(page)
    expect(page.locator(".flash")).to_contain_text(words["left"])
    sound(page, language)
    before = set(drawn.invited())
    bodies.turn(drawn.store, drawn.mandate)
    (called,) = set(drawn.invited()) - before
    letter = drawn.site.last_mail()
    link = re.search(r"https?://\S+/seat/(\S+)", letter)
    assert link
    assert link[1] in drawn.link(called), "the letter of whoever is called opens their own page"
    page.goto(drawn.link(called))
    expect(page.locator("main .lead")).to_contain_text(words["drawn"])
    context.close()


@in_french
def test_an_organiser_plans_again_with_the_keyboard_only(
    browser: Browser, drawn: Drawn, language: str
) -> None:
    words = WORDS[language]
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{drawn.site.address}/language/{language}")
    sign_in(page, drawn.site, ORGANISER)
    page.goto(f"{drawn.site.address}/m/amont/charter/edit")
    reach_field(page, "calendar-sessions")
    page.keyboard.type("2028 2028-10-01 2029-07-31")
    reach_field(page, "reason")
    page.keyboard.type("La loi décale la session.")
    reach(page, words["look"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=words["publish"])).to_be_visible()
    expect(page.locator("#sure")).to_be_visible()
    sound(page, language)
    confirm_by_keyboard(page)
    expect(page.locator(".flash")).to_be_visible()
    page.goto(f"{drawn.site.address}/m/amont/assemblies/plan")
    expect(page.locator("main table")).to_contain_text("Agora ordinaire 2")
    sound(page, language)
    expect(page.get_by_role("button", name=words["apply"])).to_be_visible()
    confirm_by_keyboard(page)
    expect(page.locator(".flash")).to_contain_text(words["done"])
    sound(page, language)
    moved = bodies.term(drawn.store, drawn.mandate, f"{bodies.ASSEMBLY}/2")
    assert moved.first.isoformat() == "2028-10-01"
    context.close()


def test_every_page_of_bodies_is_sound(browser: Browser, drawn: Drawn) -> None:
    convene(drawn)
    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="fr-FR")
    page = context.new_page()
    sign_in(page, drawn.site, ORGANISER)
    here = f"/m/amont/assemblies/{drawn.term.id}"
    trouble = []
    for address in (
        "/m/amont/assemblies/",
        "/m/amont/assemblies/desk",
        "/m/amont/assemblies/deviations",
        "/m/amont/assemblies/plan",
        "/m/amont/assemblies/extraordinary",
        "/m/amont/charter",
        "/m/amont/charter/1",
        "/m/amont/charter/edit",
        here,
        f"{here}/meetings/1",
        f"{here}/meetings/new",
        f"{here}/meetings/1/change",
        f"{here}/meetings/1/attendance",
        f"{here}/meetings/1/sheet",
        f"{here}/meetings/1/tables",
        f"{here}/papers",
        f"{here}/ledger",
    ):
        answer = page.goto(f"{drawn.site.address}{address}")
        assert answer is not None
        assert answer.status == 200, address
        page.evaluate(UNFOLD)
        trouble += [f"{address}: {finding}" for finding in look(page, "fr")]
    context.close()
    assert trouble == []
