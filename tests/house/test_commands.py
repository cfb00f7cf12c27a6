from __future__ import annotations

import ssl
import stat
from pathlib import Path
from typing import Self

import pytest
from click.testing import CliRunner, Result

from assemblee import config, migrations
from assemblee.accounts.queries import account_by_email
from assemblee.cli import cli
from assemblee.db import Store
from assemblee.draws.models import DrawState
from assemblee.jobs import commands as job_commands
from assemblee.mail import outbox
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


class Server:
    """A mail server that refuses until told otherwise."""

    refuses = True
    sent: list[str] = []  # noqa: RUF012 - shared by every connection
    secured = 0

    def __init__(self, *_address: object, timeout: int) -> None:
        assert timeout > 0
        if Server.refuses:
            raise ConnectionRefusedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def starttls(self, *, context: ssl.SSLContext) -> None:
        assert context.verify_mode is ssl.CERT_REQUIRED
        Server.secured += 1

    def login(self, user: str, password: str) -> None:
        assert (user, password) == ("u", "p")

    def send_message(self, message: outbox.EmailMessage) -> None:
        Server.sent.append(f"{message['To']}: {message.get_content().strip()}")


@pytest.mark.both_stores
def test_mail_waits_for_its_server_and_leaves_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config.Config(
        tmp_path, "s" * 40, "", smtp_host="mail.example", smtp_user="u", smtp_password="p"
    )
    monkeypatch.setattr(outbox.smtplib, "SMTP", Server)
    monkeypatch.setattr(Server, "sent", [])
    monkeypatch.setattr(Server, "secured", 0)
    monkeypatch.setattr(Server, "refuses", True)
    with store.writing() as session:
        outbox.write(session, "claire@example.org", "Bonjour", "Un lien")
    assert outbox.deliver(store, settings) == 0
    monkeypatch.setattr(Server, "refuses", False)
    assert outbox.deliver(store, settings) == 0, "it is not due again yet"
    later = outbox.clock.now() + outbox.RETRY_AFTER
    monkeypatch.setattr(outbox.clock, "now", lambda: later)
    assert outbox.deliver(store, settings) == 1
    assert outbox.deliver(store, settings) == 0
    assert (Server.sent, Server.secured) == (["claire@example.org: Un lien"], 1)
    with store.reading() as session:
        assert session.get_one(outbox.Mail, 1).body == "", "a link is not kept once it has left"


def test_without_a_server_mail_is_written_to_files(store: Store, tmp_path: Path) -> None:
    settings = config.Config(tmp_path, "s" * 40, "")
    with store.writing() as session:
        for number in range(3):
            outbox.write(session, f"p{number}@example.org", "Bonjour", "Un lien")
    assert outbox.deliver(store, settings) == 3
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 3
