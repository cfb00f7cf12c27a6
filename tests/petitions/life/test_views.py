"""The pages of petitions: the list, each petition from its draft to its answer."""

from __future__ import annotations

import html
import io
from datetime import timedelta

import pytest
from flask import Flask

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition, PetitionState, Signature
from assemblee.security import Actor, Role
from tests import make, petitioning
from tests.answers import Visitor, check_page
from tests.petitioning import GUARANTOR, ORGANISER

AUTHOR = "autrice@example.org"
LIST = "/m/val/petitions/"
TEXT = {
    "step": "text",
    "title": "Un bus le dimanche",
    "aim": "Loi mobilités",
    "category": "Logement et transports",
    "text": "Le dimanche, aucun bus ne roule.\n\nNous en demandons un par heure.",
    "author": "Prosper Follavoine",
}


@pytest.fixture
def author(store: Store) -> Actor:
    made = make.account(store, AUTHOR, password=make.PASSWORD)
    return Actor(made.id, frozenset({Role.EVERYONE, Role.SIGNED_IN}))


@pytest.fixture
def staff(store: Store, mandate: Mandate) -> None:
    for email in (ORGANISER, GUARANTOR, "garante2@example.org"):
        make.account(store, email, password=make.PASSWORD)
    make.organiser(store, mandate, ORGANISER)
    petitioning.guarantor(store, mandate, 1)
    petitioning.guarantor(store, mandate, 2)


@pytest.fixture
def rules(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)


def page_of(found: Petition) -> str:
    return f"{LIST}{found.id}"


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_before_rules_there_is_nothing_to_write(
    app: Flask, mandate: Mandate, author: Actor, language: str
) -> None:
    visitor = Visitor(app, AUTHOR, language)
    assert "petitions/new" not in visitor.visit(LIST)
    visitor.visit(f"{LIST}rules")
    visitor.visit(f"{LIST}mine")
    visitor.visit(f"{LIST}new", status=404)
    visitor.visit(f"{LIST}rules/1", status=404)


@pytest.mark.both_stores
@pytest.mark.usefixtures("rules", "staff")
def test_a_petition_from_its_title_to_its_check(app: Flask, store: Store, author: Actor) -> None:
    writer, guarantor, stranger = Visitor(app, AUTHOR), Visitor(app, GUARANTOR), Visitor(app)
    assert stranger.client.get(f"{LIST}new").status_code == 302
    writer.visit(f"{LIST}new")
    assert 'id="title-problem"' in writer.send(f"{LIST}new", status=422, title="")
    asked = writer.client.post(f"{LIST}new", data={"title": TEXT["title"]})
    check_page(asked.text, "fr")
    assert 'value="Un bus le dimanche"' in asked.text
    assert 'id="category-problem"' in writer.send(f"{LIST}new", status=422, **{**TEXT, "category": ""})
    place = writer.send(f"{LIST}new", **TEXT)
    assert "Follavoine" in writer.visit(place)
    assert TEXT["title"] in writer.visit(f"{LIST}mine")
    stranger.visit(place, status=404)
    Visitor(app, ORGANISER).visit(place, status=404)
    writer.visit(f"{place}/change")
    writer.send(f"{place}/change", **{**TEXT, "aim": "Loi climat"})
    writer.visit(f"{place}/files")
    writer.send(f"{place}/files", file=(io.BytesIO(b"%PDF-1.7"), "horaires.pdf"))
    assert 'id="file-problem"' in writer.send(
        f"{place}/files", status=422, file=(io.BytesIO(b"x"), "page.html")
    )
    page = writer.visit(f"{place}/files")
    assert "horaires.pdf" in page
    assert stranger.client.get(f"{place}/files/1").status_code == 404
    file = writer.client.get(f"{place}/files/1")
    assert file.data == b"%PDF-1.7"
    assert file.headers["Content-Disposition"] == "attachment; filename=horaires.pdf"
    writer.send(f"{place}/submit")
    writer.visit(f"{place}/change", status=409)
    assert "Loi climat" in stranger.visit(place)
    assert TEXT["title"] not in stranger.visit(LIST), "a text that nobody has checked is in no list"
    found = petition(store, place)
    petitioning.sign(store, found, "marraine@example.org")
    stranger.visit(place, status=404)
    assert TEXT["title"] in guarantor.visit(f"{LIST}checks")
    guarantor.visit(f"{place}/check")
    assert 'id="ground-problem"' in guarantor.send(
        f"{place}/check", status=422, decision="refuse", reason="Non."
    )
    assert 'id="reason-problem"' in guarantor.send(f"{place}/check", status=422, decision="admit")
    writer.client.get(f"{place}/check")
    Visitor(app, GUARANTOR, second_factor=False).send(
        f"{place}/check", status=403, decision="admit", reason="Oui."
    )
    guarantor.send(f"{place}/check", decision="refuse", ground="1", reason="La moitié du texte injurie.")
    page = html.unescape(writer.visit(place))
    assert "La moitié du texte injurie." in page
    assert "Le texte injurie, diffame ou appelle à la haine ou à la violence." in page
    writer.visit(f"{place}/appeal")
    writer.send(f"{place}/appeal", text="Pas une injure.")
    guarantor.visit(f"{place}/check")
    guarantor.send(f"{place}/check", status=409, decision="admit", reason="Oui.")
    other = Visitor(app, "garante2@example.org")
    assert "Pas une injure." in other.visit(f"{place}/check")
    other.send(f"{place}/check", decision="admit", reason="Le texte est vif, sans injure.")
    for language in ("fr", "en"):
        assert "Le texte est vif, sans injure." in Visitor(app, language=language).visit(place)
    assert TEXT["title"] in stranger.visit(LIST)


