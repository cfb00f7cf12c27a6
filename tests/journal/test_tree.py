from __future__ import annotations

import json
from pathlib import Path

import pytest

from assemblee.journal import tree

VECTORS = Path(__file__).parents[1] / "vectors" / "audit"
ROOTS = json.loads((VECTORS / "merkle_roots.json").read_text())
CANONICAL = json.loads((VECTORS / "jcs_rfc8785.json").read_text())["cases"]
REFUSED = json.loads((VECTORS / "canon_reject.json").read_text())["cases"]


@pytest.mark.parametrize("size", range(len(ROOTS["roots_by_size_hex"])))
def test_roots_are_those_published_for_rfc_6962(size: int) -> None:
    hashes = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in ROOTS["leaf_inputs_hex"][:size]]
    assert tree.root(hashes).hex() == ROOTS["roots_by_size_hex"][size]


def test_any_change_of_a_leaf_changes_the_root() -> None:
    hashes = [tree.leaf_hash(bytes([number])) for number in range(7)]
    swapped = [*hashes[:2], hashes[3], hashes[2], *hashes[4:]]
    assert len({tree.root(hashes), tree.root(swapped), tree.root(hashes[:-1])}) == 3


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["desc"])
def test_what_has_no_single_form_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(tree.NotCanonical):
        tree.canonical(json.loads(case["text"]))


@pytest.mark.parametrize("value", [{1: "a"}, {"a": b"bytes"}, {"a": {1, 2}}], ids=["key", "bytes", "set"])
def test_what_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(tree.NotCanonical):
        tree.canonical(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CANONICAL, ids=lambda case: case["name"])
def test_accepted_values_have_the_bytes_of_rfc_8785(case: dict[str, str]) -> None:
    value = json.loads(case["input_utf8"])
    try:
        found = tree.canonical(value)
    except tree.NotCanonical:
        assert any(mark in case["input_utf8"] for mark in (".", "e", "E")) or not case["input_utf8"].isascii()
    else:
        assert found.hex() == case["expected_hex"]


def test_nothing_and_truth_have_a_form() -> None:
    assert tree.canonical({"a": None, "b": True, "c": [1, "é"]}) == '{"a":null,"b":true,"c":[1,"é"]}'.encode()
