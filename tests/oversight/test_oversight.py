from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.config import Config
from assemblee.db import Store, database_now
from assemblee.draws import halts, network
from assemblee.draws.models import Draw, DrawState
from assemblee.journal import actions as journal
from assemblee.journal import notes
from assemblee.journal.models import Checkpoint
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.oversight import actions, queries
from assemblee.oversight.work import mail_checkpoints
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Role
from tests import ceremony, make
from tests.answers import Visitor, refused
from tests.ceremony import Guarantor, after, person


@pytest.fixture
def team(store: Store, mandate: Mandate) -> list[Guarantor]:
    return ceremony.guarantors(store, mandate)


def task_of(store: Store, guarantor: Guarantor) -> str:
    with store.reading() as session:
        (task,) = queries.tasks(session, 1, guarantor.actor.account, database_now(session))
        return task.code


def letters(store: Store) -> list[str]:
    with store.reading() as session:
        return [
            mail.recipient
            for mail in session.scalars(select(Mail).order_by(Mail.id))
            if "assemblee-witness.py" in mail.body
        ]


def test_each_guarantor_is_told_what_a_draw_awaits(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = ceremony.frozen(store, pool)
    assert task_of(store, team[0]) == "cosign"
    for guarantor in team[:4]:
        ceremony.cosign(store, draw, guarantor)
    assert task_of(store, team[0]) == "nothing"
    with store.writing() as session:
        halts.suspend(session, team[5].actor, draw, "pour voir")
    assert task_of(store, team[0]) == "lift"
    for guarantor in team[:4]:
        with store.writing() as session:
            halts.lift(session, guarantor.actor, draw)
        assert task_of(store, guarantor) == "nothing"
    with after(draw.cosign_until):
        assert task_of(store, team[0]) == "reveal"
        assert task_of(store, team[5]) == "nothing"
    with after(draw.beacon_at):
        assert task_of(store, team[0]) == "beacon"
        for guarantor in team[:2]:
            ceremony.type_numbers(store, draw, guarantor, ceremony.LOTO)
    assert task_of(store, team[0]) == "verify"


def test_a_draw_that_lapsed_awaits_nothing(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = ceremony.frozen(store, pool)
    with after(draw.cosign_until):
        assert task_of(store, team[0]) == "over"


@pytest.mark.both_stores
def test_checkpoints_are_mailed_after_acts_that_matter_and_once(
    store: Store, config: Config, pool: Pool, team: list[Guarantor]
) -> None:
    del team
    with store.writing() as session:
        journal.checkpoint(session)
    for _ in range(2):
        mail_checkpoints(store, config)
    assert letters(store) == [f"garant{number}@example.org" for number in range(6)]
    make.import_people(store, pool, make.respondents(2, first=40))
    with store.writing() as session:
        journal.checkpoint(session)
    mail_checkpoints(store, config)
    assert len(letters(store)) == 6, "an import can wait for tomorrow"
    with clock.shifted(timedelta(days=1, minutes=1)):
        mail_checkpoints(store, config)
        assert len(letters(store)) == 12
        ceremony.frozen(store, pool)
        mail_checkpoints(store, config)
        assert len(letters(store)) == 18
    with store.reading() as session:
        newest = session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc())).first()
        bodies = session.scalars(select(Mail.body).order_by(Mail.id.desc())).all()
    assert newest is not None
    assert any(newest.note in body for body in bodies)


def test_an_empty_journal_is_not_mailed(store: Store, config: Config) -> None:
    mail_checkpoints(store, config)
    assert letters(store) == []


@pytest.mark.both_stores
def test_two_workers_mail_a_checkpoint_once(
    store: Store, config: Config, team: list[Guarantor], monkeypatch: pytest.MonkeyPatch
) -> None:
    del team
    with store.writing() as session:
        latest = journal.checkpoint(session)
    mail_checkpoints(store, config)
    monkeypatch.setattr(actions, "due", lambda session: session.merge(latest))
    mail_checkpoints(store, config)
    assert len(letters(store)) == 6