def petition(store: Store, place: str) -> Petition:
    with store.reading() as session:
        found = session.get_one(Petition, int(place.rpartition("/")[2]))
        session.expunge_all()
        return found


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.usefixtures("rules", "staff")
def test_every_page_from_the_opening_to_the_archive(
    app: Flask, store: Store, mandate: Mandate, author: Actor, language: str
) -> None:
    found = petitioning.opened(store, mandate, author)
    place = page_of(found)
    visitor, organiser = Visitor(app, language=language), Visitor(app, ORGANISER, language)
    for number in range(5):
        petitioning.sign(
            store, found, f"s{number}@example.org", f"Zoé Lavande {number}", is_public=number == 2
        )
        for address in (place, f"{place}/signatures", LIST):
            visitor.visit(address)
    page = visitor.visit(place)
    assert "Zoé Lavande 2" in page
    assert "Zoé Lavande 3" not in page
    assert "/assemblies/" in page, "the signatures have opened the assembly"
    assert FACTS_TITLE in organiser.visit(f"{LIST}answers")
    organiser.visit(f"{place}/steps/1")
    assert 'id="text-problem"' in organiser.send(f"{place}/steps/1", status=422, text="")
    organiser.send(f"{place}/steps/1", text="Je porterai cette demande en commission.")
    organiser.visit(f"{place}/steps/1", status=404)
    organiser.visit(f"{place}/steps/2", status=404)
    organiser.send(f"{place}/answer", status=409, text="Trop tôt.")
    organiser.visit(f"{place}/report")
    organiser.send(f"{place}/report", text="L’assemblée propose trois mesures.")
    organiser.visit(f"{place}/answer")
    organiser.send(f"{place}/answer", text="Deux mesures sont reprises, la troisième non.")
    organiser.visit(f"{LIST}answers")
    organiser.send(f"{place}/archive")
    page = visitor.visit(place)
    for text in ("en commission", "trois mesures", "Deux mesures"):
        assert text in page
    assert petitioning.fresh(store, found).state == PetitionState.ARCHIVED
    Visitor(app, AUTHOR, language).send(f"{place}/archive", status=403)


FACTS_TITLE = petitioning.FACTS.title


@pytest.mark.only("sqlite")
@pytest.mark.usefixtures("rules")
def test_the_list_is_searched_filtered_and_ordered(
    app: Flask, store: Store, mandate: Mandate, author: Actor
) -> None:
    one = petitioning.opened(store, mandate, author)
    visitor = Visitor(app)
    for asked in ("text=cantines", "category=Éducation et jeunesse", "state=open", "order=signatures"):
        assert FACTS_TITLE in visitor.visit(f"{LIST}?{asked}"), asked
    for asked in ("text=bus", "category=Autre", "state=archived", "text=%25"):
        assert FACTS_TITLE not in visitor.visit(f"{LIST}?{asked}"), asked
    for asked in ("page=99", "page=x", "state=draft", "order=nonsense", f"text={'x' * 5_000}"):
        visitor.visit(f"{LIST}?{asked}")
    with clock.shifted(timedelta(days=181)):
        assert f"{page_of(one)}/sign" not in visitor.visit(page_of(one))
        visitor.visit(f"{page_of(one)}/sign", status=410)


