"""The poster of a petition."""

from __future__ import annotations

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition
from tests import petitioning
from tests.answers import Visitor
from tests.petitions.data.test_exports import place_of


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_poster_is_a_paper_that_anybody_can_read(app: Flask, petition: Petition, language: str) -> None:
    visitor = Visitor(app, language=language)
    first, second = (visitor.client.get(f"{place_of(petition)}/poster.pdf") for _ in range(2))
    assert first.status_code == 200
    assert first.data.startswith(b"%PDF-")
    assert first.data == second.data
    assert b"pdfuaid" in first.data


@pytest.mark.only("sqlite")
def test_a_poster_prints_titles_as_they_stand(app: Flask, store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, sponsors=0))
    actor = petitioning.author(store)
    for number, title in enumerate(("#set page(fill: red) *gras* $x$ \\ <a>", "Très long " * 14)):
        facts = petitioning.PetitionFacts(title, "a" * 300, "Autre", "Texte.", f"Autrice {number}")
        found = petitioning.submitted(store, mandate, actor, facts)
        with store.writing() as session:
            row = session.get_one(Petition, found.id)
            petitioning.checking.open_for_signing(session, petitioning.COMMAND_LINE, row, "silence")
        answer = app.test_client().get(f"{place_of(found)}/poster.pdf")
        assert answer.status_code == 200
        assert answer.data.count(b"/Type /Page\n") + answer.data.count(b"/Type/Page/") <= 1
