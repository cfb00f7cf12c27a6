from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assemblee.journal import notes, tree
from tests.sweeps import swept

VECTORS = Path(__file__).parents[1] / "vectors" / "audit"
LOG = json.loads((VECTORS / "tlog_checkpoints.json").read_text())
NOTES = json.loads((VECTORS / "signed_notes.json").read_text())["cases"]
HEADS = json.loads((VECTORS / "checkpoint_parse.json").read_text())["cases"]
ED25519 = json.loads((VECTORS / "ed25519.json").read_text())["cases"]
SIGNER = notes.Signer.of("guarantor-7", bytes(range(32)))
BEYOND_THE_FIELD = b"\xff" * 31 + b"\x7f"
TEXT = str(notes.Head("log.example/journal", 3, bytes(32)))


@pytest.mark.parametrize("size", sorted(LOG["checkpoints_by_size"], key=int))
def test_the_checkpoints_of_a_real_log_are_read_and_hold(size: str) -> None:
    written = LOG["checkpoints_by_size"][size]
    note = notes.parse_note(written)
    head = notes.parse_head(note.text)
    root = tree.root(tree.leaf_hash(entry.encode()) for entry in LOG["entries_utf8"][: int(size)])
    assert notes.verifies(note, notes.parse_key(LOG["vkey"]))
    assert (head.size, head.root, str(head), str(note)) == (int(size), root, note.text, written)


@pytest.mark.parametrize("case", NOTES, ids=lambda case: case.get("desc", "published"))
def test_signed_notes_are_judged_as_published(case: dict[str, Any]) -> None:
    key = notes.parse_key(case["vkey"])
    assert str(key) == case["vkey"]
    assert notes.verifies(notes.parse_note(case["note"]), key) is case["valid"]


@pytest.mark.parametrize("case", HEADS, ids=lambda case: repr(case["text"][:20]))
def test_texts_of_checkpoints_are_judged_as_published(case: dict[str, Any]) -> None:
    if case["valid"]:
        assert str(notes.parse_head(case["text"])) == case["text"]
    else:
        with pytest.raises(notes.MalformedError):
            notes.parse_head(case["text"])


@swept("case", ED25519, name=lambda case: str(case["tcId"]))
def test_signatures_are_judged_as_published(case: dict[str, Any]) -> None:
    key = notes.Key("name", bytes.fromhex(case["pk"]))
    held = notes._holds(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
    assert held is (case["result"] == "valid")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        f"na me+{'+'.join(str(SIGNER.key).split('+')[1:])}",
        str(SIGNER.key).replace("guarantor-7", "guarantor-8"),
        str(SIGNER.key) + "=",
        "name+00000000+AQ==",
        "name+00000000+é",
        str(notes.Key("x", BEYOND_THE_FIELD)),
    ],
)
def test_what_is_not_a_key_is_refused(text: str) -> None:
    with pytest.raises(notes.MalformedError):
        notes.parse_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "\n\n— a AAAAAAA=\n",
        "text\n\n— a AAAAAAA=",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n— a+b AAAAAAA=\n",
        "text\n\n— a AAAA\n",
        "text\n\n— a AAAAAAB=\n",
        "te\rxt\n\n— a AAAAAAA=\n",
        "text\n\n" + "— a AAAAAAA=\n" * 101,
        "t" * 70_000 + "\n\n— a AAAAAAA=\n",
    ],
)
def test_what_is_not_a_signed_note_is_refused(text: str) -> None:
    with pytest.raises(notes.MalformedError):
        notes.parse_note(text)


@pytest.mark.parametrize(
    "text", ["a\n1\nAA==", "a\n01\nAA==\n", "a\n1\nAA=\n", "a\n1\n", "a\n99999999999\nAA==\n"]
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(notes.MalformedError):
        notes.parse_head(text)


def test_a_note_bears_the_signature_of_its_key_once() -> None:
    note = SIGNER.sign(TEXT)
    assert notes.verifies(notes.parse_note(str(note)), SIGNER.key)
    assert not notes.verifies(notes.Note(TEXT, note.signatures * 2), SIGNER.key)
    assert not notes.verifies(note, notes.Signer.of("guarantor-7", bytes(32)).key)


def test_a_cosignature_tells_when_and_by_whom() -> None:
    line = notes.parse_signature(str(SIGNER.cosign(TEXT, 1_800_000_000)))
    assert notes.cosignature_time(TEXT, line, SIGNER.key) == 1_800_000_000
    assert notes.cosignature_time(TEXT + "x\n", line, SIGNER.key) is None
    other = notes.Signer.of("guarantor-7", bytes(32))
    assert notes.cosignature_time(TEXT, line, other.key) is None
    short = notes.NoteSignature(line.name, line.key_id, line.value[:-1])
    late = notes.NoteSignature(line.name, line.key_id, b"\xff" * 8 + line.value[8:])
    assert notes.cosignature_time(TEXT, short, SIGNER.key) is None
    assert notes.cosignature_time(TEXT, late, SIGNER.key) is None
    as_note = notes.NoteSignature(line.name, SIGNER.key.id(), line.value)
    assert notes.cosignature_time(TEXT, as_note, SIGNER.key) is None
