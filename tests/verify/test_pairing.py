from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import drand_verify
import pytest
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import compress_G1, compress_G2
from py_ecc.optimized_bls12_381 import G1, G2, curve_order, multiply, normalize

from tests.verify.judges import load

pairing = load("pairing")
VECTORS = Path(__file__).parents[1] / "vectors" / "audit"
ROUNDS = json.loads((VECTORS / "drand_rounds.json").read_text())
STANDARD = json.loads((VECTORS / "rfc9380_h2c.json").read_text())
KEY = bytes.fromhex(ROUNDS["chains"]["quicknet"]["public_key"])


def message(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8)).digest()


def signed(secret: int, text: bytes) -> tuple[bytes, bytes]:
    """Sign with the independent library, under the same domain."""
    point = multiply(hash_to_G1(text, pairing.DOMAIN, hashlib.sha256), secret)
    signature = int(compress_G1(point)).to_bytes(48)
    first, second = compress_G2(multiply(G2, secret))
    return int(first).to_bytes(48) + int(second).to_bytes(48), signature


@pytest.mark.parametrize("case", ROUNDS["quicknet"], ids=lambda case: str(case["round"]))
def test_real_rounds_of_quicknet_hold(case: dict[str, Any]) -> None:
    signature = bytes.fromhex(case["signature"])
    assert pairing.check(KEY, message(case["round"]), signature)
    assert not pairing.check(KEY, message(case["round"] + 1), signature)


@pytest.mark.parametrize("case", ROUNDS["quicknet_invalid"], ids=lambda case: case["desc"])
def test_a_signature_of_another_round_is_refused(case: dict[str, Any]) -> None:
    assert not pairing.check(KEY, message(case["round"]), bytes.fromhex(case["signature"]))


@pytest.mark.parametrize("case", ROUNDS["fastnet"][:2], ids=lambda case: str(case["round"]))
def test_rounds_hashed_under_another_domain_are_refused(case: dict[str, Any]) -> None:
    key = bytes.fromhex(ROUNDS["chains"]["fastnet"]["public_key"])
    assert not pairing.check(key, message(case["round"]), bytes.fromhex(case["signature"]))


@pytest.mark.parametrize("secret", [1, 2, 0xC0FFEE, curve_order - 1])
def test_signatures_of_an_independent_library_hold(secret: int) -> None:
    key, signature = signed(secret, b"a message")
    assert pairing.check(key, b"a message", signature)
    assert not pairing.check(key, b"another", signature)


def test_the_verifier_of_another_house_agrees() -> None:
    for case in [*ROUNDS["quicknet"], *ROUNDS["quicknet_invalid"]]:
        ours = pairing.check(KEY, message(case["round"]), bytes.fromhex(case["signature"]))
        try:
            theirs = drand_verify.verify_quicknet(case["round"], case["signature"]) is not None
        except ValueError:
            theirs = False
        assert ours is theirs


@pytest.mark.parametrize(
    "case", STANDARD["hash_to_curve"]["vectors"], ids=lambda case: case["msg"][:12] or "empty"
)
def test_hashes_to_the_curve_are_those_of_rfc_9380(case: dict[str, Any]) -> None:
    found = pairing.hash_to_curve(case["msg"].encode(), STANDARD["hash_to_curve"]["dst"].encode())
    assert found == ((int(case["P"]["x"], 16), 0), (int(case["P"]["y"], 16), 0))


def test_stretched_messages_are_those_of_rfc_9380() -> None:
    vectors = STANDARD["expand_message"]
    for case in vectors["tests"]:
        found = pairing.expand(case["msg"].encode(), vectors["DST"].encode(), int(case["len_in_bytes"], 16))
        assert found.hex() == case["uniform_bytes"]


def test_points_outside_of_the_subgroup_are_refused() -> None:
    found = 0
    for x in range(2, 40):
        data = bytes([0x80]) + bytes(46) + bytes([x])
        if pairing.root(((x**3 + 4) % pairing.P, 0)) is not None:
            assert pairing.decode(data) is None
            found += 1
    assert found


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: bytes([data[0] & 0x7F]) + data[1:],
        lambda data: bytes([data[0] | 0x40]) + data[1:],
        lambda data: bytes([data[0] ^ 0x20]) + data[1:],
        lambda data: bytes([0xC0]) + bytes(47),
        lambda data: bytes([0x9F]) + b"\xff" * 47,
    ],
    ids=["empty", "short", "long", "not compressed", "infinite", "other sign", "infinity", "not reduced"],
)
def test_a_signature_in_another_form_is_refused(change: Any) -> None:  # noqa: ANN401
    key, signature = signed(7, b"a message")
    assert not pairing.check(key, b"a message", change(signature))


def test_the_key_at_infinity_is_refused() -> None:
    assert not pairing.check(bytes([0xC0]) + bytes(95), b"a message", bytes([0xC0]) + bytes(47))


def test_points_add_up_as_in_an_independent_library() -> None:
    base = tuple((int(value), 0) for value in normalize(G1))
    for scalar in (2, 3, 12345):
        expected = tuple((int(value), 0) for value in normalize(multiply(G1, scalar)))
        assert pairing.multiple(base, scalar) == expected
    assert pairing.multiple(base, pairing.ORDER) is None


def test_points_of_the_kernel_go_to_infinity() -> None:
    # One of the five roots of the kernel's polynomial, all of which are in the field.
    root = int(
        "140d41735b10ce710727cd9356905701a2b866b803baa468948b7f423ddcc560c9a8f1cd5f8ed4297c37464fb8bfe4a7",
        16,
    )
    assert sum(one * pow(root, place, pairing.P) for place, one in enumerate(pairing.KERNEL)) % pairing.P == 0
    assert pairing.isogeny(root, 1) is None
