"""The guarantor's program, run as a guarantor runs it: alone, against a real server and from files."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal import actions, checks, keys, notes, queries, tree
from assemblee.journal.views import TOOL
from assemblee.security import COMMAND_LINE
from tests import make
from tests.sweeps import swept

ED25519 = json.loads((Path(__file__).parents[1] / "vectors" / "audit" / "ed25519.json").read_text())["cases"]
Run = Callable[..., tuple[int, str, str]]


@dataclass
class Site:
    """A running site and the key of its journal."""

    address: str
    store: Store
    log: str

    def act(self, number: int = 1) -> str:
        with self.store.writing() as session:
            for turn in range(number):
                actions.record(session, COMMAND_LINE, "pool-opened", pool=turn)
            return actions.checkpoint(session).note


@pytest.fixture
def site(app: Flask, store: Store, config: Config) -> Iterator[Site]:
    """Serve a site whose journal has three signed lines."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made = Site(f"http://127.0.0.1:{server.server_port}", store, str(keys.load(config).key))
    made.act(3)
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.only("sqlite")
def test_it_runs_alone_on_a_bare_python(site: Site, tmp_path: Path) -> None:
    def call(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(TOOL), "--home", str(tmp_path / "home"), *map(str, words)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    account = make.account(site.store, "garance@example.org").id
    made = call("init", f"guarantor-{account}")
    assert made.returncode == 0
    assert stat.S_IMODE((tmp_path / "home" / "key.json").stat().st_mode) == 0o600
    assert "Votre clé est faite" in made.stderr
    with site.store.writing() as session:
        actions.register_key(session, COMMAND_LINE, account, made.stdout)
        actions.checkpoint(session)
    sent = call("cosign", site.address, "--log", site.log, "--post")
    assert (sent.returncode, sent.stdout[:13]) == (0, "— guarantor-1")
    site.act(5)
    assert call("cosign", f"{site.address}/journal/checkpoints#x", "--post").returncode == 0
    audit = call("audit", site.address)
    assert (audit.returncode, "Vos 2 points" in audit.stderr) == (0, True)
    with site.store.reading() as session:
        assert checks.damage(session) == []
        assert [len(one) for one in queries.cosignatures(session, [4, 9]).values()] == [1, 1]
    unknown = call("conseil")
    assert (unknown.returncode, "Traceback" in unknown.stderr) == (1, False)


@pytest.mark.only("sqlite")
def test_without_a_network_files_do(site: Site, run: Run, tmp_path: Path, config: Config) -> None:
    old, new, proof = tmp_path / "old.txt", tmp_path / "new.txt", tmp_path / "proof.json"
    run("init", "guarantor-1")
    old.write_text(site.act(), encoding="utf-8")
    assert run("cosign", old)[0] == 1
    assert "not the key of a journal" in run("cosign", old, "--log", "hello")[2]
    assert run("cosign", old, "--log", site.log)[0] == 0
    assert "watches a journal already" in run("cosign", old, "--log", "other")[2]
    new.write_text(site.act(4), encoding="utf-8")
    assert "from 4 to 8 lines" in run("cosign", new)[2]
    for content in ("[]", "{", '{"old": 4, "new": 9, "proof": []}', '{"old": 4, "new": 8, "proof": ["00"]}'):
        proof.write_text(content)
        assert "is not a proof" in run("cosign", new, "--proof", proof)[2]
    with site.store.reading() as session:
        found = queries.consistency(session, 4, 8)
    proof.write_text(json.dumps({"old": 4, "new": 8, "proof": found.hashes}))
    assert run("cosign", new, "--proof", proof)[0] == 0
    assert run("cosign", new, "--post")[2].startswith("--post wants an address")
    signer = keys.load(config)
    for text in ("hello", "a\n\n— b AAAA\n", str(signer.sign(f"{config.origin}\n0\n{'A' * 43}=\n"))):
        new.write_text(text, encoding="utf-8")
        assert "is not a signed checkpoint" in run("cosign", new)[2]
    stranger = notes.Signer.of(signer.name, bytes(32))
    new.write_text(str(stranger.sign(str(notes.Head(signer.name, 9, bytes(32))))), encoding="utf-8")
    assert "is not signed by the key" in run("cosign", new)[2]


@pytest.mark.only("sqlite")
def test_a_rewritten_journal_is_found_and_proved(
    site: Site, run: Run, tmp_path: Path, config: Config
) -> None:
    run("init", "guarantor-1")
    run("cosign", site.address, "--log", site.log)
    signer, note, proof = keys.load(config), tmp_path / "note.txt", tmp_path / "proof.json"

    def present(size: int, root: bytes) -> tuple[int, str, str]:
        note.write_text(str(signer.sign(str(notes.Head(signer.name, size, root)))), encoding="utf-8")
        proof.write_text(json.dumps({"old": 3, "new": size, "proof": ["00" * 32] * 3}))
        return run("cosign", note, "--proof", proof)

    state = (tmp_path / "home" / "state.json").read_text()
    assert present(3, bytes(32))[0] == 2
    assert "rewritten" in present(7, bytes(32))[2]
    assert "you cosigned 3" in present(2, bytes(32))[2]
    assert (tmp_path / "home" / "state.json").read_text() == state
    forks = list((tmp_path / "home" / "forks").iterdir())
    assert len(forks) == 3
    for fork in forks:
        written = fork.read_text(encoding="utf-8").split("\n\n— ")
        assert len(written) == 3
    lines = tmp_path / "leaves.txt"
    with site.store.reading() as session:
        bodies = list(queries.bodies(session))
    lines.write_text("".join(f"{body}\n" for body in bodies), encoding="utf-8")
    assert run("audit", lines)[0] == 0
    lines.write_text("".join(f"{body}\n" for body in (bodies[1], bodies[0], bodies[2])), encoding="utf-8")
    assert run("audit", lines)[0] == 2
    lines.write_text(f"{bodies[0]}\n", encoding="utf-8")
    assert run("audit", lines)[0] == 2
    lines.write_text("")
    assert run("audit", lines)[0] == 2


@pytest.mark.only("sqlite")
def test_what_is_missing_or_broken_gets_a_sentence(run: Run, tmp_path: Path, site: Site) -> None:
    home = tmp_path / "home"
    assert "init NAME" in run("cosign", site.address)[2]
    assert "without +" in run("init", "a+b")[2]
    assert run("init", "guarantor-1")[0] == 0
    assert "not replaced" in run("init", "guarantor-1")[2]
    assert "First use" in run("audit", site.address)[2]
    assert "404" in run("cosign", f"{site.address}/nowhere", "--log", site.log)[2]
    assert "does not answer" in run("cosign", "http://127.0.0.1:1", "--log", site.log)[2]
    assert "does not answer" in run("cosign", "http://[", "--log", site.log)[2]
    assert "cannot be read" in run("cosign", tmp_path / "nothing", "--log", site.log)[2]
    large = tmp_path / "large"
    large.write_bytes(b"x" * 2**21)
    assert "too large" in run("cosign", large, "--log", site.log)[2]
    assert run("cosign", site.address, "--log", site.log)[0] == 0
    assert "cannot be read" in run("audit", tmp_path / "nothing")[2]
    assert "404" in run("audit", f"{site.address}/nowhere")[2]
    held = home / "checkpoints" / "3.txt"
    for damage in (held.read_text(encoding="utf-8").replace("\n3\n", "\n4\n"), "hello"):
        held.write_text(damage, encoding="utf-8")
        assert "is damaged" in run("audit", site.address)[2]
    held.unlink()
    assert "nothing to compare" in run("audit", site.address)[2]
    for damage in (
        "{",
        "[]",
        json.dumps({"log": site.log, "note": "x"}),
        json.dumps({"log": site.log, "note": 1}),
    ):
        (home / "state.json").write_text(damage)
        assert "is damaged" in run("cosign", site.address)[2]
    for damage in ("{", "{}", '{"name": "a", "secret": "00"}'):
        (home / "key.json").write_text(damage)
        assert "readable key" in run("cosign", site.address)[2]
    assert run("init")[0] == run("sign-draw", "--draw", "x")[0] == 1
    assert run("--help")[0] == 0
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    assert "cannot be written" in run("init", "guarantor-1", home="blocked/inside")[2]


# Draws.


def hashed(tag: str, *parts: bytes) -> bytes:
    found = hashlib.sha256()
    for part in (tag.encode(), *parts):
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


def draw_files(folder: Path, key: str, **changes: object) -> tuple[Path, Path]:
    """Write a draw of four people and its lottery, with as much as a guarantor reads."""
    draw: dict[str, Any] = {
        "protocol": "asm-draw-1",
        "draw": 7,
        "pool": [{"id": one, "traits": []} for one in "abcd"],
        "size": 2,
        "tickets": 10,
        "log": "log",
        "guarantors": [{"name": key.partition("+")[0], "key": key}],
        "deadlines": {"cosign": "2026-01-01T00:00:00Z"},
        **changes,
    }
    data = tree.canonical(draw)
    (folder / "draw.json").write_bytes(data)
    lottery = {
        "format": "asm-draw-1/lottery",
        "commit": hashed("asm-draw-1/commit", data).hex(),
        "panels": [{"tickets": 4, "members": [0, 1]}, {"tickets": 6, "members": [1, 3]}],
    }
    (folder / "lottery.json").write_bytes(tree.canonical(lottery))
    return folder / "draw.json", folder / "lottery.json"


@pytest.mark.only("sqlite")
def test_a_draw_is_signed_revealed_and_cancelled(run: Run, tmp_path: Path) -> None:
    written = run("init", "guarantor-1")[1].strip()
    key = notes.parse_key(written)
    draw, lottery = draw_files(tmp_path, written)
    status, out, err = run("sign-draw", "--draw", draw, "--lottery", lottery)
    assert (status, "4 people, 2 panels, 10 tickets" in err) == (0, True)
    assert run("sign-draw", "--draw", draw, "--lottery", lottery)[1] == out
    note = notes.parse_note(out)
    assert notes.verifies(note, key)
    commit = hashed("asm-draw-1/commit", draw.read_bytes())
    name, secret = run("reveal", "--draw", draw)[1].split()
    hidden = hashed("asm-draw-1/guarantor", name.encode(), commit, bytes.fromhex(secret))
    assert note.text == (
        f"asm-draw-1/cosign\ndraw 7\ncommit {commit.hex()}\n"
        f"lottery {hashlib.sha256(lottery.read_bytes()).hexdigest()}\nsecret {hidden.hex()}\n"
    )
    kept = tmp_path / "home" / "secrets" / f"{commit.hex()}.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    reason = tmp_path / "reason.txt"
    reason.write_text(" Fichier erroné\n", encoding="utf-8")
    note = notes.parse_note(run("cancel", "--draw", draw, "--reason", reason)[1])
    assert notes.verifies(note, key)
    assert note.text.endswith(f"reason {hashlib.sha256('Fichier erroné'.encode()).hexdigest()}\n")
    reason.write_bytes(b"\xff")
    assert "cannot be read" in run("cancel", "--draw", draw, "--reason", reason)[2]
    reason.write_bytes(b"\n")
    assert "is empty" in run("cancel", "--draw", draw, "--reason", reason)[2]
    other = json.loads(lottery.read_text())
    other["panels"][0]["members"] = [0, 2]
    lottery.write_bytes(tree.canonical(other))
    assert "another lottery" in run("sign-draw", "--draw", draw, "--lottery", lottery)[2]
    kept.write_text("{}")
    assert "is damaged" in run("reveal", "--draw", draw)[2]
    kept.unlink()
    assert "no secret" in run("reveal", "--draw", draw)[2]


@pytest.mark.only("sqlite")
def test_a_secret_is_not_shown_early_without_a_warning(run: Run, tmp_path: Path) -> None:
    key = run("init", "guarantor-1")[1].strip()
    draw, lottery = draw_files(tmp_path, key, deadlines={"cosign": "2999-01-01T00:00:00Z"})
    run("sign-draw", "--draw", draw, "--lottery", lottery)
    assert "before 2999" in run("reveal", "--draw", draw)[2]


@pytest.mark.only("sqlite")
def test_what_is_not_a_draw_is_not_signed(run: Run, tmp_path: Path, config: Config) -> None:
    key = run("init", "guarantor-1")[1].strip()

    def attempt(draw: Path, lottery: Path) -> str:
        status, out, err = run("sign-draw", "--draw", draw, "--lottery", lottery)
        assert (status, out) == (1, "")
        return err

    for change in (
        {"protocol": "x"},
        {"tickets": True},
        {"pool": {}},
        {"deadlines": {}},
        {"deadlines": {"cosign": "soon"}},
    ):
        assert "of the form asm-draw-1" in attempt(*draw_files(tmp_path, key, **change))
    assert "does not count you" in attempt(*draw_files(tmp_path, key, guarantors=[]))
    draw, lottery = draw_files(tmp_path, key)
    for content in (
        b"{",
        b"[]",
        b'{"a": 1}',
        b'{"a":1.5}',
        b'{"a":1,"a":1}',
        b'{"a":99999999999999999999}',
        b"\xff",
    ):
        lottery.write_bytes(content)
        assert "of the form asm-draw-1" in attempt(draw, lottery)
    good = json.loads(draw_files(tmp_path, key)[1].read_text())
    for change, words in (
        ({"format": "x"}, "format"),
        ({"commit": "00"}, "not the one of this draw"),
        ({"panels": [1]}, "panels"),
        ({"panels": [{"tickets": 10, "members": [1, 9]}]}, "members"),
        ({"panels": [{"tickets": 10, "members": [1, 1]}]}, "members"),
        ({"panels": [{"tickets": 9, "members": [0, 1]}]}, "tickets"),
    ):
        lottery.write_bytes(tree.canonical({**good, **change}))
        assert words in attempt(draw, lottery)
    note = tmp_path / "note.txt"
    signer = keys.load(config)
    note.write_text(str(signer.sign(str(notes.Head(signer.name, 1, bytes(32))))), encoding="utf-8")
    run("cosign", note, "--log", signer.key)
    assert "another journal" in attempt(*draw_files(tmp_path, key))


@swept("case", ED25519, name=lambda case: str(case["tcId"]))
def test_its_own_ed25519_judges_as_published(tool: ModuleType, case: dict[str, str]) -> None:
    key, message, signature = (bytes.fromhex(case[name]) for name in ("pk", "msg", "sig"))
    assert tool.ed25519(key, message, signature) is (case["result"] == "valid")


def test_its_own_signatures_are_those_of_the_library(tool: ModuleType) -> None:
    for number in range(5):
        seed = hashlib.sha256(bytes([number])).digest()
        theirs = notes.Signer.of("name", seed)
        assert tool.public_key(seed) == theirs.key.public
        assert tool.sign(seed, b"message") == theirs.private.sign(b"message")
        assert str(tool.parse_key(str(theirs.key))) == str(theirs.key)
    for wrong in (
        "x",
        f"x+00000000+{notes.encode(b'1' * 33)}",
        str(theirs.key)[:-4] + "AAA=",
        "x+00+====",
        "x+00+AB==",
    ):
        with pytest.raises(tool.Malformed):
            tool.parse_key(wrong)


def test_every_sentence_has_both_languages_and_is_used(tool: ModuleType) -> None:
    source = TOOL.read_text(encoding="utf-8")
    for code, (french, english) in tool.SENTENCES.items():
        assert source.count(f'"{code}"') >= 2, code
        assert set(re.findall(r"\{(\w+)\}", french)) == set(re.findall(r"\{(\w+)\}", english))


@pytest.mark.only("sqlite")
def test_it_goes_on_from_what_it_saw_over_the_network(site: Site, run: Run) -> None:
    account = make.account(site.store, "garance@example.org").id
    written = run("init", f"guarantor-{account}")[1]
    assert run("cosign", site.address, "--log", site.log)[0] == 0
    assert "422" in run("cosign", site.address, "--post")[2], "the key is not registered yet"
    with site.store.writing() as session:
        actions.register_key(session, COMMAND_LINE, account, written)
    site.act(4)
    assert "has received it" in run("cosign", site.address, "--post")[2]
    assert "Your 2 checkpoints" in run("audit", site.address)[2]


def test_what_is_not_a_point_or_a_checkpoint_is_refused(tool: ModuleType) -> None:
    # Beyond the field, on no curve, and nought with a sign.
    for data in (b"\xff" * 32, (2).to_bytes(32, "little"), b"\x01" + b"\x00" * 30 + b"\x80"):
        assert tool.point(data) == ()
        assert not tool.ed25519(data, b"", bytes(64))
    signature = f"— a {notes.encode(bytes(68))}\n"
    root = notes.encode(bytes(32))
    tool.Checkpoint(f"a\n1\n{root}\n\n{signature}")
    for note in (
        f"a\n1\n{root}\n\n- a AAAA\n",
        f"a\n1\n{root}\n\n— a+ AAAA\n",
        f"a\n01\n{root}\n\n{signature}",
        f"a\n1\nAAAA\n\n{signature}",
        f"a\n1\n\n{signature}",
    ):
        with pytest.raises(tool.Malformed):
            tool.Checkpoint(note)
    assert tool.Tree().root() == tree.root([])


def test_its_proofs_are_judged_as_the_sites(tool: ModuleType) -> None:
    hashes = [tree.leaf_hash(bytes([number])) for number in range(20)]
    levels = tree.levels(hashes)
    for new in range(2, 21):
        for old in range(1, new):
            proof = tree.assemble(tree.consistency_path(old, new), lambda place: levels[place[0]][place[1]])
            roots = tree.root(hashes[:old]), tree.root(hashes[:new])
            assert tool.extends(old, new, *roots, proof)
            assert not tool.extends(old, new, *roots, [*proof, roots[0]])
            assert not tool.extends(old, new, roots[0], roots[0], proof)
    assert not tool.extends(0, 3, hashes[0], hashes[0], [])
    assert not tool.extends(3, 4, hashes[0], hashes[0], [])
