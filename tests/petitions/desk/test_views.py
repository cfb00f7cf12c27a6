"""The pages of the desk against fraud."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.petitions.desk.models import Invalidation, Review
from assemblee.petitions.petition.models import Petition
from assemblee.security import Actor
from tests import petitioning
from tests.answers import Visitor
from tests.petitioning import GUARANTOR
from tests.petitions.paper.test_views import base, rows_of

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def petition(petition_of_three: Petition) -> Petition:
    return petition_of_three


def shown(page: str) -> str:
    found = re.search(r'name="shown"[^>]*value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_desk_shows_the_effect_before_it_is_applied(
    app: Flask, store: Store, petition: Petition, staff: tuple[Actor, Actor], language: str
) -> None:
    visitor, here = Visitor(app, GUARANTOR, language), base(petition) + "/desk"
    visitor.visit(f"{here}/")
    visitor.visit(f"{here}/aside")
    for number in range(6):
        petitioning.sign(store, petition, f"p{number}@bots.example", f"Jean Martin {number}")
    assert "bots.example" in visitor.visit(f"{here}/")
    finding = visitor.visit(f"{here}/finding?place=0")
    visitor.visit(f"{here}/finding?place=99")
    visitor.visit(f"{here}/finding")
    assert 'value="bots.example"' in finding
    visitor.send(f"{here}/aside", status=422, step="preview")
    visitor.send(f"{here}/aside", status=422, step="preview", ids="1 zwei", since="yesterday")
    visitor.send(f"{here}/aside", status=200, step="preview", domain="nobody.example")
    visitor.send(
        f"{here}/aside", status=200, step="preview", since="2026-01-01T00:00", until="2027-01-01T00:00"
    )
    fields = {"domain": "bots.example", "step": "apply", "shown": shown(finding)}
    visitor.send(f"{here}/aside", status=422, reason="", **fields)
    visitor.send(f"{here}/aside", status=422, reason="Robots.", **{**fields, "shown": "00"})
    assert rows_of(store, Invalidation) == []
    visitor.send(f"{here}/aside", reason="Robots.", **fields)
    assert petitioning.fresh(store, petition).counted == 0
    assert "Robots." in Visitor(app, None, language).visit(f"{here}/record")
    # The assembly was open already: guarantors say whether it goes on.
    review = f"{here}/reviews/{rows_of(store, Review)[0].id}"
    assert review in visitor.visit(f"{here}/")
    visitor.visit(review)
    visitor.send(review, status=422, reason="Assez.", opinion="?")
    visitor.send(review, reason="Trop peu.", opinion="stop")
    visitor.visit(review)
    assert "Trop peu." in Visitor(app, None, language).visit(f"{here}/record")
    visitor.visit(f"{here}/restore/1")
    visitor.visit(f"{here}/restore/9", status=404)
    visitor.send(f"{here}/restore/1", status=422)
    visitor.send(f"{here}/restore/1", reason="Elles ont répondu.")
    assert petitioning.fresh(store, petition).counted == 6
    visitor.visit(f"{here}/")
    Visitor(app, None, language).visit(f"{here}/record")


def test_acts_of_guarantors_need_a_second_factor(
    app: Flask, store: Store, petition: Petition, staff: tuple[Actor, Actor]
) -> None:
    visitor = Visitor(app, GUARANTOR, second_factor=False)
    for page in ("desk/aside", "desk/restore/1", "desk/reviews/1", "sheets/samples", "sheets/doubles/1"):
        assert visitor.client.get(f"{base(petition)}/{page}").status_code == 302
        assert visitor.client.post(f"{base(petition)}/{page}").status_code == 403
