"""PostgreSQL must still understand what runs on SQLite alone: it plans each statement of a run once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Integer, cast, create_engine, func, insert, literal, select, update

from assemblee.accounts.models import Account
from assemblee.db import Store
from assemblee.journal.models import Leaf
from tests import statements
from tests.judging.judgement import RECORDED
from tests.statements import Recorder, problems, recorded, spelled

# Fewer would say that the recorder is deaf.
AT_LEAST = 500


@pytest.mark.recorded
@pytest.mark.only("postgresql")
def test_postgresql_plans_each_statement_of_the_run(store: Store) -> None:
    folder = os.environ.get(RECORDED)
    if folder is None:
        pytest.skip("no statements recorded here: python3 -m assemblee test, without arguments, records them")
    found = recorded(Path(folder))
    assert len(found) >= AT_LEAST
    assert problems(address(store), found) == {}


@pytest.mark.only("postgresql")
def test_a_statement_that_only_sqlite_understands_is_found(store: Store) -> None:
    wrong = {
        "ungrouped": select(Account.email, func.max(Account.id)),
        "function": select(func.julianday(Account.created_at)),
        "locked": select(func.count(Account.id)).with_for_update(),
        "typed": select(Account.id).where(Account.email == cast(literal(1), Integer)),
    }
    right = [
        spelled(select(Account).where(Account.id.in_([1, 2]), Account.email == "a").with_for_update()),
        spelled(insert(Account), {"email": "a", "created_at": None}),
        spelled(update(Leaf).values(event="e").where(Leaf.position == 1)),
        "SELECT * FROM workflow_status",
    ]
    texts = {name: spelled(statement) for name, statement in wrong.items()}
    assert set(problems(address(store), [*texts.values(), *right])) == set(texts.values())


def address(store: Store) -> str:
    return store.url.set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_statement_is_recorded_once_whatever_its_values(tmp_path: Path) -> None:
    recorder = Recorder(str(tmp_path))
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for value in (1, 2):
            connection.execute(select(literal(value)))
        connection.exec_driver_sql("SELECT 3")
    statements.event.remove(statements.Engine, "before_execute", recorder.see)
    assert recorded(tmp_path) == ["SELECT $1::INTEGER AS anon_1"]