def test_a_key_is_registered_by_the_guarantor_alone(store: Store, team: list[Guarantor]) -> None:
    account = team[0].actor.account or 0
    other = notes.Signer.of(f"guarantor-{account}", b"\7" * 32)
    with store.writing() as session:
        assert actions.register_key(session, team[0].actor, str(other.key)).account_id == account
    with refused("witness-name-wrong"), store.writing() as session:
        actions.register_key(session, team[1].actor, str(other.key))
    with refused("account-unknown"), store.writing() as session:
        actions.register_key(session, COMMAND_LINE, str(other.key))


def test_the_desk_shows_every_act_and_takes_a_key(app: Flask, store: Store, pool: Pool) -> None:
    draw = ceremony.hold(store, ceremony.ready_draw(store, pool))
    desk = person(app, store, "garant0@example.org")
    page = desk.visit("/m/val/oversight/")
    assert draw.title in page
    assert "assemblee-witness.py" in page
    desk.visit("/m/val/oversight/key")
    desk.send("/m/val/oversight/key", 422)
    desk.send("/m/val/oversight/key", 422, key="rien")
    account = draw.guarantors[0].account_id
    fresh = notes.Signer.of(f"guarantor-{account}", b"\7" * 32)
    assert desk.send("/m/val/oversight/key", key=str(fresh.key)).endswith("/oversight/")
    assert "note ok" in desk.visit(f"/m/val/oversight/draws/{draw.id}/verify")
    Visitor(app).visit("/m/val/oversight/checklist")
    assert Visitor(app).client.get("/m/val/oversight/").status_code == 302


def test_a_guarantor_without_key_or_draw_is_told_what_to_do(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    del mandate
    desk = person(app, store, "nouvelle@example.org", Role.GUARANTOR)
    assert "/oversight/key" in desk.visit("/m/val/oversight/")


def test_the_verifier_runs_here_and_says_when_something_is_wrong(
    app: Flask, store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = ceremony.hold(store, ceremony.ready_draw(store, pool))
    desk = person(app, store, "garant0@example.org")
    assert "note ok" in desk.visit(f"/m/val/oversight/draws/{draw.id}/verify")
    files = actions.bundle.files
    monkeypatch.setattr(
        actions.bundle, "files", lambda session, row: {**files(session, row), "result.json": b"{}"}
    )
    assert "note bad" in desk.visit(f"/m/val/oversight/draws/{draw.id}/verify")


@pytest.fixture
def drand() -> Iterator[tuple[str, list[bytes]]]:
    """Stand in for the network: give each answer in turn, then only nonsense."""
    answers: list[bytes] = []

    class Network(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers.pop(0) if answers else b"nonsense")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Network)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_worker_brings_the_round_by_itself(
    store: Store, config: Config, drand: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, answers = drand
    draw = ceremony.awaiting_round(store)
    monkeypatch.setattr(network, "TRY_AGAIN_SECONDS", 0)
    network._next_try.clear()
    settings = Config(config.instance, config.secret_key, config.database_url, drand_url=address)
    with after(draw.beacon_at, -60):
        network.fetch_rounds(store, settings)
    with after(draw.beacon_at):
        network.fetch_rounds(store, Config(config.instance, "s" * 40, config.database_url, drand_url=""))
        for answer in (b"nonsense", b"[]", b'{"signature": 1}', b'{"signature": "00"}'):
            answers.append(answer)
            network.fetch_rounds(store, settings)
        assert make.fresh(store, draw).state == DrawState.READY
        answers.append(json.dumps({"signature": ceremony.SIGNATURE}).encode())
        network.fetch_rounds(store, settings)
    assert make.fresh(store, draw).state == DrawState.HELD
    with store.reading() as session:
        assert session.get_one(Draw, draw.id).beacon_found is not None


@pytest.mark.both_stores
def test_the_worker_does_not_press_the_network(
    store: Store, config: Config, drand: tuple[str, list[bytes]]
) -> None:
    address, answers = drand
    draw = ceremony.awaiting_round(store)
    network._next_try.clear()
    answers.extend([b"nonsense", json.dumps({"signature": ceremony.SIGNATURE}).encode()])
    settings = Config(config.instance, config.secret_key, config.database_url, drand_url=address)
    with after(draw.beacon_at):
        for _ in range(2):
            network.fetch_rounds(store, settings)
    assert len(answers) == 1
    assert make.fresh(store, draw).state == DrawState.READY
