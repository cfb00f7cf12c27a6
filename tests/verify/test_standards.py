"""The verifier's own primitives against the vectors of the standards they follow."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.verify.judges import verify

VECTORS = Path(__file__).parents[1] / "vectors" / "audit"


def vectors(name: str) -> Any:  # noqa: ANN401
    return json.loads((VECTORS / f"{name}.json").read_text())


def refused(function: Any, *arguments: object) -> bool:  # noqa: ANN401
    try:
        function(*arguments)
    except ValueError:
        return True
    return False


def test_ed25519_agrees_with_every_case_of_wycheproof() -> None:
    for case in vectors("ed25519")["cases"]:
        key, message, signature = (bytes.fromhex(case[name]) for name in ("pk", "msg", "sig"))
        assert verify.ed25519(key, message, signature) is (case["result"] == "valid"), case["tcId"]


@pytest.mark.parametrize(
    "key",
    [
        "00" * 31 + "80",
        "01" + "00" * 30 + "80",
        "ed" + "ff" * 30 + "7f",
        "ff" * 32,
        "02" + "00" * 31,
        "00",
    ],
    ids=["x of 0 and a sign", "1 with a sign", "not reduced", "all ones", "not on the curve", "short"],
)
def test_a_key_that_no_point_encodes_signs_nothing(key: str) -> None:
    assert not verify.ed25519(bytes.fromhex(key), b"", bytes(64))


def test_signed_notes_are_those_of_c2sp() -> None:
    for case in vectors("signed_notes")["cases"]:
        text, signatures = verify.parse_note(case["note"], "")
        key = verify.parse_key(case["vkey"], "")
        assert verify.signed(text, signatures[0], key) is case["valid"]


def test_checkpoints_of_a_real_log_hold_with_their_roots_and_proofs() -> None:
    found = vectors("tlog_checkpoints")
    key = verify.parse_key(found["vkey"], "")
    leaves = [verify.sha256(b"\0", entry.encode()) for entry in found["entries_utf8"]]
    for size, written in found["checkpoints_by_size"].items():
        text, signatures = verify.parse_note(written, "")
        assert verify.signed(text, signatures[0], key)
        assert verify.parse_checkpoint(text, "") == (key[0], int(size), verify.root(leaves[: int(size)]))


def test_checkpoints_are_read_as_published() -> None:
    for case in vectors("checkpoint_parse")["cases"]:
        assert refused(verify.parse_checkpoint, case["text"], "") is not case["valid"], case["text"]


def test_roots_are_those_published_for_rfc_6962() -> None:
    found = vectors("merkle_roots")
    leaves = [verify.sha256(b"\0", bytes.fromhex(leaf)) for leaf in found["leaf_inputs_hex"]]
    for size, root in enumerate(found["roots_by_size_hex"]):
        assert verify.root(leaves[:size]).hex() == root


def test_inclusion_proofs_are_judged_as_published() -> None:
    for case in vectors("merkle_inclusion")["cases"]:
        proof = [base64.b64decode(one) for one in case["proof"] or []]
        leaf, root = (base64.b64decode(case[name] or "") for name in ("leafHash", "root"))
        found = verify.climb(leaf, case["leafIdx"], case["treeSize"], proof)
        assert (found == root) is not case["wantErr"], case["desc"]


@pytest.mark.parametrize("case", vectors("canon_reject")["cases"], ids=lambda case: case["desc"])
def test_what_has_no_single_form_is_refused(case: dict[str, str]) -> None:
    assert refused(verify.parse, case["text"].encode(), "")


def test_rfc_8785_bytes_are_canonical_where_they_hold_no_decimals() -> None:
    for case in vectors("jcs_rfc8785")["cases"]:
        data = bytes.fromhex(case["expected_hex"])
        plain = case["name"] not in ("values", "french", "unicode", "weird")
        if plain:
            assert verify.dump(verify.parse(data, "")).encode() == data
        if case["input_utf8"].encode() != data:
            assert refused(verify.parse, case["input_utf8"].encode(), "")


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\u00e9"}',
        '{"a":"\\/"}',
        '{"a":"\\u000A"}',
        '{"a":1e3}',
        '{"a":01}',
        '{"a":"\t"}',
        " 1",
        '"\\ud800"',
    ],
)
def test_every_other_writing_of_a_value_is_refused(text: str) -> None:
    assert refused(verify.parse, text.encode(), "")


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\n\u0303"}',
        '["\u0301"]',
        '"\\u001f\u007f\\"\\\\\\b\\f"',
        "9007199254740991",
        '",1234567890123456789"',
    ],
)
def test_the_one_form_of_a_value_is_read(text: str) -> None:
    assert verify.dump(verify.parse(text.encode(), "")) == text


def test_numbers_of_a_stream_are_those_of_the_proposal() -> None:
    for case in vectors("draw_proposal")["cases"]:
        for draw in case["draws"]:
            (found,) = verify.stream(bytes.fromhex(case["seed_hex"]), draw["label"], [draw["n"]])
            assert found == draw["value"]


def test_hashes_with_a_tag_are_those_of_the_proposal() -> None:
    for case in vectors("draw_proposal")["cases"]:
        commit = verify.tagged("asm-draw-1/commit", bytes.fromhex(case["canonical_hex"]))
        assert commit.hex() == case["commit_hex"]
        for name, secret in case["reveals_hex"].items():
            found = verify.tagged("asm-draw-1/guarantor", name, commit, bytes.fromhex(secret))
            assert found.hex() == case["guarantor_commit_hex"][name]


@pytest.mark.parametrize(
    "key", ["", "a", "a+b", "a+00000000+AQ==", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"]
)
def test_what_is_not_a_verifier_key_is_refused(key: str) -> None:
    assert refused(verify.parse_key, key, "")
