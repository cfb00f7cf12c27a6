"""What a log says when something breaks: the kind of error and its place, nothing of anybody."""

from __future__ import annotations

import logging
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gunicorn.config import Config as GunicornConfig
from gunicorn.glogging import Logger
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assemblee import clock, discretion, security
from assemblee.accounts import actions as accounts
from assemblee.app import create_app
from assemblee.assemblies.seats import letters as seat_letters
from assemblee.assemblies.terms.models import SeatState
from assemblee.config import Config
from assemblee.consultations import letters as vote_letters
from assemblee.consultations import marking
from assemblee.consultations.models import RollEntry
from assemblee.db import Store
from assemblee.jobs.models import WorkerTask
from assemblee.jobs.rounds import Round
from assemblee.mail.models import Mail
from assemblee.petitions.signing import stamps
from assemblee.pools.models import Pool
from tests import bodies, make, petitioning, voting
from tests.sweeps import swept

# More than any of these acts writes.
STATEMENTS = 40
WRITES = ("INSERT", "UPDATE", "DELETE")
ADDRESS, NAME = "ysaline.tournesol@example.org", "Ysaline Tournesol"
# What a visitor sends, and what may stand nowhere but in their answer.
Flow = tuple[Callable[[FlaskClient], TestResponse], list[str]]


