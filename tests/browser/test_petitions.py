"""From the title of a petition to the letter of whoever is drawn: authors, sponsors, signers, guarantors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select

from assemblee import clock
from assemblee.assemblies.seats.letters import INVITED
from assemblee.db import Store
from assemblee.mail.models import Mail
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition, PetitionState, Signature
from assemblee.petitions.signing import actions as signing
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Actor
from tests import bodies, make, petitioning
from tests.browser import scenes
from tests.browser.conftest import Site, confirm, installation, serving, sign_in
from tests.browser.looks import in_both_languages, in_english, in_french, look, overflows
from tests.browser.test_personas import reach, reach_field, reach_refused

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE: ViewportSize = {"width": 360, "height": 740}
GUARANTOR = "garante1@example.org"
# Nobody signs in less than three seconds: the form was opened a while ago.
A_WHILE = timedelta(seconds=30)
THRESHOLD = 1000
WORDS = {
    "fr": {
        "similar": "Ces pétitions demandent peut-être la même chose",
        "open": "Ouverte à la signature",
        "sign": "Signer cette pétition",
        "send": "Signer",
        "confirm": "Oui, comptez ma signature",
        "counted": "Votre signature est comptée",
        "opened": "Les signatures ont ouvert une assemblée extraordinaire",
        "reached": "Une assemblée extraordinaire est ouverte",
        "drawn": "Votre numéro est sorti",
        "problem": "Il y a un problème",
        "gone": "Votre signature est retirée",
        "late": "ne peuvent plus être retirées",
    },
    "en": {
        "similar": "These petitions may ask for the same",
        "open": "Open for signatures",
        "sign": "Sign this petition",
        "send": "Sign",
        "confirm": "Yes, count my signature",
        "counted": "Your signature is counted",
        "opened": "The signatures have opened an extraordinary assembly",
        "reached": "An extraordinary assembly is open",
        "drawn": "You have been drawn by lot",
        "problem": "There is a problem",
        "gone": "Your signature is withdrawn",
        "late": "can no longer be withdrawn",
    },
}


@dataclass(frozen=True)
class Square:
    """A site where a mandate has rules for petitions, volunteers and a guarantor."""

    site: Site
    mandate: Mandate
    pool: Pool
    author: Actor
    guarantor: Actor

    @property
    def place(self) -> str:
        return f"{self.site.address}/m/{self.mandate.slug}/petitions/"

    def mailed(self, email: str, path: str) -> str:
        """Return the link in the last mail to somebody."""
        with self.site.store.reading() as session:
            mails = select(Mail.body).where(Mail.recipient == email).order_by(Mail.id.desc())
            body = session.scalars(mails).first() or ""
        found = re.search(rf"https?://[^/\s]+({path}\S+)", body)
        assert found, body
        return f"{self.site.address}{found[1]}"

    def opened(self, title: str, *signers: str) -> Petition:
        """Return an open petition with its two sponsors, and more signers."""
        facts = replace(petitioning.FACTS, title=title)
        found = petitioning.opened(self.site.store, self.mandate, self.author, facts, self.guarantor)
        for number, name in enumerate(signers):
            petitioning.sign(self.site.store, found, f"s{number}@example.org", name)
        return found

    def counted(self, found: Petition) -> int:
        petitioning.check_count(self.site.store, found)
        return petitioning.fresh(self.site.store, found).counted


def town(store: Store, slug: str, **changes: int) -> Mandate:
    """Return a mandate with a charter of small bodies and rules for petitions."""
    place = make.mandate(store, slug=slug)
    with store.writing() as session:
        row = session.get_one(Mandate, place.id)
        charters.publish(session, COMMAND_LINE, row, bodies.small(charters.ready_made(row)), "")
    petitioning.publish(store, place, petitioning.rules(place, **changes))
    return place


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Square]:
    """Serve a mandate whose inhabitants ask for something."""
    with installation(tmp_path_factory.mktemp("petitions")) as (configured, store):
        place = town(store, "val", sponsors=2, answer=3, assembly=5)
        pool = make.pool(store, place, people=40)
        guarantor, author = petitioning.guarantor(store, place, 1), petitioning.author(store)
        scenes.give_passwords(store, GUARANTOR)
        with serving(configured, store) as address:
            yield Square(Site(address, store, {}), place, pool, author, guarantor)


def somebody(
    browser: Browser, square: Square, language: str, size: ViewportSize | None = None, *, scripts: bool = True
) -> Page:
    """Return the page of somebody new, in their language."""
    context = browser.new_context(java_script_enabled=scripts, **({"viewport": size} if size else {}))
    page = context.new_page()
    page.goto(f"{square.site.address}/language/{language}")
    return page


def enter_by_mail(page: Page, square: Square, email: str) -> None:
    page.goto(f"{square.site.address}/sign-in/link")
    page.locator("#email").fill(email)
    page.locator("main form button").click()
    expect(page.locator("#email")).to_have_count(0)
    page.goto(square.mailed(email, "/sign-in/link/"))
    page.locator("main form button").click()
    page.wait_for_url("**/me")


def open_form(page: Page, address: str) -> None:
    """Go from a petition to its form, and read for a while."""
    with clock.shifted(-A_WHILE):
        page.goto(address)
        page.locator("main a[href$='/sign']").click()
        page.wait_for_url("**/sign")


def fill(page: Page, name: str, email: str, home: str = "Le Val") -> None:
    for field, text in (("name", name), ("email", email), ("home", home)):
        page.locator(f"#{field}").fill(text)
    for field in ("over_16", "consent"):
        page.locator(f"#{field}").check()


def sign(page: Page, square: Square, address: str, name: str, email: str) -> None:
    """Sign on the form, and use the link of the mail; it leaves the page of the signature open."""
    open_form(page, address)
    fill(page, name, email)
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/sign/asked"))
    page.goto(square.mailed(email, "/signatures/"))
    page.locator("main form[action$='/confirm'] button").click()
    expect(page.locator("main form[action$='/confirm']")).to_have_count(0)


def sound(page: Page, language: str) -> None:
    assert look(page, language) == []


@in_french
def test_a_citizen_writes_a_petition_finds_sponsors_and_is_admitted(
    browser: Browser, square: Square, language: str
) -> None:
    words = WORDS[language]
    other = square.opened(f"Un bus le dimanche pour aller au marché, {language}")
    author = somebody(browser, square, language)
    enter_by_mail(author, square, f"autrice-{language}@example.org")
    author.goto(square.place)
    author.locator("main a[href$='/petitions/new']").click()
    title = f"Un bus du dimanche vers le marché, {language}"
    author.locator("#title").fill(title)
    author.keyboard.press("Enter")
    similar = author.locator("main .note").filter(has_text=words["similar"])
    expect(similar.locator(f"a[href$='/petitions/{other.id}']")).to_be_visible()
    sound(author, language)
    author.locator("#aim").fill("Loi mobilités")
    author.locator("#category").select_option(index=1)
    author.locator("#text").fill("Le dimanche, aucun bus ne roule.\nNous en demandons un par heure.")
    author.locator("#author").fill("Prosper Follavoine")
    author.locator("main form button").click()
    expect(author.locator("main form[action$='/submit']")).to_be_visible()
    sound(author, language)
    author.locator("main form[action$='/submit'] button").click()
    expect(author.locator("#sure")).to_be_visible()
    sound(author, language)
    confirm(author)
    address = author.locator("main .note code").inner_text()
    assert address == author.url
    sponsors = somebody(browser, square, language)
    for name in ("Anne Aubépine", "Basile Brindille"):
        sign(sponsors, square, address, name, f"{name[:4].strip().lower()}-{language}@example.org")
        expect(sponsors.locator("main .note")).to_contain_text(words["counted"])
    sponsors.goto(square.place)
    expect(sponsors.locator("main")).not_to_contain_text(title)
    admit(browser, square, language, urlsplit(address).path)
    author.goto(address)
    expect(author.locator("main")).to_contain_text(words["open"])
    expect(author.locator("main")).to_contain_text("Rien ne s’y oppose.")
    expect(author.get_by_role("link", name=words["sign"])).to_be_visible()
    sponsors.goto(square.place)
    sponsors.locator("#text").fill("marché")
    sponsors.keyboard.press("Enter")
    sponsors.get_by_role("link", name=title).click()
    expect(sponsors.locator("h1")).to_have_text(title)
    author.context.close()
    sponsors.context.close()


def admit(browser: Browser, square: Square, language: str, path: str) -> None:
    """Let a guarantor admit a petition."""
    guarantor = somebody(browser, square, language)
    sign_in(guarantor, square.site, GUARANTOR)
    guarantor.goto(f"{square.place}checks")
    guarantor.locator(f"main a[href='{path}/check']").click()
    guarantor.locator("input[name=decision][value=admit]").check()
    guarantor.locator("#reason").fill("Rien ne s’y oppose.")
    guarantor.locator("main form button").click()
    confirm(guarantor)
    expect(guarantor.locator(".flash")).to_be_visible()
    guarantor.context.close()


@in_english
def test_a_signature_opens_the_assembly_and_a_drawn_citizen_gets_the_letter(
    browser: Browser, square: Square, language: str
) -> None:
    words = WORDS[language]
    found = square.opened(f"Des haies le long des chemins, {language}", "Zoé Lavande", "Iris Lavande")
    page = somebody(browser, square, language)
    sign(page, square, f"{square.place}{found.id}", "Ysaline Tournesol", "ysaline@example.org")
    see_the_opening(page, square, found, language)
    page.go_back()
    expect(page.locator("main form[action$='/withdraw']")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(words["late"])
    term = petitioning.fresh(square.site.store, found).term
    assert term is not None
    store = square.site.store
    bodies.hold(store, bodies.prepared(store, square.mandate, square.pool, term.label))
    bodies.turn(store, square.mandate)
    drawn = bodies.of(bodies.term(store, square.mandate, term.label), *bodies.SeatState)
    email = drawn[0].volunteer.email
    assert email in petitioning.letters(store, INVITED)
    page.goto(square.mailed(email, "/seat/"))
    expect(page.locator("main .lead")).to_contain_text(words["drawn"])
    page.context.close()


def see_the_opening(page: Page, square: Square, found: Petition, language: str) -> None:
    """Expect the signer to read that the assembly opened, and the petition to give its dates."""
    words = WORDS[language]
    expect(page.locator("main")).to_contain_text(words["counted"])
    expect(page.locator("main")).to_contain_text(words["opened"])
    after = petitioning.fresh(square.site.store, found)
    assert after.state == PetitionState.REACHED
    assert after.term is not None
    sound(page, language)
    page.locator(f"main .lead a[href$='/petitions/{found.id}']").click()
    note = page.locator("main .note").filter(has_text=words["reached"])
    for day in (after.term.first, after.term.last):
        expect(note).to_contain_text(str(day.year))
        expect(note).to_contain_text(str(day.day))
    expect(note.locator(f"a[href$='/assemblies/{after.term.id}']")).to_be_visible()
    expect(page.locator("main table.thresholds a[href*='/journal/leaves/']")).to_have_count(2)
    sound(page, language)


def test_the_thousandth_signer_on_a_phone_sees_the_assembly_open(browser: Browser, square: Square) -> None:
    store = square.site.store
    place = town(store, "plaine", sponsors=5, answer=100, assembly=THRESHOLD)
    plain = replace(square, mandate=place, guarantor=petitioning.guarantor(store, place, 2))
    found = plain.opened("Une loi sur le bruit des avions")
    crowd(store, found, THRESHOLD - 1 - found.counted)
    assert plain.counted(found) == THRESHOLD - 1
    page = somebody(browser, plain, "fr", PHONE)
    sign(page, plain, f"{plain.place}{found.id}", "Ysaline Tournesol", "ysaline@example.org")
    see_the_opening(page, plain, found, "fr")
    expect(page.locator("main .facts").first).to_contain_text(re.compile(r"1\s000"))
    page.context.close()
    assert plain.counted(found) == THRESHOLD


def crowd(store: Store, found: Petition, people: int) -> None:
    """Let many sign, in one transaction."""
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        for number in range(people):
            facts = signing.SignerFacts(f"Iris {number}", f"iris{number}@example.org", place="Le Val")
            signing.ask(session, row, facts, petitioning.stamp(), network=None, language="fr")
            newest = select(Signature).order_by(Signature.id.desc()).limit(1)
            signing.confirm(session, session.scalars(newest).one().nonce)


@in_both_languages
def test_somebody_signs_with_the_keyboard_alone(browser: Browser, square: Square, language: str) -> None:
    words = WORDS[language]
    found = square.opened(f"Une fontaine sur la place, {language}")
    page = somebody(browser, square, language, PHONE)
    with clock.shifted(-A_WHILE):
        page.goto(f"{square.place}{found.id}")
        reach(page, words["sign"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/sign")
    sound(page, language)
    reach_field(page, "name")
    page.keyboard.type("Ysaline Tournesol")
    reach_field(page, "email")
    page.keyboard.type("ysaline")
    reach_field(page, "home")
    page.keyboard.type("Le Val")
    for field in ("over_16", "consent"):
        reach_field(page, field)
        page.keyboard.press("Space")
    reach(page, words["send"])
    page.keyboard.press("Enter")
    reach_refused(page, "email")
    sound(page, language)
    page.keyboard.press("Control+a")
    page.keyboard.type("ysaline@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/sign/asked"))
    sound(page, language)
    page.goto(square.mailed("ysaline@example.org", "/signatures/"))
    sound(page, language)
    reach(page, words["confirm"])
    page.keyboard.press("Enter")
    expect(page.locator("main .note")).to_contain_text(words["counted"])
    sound(page, language)
    page.context.close()
    assert square.counted(found) == 3


@in_french
def test_somebody_signs_on_a_phone_without_javascript_after_a_wrong_form(
    browser: Browser, square: Square, language: str
) -> None:
    words = WORDS[language]
    found = square.opened(f"Un verger pour l’école, {language}")
    page = somebody(browser, square, language, PHONE, scripts=False)
    open_form(page, f"{square.place}{found.id}")
    page.locator("#name").fill("Ysaline Tournesol")
    page.locator("#email").fill("ysaline@mailinator.com")
    page.locator("#over_16").check()
    page.locator("#is_public").check()
    page.locator("main form button").click()
    expect(page.locator(".problems")).to_contain_text(words["problem"])
    for field in ("home", "consent"):
        wrong(page, field)
    assert page.locator("#name").input_value() == "Ysaline Tournesol", "what was typed is not lost"
    expect(page.locator("#over_16")).to_be_checked()
    expect(page.locator("#is_public")).to_be_checked()
    assert not overflows(page)
    page.locator("#home").fill("Le Val")
    page.locator("#consent").check()
    page.locator("main form button").click()
    wrong(page, "email")
    assert page.locator("#email").input_value() == "ysaline@mailinator.com"
    page.locator("#email").fill("ysaline@example.org")
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/sign/asked"))
    assert not overflows(page)
    page.goto(square.mailed("ysaline@example.org", "/signatures/"))
    assert not overflows(page)
    page.get_by_role("button", name=words["confirm"]).click()
    expect(page.locator("main .note")).to_contain_text(words["counted"])
    assert not overflows(page)
    page.goto(f"{square.place}{found.id}")
    expect(page.locator("main")).to_contain_text("Ysaline Tournesol")
    assert not overflows(page)
    page.context.close()
    assert square.counted(found) == 3


def wrong(page: Page, field: str) -> None:
    """Expect a problem to stand beside a field, tied to it, and in the summary with a way to it."""
    control = page.locator(f"#{field}")
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(control).to_have_attribute("aria-describedby", re.compile(f"{field}-problem"))
    expect(page.locator(f"#{field}-problem")).to_be_visible()
    expect(page.locator(f".problems a[href='#{field}']")).to_be_visible()


@in_english
def test_a_signer_finds_the_line_that_proves_it_and_takes_the_signature_back(
    browser: Browser, square: Square, language: str
) -> None:
    words = WORDS[language]
    found = square.opened(f"Des bancs à l’ombre, {language}")
    page = somebody(browser, square, language, PHONE)
    sign(page, square, f"{square.place}{found.id}", "Ysaline Tournesol", "ysaline@example.org")
    mine = page.url
    page.locator("main details summary").click()
    written = page.locator("main pre").inner_text()
    assert "Ysaline Tournesol" in written
    mark = hashlib.sha256(written.encode()).hexdigest()
    expect(page.locator("main details")).to_contain_text(mark)
    assert not overflows(page)
    page.locator("main a[href*='/journal/leaves/']").click()
    expect(page.locator("main")).to_contain_text(mark)
    expect(page.locator("main")).not_to_contain_text("Ysaline")
    page.goto(mine)
    page.locator("main form[action$='/withdraw'] button").click()
    expect(page.locator("main .note")).to_contain_text(words["gone"])
    expect(page.locator("main")).not_to_contain_text("Ysaline")
    sound(page, language)
    page.context.close()
    assert square.counted(found) == 2
