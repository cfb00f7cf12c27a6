from __future__ import annotations

import json

import pytest
from sqlalchemy import text

import assemblee.consultations.published  # noqa: F401 - enters the comparison
from assemblee.consultations.models import Consultation
from assemblee.db import Store
from assemblee.journal import checks
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from tests import voting

EDITS = {
    "the result": "UPDATE consultation SET result_text = replace(result_text, '[1,2', '[2,1')",
    "a count": "UPDATE consultation SET ballots = ballots + 1",
    "the marks": "UPDATE consultation SET marks = marks - 1",
    "the state": "UPDATE consultation SET state = 'contested'",
    "no result": "UPDATE consultation SET result_text = NULL, state = 'settled'",
    "the question": "UPDATE consultation SET title = 'Une autre'",
    "the rules": "UPDATE consultation SET rules_text = replace(rules_text, 'Finances', 'Affaires')",
    "a text": "UPDATE consultation SET arguments = '[]'",
    "the closing": "UPDATE consultation SET closes_at = '2031-01-01 00:00:00.000000'",
    "the roll's size": "UPDATE consultation SET roll_size = roll_size + 1",
    "a ballot": "UPDATE ballot SET cells = x'030303' WHERE position = 0",
    "a receipt": "UPDATE ballot SET receipt = 'AAAA-AAAA-AAAA' WHERE position = 0",
    "a mark": "UPDATE roll_entry SET means = NULL WHERE means IS NOT NULL",
    "the mandate": "UPDATE consultation SET mandate_id = mandate_id + 1",
    "the line": "UPDATE consultation SET counted_leaf = 0",
}


@pytest.fixture
def counted(store: Store, mandate: Mandate, pool: Pool) -> Consultation:
    guarantors = voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool)
    for entry in voting.roll(store, made)[:3]:
        voting.vote(store, made, entry, bytes([2, 1, 0]))
    return voting.count(store, made, guarantors)


def damage(store: Store) -> list[str]:
    with store.snapshot() as session:
        return checks.damage(session)


@pytest.mark.only("sqlite")
def test_a_stored_result_that_somebody_edits_is_found(store: Store, counted: Consultation) -> None:
    assert damage(store) == []
    for name, edit in EDITS.items():
        with store.engine.connect() as connection, connection.begin() as act:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            connection.execute(text(edit))
            with store.snapshot() as session:
                session.bind = connection
                found = [line for line in checks.damage(session) if line.startswith(f"vote {counted.id}: ")]
            act.rollback()
        assert found, name
    assert damage(store) == []


@pytest.mark.both_stores
def test_votes_that_are_sound_differ_in_nothing(store: Store, mandate: Mandate, pool: Pool) -> None:
    guarantors = voting.guarantors(store, mandate)
    for rules in voting.KINDS:
        made = voting.settled(store, mandate, pool, rules)
        assert damage(store) == []
        entry = voting.roll(store, made)[0]
        voting.vote(store, made, entry, bytes(len(voting.queries.rules(made).columns)))
        voting.count(store, made, guarantors)
        assert damage(store) == []


@pytest.mark.only("sqlite")
def test_a_result_without_a_line_is_found(store: Store, mandate: Mandate, pool: Pool) -> None:
    voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool)
    with store.writing() as session:
        row = session.get_one(Consultation, made.id)
        row.state, row.result_text = "counted", json.dumps({"quorum_met": True})
    assert {line.split(": ", 1)[1] for line in damage(store)} == {
        "its state is not what the journal tells",
        "its result is not what the journal tells",
    }
