"""Keys of guarantors, their cosignatures, and the doors that give and take them."""

from __future__ import annotations

import hashlib
import json

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from assemblee import clock, security
from assemblee import config as settings
from assemblee.app import create_app
from assemblee.cli import cli
from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal import actions, checks, keys, notes, queries, tree
from assemblee.journal.models import Leaf
from assemblee.journal.views import TOOL
from assemblee.security import COMMAND_LINE
from tests import make
from tests.answers import Visitor, refused

MOMENT = 1_800_000_000


def signer(account: int, mark: str = "") -> notes.Signer:
    return notes.Signer.of(f"guarantor-{account}", hashlib.sha256(f"{account}{mark}".encode()).digest())


def register(store: Store, guarantor: notes.Signer, account: int) -> None:
    with store.writing() as session:
        actions.register_key(session, COMMAND_LINE, account, f" {guarantor.key}\n")


@pytest.fixture
def guarantors(store: Store) -> list[notes.Signer]:
    """Give two guarantors with registered keys, and a signed journal."""
    made = []
    for email in ("garance@example.org", "gaspard@example.org"):
        account = make.account(store, email)
        made.append(signer(account.id))
        register(store, made[-1], account.id)
    with store.writing() as session:
        actions.checkpoint(session)
    return made


def cosigned(store: Store, *witnesses: notes.Signer, moment: int = MOMENT) -> str:
    with store.reading() as session:
        latest = queries.latest_checkpoint(session)
    assert latest is not None
    body = notes.parse_note(latest.note).text
    return f"{latest.note}" + "".join(f"{one.cosign(body, moment)}\n" for one in witnesses)


@pytest.mark.both_stores
def test_a_guarantor_has_one_key_under_their_name(store: Store) -> None:
    first, second = make.account(store, "a@example.org").id, make.account(store, "b@example.org").id
    register(store, signer(first), first)
    with refused("witness-key-invalid"):
        register_text(store, "guarantor-1+00000000+AAAA", first)
    with refused("witness-name-wrong"):
        register(store, signer(second), first)
    with refused("witness-key-taken"):
        register(store, signer(first), first)
    thief = notes.Signer(f"guarantor-{second}", signer(first).private)
    with refused("witness-key-taken"):
        register(store, thief, second)
    renewed = signer(first, "new")
    register(store, renewed, first)
    with store.reading() as session:
        active = queries.witness_key(session, first)
        assert active is not None
        assert active.key == str(renewed.key)
        assert {one: found.key for one, found in queries.witness_keys(session, [first, second]).items()} == {
            first: str(renewed.key)
        }
        last = json.loads(queries.leaf(session, 1).body)
    assert last["data"] == {"account": first, "key": str(renewed.key), "replaces": str(signer(first).key)}


def register_text(store: Store, written: str, account: int) -> None:
    with store.writing() as session:
        actions.register_key(session, COMMAND_LINE, account, written)


@pytest.mark.both_stores
def test_cosignatures_are_kept_once_and_for_ever(store: Store, guarantors: list[notes.Signer]) -> None:
    for moment in (MOMENT, MOMENT, MOMENT + 9):
        with store.writing() as session:
            (kept,) = actions.cosign(session, cosigned(store, guarantors[0], moment=moment))
            assert kept.timestamp == MOMENT
    with store.writing() as session:
        assert len(actions.cosign(session, cosigned(store, *guarantors))) == 2
    with store.reading() as session:
        latest = queries.latest_checkpoint(session)
        assert latest is not None
        note = notes.parse_note(queries.signed_note(session, latest))
        assert checks.damage(session) == []
    found = [(line, one) for line in note.signatures[1:] for one in guarantors]
    held = [one.name for line, one in found if notes.cosignature_time(note.text, line, one.key)]
    assert held == [one.name for one in guarantors]
    for statement in ("DELETE FROM cosignature", "UPDATE cosignature SET timestamp = 1"):
        with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
            session.execute(text(statement))


def test_cosignatures_that_say_something_else_are_refused(
    store: Store, guarantors: list[notes.Signer]
) -> None:
    body, _, log_line = cosigned(store).partition("\n\n")
    stranger, garance = signer(999), guarantors[0]
    other = notes.Signer.of(garance.name, bytes(32))
    for written, code in (
        ("hello", "cosignature-malformed"),
        ("hello\n\n" + log_line, "cosignature-malformed"),
        (cosigned(store), "cosignature-key-unknown"),
        (cosigned(store, stranger), "cosignature-key-unknown"),
        (cosigned(store, garance, stranger), "cosignature-key-unknown"),
        (cosigned(store, other), "cosignature-invalid"),
        (f"{body}\n\n{garance.sign(body).signatures[0]}\n", "cosignature-invalid"),
        (f"{body}\n\n{garance.cosign('other', MOMENT)}\n", "cosignature-invalid"),
        (f"{body}\nmore\n\n{garance.cosign(body, MOMENT)}\n", "checkpoint-unknown"),
        (body.replace("\n2\n", "\n7\n") + f"\n\n{garance.cosign(body, MOMENT)}\n", "checkpoint-unknown"),
    ):
        with refused(code), store.writing() as session:
            actions.cosign(session, written)


