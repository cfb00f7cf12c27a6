"""Voters on a phone, by keyboard, on a bad network and without JavaScript; guarantors who count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect
from sqlalchemy import select

from assemblee.consultations.models import Consultation
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from tests import make, voting
from tests.browser import scenes
from tests.browser.conftest import Site, confirm_by_keyboard, installation, serving, sign_in
from tests.browser.looks import UNFOLD, in_both_languages, in_english, in_french, look
from tests.browser.test_personas import reach

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE: ViewportSize = {"width": 360, "height": 740}
RECEIPT = re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$")
TEAM = ("garant0@example.org", "garant1@example.org")
REFUSING = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
# What this device keeps for the voter of this page.
KEPT = """() => Object.entries(localStorage)
  .filter(([place]) => place.includes(location.pathname)).map(([, text]) => text).join()"""
WORDS = {
    "fr": {
        "look": "Relire mon bulletin",
        "send": "Mettre mon bulletin dans l’urne",
        "back": "Changer mes réponses",
        "again": "Revoter",
        "blank": "Voter blanc",
        "a blank": "Un bulletin blanc",
        "broken": "La connexion",
        "begun": "Votre vote n’est pas terminé",
        "unkept": "Rien n’est parti",
        "elsewhere": "Vous avez voté, ou commencé à voter",
        "tab": "Cette page a été rouverte",
        "closed": "Ce vote est fermé",
        "ask": "M’envoyer un code de vote",
        "sent": "Un code de vote vous a été envoyé",
        "merit": "Profil de mérite",
        "counted": "Ce bulletin a été compté",
    },
    "en": {
        "look": "Look at my ballot again",
        "send": "Put my ballot in the box",
        "back": "Change my answers",
        "again": "Vote again",
        "blank": "Vote blank",
        "a blank": "A blank ballot",
        "broken": "The connection broke",
        "begun": "Your vote was not finished",
        "unkept": "Nothing was sent",
        "elsewhere": "You have begun to vote",
        "tab": "This page was opened again",
        "closed": "This vote is closed",
        "ask": "Send me a voting code",
        "sent": "A voting code was sent to you",
        "merit": "Merit profile",
        "counted": "This ballot was counted",
    },
}


@dataclass(frozen=True)
class Hall:
    """A site whose mandate has a pool that votes and two guarantors."""

    site: Site
    mandate: Mandate
    pool: Pool

    def settled(self, **changes: Any) -> Consultation:  # noqa: ANN401 - what `voting.settled` takes
        return voting.settled(self.site.store, self.mandate, self.pool, **changes)

    def link(self, number: int) -> str:
        """Return the link in the last mail to a voter."""
        with self.site.store.reading() as session:
            mails = select(Mail.body).where(Mail.recipient == f"p{number}@example.org")
            body = session.scalars(mails.order_by(Mail.id.desc())).first()
        found = re.search(r"https?://[^/\s]+(/vote/\S+)", body or "")
        assert found
        return f"{self.site.address}{found[1]}"

    def counted(self, consultation: Consultation) -> dict[str, int]:
        """Count a vote, and return how many are marked and how many ballots there are."""
        team = voting.guarantors(self.site.store, self.mandate)
        found = voting.count(self.site.store, consultation, team)
        assert found.marks is not None
        assert found.ballots is not None
        return {"marks": found.marks, "ballots": found.ballots}

    def marks(self, consultation: Consultation) -> int:
        return sum(entry.means is not None for entry in voting.roll(self.site.store, consultation))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Serve a mandate where people vote."""
    with installation(tmp_path_factory.mktemp("votes")) as (configured, store):
        place = make.mandate(store)
        pool = make.pool(store, place)
        voting.guarantors(store, place)
        scenes.give_passwords(store, *TEAM)
        with serving(configured, store) as address:
            yield Hall(Site(address, store, {}), place, pool)


@dataclass
class Voter:
    """A voter before a browser, who uses the keyboard only."""

    page: Page
    words: dict[str, str]
    language: str

    def press(self, name: str) -> None:
        reach(self.page, self.words[name])
        self.page.keyboard.press("Enter")

    def grade(self, *steps: int) -> None:
        """Go to each question in turn, and to a grade by the arrows."""
        for number in range(len(steps)):
            self.page.locator("fieldset.question input[type=radio]").first.wait_for(state="attached")
            while not self._is_at(number):
                self.page.keyboard.press("Tab")
            self.page.keyboard.press("Space")
            for _ in range(steps[number]):
                self.page.keyboard.press("ArrowRight")

    def _is_at(self, number: int) -> bool:
        return bool(
            self.page.evaluate(
                "number => [...document.querySelectorAll('fieldset.question')][number]"
                ".contains(document.activeElement)",
                number,
            )
        )

    def chosen(self) -> list[str]:
        return [
            text.strip()
            for text in self.page.locator("fieldset.question input:checked + label").all_inner_texts()
        ]

    def receipt(self) -> str:
        """Return the receipt, which takes the focus once the ballot is in the box."""
        expect(self.page.locator("#done h2")).to_be_focused()
        code = self.page.locator("#receipt").inner_text()
        assert RECEIPT.match(code)
        kept = self.page.evaluate(KEPT)
        assert "receipt" in kept
        assert "answers" not in kept, "no answer stays on the device"
        assert self.chosen() == []
        return code

    def sound(self) -> None:
        assert look(self.page, self.language) == []


