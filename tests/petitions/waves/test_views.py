"""The pages of invitations."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.draws import beacons
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.waves import actions as waves
from assemblee.petitions.waves import invited
from assemblee.petitions.waves.models import Invitation, Wave
from assemblee.pools.models import Pool
from assemblee.security import Actor
from tests import ceremony, make, petitioning
from tests.answers import Visitor
from tests.petitioning import GUARANTOR, ORGANISER
from tests.petitions.paper.test_views import base
from tests.petitions.waves.test_actions import crossed, register

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def petition(petition_of_three: Petition) -> Petition:
    return petition_of_three


@pytest.fixture
def wave(store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Petition]:
    """Give a petition whose wave waits for a round that is out."""
    monkeypatch.setattr(beacons, "first_round", lambda _moment: ceremony.ROUND)
    before = beacons.round_time(ceremony.ROUND) - waves.NOTICE + timedelta(seconds=30) - clock.now()
    with clock.shifted(before):
        pool = make.pool(store, mandate, people=1)
        inhabitants = register(store, mandate)
        found = crossed(store, mandate, pool=pool.id, register=inhabitants.id, per_seat=3, letters=2)
        make.finish_jobs(store)
    with clock.shifted(before + waves.NOTICE):
        yield found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_wave_is_drawn_and_answered(
    app: Flask, store: Store, wave: Petition, staff: tuple[Actor, Actor], language: str
) -> None:
    here = base(wave) + "/wave"
    anybody, guarantor = Visitor(app, None, language), Visitor(app, GUARANTOR, language)
    anybody.visit(f"{here}/")
    document = anybody.client.get(f"{here}/asm-wave.json")
    assert (document.status_code, document.json["format"]) == (200, "asm-wave-1")
    guarantor.visit(f"{here}/")
    guarantor.send(f"{here}/round", status=422, signature="00")
    guarantor.send(f"{here}/round", signature=ceremony.SIGNATURE)
    anybody.visit(f"{here}/")
    organiser = Visitor(app, ORGANISER, language)
    organiser.visit(f"{here}/")
    organiser.send(f"{here}/letters", status=422, letters=0)
    letters = organiser.client.post(f"{here}/letters", data={"letters": 500})
    assert (letters.status_code, letters.data[:4]) == (200, b"%PDF")
    organiser.send(f"{here}/letters", status=422, letters=1)
    organiser.visit(f"{here}/")
    with store.writing() as session:
        row = session.scalars(select(Invitation).where(~Invitation.is_mailed)).first()
        assert row is not None
        found = session.scalars(select(Wave)).one()
        code = invited.print_again(session, staff[0], found, row.place).code
    anybody.visit("/invitation/")
    anybody.send("/invitation/", status=422)
    anybody.send("/invitation/", status=422, code="0000-0000-0000")
    anybody.send("/invitation/", status=200, code=code)
    page = anybody.visit(f"/invitation/?code={code}")
    with store.reading() as session:
        person = session.get_one(Invitation, row.id).inhabitant
        pool = session.get_one(Pool, found.pool_id)
        assert person is not None
        assert html.escape(str(person.name)) in page
        answers = {f"category_{one.id}": person.traits[one.name] for one in pool.categories}
    for value in answers.values():
        assert re.search(rf'<option selected value="{value}"', page)
    given = {"code": code, "name": person.name, "email": "", "over_16": "y", "consent": "y", **answers}
    anybody.send("/invitation/", status=422, **{**given, "consent": ""})
    anybody.send("/invitation/", status=422, **{**given, "email": "nobody"})
    anybody.send("/invitation/", status=200, **given)
    anybody.send("/invitation/", status=409, **given)
    anybody.visit(f"{here}/")


def test_a_petition_without_a_wave_has_no_page_of_it(app: Flask, store: Store, petition: Petition) -> None:
    Visitor(app).visit(f"{base(petition)}/wave/", status=404)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_wave_that_is_not_needed_says_why(
    app: Flask, store: Store, petition: Petition, language: str
) -> None:
    for name in ("Anne", "Basile", "Cléa"):
        petitioning.sign(store, petition, f"{name[0].lower()}@example.org", name)
    make.finish_jobs(store)
    visitor = Visitor(app, None, language)
    visitor.visit(f"{base(petition)}/wave/")
    visitor.visit(f"{base(petition)}/wave/asm-wave.json", status=404)
