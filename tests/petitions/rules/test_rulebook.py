"""Versions of the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import keeping
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules import rulebook
from assemblee.petitions.rules.document import ready_made
from assemblee.security import COMMAND_LINE
from tests import petitioning
from tests.answers import refused


@pytest.mark.both_stores
def test_rules_follow_one_another(store: Store, mandate: Mandate) -> None:
    with refused("petition-rules-missing"):
        petitioning.written(store, mandate, petitioning.author(store))
    petitioning.publish(store, mandate)
    newer = replace(ready_made(72_000), number=1)
    for rules, reason, code in (
        (newer, " ", "petition-rules-reason-missing"),
        (replace(newer, number=0), "Trop bas.", "petition-rules-changed"),
        (replace(newer, sponsors=-1), "Trop bas.", "petition-rules-invalid"),
        (replace(newer, steps=newer.steps[::-1]), "Trop bas.", "petition-rules-invalid"),
        (replace(newer, grounds=()), "Trop bas.", "petition-rules-invalid"),
    ):
        with store.writing() as session, refused(code):
            row = session.get_one(Mandate, mandate.id)
            rulebook.publish(session, COMMAND_LINE, row, rules, reason)
    with store.reading() as session:
        assert rule_queries.current(session, mandate.id).number == 1
        assert keeping.due(session) == []