def at(context: BrowserContext, hall: Hall, language: str) -> Voter:
    page = context.new_page()
    page.goto(f"{hall.site.address}/language/{language}")
    return Voter(page, WORDS[language], language)


@in_both_languages
def test_a_voter_on_a_phone_votes_by_keyboard_and_votes_again(
    browser: Browser, hall: Hall, language: str
) -> None:
    made = hall.settled()
    voter = at(browser.new_context(viewport=PHONE), hall, language)
    page = voter.page
    page.goto(hall.link(1))
    voter.sound()
    voter.grade(3, 1)
    assert len(voter.chosen()) == 2
    for target in page.locator(".grades label").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
    voter.press("look")
    expect(page.locator("#review h2")).to_be_focused()
    expect(page.locator("#review dd")).to_have_count(3)
    voter.sound()
    voter.press("back")
    expect(page.locator("#ballot h2")).to_be_focused()
    voter.grade(3, 1, 0)
    voter.press("look")
    voter.press("send")
    first = voter.receipt()
    voter.sound()
    page.reload()
    expect(page.locator("#receipt")).to_have_text(first)
    voter.press("again")
    expect(page.locator("#ballot h2")).to_be_focused()
    voter.press("blank")
    expect(page.locator("#review dl")).to_contain_text(voter.words["a blank"])
    voter.press("send")
    assert voter.receipt() != first
    page.context.close()
    assert hall.counted(made) == {"marks": 1, "ballots": 1}


@pytest.mark.parametrize(
    ("language", "request_lost", "lost"),
    [
        ("fr", "mark", "request"),
        ("en", "mark", "answer"),
        ("en", "ballots", "request"),
        ("fr", "ballots", "answer"),
    ],
)
def test_a_vote_is_taken_up_again_after_the_connection_broke(
    browser: Browser, hall: Hall, language: str, request_lost: str, lost: str
) -> None:
    made = hall.settled()
    voter = at(browser.new_context(viewport=PHONE), hall, language)
    page = voter.page

    def break_off(route: Route) -> None:
        if lost == "answer":
            route.fetch()
        route.abort()

    page.goto(hall.link(2))
    voter.grade(2, 0, 1)
    answers = voter.chosen()
    page.route(f"**/{request_lost}", break_off)
    voter.press("look")
    voter.press("send")
    expect(page.locator("#sent")).to_contain_text(voter.words["broken"])
    assert hall.marks(made) == (0 if (request_lost, lost) == ("mark", "request") else 1)
    page.unroute(f"**/{request_lost}")
    page.reload()
    expect(page.locator("#told")).to_contain_text(voter.words["begun"])
    assert voter.chosen() == answers
    voter.press("look")
    voter.press("send")
    voter.receipt()
    page.context.close()
    assert hall.counted(made) == {"marks": 1, "ballots": 1}


def test_two_voters_share_a_device_and_one_of_them_opens_a_second_tab(browser: Browser, hall: Hall) -> None:
    made = hall.settled()
    context = browser.new_context()
    one, other, tab = (at(context, hall, "fr") for _ in range(3))
    for voter, number in ((one, 3), (other, 4)):
        voter.page.bring_to_front()
        voter.page.goto(hall.link(number))
        assert voter.chosen() == []
        voter.grade(number - 2, 1, 0)
        voter.press("look")
    tab.page.bring_to_front()
    tab.page.goto(hall.link(3))
    expect(one.page.locator("#told")).to_contain_text(one.words["tab"])
    expect(one.page.locator("#review")).to_be_hidden()
    assert len(tab.chosen()) == 3, "the second tab goes on where the first one was"
    tab.press("look")
    tab.press("send")
    receipt = tab.receipt()
    one.page.bring_to_front()
    one.page.reload()
    expect(one.page.locator("#receipt")).to_have_text(receipt)
    other.page.bring_to_front()
    other.press("send")
    assert other.receipt() != receipt
    context.close()
    stranger = at(browser.new_context(), hall, "fr")
    stranger.page.goto(hall.link(3))
    expect(stranger.page.locator("#told")).to_contain_text(stranger.words["elsewhere"])
    expect(stranger.page.locator("#ballot")).to_be_hidden()
    stranger.sound()
    stranger.page.context.close()
    assert hall.counted(made) == {"marks": 2, "ballots": 2}


