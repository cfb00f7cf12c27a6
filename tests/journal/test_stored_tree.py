"""The tree as it is stored: nodes, proofs, checkpoints, time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from assemblee import clock, migrations
from assemblee.accounts import actions as accounts
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs import worker
from assemblee.journal import actions, checks, keys, notes, queries, tree
from assemblee.journal.models import Checkpoint, Leaf, TreeNode
from assemblee.security import COMMAND_LINE
from tests.answers import refused

pytestmark = pytest.mark.both_stores

SIZE = 21


def fill(store: Store, leaves: int = SIZE) -> None:
    with store.writing() as session:
        for number in range(leaves):
            actions.record(session, COMMAND_LINE, "pool-opened", mandate=number % 3, pool=number)


def test_nodes_and_proofs_are_those_of_the_leaves(store: Store) -> None:
    fill(store)
    with store.reading() as session:
        hashes = [bytes.fromhex(one) for one in session.scalars(select(Leaf.hash).order_by(Leaf.position))]
        expected = {
            (level, position): digest.hex()
            for level, found in enumerate(tree.levels(hashes))
            for position, digest in enumerate(found)
            if level
        }
        stored = {(node.level, node.position): node.hash for node in session.scalars(select(TreeNode))}
        assert stored == expected
        for size in range(1, SIZE + 1):
            root = tree.root(hashes[:size])
            assert queries.tree_head(session, size) == queries.TreeHead(size, root.hex())
            proof = queries.inclusion(session, size // 2, size)
            path = [bytes.fromhex(one) for one in proof.hashes]
            assert tree.includes(size // 2, size, hashes[size // 2], path, root)
            proof = queries.consistency(session, size, SIZE)
            path = [bytes.fromhex(one) for one in proof.hashes]
            assert tree.extends(size, SIZE, root, bytes.fromhex(proof.root), path)
        assert checks.damage(session) == []


def test_proofs_that_do_not_exist_are_refused(store: Store) -> None:
    fill(store, 3)
    with store.reading() as session:
        for position, size in ((3, 3), (0, 4), (-1, 3)):
            with refused("proof-impossible"):
                queries.inclusion(session, position, size)
        for old, new in ((0, 3), (3, 2), (1, 4)):
            with refused("proof-impossible"):
                queries.consistency(session, old, new)
        with refused("leaf-unknown"):
            queries.leaf(session, 3)


def test_an_act_and_its_leaf_are_kept_together_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 3)

    def act() -> None:
        with store.writing() as session:
            accounts.add(session, "a@example.org", password=None)
            session.flush()
            actions.record(session, COMMAND_LINE, "pool-opened", pool=9)

    with monkeypatch.context() as patch:
        # The fault falls after the leaf is hashed and before its nodes are there.
        patch.setattr(tree, "completed", lambda *_arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            act()
    with store.reading() as session:
        assert queries.tree_head(session).size == 3
        assert session.scalar(text("SELECT count(*) FROM account")) == 0
        assert checks.damage(session) == []
    act()
    with store.reading() as session:
        assert queries.tree_head(session).size == 4


def test_the_time_of_a_leaf_is_the_databases_and_never_goes_back(store: Store) -> None:
    with store.writing() as session:
        first = actions.record(session, COMMAND_LINE, "pool-opened", pool=1)
    assert abs(first.at - datetime.now(UTC)) < timedelta(seconds=5)
    assert first.at.microsecond == 0
    with clock.shifted(timedelta(days=3)), store.writing() as session:
        later = actions.record(session, COMMAND_LINE, "pool-opened", pool=1)
    assert later.at - first.at >= timedelta(days=3)
    with clock.shifted(timedelta(days=-30)), store.writing() as session:
        assert actions.record(session, COMMAND_LINE, "pool-opened", pool=1).at == later.at


@pytest.mark.parametrize("table", ["tree_node", "checkpoint"])
def test_the_database_refuses_to_rewrite_what_is_signed(store: Store, table: str) -> None:
    fill(store, 3)
    with store.writing() as session:
        actions.checkpoint(session)
    for statement in (
        f"DELETE FROM {table}",
        f"UPDATE {table} SET {'hash' if table == 'tree_node' else 'root'} = 'x'",
    ):
        with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
            session.execute(text(statement))


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("table", ["leaf", "tree_node", "checkpoint"])
def test_replacing_a_row_is_rewriting(store: Store, table: str) -> None:
    fill(store, 3)
    with store.writing() as session:
        actions.checkpoint(session)
    with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
        session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("table", ["leaf", "tree_node", "cosignature"])
def test_emptying_a_table_is_rewriting(store: Store, table: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
        session.execute(text(f"TRUNCATE {table}"))


def test_a_size_is_signed_once(store: Store, config: Config) -> None:
    with refused("journal-empty"), store.writing() as session:
        actions.checkpoint(session)
    fill(store)
    with store.writing() as session:
        made = actions.checkpoint(session)
        assert actions.checkpoint(session) is made
    note = notes.parse_note(made.note)
    assert notes.verifies(note, keys.load(config).key)
    assert notes.parse_head(note.text) == notes.Head(config.origin, SIZE, bytes.fromhex(made.root))
    with store.reading() as session:
        assert queries.tree_head(session).root == made.root


def test_the_worker_signs_a_journal_that_has_grown(store: Store, config: Config) -> None:
    def signed() -> list[int]:
        with store.reading() as session:
            return list(session.scalars(select(Checkpoint.size).order_by(Checkpoint.size)))

    worker.sign_journal(store, config)
    assert signed() == []
    fill(store, 2)
    worker.sign_journal(store, config)
    fill(store, 2)
    worker.sign_journal(store, config)
    assert signed() == [2]
    with clock.shifted(timedelta(minutes=config.checkpoint_minutes)):
        worker.sign_journal(store, config)
        worker.sign_journal(store, config)
    assert signed() == [2, 4]


def test_a_log_without_its_key_signs_nothing(store: Store, config: Config) -> None:
    fill(store, 2)
    path = keys.path_of(config)
    written = path.read_text()
    path.write_text(written[:-8] + "\n")
    with refused("journal-key-unreadable"), store.writing() as session:
        actions.checkpoint(session)
    path.write_text(written.replace("journal+", "journal+0"))
    with refused("journal-key-unreadable"), store.writing() as session:
        actions.checkpoint(session)
    path.unlink()
    with refused("journal-key-missing"), store.writing() as session:
        actions.checkpoint(session)
    worker.sign_journal(store, config)
    other = Config(config.instance, config.secret_key, config.database_url, log_origin="other.example/log")
    keys.create(other)
    with refused("journal-key-name"), store.writing() as session:
        actions.checkpoint(session)
    with Store(config.database_url).reading() as session:
        assert keys.verifier(session) is None


def test_a_proof_reads_few_rows_of_a_large_log(store: Store) -> None:
    fill(store, 300)
    statements: list[str] = []
    with store.reading() as session:
        event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        queries.consistency(session, 171, 299)
        # The size, and all the nodes at once.
        assert len([one for one in statements if one.startswith("SELECT")]) == 2
        places = {place for path in tree.consistency_path(171, 299) for place in path}
        assert len(queries.nodes(session, places)) == len(places) <= 20


@pytest.mark.only("sqlite")
def test_the_nodes_of_a_log_from_before_are_filled_in(store: Store, tmp_path: Path) -> None:
    fill(store)
    old = Store(f"sqlite:///{tmp_path / 'old.sqlite'}")
    settings = migrations._config()
    with old.writing() as session:
        settings.attributes["connection"] = session.connection()
        command.upgrade(settings, "0001")
    with store.reading() as session:
        rows = [dict(row) for row in session.execute(text("SELECT * FROM leaf")).mappings()]
    with old.writing() as session:
        session.execute(
            text("INSERT INTO leaf VALUES (:position, :at, :mandate_id, :event, :body, :hash)"), rows
        )
    migrations.upgrade(old)
    with old.reading() as session, store.reading() as expected:
        assert checks.damage(session) == []
        assert queries.tree_head(session) == queries.tree_head(expected)
    old.dispose()


def test_a_damaged_tree_takes_no_more_leaves(store: Store) -> None:
    fill(store, 3)
    drop_triggers(store)
    with store.writing() as session:
        session.execute(text("DELETE FROM tree_node"))
    with refused("journal-damaged"), store.writing() as session:
        actions.record(session, COMMAND_LINE, "pool-opened", pool=1)


def test_the_check_names_what_is_wrong(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small blocks, so that the levels above a block are there too.
    monkeypatch.setattr(checks, "BLOCK_LEVEL", 2)
    monkeypatch.setattr(checks, "BLOCK", 4)
    fill(store)
    with store.writing() as session:
        signed = actions.checkpoint(session)
    with store.reading() as session:
        assert checks.damage(session) == []
    drop_triggers(store)
    wrong = {
        "UPDATE tree_node SET hash = '00' WHERE level = 1 AND position = 3": "node 3 of level 1",
        "DELETE FROM tree_node WHERE level = 4": "node 0 of level 4",
        "INSERT INTO tree_node VALUES (9, 9, '00')": "more nodes",
        "UPDATE leaf SET event = 'pool-closed' WHERE position = 5": "leaf 5: its columns",
        "UPDATE leaf SET at = '2020-01-01 00:00:00+00' WHERE position = 6": "leaf 6: its columns",
        "UPDATE leaf SET mandate_id = 9 WHERE position = 7": "leaf 7: its columns",
        "UPDATE leaf SET body = replace(body, '8', '9') WHERE position = 8": "leaf 8: its hash",
        "DELETE FROM leaf WHERE position = 9": "there is no leaf 9",
        "UPDATE checkpoint SET root = '00'": "checkpoint 21 does not have the root",
        "UPDATE checkpoint SET note = 'x'": "checkpoint 21 is not a signed note",
        "UPDATE checkpoint SET note = replace(note, '— 127', '— 128')": "checkpoint 21 is not signed",
    }
    for statement, name in wrong.items():
        with store.writing() as session:
            session.execute(text(statement))
            found = checks.damage(session)
            assert [line for line in found if name in line], (statement, found)
            session.rollback()
    head = notes.Head("", signed.size, bytes.fromhex(signed.root))
    with store.reading() as session:
        assert checks.damage(session, [head, notes.Head("", 0, tree.root([]))]) == []
        assert "held elsewhere 99" in checks.damage(session, [notes.Head("", 99, bytes(32))])[0]
        assert "held elsewhere" in checks.damage(session, [notes.Head("", 9, bytes(32))])[0]


def drop_triggers(store: Store) -> None:
    """Do what somebody with every right on the database can do."""
    with store.writing() as session:
        if store.is_sqlite:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("leaf", "tree_node", "checkpoint", "cosignature"):
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
