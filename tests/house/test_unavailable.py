"""Settings and databases that are broken, locked or gone: a sentence and a status, never a traceback."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from assemblee import config, db
from assemblee.cli import cli
from assemblee.config import Config
from assemblee.db import Store
from assemblee.jobs import worker
from assemblee.mandates.models import Mandate
from tests import make
from tests.answers import Visitor, check_page, refused
from tests.conftest import lent

SECRET = f'secret_key = "{"s" * 48}"\n'
PAGES = ("/", "/m/val/", "/journal/", "/journal/leaves.txt")
DAMAGES = {
    "database-damaged": b"This is no database, and was never one. " * 200,
    "database-not-migrated": b"",
}


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSEMBLEE_INSTANCE", str(tmp_path))
    monkeypatch.delenv("ASSEMBLEE_DATABASE_URL", raising=False)
    (tmp_path / config.FILE).write_text(SECRET, encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def says(result: Result, code: str) -> None:
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, code in result.output, "Traceback" in result.output) == (2, True, False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"secret_key = \n", "config-unreadable (line 1, column 14)"),
        (SECRET.encode() + b"base_url = http://here\n", "config-unreadable"),
        (b"\xff\xfe", "config-unreadable"),
        (b"\x00" * 40, "config-unreadable"),
        (b"", "config-secret-short"),
        (b"secret_key = 5\n", "config-setting-type"),
        (b"secret_key = []\n", "config-setting-type"),
        (SECRET.encode() + b"smtp_port = true\n", "config-setting-type"),
        (SECRET.encode() + b"[mail]\n", "config-unknown-setting"),
        (SECRET.encode() + b'base_url = "http://["\n', "config-setting-type"),
        (SECRET.encode() + b'database_url = "nowhere"\n', "config-database-url"),
        (SECRET.encode() + b'database_url = "mysql://here/there"\n', "config-database-url"),
        (SECRET.encode() + b'database_url = ""\n', "config-database-url"),
        (SECRET.encode() + b'database_url = "postgresql://here:port/there"\n', "config-database-url"),
    ],
)
def test_broken_settings_are_a_sentence(installation: Path, content: bytes, code: str) -> None:
    (installation / config.FILE).write_bytes(content)
    for words in (["journal", "check"], ["serve"], ["worker"], ["db", "upgrade"]):
        says(run(*words), code.partition(" ")[0])
    assert code.partition(" ")[2] in run("serve").output
    assert "s" * 48 not in run("serve").output


def test_settings_that_are_a_folder_or_not_ours_are_a_sentence(installation: Path) -> None:
    (installation / config.FILE).unlink()
    (installation / config.FILE).mkdir()
    says(run("serve"), "config-unreadable")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    yield
    holder.rollback()
    holder.close()


@pytest.mark.parametrize("code", DAMAGES)
def test_commands_say_what_is_wrong_with_the_database(installation: Path, code: str) -> None:
    (installation / "assemblee.sqlite").write_bytes(DAMAGES[code])
    for words in (["journal", "check"], ["serve"], ["worker"], ["user", "disable", "a@example.org"]):
        says(run(*words), code)


def test_commands_say_that_a_database_is_not_to_be_had(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installation / "assemblee.sqlite").mkdir()
    says(run("journal", "check"), "database-gone")
    monkeypatch.setenv("ASSEMBLEE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    for words in (["journal", "check"], ["journal", "key"], ["serve"], ["worker"]):
        says(run(*words), "database-gone")


def refused_with(app: Flask, code: str, pages: tuple[str, ...] = PAGES) -> None:
    sentences = {
        "database-busy": "La base de données est occupée",
        "database-damaged": "La base de données ne peut pas être lue",
        "database-gone": "La base de données ne répond pas",
        "database-not-migrated": "La base de données n’est pas à jour",
    }
    client = app.test_client()
    for page in pages:
        answer = client.get(page, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "30"), page
        assert sentences[code] in answer.text, (page, answer.text)
        check_page(answer.text, "fr")
    problem = client.get(pages[0], headers={"Accept": "application/json"})
    assert (problem.status_code, problem.mimetype) == (503, "application/problem+json")


@contextmanager
def served(built: Flask, settings: Config) -> Iterator[Flask]:
    store = Store.of(settings)
    with lent(built, settings, store) as app:
        yield app
    store.dispose()


@pytest.mark.parametrize("code", DAMAGES)
def test_pages_say_what_is_wrong_with_the_database(built_app: Flask, tmp_path: Path, code: str) -> None:
    path = tmp_path / "assemblee.sqlite"
    path.write_bytes(DAMAGES[code])
    settings = Config(tmp_path, secret_key="s" * 48, database_url=f"sqlite:///{path}")
    with served(built_app, settings) as app:
        refused_with(app, code)


@pytest.mark.only("sqlite")
def test_a_database_that_is_cut_short_is_a_sentence(
    built_app: Flask, config: Config, store: Store, mandate: Mandate
) -> None:
    assert mandate
    store.dispose()
    path = Path(str(make_url(config.database_url).database))
    os.truncate(path, path.stat().st_size // 3)
    with served(built_app, config) as app:
        refused_with(app, "database-damaged", ("/m/val/",))


@pytest.mark.only("sqlite")
def test_a_locked_database_is_a_sentence_and_what_was_sent_is_not_half_kept(
    app: Flask, config: Config, store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.account(store, "claire@example.org", password=make.PASSWORD)
    store.dispose()
    monkeypatch.setattr(db, "BUSY_TIMEOUT_SECONDS", 0)
    with locked(Path(str(make_url(config.database_url).database))):
        answer = app.test_client().post(
            "/sign-in", data={"email": "claire@example.org", "password": make.PASSWORD}
        )
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "La base de données est occupée" in answer.text
        check_page(answer.text, "fr")
        with pytest.raises(OperationalError) as caught, store.writing() as session:
            session.connection()
    away = db.unavailable(caught.value)
    assert away is not None
    assert away.code == "database-busy"
    assert Visitor(app, "claire@example.org").visit("/m/val/")


@pytest.mark.parametrize("who", [None, "claire@example.org"])
@pytest.mark.only("postgresql")
def test_a_server_that_is_gone_is_a_sentence(
    app: Flask, store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch, who: str | None
) -> None:
    make.account(store, "claire@example.org", password=make.PASSWORD)
    visitor = Visitor(app, who)
    away = Store("postgresql://nobody@127.0.0.1:1/nothing", store.settings)
    monkeypatch.setitem(app.extensions, "assemblee.store", away)
    answer = visitor.client.get("/m/val/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    check_page(answer.text, "fr")
    assert "claire" not in answer.text
    away.dispose()
    monkeypatch.setitem(app.extensions, "assemblee.store", store)
    visitor.visit("/m/val/")


@pytest.mark.only("sqlite")
def test_a_fault_of_ours_is_not_told_as_one_of_the_database(app: Flask, store: Store) -> None:
    with pytest.raises(OperationalError) as caught, store.reading() as session:
        session.connection().exec_driver_sql("SELEC 1")
    assert db.unavailable(caught.value) is None
    assert db.unavailable(ValueError("database is locked")) is None


@pytest.mark.only("sqlite")
def test_a_worker_outlives_a_database_that_is_away_for_a_moment(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def round_() -> None:
        with store.reading() as session:
            session.connection().exec_driver_sql("SELECT 1 FROM missing_table")

    worker._go_round(store, round_)
    assert "nothing is looked after: database-not-migrated" in caplog.text
    with pytest.raises(ValueError, match="ours"):
        worker._go_round(store, lambda: (_ for _ in ()).throw(ValueError("ours")))


def test_an_address_of_another_kind_of_database_is_refused() -> None:
    for url in ("", "nowhere", "mysql://a/b", "postgresql://h:port/x"):
        with refused("config-database-url"):
            Store(url)