@pytest.mark.only("sqlite")
@pytest.mark.usefixtures("rules")
def test_similar_petitions_are_shown_before_the_text_is_kept_and_can_be_merged(
    app: Flask, store: Store, mandate: Mandate, author: Actor
) -> None:
    make.account(store, "autre@example.org", password=make.PASSWORD)
    first = petitioning.opened(store, mandate, author)
    other = Visitor(app, "autre@example.org")
    asked = other.client.post(f"{LIST}new", data={"title": "Des cantines bio dans tous les collèges"})
    assert page_of(first) in asked.text
    place = other.send(f"{LIST}new", **TEXT)
    other.send(f"{place}/submit")
    other.visit(f"{place}/merge?into={first.id}")
    assert 'id="into-problem"' in other.send(f"{place}/merge", status=422, into=place.rpartition("/")[2])
    assert 'id="into-problem"' in other.send(f"{place}/merge", status=422, into="999")
    other.send(f"{place}/merge", status=409, into=first.id)
    twin = other.send(f"{LIST}new", **TEXT)
    other.send(f"{twin}/submit")
    other.send(f"{place}/merge", into=twin.rpartition("/")[2])
    Visitor(app, AUTHOR).send(f"{twin}/merge/{place.rpartition('/')[2]}", status=404)
    assert "merge/" in other.visit(twin)
    other.send(f"{twin}/merge/{place.rpartition('/')[2]}")
    Visitor(app).visit(place)
    other.visit(f"{twin}/withdraw")
    assert 'id="reason-problem"' in other.send(f"{twin}/withdraw", status=422, reason="")
    other.send(f"{twin}/withdraw", reason="Je m’y prends autrement.")
    Visitor(app).visit(twin, status=404)


@pytest.mark.only("sqlite")
@pytest.mark.usefixtures("rules")
def test_nobody_acts_on_the_petition_of_somebody_else(
    app: Flask, store: Store, mandate: Mandate, author: Actor
) -> None:
    make.account(store, "autre@example.org", password=make.PASSWORD)
    place = page_of(petitioning.written(store, mandate, author))
    other = Visitor(app, "autre@example.org")
    for name in ("change", "files", "withdraw", "merge", "appeal"):
        other.visit(f"{place}/{name}", status=404)
        other.send(f"{place}/{name}", status=404, reason="x", text="x", into="1")
    for name in ("submit", "files/1/remove"):
        other.send(f"{place}/{name}", status=404)
        Visitor(app).send(f"{place}/{name}", status=401)
    other.visit(f"{LIST}checks", status=403)
    other.visit(f"{LIST}answers", status=403)


@pytest.mark.only("sqlite")
@pytest.mark.usefixtures("rules")
def test_a_frame_of_another_site_may_show_a_petition_and_nothing_else(
    app: Flask, store: Store, mandate: Mandate, author: Actor
) -> None:
    found = petitioning.opened(store, mandate, author)
    petitioning.sign(store, found, "montree@example.org", "Iris Montrée", is_public=True)
    for language in ("fr", "en"):
        answer = app.test_client().get(f"{page_of(found)}/embed?language={language}")
        check_page(answer.text, language)
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
        for mark in ("<script", "<form", "Iris", "csrf"):
            assert mark not in answer.text
    assert (
        "frame-ancestors 'none'" in app.test_client().get(page_of(found)).headers["Content-Security-Policy"]
    )
    draft = petitioning.written(store, mandate, author)
    Visitor(app, AUTHOR).visit(f"{page_of(draft)}/embed", status=404)


@pytest.mark.only("sqlite")
@pytest.mark.usefixtures("rules")
def test_a_page_costs_the_same_however_many_have_signed(
    app: Flask, store: Store, mandate: Mandate, author: Actor
) -> None:
    found = petitioning.opened(store, mandate, author)
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        for number in range(130):
            session.add(
                Signature(
                    petition_id=row.id,
                    origin="online",
                    state="counted",
                    name=f"Iris {number}",
                    slot=number,
                    is_sponsor=False,
                    is_public=True,
                    wants_news=False,
                    language="fr",
                    nonce=f"n{number}",
                    salt="00",
                    asked_at=clock.now(),
                    counted_on=clock.now().date() - timedelta(days=number % 9),
                )
            )
        row.counted += 130
    visitor = Visitor(app)
    page = visitor.visit(page_of(found))
    assert f"{page_of(found)}/signatures" in page
    assert "Iris 129" in visitor.visit(f"{page_of(found)}/signatures")
    assert "Iris 0<" in visitor.visit(f"{page_of(found)}/signatures?page=2")
