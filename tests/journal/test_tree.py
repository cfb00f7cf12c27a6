from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from assemblee.journal import tree
from tests.sweeps import swept

VECTORS = Path(__file__).parents[1] / "vectors" / "audit"
INCLUSION = json.loads((VECTORS / "merkle_inclusion.json").read_text())["cases"]
CONSISTENCY = json.loads((VECTORS / "merkle_consistency.json").read_text())["cases"]
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
        tree.canonical(value)


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


# Proofs.

MANY = [tree.leaf_hash(bytes([number])) for number in range(67)]
LEVELS = tree.levels(MANY)


def node(place: tree.Place) -> bytes:
    level, position = place
    return LEVELS[level][position]


def hashes(case: dict[str, list[str] | None]) -> list[bytes]:
    return [base64.b64decode(one or "") for one in case["proof"] or []]


@swept("case", INCLUSION, name=lambda case: case["name"])
def test_inclusion_is_judged_as_published(case: dict[str, Any]) -> None:
    leaf, root = base64.b64decode(case["leafHash"] or ""), base64.b64decode(case["root"] or "")
    found = tree.includes(case["leafIdx"], case["treeSize"], leaf, hashes(case), root)
    assert found is not case["wantErr"]


@swept("case", CONSISTENCY, name=lambda case: case["name"])
def test_consistency_is_judged_as_published(case: dict[str, Any]) -> None:
    old, new = base64.b64decode(case["root1"] or ""), base64.b64decode(case["root2"] or "")
    assert tree.extends(case["size1"], case["size2"], old, new, hashes(case)) is not case["wantErr"]


def test_every_proof_of_a_tree_holds_and_no_other() -> None:
    for size in range(1, len(MANY) + 1):
        root = tree.root(MANY[:size])
        assert tree.fold([node(place) for place in tree.span(0, size)]) == root
        for position in range(size):
            proof = tree.assemble(tree.inclusion_path(position, size), node)
            assert tree.includes(position, size, MANY[position], proof, root)
            assert not tree.includes(position, size, MANY[position - 1], proof, root) or size == 1
            assert not tree.includes(position, size, MANY[position], [*proof, root], root)
        for old in range(1, size + 1):
            before = tree.root(MANY[:old])
            proof = tree.assemble(tree.consistency_path(old, size), node)
            assert tree.extends(old, size, before, root, proof)
            assert not tree.extends(old, size, before, root, [*proof, root])
            assert not tree.extends(old, size, before, before, proof) or old == size
            assert not tree.extends(old, size, root, root, proof) or old == size


def test_what_cannot_be_proved_is_refused() -> None:
    for position, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match=str(size)):
            tree.inclusion_path(position, size)
        assert not tree.includes(position, size, MANY[0], [], MANY[0])
    for old, new in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match=str(new)):
            tree.consistency_path(old, new)
        assert not tree.extends(old, new, MANY[0], MANY[0], [])
    assert not tree.extends(3, 4, MANY[0], MANY[0], [])


def test_a_leaf_completes_the_subtrees_that_end_with_it() -> None:
    stored = {(0, position): digest for position, digest in enumerate(MANY)}
    for position, digest in enumerate(MANY):
        stored.update(tree.completed(position, digest, stored.__getitem__))
    assert stored == {
        (level, position): digest
        for level, found in enumerate(LEVELS)
        for position, digest in enumerate(found)
    }
