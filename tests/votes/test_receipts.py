from __future__ import annotations

import doctest
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from votes import box, receipts
from votes.receipts import BadCode, BadReceipt

CODE = "0123-4567-89AB-CDEF-GHJK"


def test_the_examples_run() -> None:
    for module in (receipts, box):
        assert doctest.testmod(module).failed == 0


def test_every_hash_is_what_the_page_says() -> None:
    token, ballot = bytes(range(32)), b"\0\xfe\3"
    prepared = bytes(range(64))
    assert receipts.token_id(prepared) == hashlib.sha256(b"assemblee-token-1\n" + prepared).digest()
    bare = CODE.replace("-", "").encode()
    assert receipts.message_of_code(CODE) == hashlib.sha512(b"assemblee-code-1\n" + bare).digest()
    assert receipts.code_digest(CODE) == hashlib.sha256(b"assemblee-code-digest-1\n" + bare).hexdigest()
    roll = hashlib.sha256(b"assemblee-roll-1\n12\n" + bytes(16) + "é".encode()).digest()
    assert receipts.commitment(12, "é", bytes(16)) == roll
    assert receipts.board_leaf(token, ballot) == token + ballot
    digest = hashlib.sha256(b"assemblee-receipt-1\n12\n" + token + ballot).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:60]
    symbols = [receipts.SYMBOLS[int(bits[start : start + 5], 2)] for start in range(0, 60, 5)]
    assert receipts.receipt(12, token, ballot).replace("-", "") == "".join(symbols)


def test_codes_are_printed_in_groups_and_never_alike() -> None:
    codes = [receipts.new_code() for _ in range(200)]
    assert len(set(codes)) == 200
    assert all(re.fullmatch("([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    # Each of the twenty places takes many values: none is constant.
    assert all(len({code[place] for code in codes}) > 20 for place in range(24) if place % 5 != 4)


@given(st.integers(0, 2**100 - 1), st.randoms())
def test_a_code_may_be_typed_in_many_ways(number: int, chance: object) -> None:
    code = receipts._grouped(number, 20)
    typed = code.lower().replace("0", "o").replace("1", "l").replace("-", " – ")
    other = code.replace("0", "O").replace("1", "I").replace("-", "")
    assert {receipts.normalised(one) for one in (code, typed, other)} == {code.replace("-", "")}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        CODE[:-1],
        CODE + "0",
        CODE.replace("A", "U"),
        CODE.replace("1", "ı"),
        CODE.replace("A", "É"),
        CODE + "\0",
    ],
)
def test_what_is_no_code_is_refused_by_name(typed: str) -> None:
    for use in (receipts.normalised, receipts.message_of_code, receipts.code_digest):
        with pytest.raises(BadCode) as refused:
            use(typed)
        # The code is a secret: the refusal must not carry it into a log.
        assert refused.value.parameters == {"expected": 20}
        assert refused.value.code == "vote-code-malformed"


@given(st.integers(1, 10**6), st.binary(min_size=32, max_size=32), st.binary(max_size=20))
def test_a_receipt_may_be_typed_in_many_ways(consultation: int, token: bytes, ballot: bytes) -> None:
    made = receipts.receipt(consultation, token, ballot)
    assert receipts.read_receipt(made) == made
    assert receipts.read_receipt(made.lower().replace("-", " ").replace("0", "o").replace("1", "i")) == made
    with pytest.raises(BadReceipt):
        receipts.read_receipt(made[:-1])
    assert made != receipts.receipt(consultation + 1, token, ballot)
