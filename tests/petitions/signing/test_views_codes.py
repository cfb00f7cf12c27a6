"""Letters with codes for signing."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Signature, SignatureState
from assemblee.security import Actor, Role
from tests.answers import Visitor
from tests.petitioning import ORGANISER
from tests.petitions.waves.test_actions import register

pytestmark = pytest.mark.only("sqlite")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_letters_with_codes_are_printed_for_a_register(
    app: Flask, store: Store, mandate: Mandate, staff: tuple[Actor, Actor], language: str
) -> None:
    inhabitants = register(store, mandate, people=3)
    visitor = Visitor(app, ORGANISER, language)
    visitor.visit("/m/val/petitions/letters/")
    visitor.send("/m/val/petitions/letters/", status=422, register=inhabitants.id, letters=0)
    answer = visitor.client.post("/m/val/petitions/letters/", data={"register": inhabitants.id, "letters": 9})
    assert (answer.status_code, answer.data[:4]) == (200, b"%PDF")
    visitor.send("/m/val/petitions/letters/", status=422, register=inhabitants.id, letters=9)
    with store.reading() as session:
        assert session.scalars(select(Signature).where(Signature.state == SignatureState.PENDING)).all() == []
    assert Role.GUARANTOR in staff[1].roles
