from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assemblee import config, migrations
from assemblee.accounts.queries import account_by_email
from assemblee.cli import cli
from assemblee.db import Store
from assemblee.draws.models import DrawState
from assemblee.jobs import commands as job_commands
from tests import make
from tests.answers import refused

PASSWORDS = f"{make.PASSWORD}\n{make.PASSWORD}\n"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an instance folder that is not there yet."""
    folder = tmp_path / "instance"
    monkeypatch.setenv("ASSEMBLEE_INSTANCE", str(folder))
    monkeypatch.delenv("ASSEMBLEE_DATABASE_URL", raising=False)
    return folder


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, list(words), input=typed)


def test_an_installation_is_made_by_hand(instance: Path) -> None:
    refused_first = run("db", "upgrade")
    assert (refused_first.exit_code, "config-missing" in refused_first.output) == (2, True)
    made = run("init", "--base-url", "https://assemblee.example")
    assert made.exit_code == 0
    path = instance / config.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = config.load().secret_key
    again = run("init")
    assert (again.exit_code, config.load().secret_key) == (2, secret)
    assert config.load().secure
    stale = run("serve", "--no-worker")
    assert (stale.exit_code, "database-not-migrated" in stale.output) == (2, True)
    assert run("db", "upgrade").output == f"{migrations.newest()}\n"
    assert run("user", "add", "claire@example.org", "--operator", typed=PASSWORDS).exit_code == 0
    twice = run("user", "add", "claire@example.org", typed=PASSWORDS)
    assert (twice.exit_code, "account-exists" in twice.output) == (2, True)
    assert run("user", "add", "nadia@example.org", typed=PASSWORDS).exit_code == 0
    assert run("user", "disable", "nadia@example.org").exit_code == 0
    assert run("user", "disable", "personne@example.org").exit_code == 2
    store = Store.of(config.load())
    with store.reading() as session:
        claire = account_by_email(session, "claire@example.org")
        nadia = account_by_email(session, "nadia@example.org")
        assert claire is not None
        assert nadia is not None
        assert (claire.is_operator, nadia.disabled_at is None) == (True, False)
    store.dispose()
    assert run("journal", "check").exit_code == 0
    assert run("worker", "--name", " ").exit_code == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('secret_key = "short"\n', "config-secret-short"),
        (f'secret_key = "{"s" * 40}"\nsecret = 1\n', "config-unknown-setting"),
        (f'secret_key = "{"s" * 40}"\ninstance = "x"\n', "config-unknown-setting"),
        (f'secret_key = "{"s" * 40}"\nsmtp_port = "25"\n', "config-setting-type"),
        (f'secret_key = "{"s" * 40}"\nsmtp_host = 25\n', "config-setting-type"),
        (f'secret_key = "{"s" * 40}"\nstaff_idle_minutes = 4\n', "config-setting-bounds"),
        (f'secret_key = "{"s" * 40}"\nstaff_idle_minutes = 241\n', "config-setting-bounds"),
    ],
)
def test_settings_that_cannot_be_are_refused(instance: Path, content: str, code: str) -> None:
    instance.mkdir()
    (instance / config.FILE).write_text(content)
    with refused(code):
        config.load()


def test_the_instance_folder_and_the_database_can_be_elsewhere(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = 'postgresql://somewhere/assemblee?password="a\\b'
    config.create(database_url=address)
    assert config.load().database_url == address
    monkeypatch.setenv("ASSEMBLEE_DATABASE_URL", "sqlite:///elsewhere.sqlite")
    assert config.load().database_url == "sqlite:///elsewhere.sqlite"
    monkeypatch.delenv("ASSEMBLEE_INSTANCE")
    assert config.instance_folder().name == "instance"
    assert instance.exists()


def test_the_child_of_a_worker_does_one_job(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.create()
    run("db", "upgrade")
    store = Store.of(config.load())
    draw = make.draw(store, make.pool(store, make.mandate(store)))
    watched: list[bool] = []
    monkeypatch.setattr(job_commands.worker_process, "leave_with_parent", lambda: watched.append(True))
    assert run("jobs", "run", "1").exit_code == 0
    assert make.fresh(store, draw).state == DrawState.FEASIBLE
    assert watched == [True]
    store.dispose()
    assert (instance / config.FILE).exists()