@pytest.mark.both_stores
def test_of_two_equal_cosignatures_at_once_one_is_kept(
    store: Store, guarantors: list[notes.Signer], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing() as session:
        actions.cosign(session, cosigned(store, guarantors[0]))
    with store.writing() as session:
        # As if the other one had come between the look and the write.
        looks = [session.get]
        monkeypatch.setattr(
            session,
            "get",
            lambda *given, **options: looks[0](*given, **options) if options else None,
        )
        (kept,) = actions.cosign(session, cosigned(store, guarantors[0], moment=MOMENT + 1))
    assert kept.timestamp == MOMENT


def test_a_replaced_key_cosigns_no_more(store: Store, guarantors: list[notes.Signer]) -> None:
    account = int(guarantors[0].name.removeprefix("guarantor-"))
    register(store, signer(account, "new"), account)
    with refused("cosignature-invalid"), store.writing() as session:
        actions.cosign(session, cosigned(store, guarantors[0]))


@pytest.mark.both_stores
def test_false_cosignatures_are_found_by_the_check(store: Store, guarantors: list[notes.Signer]) -> None:
    row = "INSERT INTO cosignature VALUES (2, 1, 5, '{}', '2026-01-01 00:00:00+00')"
    statements = {
        row.format("x"): "cannot be read",
        row.format(guarantors[0].cosign("x", 5)): "does not hold",
    }
    for statement, name in statements.items():
        with store.writing() as session:
            session.connection().exec_driver_sql(statement)
            assert name in checks.damage(session)[0]
            session.rollback()


# The doors.


@pytest.fixture
def client(app: Flask, guarantors: list[notes.Signer]) -> FlaskClient:
    """Give a visitor's program, on a site with a signed journal."""
    assert guarantors
    return app.test_client()


def test_programs_find_the_checkpoint_and_its_proofs(
    client: FlaskClient, store: Store, config: Config, guarantors: list[notes.Signer]
) -> None:
    note = notes.parse_note(client.get("/journal/checkpoint").text)
    assert notes.verifies(note, keys.load(config).key)
    head = notes.parse_head(note.text)
    answer = client.post("/journal/cosignatures", data=cosigned(store, guarantors[1]))
    assert (answer.status_code, answer.json) == (201, {"size": 2, "kept": 1})
    assert guarantors[1].name in client.get(f"/journal/checkpoints/{head.size}").text
    inclusion = client.get("/journal/proofs/inclusion/1/2").json
    assert inclusion is not None
    leaf = bytes.fromhex(inclusion["leaf"])
    assert tree.includes(1, 2, leaf, [bytes.fromhex(one) for one in inclusion["proof"]], head.root)
    consistency = client.get("/journal/proofs/consistency/1/2").json
    assert consistency is not None
    path = [bytes.fromhex(one) for one in consistency["proof"]]
    assert tree.extends(1, 2, bytes.fromhex(consistency["old_root"]), head.root, path)
    lines = client.get("/journal/leaves.txt").data.splitlines()
    assert tree.root(tree.leaf_hash(line) for line in lines) == head.root
    tool = client.get("/journal/assemblee-witness.py")
    assert tool.data == TOOL.read_bytes()
    assert tool.mimetype == "text/x-python"


@pytest.mark.parametrize(
    "address",
    [
        "/journal/checkpoints/1",
        "/journal/checkpoints/99999999999999999999999",
        "/journal/leaves/2",
        "/journal/proofs/inclusion/2/2",
        "/journal/proofs/inclusion/0/99999999999999999999999",
        "/journal/proofs/consistency/0/2",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_what_is_not_a_cosignature_is_refused_at_the_door(client: FlaskClient) -> None:
    assert client.post("/journal/cosignatures", data=b"\xff").status_code == 422
    assert client.post("/journal/cosignatures", data=b"hello").status_code == 422
    assert client.post("/journal/cosignatures", data=b"x" * 70_000).status_code == 413


@pytest.mark.only("sqlite")
def test_cosignatures_need_no_form_token_but_patience(
    config: Config, store: Store, guarantors: list[notes.Signer]
) -> None:
    client = create_app(config, store).test_client()
    security.limiter.reset()
    body = cosigned(store, guarantors[0])
    answers = [client.post("/journal/cosignatures", data=body).status_code for _ in range(31)]
    security.limiter.reset()
    assert (set(answers[:30]), answers[30]) == ({201}, 429)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_people_find_the_checkpoints_and_each_line(
    app: Flask, store: Store, guarantors: list[notes.Signer], language: str
) -> None:
    visitor = Visitor(app, language=language)
    with store.writing() as session:
        actions.cosign(session, cosigned(store, guarantors[0]))
    page = visitor.visit("/journal/checkpoints")
    assert 'class="qr"' in page
    assert guarantors[0].name in page
    assert hashlib.sha256(TOOL.read_bytes()).hexdigest() in page
    assert "/journal/leaves/1" in visitor.visit("/journal/")
    signed = visitor.visit("/journal/leaves/1")
    assert "/journal/checkpoints/2" in signed
    with store.writing() as session:
        actions.record(session, COMMAND_LINE, "pool-opened", pool=1)
    assert "/journal/checkpoints/" not in visitor.visit("/journal/leaves/2")


def test_a_journal_without_checkpoints_says_so(app: Flask, store: Store) -> None:
    visitor = Visitor(app)
    visitor.visit("/journal/checkpoints")
    visitor.visit("/journal/checkpoint", 404)
    with store.writing() as session:
        actions.record(session, COMMAND_LINE, "pool-opened", pool=1)
    visitor.visit("/journal/leaves/0")


def test_the_check_says_what_it_could_not_check(
    store: Store, config: Config, guarantors: list[notes.Signer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "load", lambda: config)
    assert guarantors
    run = CliRunner().invoke
    held = config.instance / "held.txt"
    held.write_text(run(cli, ["journal", "checkpoint"]).output, encoding="utf-8")
    alone = run(cli, ["journal", "check"])
    assert (alone.exit_code, "no witness: nobody else has signed" in alone.output) == (0, True)
    assert run(cli, ["journal", "check", "--witnessed"]).exit_code == 3
    assert "no witness" not in run(cli, ["journal", "check", "--witnessed", "--against", str(held)]).output
    with store.writing() as session:
        actions.cosign(session, cosigned(store, guarantors[0]))
    assert run(cli, ["journal", "check", "--witnessed"]).exit_code == 0
    key = keys.path_of(config)
    key.rename(key.with_name("away"))
    without = run(cli, ["journal", "check"])
    assert (without.exit_code, "not checked: journal-key-missing" in without.output) == (3, True)
    with store.writing() as session:
        session.add(Leaf(position=9, at=clock.now(), mandate_id=None, event="x", body="{}", hash="00" * 32))
    assert run(cli, ["journal", "check"]).exit_code == 1


def test_no_second_key_is_made_for_a_journal_that_was_signed(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "load", lambda: config)
    run = CliRunner().invoke
    path = keys.path_of(config)
    path.unlink()
    made = run(cli, ["journal", "key"])
    assert (made.exit_code, path.exists()) == (0, True)
    with store.writing() as session:
        actions.record(session, COMMAND_LINE, "pool-created", pool=1)
        actions.checkpoint(session)
    path.unlink()
    refused_ = run(cli, ["journal", "key"])
    assert (refused_.exit_code, "journal-key-lost" in refused_.output, path.exists()) == (2, True, False)


def test_the_commands_sign_and_check(
    store: Store, config: Config, guarantors: list[notes.Signer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "load", lambda: config)
    assert guarantors
    run = CliRunner().invoke
    assert run(cli, ["journal", "key"]).output.strip() == str(keys.load(config).key)
    printed = run(cli, ["journal", "checkpoint"]).output
    held = config.instance / "held.txt"
    held.write_text(printed, encoding="utf-8")
    sound = run(cli, ["journal", "check", "--against", str(held)])
    assert (sound.exit_code, sound.output[:8]) == (0, "2 leaves")
    rewritten = keys.load(config).sign(str(notes.Head(config.origin, 1, bytes(32))))
    held.write_text(str(rewritten), encoding="utf-8")
    found = run(cli, ["journal", "check", "--against", str(held)])
    assert (found.exit_code, "held elsewhere" in found.output) == (1, True)
    for content in ("hello", str(signer(1).sign(rewritten.text))):
        held.write_text(content, encoding="utf-8")
        assert run(cli, ["journal", "check", "--against", str(held)]).exit_code == 2
