from __future__ import annotations

import json
from math import lcm
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa as maker
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.votes import rsa
from votes import blind
from votes.blind import BadInput, BadKey, BadLength, OutOfRange, PublicKey, SecretKey, WrongSignature

VECTORS = Path(__file__).parents[1] / "vectors" / "audit" / "rfc9474_blind_rsa.json"
CASES = json.loads(VECTORS.read_text())["cases"]
PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
MESSAGE = bytes(64)


def number(case: dict[str, Any], name: str) -> int:
    return int(case[name], 16)


def of(case: dict[str, Any]) -> SecretKey:
    public = PublicKey(number(case, "n"), number(case, "e"))
    return SecretKey(public, number(case, "d"), number(case, "p"), number(case, "q"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_the_vectors_of_the_standard_agree(case: dict[str, Any]) -> None:
    secret = of(case)
    public, message = secret.public, bytes.fromhex(case["msg"])
    randomized = number(case, "is_randomized") == 1
    prepared = blind.prepare(message, bytes.fromhex(case["msg_prefix"])) if randomized else message
    assert prepared.hex() == case["input_msg"]
    salt = bytes.fromhex(case["salt"])
    inverse = number(case, "inv")
    if "encoded_msg" in case:
        assert blind._encoded(prepared, salt, public.n.bit_length() - 1).hex() == case["encoded_msg"]
    blinded = blind.blind(public, prepared, salt=salt, factor=pow(inverse, -1, public.n))
    assert (blinded.message.hex(), blinded.inverse) == (case["blinded_msg"], inverse)
    signature = blind.blind_sign(secret, blinded.message)
    assert signature.hex() == case["blind_sig"]
    assert blind.finalize(public, prepared, signature, inverse).hex() == case["sig"]
    assert blind.sign(secret, prepared, salt=salt).hex() == case["sig"]


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_a_signature_over_a_blinded_message_is_one_over_the_message_and_no_other(
    message: bytes, other: bytes
) -> None:
    secret = rsa.key()
    prepared = blind.prepare(message)
    blinded = blind.blind(secret.public, prepared)
    signature = blind.finalize(
        secret.public, prepared, blind.blind_sign(secret, blinded.message), blinded.inverse
    )
    assert blind.verify(secret.public, prepared, signature)
    assert not blind.verify(secret.public, blind.prepare(other), signature)
    # Somebody else's program takes it for what it is.
    rsa.private().public_key().verify(signature, prepared, PSS, hashes.SHA384())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2047))
def test_a_signature_with_one_bit_changed_never_holds(bit: int) -> None:
    public = rsa.key().public
    changed = (int.from_bytes(SIGNATURE) ^ 1 << bit).to_bytes(public.length)
    assert not blind.verify(public, MESSAGE, changed)


SIGNATURE = blind.sign(rsa.key(), MESSAGE)


def test_signatures_of_another_program_hold() -> None:
    theirs = rsa.private().sign(MESSAGE, PSS, hashes.SHA384())
    assert blind.verify(rsa.key().public, MESSAGE, theirs)
    for length in (0, 32):
        shorter = rsa.private().sign(
            MESSAGE, padding.PSS(padding.MGF1(hashes.SHA384()), length), hashes.SHA384()
        )
        assert not blind.verify(rsa.key().public, MESSAGE, shorter)


def test_the_signer_cannot_tell_two_messages_apart() -> None:
    public = rsa.key().public
    factor = 12345
    message = int.from_bytes(blind.blind(public, MESSAGE, factor=factor).message)
    # For the same blinded message there is a factor for every other message too.
    other = int.from_bytes(blind._encoded(b"other", bytes(48), public.n.bit_length() - 1))
    power = message * pow(other, -1, public.n) % public.n
    found = blind._power(rsa.key(), power)
    assert int.from_bytes(blind.blind(public, b"other", salt=bytes(48), factor=found).message) == message


@pytest.mark.parametrize("length", [0, 255, 257])
def test_only_what_is_as_long_as_the_modulus_is_signed_or_finished(length: int) -> None:
    with pytest.raises(BadLength):
        blind.blind_sign(rsa.key(), bytes(length))
    with pytest.raises(BadLength):
        blind.finalize(rsa.key().public, MESSAGE, bytes(length), 1)
    assert not blind.verify(rsa.key().public, MESSAGE, bytes(length))


