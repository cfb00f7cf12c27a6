from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from assemblee import clock
from assemblee import config as settings
from assemblee.cli import cli
from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal import checks, queries, tree
from assemblee.journal.actions import record
from assemblee.journal.models import Leaf
from assemblee.security import COMMAND_LINE

pytestmark = pytest.mark.both_stores


def test_a_leaf_is_hashed_as_it_is_published(store: Store) -> None:
    with store.writing() as session:
        leaf = record(session, COMMAND_LINE, "pool-created", mandate=3, pool=1)
    assert '"event":"pool-created","mandate":3}' in leaf.body
    assert leaf.hash == tree.leaf_hash(leaf.body.encode()).hex()
    with store.reading() as session:
        assert queries.tree_head(session) == queries.TreeHead(1, leaf.hash)


def test_a_leaf_goes_with_its_act_when_the_act_fails(store: Store) -> None:
    def act() -> None:
        with store.writing() as session:
            record(session, COMMAND_LINE, "pool-created", pool=1)
            raise KeyError

    with pytest.raises(KeyError):
        act()
    with store.reading() as session:
        assert queries.tree_head(session).size == 0


@pytest.mark.parametrize(
    "statement", ["DELETE FROM leaf", "UPDATE leaf SET body = 'x'", "UPDATE leaf SET position = 9"]
)
def test_the_database_itself_refuses_to_rewrite(store: Store, statement: str) -> None:
    with store.writing() as session:
        record(session, COMMAND_LINE, "pool-created", pool=1)
    with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
        session.execute(text(statement))


def test_writers_at_once_leave_no_gap(store: Store) -> None:
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        for turn in range(5):
            with store.writing() as session:
                record(session, COMMAND_LINE, "pool-created", pool=number, turn=turn)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert checks.damage(session) == []
        assert queries.tree_head(session).size == 40


def test_leaves_are_listed_newest_first_by_mandate(store: Store) -> None:
    with store.writing() as session:
        for number in range(3):
            record(session, COMMAND_LINE, "pool-created", mandate=number % 2 + 1, pool=number)
    with store.reading() as session:
        assert [leaf.position for leaf in queries.leaves(session, mandate_id=1, offset=0, limit=9)] == [2, 0]
        assert queries.count(session, mandate_id=1) == 2


def test_the_check_finds_a_false_hash_and_a_gap(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "load", lambda: config)
    with store.writing() as session:
        record(session, COMMAND_LINE, "pool-created", pool=1)
    sound = CliRunner().invoke(cli, ["journal", "check"])
    assert (sound.exit_code, sound.output[:14]) == (0, "1 leaves, root")
    with store.writing() as session:
        row = session.get_one(Leaf, 0)
        session.add(Leaf(position=1, at=row.at, mandate_id=None, event="x", body="{}", hash="00" * 32))
        session.add(
            Leaf(position=2, at=row.at, mandate_id=None, event="role-given", body=row.body, hash=row.hash)
        )
        session.add(Leaf(position=5, at=row.at, mandate_id=None, event="x", body="{}", hash="00" * 32))
    broken = CliRunner().invoke(cli, ["journal", "check"])
    assert broken.exit_code == 1
    assert "leaf 1: its hash" in broken.output
    assert "leaf 2: its columns" in broken.output
    assert "gap: there is no leaf 3" in broken.output


def test_time_goes_back_for_nobody_but_in_each_mandate_of_who_lives_at_another_time(store: Store) -> None:
    def write(mandate: int, days: int = 0) -> datetime:
        with clock.shifted(timedelta(days=days)), store.writing() as session:
            return record(session, COMMAND_LINE, "act", mandate=mandate).at

    today, in_past = write(1), write(2, -400)
    assert today - in_past >= timedelta(days=399), "another mandate is lived in days gone by"
    assert write(2, -500) == in_past, "and its time does not go back"
    assert write(2, -390) - in_past >= timedelta(days=9)
    assert write(1) >= today, "whoever lives today writes today"
