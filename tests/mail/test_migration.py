"""Letters that an older release wrote are still there, and leave."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import make_url, select, text

from assemblee import migrations
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mail.delivery import Delivery
from assemblee.mail.models import Mail
from tests.mail.letters import waiting, write

BEFORE = "0013"
MOMENT = "2026-11-01 10:00:00.000000"


@pytest.fixture(params=["sqlite", "postgresql"])
def former(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give an empty database."""
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'old.sqlite'}")
        yield store
        store.dispose()
        return
    if request.config.getoption("stores") == "sqlite":
        pytest.skip("PostgreSQL is not asked for")
    server, name = request.getfixturevalue("postgresql_url"), f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        store = Store(make_url(server).set(database=name).render_as_string(hide_password=False))
        yield store
        store.dispose()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def upgrade(store: Store, revision: str) -> None:
    settings = migrations._config()
    with store.writing() as session:
        settings.attributes["connection"] = session.connection()
        command.upgrade(settings, revision)


def test_letters_of_an_older_release_are_kept_and_leave(former: Store, tmp_path: Path) -> None:
    upgrade(former, BEFORE)
    zone = "" if former.is_sqlite else "+00"
    with former.writing() as session:
        for recipient, sent_at in (("", MOMENT), ("p1@example.org", None), ("p2@example.org", None)):
            session.execute(
                text(
                    "INSERT INTO mail (recipient, subject, body, due_at, sent_at) "
                    "VALUES (:recipient, 'Lien', 'un lien', :due_at, :sent_at)"
                ),
                {
                    "recipient": recipient,
                    "due_at": MOMENT + zone,
                    "sent_at": sent_at and sent_at + zone,
                },
            )
    upgrade(former, "head")
    write(former, "p3@example.org")
    with former.reading() as session:
        rows = session.scalars(select(Mail).order_by(Mail.id)).all()
    assert [(row.id, row.recipient) for row in rows] == [
        (1, ""),
        (2, "p1@example.org"),
        (3, "p2@example.org"),
        (4, "p3@example.org"),
    ]
    assert len({row.message_id for row in rows}) == 4
    assert rows[1].written_at == rows[1].due_at
    assert Delivery(former, Config(tmp_path, "s" * 40, ""), "here")() == 3
    assert waiting(former) == []