@in_english
def test_a_device_that_keeps_nothing_loses_no_vote(browser: Browser, hall: Hall, language: str) -> None:
    made = hall.settled()
    voter = at(browser.new_context(viewport=PHONE), hall, language)
    voter.page.add_init_script(REFUSING)
    voter.page.goto(hall.link(5))
    voter.grade(1, 1, 1)
    voter.press("look")
    voter.press("send")
    expect(voter.page.locator("#sent")).to_contain_text(voter.words["unkept"])
    assert hall.marks(made) == 0
    voter.sound()
    voter.press("ask")
    expect(voter.page.locator("main")).to_contain_text(voter.words["sent"])
    voter.page.context.close()


@in_french
def test_a_ballot_that_comes_too_late_is_told(browser: Browser, hall: Hall, language: str) -> None:
    made = hall.settled()
    voter = at(browser.new_context(viewport=PHONE), hall, language)
    voter.page.goto(hall.link(6))
    voter.grade(1, 1, 1)
    voter.press("look")
    with voting.after_closing(made):
        voter.press("send")
        expect(voter.page.locator("#sent")).to_contain_text(voter.words["closed"])
        voter.page.reload()
        expect(voter.page.locator("#ballot")).to_have_count(0)
        voter.sound()
    voter.page.context.close()
    assert hall.marks(made) == 0


@in_english
def test_a_voter_without_javascript_votes_with_a_mailed_code(
    browser: Browser, hall: Hall, language: str
) -> None:
    made = hall.settled(rules={**voting.JUDGMENT, "default": None})
    voter = at(browser.new_context(viewport=PHONE, java_script_enabled=False), hall, language)
    page = voter.page
    page.goto(hall.link(7))
    expect(page.locator("#ballot")).to_be_hidden()
    page.get_by_role("button", name=voter.words["ask"]).click()
    expect(page.locator("main")).to_contain_text(voter.words["sent"])
    page.locator(f"main a[href='/votes/{made.id}/code']").click()
    code = voting.sent_code(hall.site.store)
    page.locator("#code").fill(code.lower())
    page.locator("#answer_0-2").press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#answer_1-problem")).to_be_visible()
    for place in (1, 2):
        page.locator(f"#answer_{place}-1").press("Space")
    page.get_by_role("button", name=voter.words["look"]).click()
    expect(page.locator("main dd")).to_have_count(3)
    page.get_by_role("button", name=voter.words["send"]).click()
    assert RECEIPT.match(page.locator(".receipt code").inner_text())
    page.context.close()
    assert hall.counted(made) == {"marks": 1, "ballots": 1}


@in_french
def test_guarantors_count_and_a_voter_finds_the_receipt(browser: Browser, hall: Hall, language: str) -> None:
    made = hall.settled()
    store = hall.site.store
    for entry in voting.roll(store, made)[:10]:
        voting.vote(store, made, entry, bytes([entry.id % 4, 1, 2]))
    voter = at(browser.new_context(viewport=PHONE), hall, language)
    voter.page.goto(hall.link(12))
    voter.grade(3, 3, 3)
    voter.press("look")
    voter.press("send")
    receipt = voter.receipt()
    place = f"{hall.site.address}/m/val/consultations/{made.id}"
    with voting.after_closing(made):
        for email in TEAM:
            guarantor = at(browser.new_context(), hall, language)
            sign_in(guarantor.page, hall.site, email)
            guarantor.page.goto(place)
            if email == TEAM[0]:
                guarantor.sound()
            guarantor.page.locator("main form[action$='/count'] button").focus()
            guarantor.page.keyboard.press("Enter")
            confirm_by_keyboard(guarantor.page)
            guarantor.page.wait_for_url(place)
            expect(guarantor.page.locator("main form[action$='/count']")).to_have_count(0)
            guarantor.page.context.close()
        page = voter.page
        page.goto(place)
        expect(page.locator("figure.merit figcaption")).to_contain_text(voter.words["merit"])
        expect(page.locator("figure.merit .bars > li")).to_have_count(3)
        page.evaluate(UNFOLD)
        voter.sound()
        page.locator("main a[href$='/board']").first.click()
        page.locator("#receipt").fill(receipt.lower())
        page.keyboard.press("Enter")
        expect(page.locator("main .lead")).to_contain_text(voter.words["counted"])
        expect(page.locator("h1")).to_contain_text(receipt)
        expect(page.locator("main dl").first.locator("dd")).to_have_count(3)
        voter.sound()
        page.context.close()