def test_a_blinded_message_beyond_the_modulus_is_not_signed() -> None:
    public = rsa.key().public
    for beyond in (public.n, public.n + 1, 2**2048 - 1):
        with pytest.raises(OutOfRange):
            blind.blind_sign(rsa.key(), beyond.to_bytes(public.length))
        assert not blind.verify(public, MESSAGE, beyond.to_bytes(public.length))
    assert int.from_bytes(blind.blind_sign(rsa.key(), (public.n - 1).to_bytes(public.length))) == public.n - 1


def test_a_wrong_answer_of_the_signer_is_noticed() -> None:
    public = rsa.key().public
    blinded = blind.blind(public, MESSAGE)
    right = blind.blind_sign(rsa.key(), blinded.message)
    for wrong, inverse in ((bytes(256), blinded.inverse), (right, blinded.inverse + 1), (SIGNATURE, 1)):
        with pytest.raises(WrongSignature):
            blind.finalize(public, MESSAGE + b"!", wrong, inverse)


def test_a_faulty_computation_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = rsa.key()
    # A flaw in one half only, which would give the primes away.
    object.__setattr__(
        broken := SecretKey(secret.public, secret.d, secret.p, secret.q), "d", secret.d + secret.p - 1
    )
    with pytest.raises(blind.SigningFailed) as refused:
        blind.blind_sign(broken, bytes(255) + b"\2")
    assert refused.value.code == "blind-signing-failed"
    assert refused.value.parameters == {"bits": 2048}


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_prefix_has_32_bytes(length: int) -> None:
    with pytest.raises(BadInput):
        blind.prepare(b"", bytes(length))
    assert len(blind.prepare(bytes(32))) == 64


def test_a_salt_has_48_bytes_and_a_factor_is_invertible() -> None:
    secret = rsa.key()
    with pytest.raises(BadInput):
        blind.blind(secret.public, MESSAGE, salt=bytes(32))
    for factor in (0, secret.public.n, secret.p, 2 * secret.q):
        with pytest.raises(BadInput):
            blind.blind(secret.public, MESSAGE, factor=factor)


def test_numbers_that_are_no_key_are_refused() -> None:
    secret = rsa.key()
    n = secret.public.n
    for wrong, e in (
        (n + 1, 65537),
        (n, 65536),
        (n, 1),
        (n >> 1 | 1, 65537),
        (1 << 8192 | 1, 65537),
        (-n, 3),
    ):
        with pytest.raises(BadKey):
            PublicKey(wrong, e)
    for d, p, q in (
        (secret.d + 1, secret.p, secret.q),
        (secret.d, secret.p, secret.p),
        (secret.d, 1, n),
        (secret.d, secret.p + 2, secret.q),
    ):
        with pytest.raises(BadKey):
            SecretKey(secret.public, d, p, q)


def test_a_modulus_whose_encoding_is_a_byte_shorter_serves_too() -> None:
    # 2,049 bits, which OpenSSL would round down: the encoded message has 2,048, a byte less than the modulus.
    long = maker.generate_private_key(public_exponent=65537, key_size=2050).private_numbers()
    p, q = long.p, rsa.key().p
    public = PublicKey(p * q, 65537)
    assert (public.n.bit_length(), public.length) == (2049, 257)
    secret = SecretKey(public, pow(65537, -1, lcm(p - 1, q - 1)), p, q)
    signature = blind.sign(secret, MESSAGE)
    maker.RSAPublicNumbers(65537, public.n).public_key().verify(signature, MESSAGE, PSS, hashes.SHA384())
    assert blind.verify(public, MESSAGE, signature)
    blinded = blind.blind(public, MESSAGE)
    assert blind.finalize(public, MESSAGE, blind.blind_sign(secret, blinded.message), blinded.inverse)
    # The same signature, written with the modulus added, is another number: it is refused.
    more = int.from_bytes(signature) + public.n
    assert not blind.verify(public, MESSAGE, more.to_bytes(257))
    # What opens to a number too large to be an encoded message is refused before it is cut.
    large = blind._power(secret, public.n - 1)
    assert not blind.verify(public, MESSAGE, large.to_bytes(257))


def test_secrets_are_not_printed() -> None:
    secret = rsa.key()
    blinded = blind.blind(secret.public, MESSAGE)
    for hidden in (secret.d, secret.p, secret.q, blinded.inverse):
        assert str(hidden) not in repr(secret) + repr(blinded)


def test_a_wrong_public_key_holds_nothing() -> None:
    with pytest.raises(InvalidSignature):
        rsa.private().public_key().verify(SIGNATURE, b"other", PSS, hashes.SHA384())
    assert not blind.verify(of(CASES[0]).public, MESSAGE, SIGNATURE)
