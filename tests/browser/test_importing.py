"""A clerk with a spreadsheet: columns are said, words corrected by a click, nobody is lost without a word."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from assemblee.mandates.models import Mandate
from assemblee.pools.models import Volunteer
from tests import make
from tests.browser.conftest import ORGANISER, Site, confirm, sign_in
from tests.browser.looks import look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PEOPLE = 180
HEADER = ("Réf.", "Prénom", "NOM", "Mail", "Portable", "Sexe", "Tranche", "Remarques")


def workbook(folder: Path, name: str, rows: list[tuple[object, ...]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Inscrits"
    for row in (HEADER, *rows):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    path = folder / name
    path.write_bytes(content.getvalue())
    return path


def inscribed() -> list[tuple[object, ...]]:
    """Return 180 people; of twelve the answer is written otherwise, and of three the address is none."""
    rows: list[tuple[object, ...]] = []
    for number in range(1, PEOPLE + 1):
        gender = "FEMMES" if number <= 12 else ("Femmes", "Hommes")[number % 2]
        address = "néant" if number in {20, 30, 40} else f"inscrit{number}@exemple.fr"
        age = "16–39 ans" if number % 3 else "40 ans et plus"
        note = "appelle le soir" if number % 4 == 0 else None
        rows.append((4000 + number, "Zoé", f"MARCHAL{number}", address, "0199009025", gender, age, note))
    return rows


def send(page: Page, file: Path) -> None:
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Voir avant d’importer").click()


def sums(page: Page) -> list[int]:
    return [int(re.sub(r"\D", "", text)) for text in page.locator(".sum b").all_inner_texts()]


def test_a_clerk_imports_corrects_and_imports_again(page: Page, site: Site, tmp_path: Path) -> None:
    with site.store.reading() as session:
        place = session.scalars(select(Mandate).where(Mandate.slug == "val")).one()
    pool = make.pool(site.store, place, people=0, name="Mairie")
    sign_in(page, site, ORGANISER)
    page.goto(f"{site.address}/m/val/pools/{pool.id}/import")
    send(page, workbook(tmp_path, "inscriptions.xlsx", inscribed()))
    expect(page.get_by_text("La colonne manque").first).to_be_visible()
    page.get_by_label("La colonne Sexe devient").select_option("Genre")
    page.get_by_label("La colonne Tranche devient").select_option("Âge")
    page.get_by_role("button", name="Relire avec ces choix").click()
    assert sums(page) == [165, 0, 0, 15, 180]
    expect(page.locator("caption")).to_contain_text("Remarques")
    assert look(page, "fr") == []
    page.get_by_role("button", name=re.compile("^Remplacer")).click()
    assert sums(page) == [177, 0, 0, 3, 180]
    page.get_by_role("button", name=re.compile("^Garder les 3 lignes")).click()
    assert sums(page) == [180, 0, 0, 0, 180]
    confirm(page)
    expect(page.get_by_text("Les 180 lignes du fichier sont comptées")).to_be_visible()
    changed = inscribed()[10:]
    changed[5] = (*changed[5][:4], "0199000000", *changed[5][5:])
    page.goto(f"{site.address}/m/val/pools/{pool.id}/import")
    send(page, workbook(tmp_path, "encore.xlsx", changed))
    # The columns are remembered; the two words that were written otherwise have to be said once more.
    assert sums(page) == [0, 1, 164, 5, 170]
    expect(page.get_by_text("10 volontaires de la liste ne sont pas dans ce fichier")).to_be_visible()
    with site.store.reading() as session:
        kept = session.scalar(select(func.count()).select_from(Volunteer).where(Volunteer.pool_id == pool.id))
    assert kept == PEOPLE