@pytest.fixture
def site(config: Config, store: Store, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(security.limiter, "enabled", False)
    app = create_app(config, store)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@contextmanager
def failing(store: Store, number: int, *, in_its_own_words: bool) -> Iterator[list[str]]:
    """Let the writing statement of this number fail, as the database would or with all that it was given."""
    written: list[str] = []

    def fail(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> object:
        if statement.startswith(WRITES):
            written.append(statement)
            if len(written) == number:
                if in_its_own_words:
                    raise RuntimeError(repr(parameters))
                return f"{statement} AND ALSO", parameters
        return statement, parameters

    event.listen(store.engine, "before_cursor_execute", fail, retval=True)
    try:
        yield written
    finally:
        event.remove(store.engine, "before_cursor_execute", fail)


def mailed(store: Store, pattern: str) -> str:
    with store.reading() as session:
        body = session.scalars(select(Mail.body).order_by(Mail.id.desc())).first() or ""
    found = re.search(pattern, body)
    assert found, body
    return found.group(0)


def signing_of(config: Config, store: Store) -> Flow:
    place = make.mandate(store, slug="signe")
    petitioning.publish(store, place)
    found = petitioning.opened(store, place)
    stamp = stamps.write(config.secret_key, found.id)
    form = {"name": NAME, "email": ADDRESS, "home": "Le Val", "over_16": "y", "consent": "y", "stamp": stamp}

    def act(client: FlaskClient) -> TestResponse:
        with clock.shifted(stamps.FASTEST * 5):
            return client.post(f"/m/signe/petitions/{found.id}/sign", data=form)

    return act, [ADDRESS, NAME, stamp]


def confirming_of(config: Config, store: Store) -> Flow:
    place = make.mandate(store, slug="confirme")
    petitioning.publish(store, place)
    found = petitioning.opened(store, place)
    petitioning.ask(store, found, ADDRESS, NAME)
    nonce = petitioning.row_of(store, found, ADDRESS).nonce
    return lambda client: client.post(f"/signatures/{nonce}/confirm"), [ADDRESS, NAME, nonce]


def volunteering_of(config: Config, store: Store) -> Flow:
    pool = make.pool(store, make.mandate(store, slug="volontaire"))
    with store.writing() as session:
        row = session.get_one(Pool, pool.id)
        row.is_open = True
        traits = {f"category_{one.id}": one.values[0].name for one in row.categories}
    form = {"name": NAME, "email": ADDRESS, "over_16": "y", "consent": "y", **traits}
    place = f"/m/volontaire/pools/{pool.id}/volunteer"
    return lambda client: client.post(place, data=form), [ADDRESS, NAME]


def voting_of(config: Config, store: Store) -> Flow:
    place = make.mandate(store, slug="vote")
    pool = make.pool(store, place)
    voting.guarantors(store, place)
    found = voting.settled(store, place, pool)
    entry = voting.roll(store, found)[0]
    token = vote_letters.token(config, entry)
    blinded = voting.Device(found).blinded.message.hex()
    return (
        lambda client: client.post(f"/vote/{token}/mark", json={"blinded": blinded}),
        [token, token.partition(".")[0], blinded, str(entry.volunteer and entry.volunteer.email)],
    )


def casting_of(config: Config, store: Store) -> Flow:
    place = make.mandate(store, slug="urne")
    pool = make.pool(store, place)
    voting.guarantors(store, place)
    found = voting.settled(store, place, pool)
    with store.writing() as session:
        marking.send_code(session, session.get_one(RollEntry, voting.roll(store, found)[0].id))
    code = voting.sent_code(store)
    form = {
        "order": "0123456789abcdef",
        **{f"answer_{one}": "2" for one in range(3)},
        "code": code,
        "sure": "y",
    }
    place_ = f"/votes/{found.id}/code"
    return lambda client: client.post(place_, data=form), [code, code.replace("-", ""), "020202"]


def accepting_of(config: Config, store: Store) -> Flow:
    place = bodies.mandate(store)
    seat = bodies.of(
        bodies.drawn(store, place, bodies.pool(store, place), f"{bodies.ASSEMBLY}/1"), SeatState.INVITED
    )[0]
    token = seat_letters.token(config, seat)
    form = {"public_name": NAME}
    return (
        lambda client: client.post(f"/seat/{token}/accept", data=form),
        [token, token.partition(".")[0], NAME, str(seat.address)],
    )


def asking_for_a_link(config: Config, store: Store) -> Flow:
    return lambda client: client.post("/sign-in/link", data={"email": ADDRESS}), [ADDRESS]


def signing_in_by_link(config: Config, store: Store) -> Flow:
    with store.writing() as session:
        token = accounts.issue_link(session, ADDRESS, "sign-in")
    return lambda client: client.post(f"/sign-in/link/{token}"), [ADDRESS, token]


FLOWS = (
    signing_of,
    confirming_of,
    volunteering_of,
    voting_of,
    casting_of,
    accepting_of,
    asking_for_a_link,
    signing_in_by_link,
)


@pytest.mark.both_stores
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_whatever_statement_of_an_act_fails_nothing_of_anybody_is_logged_or_shown(
    site: Flask,
    config: Config,
    store: Store,
    *,
    flow: Callable[[Config, Store], Flow],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    act, secret = flow(config, store)
    broken = 0
    for number in range(1, STATEMENTS):
        for in_its_own_words in (False, True):
            with failing(store, number, in_its_own_words=in_its_own_words) as written:
                answer = act(site.test_client())
            if len(written) < number:
                break
            assert answer.status_code in {500, 503}, (number, written)
            broken += 1
            # The page of a link knows its own address, by which another language is chosen.
            shown = answer.text.replace(answer.request.path, "")
            said = [shown, caplog.text, *capfd.readouterr()]
            assert caplog.text, "somebody is told"
            for word in secret:
                assert not any(word in text for text in said), (number, word)
            caplog.clear()
        else:
            continue
        break
    assert broken, (answer.status_code, answer.text)


@pytest.mark.both_stores
def test_a_row_that_stands_already_is_not_quoted(store: Store) -> None:
    make.account(store, ADDRESS)

    def again(session: Session) -> None:
        session.add(accounts.Account(email=ADDRESS, created_at=clock.now()))
        session.flush()

    with pytest.raises(IntegrityError) as broken, store.writing() as session:
        again(session)
    said = f"{broken.value} {broken.value.orig} {discretion.trace(broken.value)}"
    assert ADDRESS not in said
    assert "uq_account_email" in said or "account.email" in said


@pytest.mark.only("sqlite")
def test_a_task_that_fails_is_logged_without_its_words(
    config: Config, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(ADDRESS) from KeyError(NAME)

    Round(store, config, {"letters": fail})()
    assert "the task letters failed" in caplog.text
    assert ADDRESS not in caplog.text
    assert NAME not in caplog.text
    with store.reading() as session:
        assert session.get_one(WorkerTask, "letters").error == "KeyError"


TOKEN = secrets.token_urlsafe(32)
URI = f"/seat/{TOKEN}/"


@swept(
    ("logger", "line", "values", "hidden"),
    [
        ("gunicorn.error", "Error handling request %s", (URI,), TOKEN),
        ("gunicorn.error", "Error handling request %s %s", ("GET", "/vote/ab.c/?code=42"), "42"),
        ("gunicorn.error", "Invalid request from ip=192.0.2.7: Invalid Method: 'zoe'", (), "192.0.2.7"),
        ("dbos", f"Step failed: (psycopg.Error) Key (email)=({ADDRESS}) exists", (), ADDRESS),
        ("assemblee.mail", "%s is not to be had", (ValueError(NAME),), NAME),
        ("assemblee.mail", "%(who)s", ({"who": ADDRESS},), ADDRESS),
        ("werkzeug", '192.0.2.7 - - "GET %s HTTP/1.1" 200', (URI,), TOKEN),
    ],
)
def test_whatever_program_logs_a_line_it_names_nobody(
    logger: str, line: str, values: tuple[object, ...], hidden: str
) -> None:
    discretion.hush_logs()
    made = logging.getLogger(logger).makeRecord(logger, logging.ERROR, "file.py", 1, line, values, None)
    assert hidden not in logging.Formatter().format(made)


@swept("text", ["a\r\nERROR all is well", "a\x1b[2J", "a\u2028b", "a\x00b", "a\x9bb"])
def test_what_somebody_sends_cannot_begin_a_line_of_a_log_or_move_its_cursor(text: str) -> None:
    discretion.hush_logs()
    made = logging.getLogger("gunicorn.error").makeRecord(
        "gunicorn.error", logging.WARNING, "file.py", 1, "Bad header: %s", (text,), None
    )
    assert logging.Formatter().format(made).isprintable()


@pytest.mark.parametrize("line", ["the task letters failed: KeyError", "worker web-1 exited with code 3."])
def test_a_line_that_names_nobody_is_left_as_it_is(line: str) -> None:
    discretion.hush_logs()
    made = logging.getLogger("dbos").makeRecord("dbos", logging.ERROR, "file.py", 1, line, (), None)
    assert made.getMessage() == line


def test_the_servers_own_log_hides_the_words_of_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    discretion.hush_logs()
    log = Logger(GunicornConfig())
    try:
        int(ADDRESS)
    except ValueError:
        log.exception("Error handling request %s", URI)
    said = capfd.readouterr().err
    assert "ValueError" in said
    assert ADDRESS not in said
    assert TOKEN not in said


BREAKING = f"""
import sys, threading
from assemblee import discretion
discretion.hush_process()
def fail():
    raise KeyError({ADDRESS!r})
if sys.argv[1] == "beside":
    thread = threading.Thread(target=fail); thread.start(); thread.join()
    raise SystemExit(1)
try:
    fail()
except KeyError as error:
    raise ValueError({NAME!r}) from error
"""


@pytest.mark.parametrize("where", ["here", "beside"])
def test_a_command_that_breaks_says_which_error_and_where_alone(where: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", BREAKING, where], capture_output=True, text=True, check=False, env={}
    )
    assert ran.returncode == 1
    assert "KeyError" in ran.stderr
    assert "in fail" in ran.stderr
    assert ADDRESS not in ran.stderr
    assert NAME not in ran.stderr


def test_what_the_machine_says_is_kept() -> None:
    with pytest.raises(OSError, match="nowhere") as missing:
        Path("/nowhere/at/all").read_bytes()
    assert "/nowhere/at/all" in discretion.trace(missing.value)
    circle = ValueError("one")
    circle.__cause__ = circle
    assert discretion.trace(circle) == "ValueError"


def test_hooks_are_set_once_and_let_a_thread_end() -> None:
    before = sys.excepthook, threading.excepthook
    try:
        discretion.hush_process()
        factory = logging.getLogRecordFactory()
        discretion.hush_process()
        assert logging.getLogRecordFactory() is factory
        assert sys.excepthook is not before[0]
    finally:
        sys.excepthook, threading.excepthook = before
