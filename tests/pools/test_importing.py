"""The pages by which a file of people is taken in."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select, update

from assemblee.db import Store
from assemblee.jobs.actions import Failed
from assemblee.mandates.models import Mandate
from assemblee.pools import importing, work
from assemblee.pools.models import ImportDraft, Pool, Volunteer
from tests import make
from tests.answers import Visitor

ORGANISER = "organisatrice@example.org"
FORM = (
    "Réf;Prénom;Nom;Mail;Sexe;Tranche;Note\n"
    "1;Ana;Petit;ana@exemple.fr;FEMMES;16–39 ans;a\n"
    "2;Bo;Grand;néant;Hommes;40 ans et plus;\n"
    "3;Cy;Petit;;Martiens;16-39 ans;\n"
).encode("cp1252")


@pytest.fixture
def visitor(app: Flask, store: Store, mandate: Mandate) -> Visitor:
    make.account(store, ORGANISER, password=make.PASSWORD)
    make.organiser(store, mandate, ORGANISER)
    return Visitor(app, ORGANISER)


@pytest.fixture
def empty(store: Store, mandate: Mandate) -> Pool:
    return make.pool(store, mandate, people=0)


def address(pool: Pool) -> str:
    return f"/m/val/pools/{pool.id}"


def sent(visitor: Visitor, pool: Pool, content: bytes, name: str = "inscrits.csv") -> str:
    return visitor.send(f"{address(pool)}/import", file=(io.BytesIO(content), name))


def rows(content: bytes) -> list[tuple[object, ...]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def people(store: Store, pool: Pool) -> int:
    with store.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Volunteer).where(Volunteer.pool_id == pool.id))
            or 0
        )


def test_columns_are_mapped_words_replaced_and_every_line_is_counted(
    visitor: Visitor, store: Store, empty: Pool
) -> None:
    where = sent(visitor, empty, FORM)
    page = visitor.visit(where)
    assert "La colonne manque." in page
    assert "Windows-1252" in page
    columns = {f"column_{place}": "" for place in range(7)}
    columns |= {"column_0": "id", "column_1": "first name", "column_2": "last name", "column_3": "email"}
    columns |= {"column_4": "trait:Genre", "column_5": "trait:Âge", "column_6": "nonsense"}
    visitor.send(f"{where}/columns", **columns)
    page = visitor.visit(where)
    assert "Laissées de côté\u00a0: Note." in page
    assert "3 lignes laissées de côté" in page
    visitor.send(f"{where}/words", category="Genre", found="FEMMES", wanted="Femmes")
    visitor.send(f"{where}/words", category="Genre", found="Martiens", wanted="Femmes")
    visitor.send(f"{where}/words", category="Âge", found="16-39 ans", wanted="16–39 ans")
    visitor.send(f"{where}/words", 422, category="Âge", found="16-39 ans", wanted="jamais dit")
    visitor.send(f"{where}/words", category="Genre", found="Martiens")
    page = visitor.visit(where)
    assert "2 lignes laissées de côté" in page
    left_out = visitor.client.get(f"{where}/refused.xlsx").data
    assert [row[0] for row in rows(left_out)] == ["Réf", "2", "3"]
    assert "Martiens" in str(rows(left_out)[2][-1])
    visitor.send(f"{where}/addresses", keep="y")
    assert "sont gardées, sans ce courriel" in visitor.visit(where)
    visitor.send(f"{where}/addresses")
    visitor.send(f"{where}/addresses", keep="y")
    visitor.send(where)
    assert people(store, empty) == 2
    shown = visitor.visit(address(empty))
    assert "Les 3 lignes du fichier sont comptées\u00a0: 2 nouvelles" in shown
    with store.reading() as session:
        assert session.get_one(Pool, empty.id).columns["Sexe"] == "trait:Genre"


def test_nothing_of_a_file_that_stops_the_reader_is_offered(
    visitor: Visitor, store: Store, empty: Pool
) -> None:
    where = sent(visitor, empty, 'id;Genre;Âge\n1;Femmes;16–39 ans\n2;"Femmes;16–39 ans\n'.encode())
    page = visitor.visit(where)
    assert "Rien de ce fichier ne peut être gardé tel quel" in page
    assert "ligne 3" in page
    assert "déjà dans la liste" not in page
    visitor.send(where, 200)
    visitor.send(f"{where}/drop")
    assert people(store, empty) == 0


def test_where_every_line_is_left_out_the_page_says_so(visitor: Visitor, empty: Pool) -> None:
    page = visitor.visit(sent(visitor, empty, "id;Genre;Âge\n1;FEMMES;16–39 ans\n".encode()))
    assert "Rien de ce fichier ne peut être gardé tel quel" in page
    assert "déjà dans la liste" not in page
    assert "dans 1 ligne" in page


def test_encoding_and_sheet_are_chosen(visitor: Visitor, store: Store, empty: Pool) -> None:
    where = sent(visitor, empty, "id;Genre;Âge\n1;Femmes;16-39 ans\n2;Femmes;é\n".encode("mac_roman"))
    visitor.send(f"{where}/columns", encoding="cp850")
    assert "Encodage du fichier" in visitor.visit(where)
    visitor.send(f"{where}/columns", encoding="utf-8")
    assert "Ce n’est pas un texte dans l’encodage choisi" in visitor.visit(where)
    visitor.send(f"{where}/columns", encoding="nonsense")
    book = Workbook()
    book.active.append(("notes", "à part"))
    for row in (("id", "Genre", "Âge"), (1, "Femmes", "16–39 ans")):
        (book["Inscrits"] if "Inscrits" in book.sheetnames else book.create_sheet("Inscrits")).append(row)
    content = io.BytesIO()
    book.save(content)
    where = sent(visitor, empty, content.getvalue(), "inscrits.xlsx")
    assert "D’autres feuilles du classeur n’ont pas été lues\u00a0: Inscrits" in visitor.visit(where)
    visitor.send(f"{where}/columns", sheet="Inscrits")
    assert "Importer 1 personne" in visitor.visit(where)
    visitor.send(f"{where}/columns", sheet="Perdue")
    assert "n’a pas de feuille" in visitor.visit(where)


def test_what_the_site_gives_out_it_takes_back(visitor: Visitor, store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate)
    given = visitor.client.get(f"{address(pool)}/people.xlsx").data
    assert len(rows(given)) == 13
    page = visitor.visit(sent(visitor, pool, given, "people.xlsx"))
    assert "Tout ce que contient ce fichier est déjà dans la liste" in page
    quotas = visitor.client.get(f"{address(pool)}/quotas-to-fill-in.xlsx").data
    assert rows(quotas)[1] == ("Genre", "Femmes", 2, 2)
    visitor.send(f"{address(pool)}/quotas/file", file=(io.BytesIO(quotas), "quotas.xlsx"))
    to_fill = visitor.client.get(f"{address(pool)}/people-to-fill-in.xlsx").data
    assert rows(to_fill)[0][:2] == ("id", "Prénom")
    page = visitor.visit(sent(visitor, pool, to_fill, "people.xlsx"))
    assert "Le fichier n’a aucune ligne après les noms des colonnes" in page


def test_a_bad_file_of_quotas_says_each_kind_and_changes_nothing(
    visitor: Visitor, store: Store, mandate: Mandate
) -> None:
    pool = make.pool(store, mandate)
    bad = b"category,value,min,max\n" + b"".join(b"A,v%d,x,1\n" % number for number in range(500))
    page = visitor.send(f"{address(pool)}/quotas/file", 422, file=(io.BytesIO(bad), "quotas.csv"))
    assert "lignes 2, 3, 4 et 497 autres" in page
    header = visitor.send(
        f"{address(pool)}/quotas/file", 422, file=(io.BytesIO(b"category,value,min,max\n"), "quotas.csv")
    )
    assert "il ne resterait aucune catégorie" in header
    with store.reading() as session:
        assert len(session.get_one(Pool, pool.id).categories) == 2


def test_flexible_bounds_are_kept_and_shown(visitor: Visitor, store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate)
    flexible = (
        "catégorie;valeur;min;max;min_flex;max_flex\n"
        "Genre;Femmes;2;2;1;3\nGenre;Hommes;2;2;1;3\nÂge;16–39 ans;3;3;3;4\nÂge;40 ans et plus;2;2;2;3\n"
    ).encode()
    visitor.send(f"{address(pool)}/quotas/file", file=(io.BytesIO(flexible), "quotas.csv"))
    assert "une suggestion peut aller de 1 à 3" in visitor.visit(f"{address(pool)}/quotas")
    make.finish_jobs(store)
    page = visitor.visit(f"{address(pool)}/feasibility")
    assert "Aucun changement dans les bornes larges" in page
    assert "au-delà" in page


def test_a_large_file_is_taken_in_by_the_worker_which_says_how_far_it_is(
    visitor: Visitor, store: Store, empty: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LARGE_FILE", 100)
    where = sent(visitor, empty, make.respondents(30))
    visitor.send(where)
    assert "data-refresh" in visitor.visit(address(empty))
    assert people(store, empty) == 0
    visitor.send(f"{where}/drop", 409)
    visitor.send(f"{where}/addresses", 409, keep="y")
    other = sent(visitor, empty, make.respondents(31))
    visitor.send(other, 409)
    said: list[tuple[int, int, str]] = []
    landing = work.take_in(store, empty.id, lambda *told: said.append(told))
    assert said == [(0, 30, "lines")]
    with store.writing() as session:
        landing(session)
    assert people(store, empty) == 30
    assert "Le dernier fichier avait 30 lignes\u00a0: 30 nouvelles" in visitor.visit(address(empty))
    with pytest.raises(Failed, match="import-gone"):
        work.take_in(store, empty.id, lambda *_told: None)


def test_a_large_file_of_which_nothing_can_be_kept_fails_with_its_reason(
    visitor: Visitor, store: Store, empty: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LARGE_FILE", 100)
    where = sent(visitor, empty, make.respondents(30))
    visitor.send(where)
    with store.writing() as session:
        session.execute(update(ImportDraft).values(content=b"x"))
    make.finish_jobs(store)
    assert "Rien dans ce fichier ne peut être enregistré" in visitor.visit(address(empty))
    with store.reading() as session:
        assert session.scalars(select(ImportDraft.kept_by)).all() == [None]


def test_quotas_that_look_alike_are_kept_and_said(visitor: Visitor, store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate, cells=(), name="Autre")
    alike = b"category,value,min,max\ngender,Man,0,2\n,man,0,2\n"
    visitor.send(f"{address(pool)}/quotas/file", file=(io.BytesIO(alike), "quotas.csv"))
    page = visitor.visit(f"{address(pool)}/quotas")
    assert "se ressemblent\u00a0: gender: Man, man" in page
    assert "lues comme celle du dessus\u00a0: 1" in page
