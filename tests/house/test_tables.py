from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from assemblee import migrations
from assemblee.accounts.models import Account
from assemblee.checkout import ROOT
from assemblee.config import Config
from assemblee.db import TRIES, Store, UTCDateTime, database_now
from assemblee.server import require_current
from assemblee.tables import METADATA
from tests import make
from tests.answers import refused

pytestmark = pytest.mark.both_stores


@pytest.mark.only("sqlite")
def test_every_table_is_there_with_this_one_import() -> None:
    program = "from assemblee.tables import METADATA; print(*METADATA.tables)"
    seen = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "assemblee").rglob("*.py"))
    named = {name for text in texts for name in re.findall(r'__tablename__ = "(\w+)"', text)}
    assert len(named) > 70
    assert named - set(seen.stdout.split()) == set()


def test_migrations_and_models_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    ours = set(METADATA.tables)
    # The job machinery keeps tables of its own beside ours on SQLite; nothing in them is ours to compare.
    foreign = [
        change
        for change in differences
        if isinstance(change, tuple) and change[0] in {"remove_table", "remove_index"}
    ]
    for change in foreign:
        table = change[1] if change[0] == "remove_table" else change[1].table
        assert table.name not in ours
    assert [change for change in differences if change not in foreign] == []


def test_upgrading_twice_changes_nothing(store: Store) -> None:
    migrations.upgrade(store)
    assert migrations.current(store) == migrations.newest()


@pytest.mark.only("sqlite")
def test_tables_of_sqlite_are_strict(store: Store) -> None:
    with pytest.raises(DBAPIError, match="cannot store TEXT"), store.writing() as session:
        session.execute(text("INSERT INTO leaf VALUES (0, '2026', 'x', 'e', 'b', 'h')"))


@pytest.mark.only("sqlite")
def test_an_act_of_a_real_process_is_on_the_disk_when_it_ends(config: Config) -> None:
    # In a fresh process: this one does not wait for its disk (see conftest.py).
    written = (
        "import sys; from assemblee.db import Store\n"
        "with Store(sys.argv[1]).writing() as session:\n"
        "    print(session.connection().exec_driver_sql('PRAGMA synchronous').scalar())"
    )
    command = [sys.executable, "-c", written, config.database_url]
    full = 2
    assert int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) == full


@pytest.mark.only("sqlite")
def test_serving_older_tables_is_refused(config: Config, store: Store) -> None:
    require_current(config)
    with store.writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    with refused("database-not-migrated"):
        require_current(config)


def test_moments_come_back_as_they_went(store: Store) -> None:
    paris = datetime(2026, 9, 12, 18, 30, tzinfo=timezone(timedelta(hours=2)))
    with store.writing() as session:
        session.add(Account(email="a@example.org", password_hash=None, created_at=paris))
    with store.reading() as session:
        found = session.get_one(Account, 1).created_at
    assert (found, found.tzinfo) == (paris, UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UTCDateTime().process_bind_param(datetime(2026, 9, 12), None)  # noqa: DTZ001 - what is to be refused


def test_deadlines_follow_the_clock_of_the_database(store: Store) -> None:
    with store.reading() as session:
        assert abs(database_now(session) - datetime.now(UTC)) < timedelta(seconds=5)


def test_an_act_that_fails_writes_nothing(store: Store) -> None:
    def act() -> None:
        with store.writing() as session:
            session.add(Account(email="a@example.org", password_hash=None, created_at=datetime.now(UTC)))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        act()
    make.account(store, "a@example.org")


def another_connection(store: Store) -> psycopg.Connection:
    address = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


@pytest.mark.parametrize("meetings", [0, 1, TRIES - 1, TRIES])
def test_who_meets_somebody_that_writes_the_same_tries_again(store: Store, meetings: int) -> None:
    tries = []

    def act(session: Session) -> None:
        tries.append(1)
        session.add(Account(email="a@example.org", password_hash=None, created_at=datetime.now(UTC)))
        session.flush()
        if len(tries) <= meetings:
            session.execute(text("INSERT INTO account SELECT * FROM account"))

    if meetings < TRIES:
        store.retrying(act)
    else:
        with pytest.raises(IntegrityError):
            store.retrying(act)
    with store.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM account")) == (meetings < TRIES)
    assert len(tries) == min(meetings + 1, TRIES)


@pytest.mark.only("postgresql")
def test_a_connection_that_the_server_has_closed_is_not_used_again(store: Store) -> None:
    with store.engine.connect() as connection:
        number = connection.scalar(text("SELECT pg_backend_pid()"))
    with another_connection(store) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (number,))
    time.sleep(0.2)
    with store.writing() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != number


@pytest.mark.only("postgresql")
def test_a_connection_on_which_the_server_only_talks_is_kept(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.execute(text("LISTEN news"))
        connection.commit()
        number = connection.scalar(text("SELECT pg_backend_pid()"))
    with another_connection(store) as other:
        other.execute("NOTIFY news")
    time.sleep(0.2)
    with store.writing() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == number
