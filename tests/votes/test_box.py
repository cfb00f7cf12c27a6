from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from votes import box
from votes.box import BadRecord, Box, DamagedBox

TOKENS = st.binary(min_size=32, max_size=32)
BALLOTS = st.binary(min_size=2, max_size=2)


def token(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


@given(
    st.lists(st.tuples(TOKENS | st.integers(0, 3).map(lambda one: bytes([one]) * 32), BALLOTS)), st.randoms()
)
def test_a_box_holds_the_last_ballot_of_each_token_and_nothing_of_the_order(
    puts: list[tuple[bytes, bytes]], chance: object
) -> None:
    found = Box(2)
    for one, ballot in puts:
        found = found.put(one, ballot)
    entries = dict(puts)
    assert found == Box.of(entries, 2) == Box.read(found.content, 2)
    assert list(found) == sorted(entries.items())
    assert list(found.tokens()) == sorted(entries)
    assert len(found) == len(entries)
    assert {one: found.get(one) for one in entries} == entries
    assert found.get(b"\x7f" * 31 + b"!") is None
    # Whatever order they came in, and however often, the bytes are the same.
    again = Box(2)
    for one, ballot in reversed(entries.items()):
        again = again.put(one, b"??").put(one, ballot)
    assert again.content == found.content


def test_a_box_that_was_not_written_by_a_box_is_refused() -> None:
    whole = Box.of({token(one): b"\1" for one in range(5)}, 1).content
    records = [whole[start : start + 33] for start in range(0, len(whole), 33)]
    for wrong in (
        whole[:-1],
        whole + b"\0",
        b"".join(reversed(records)),
        b"".join([*records, records[-1]]),
        b"".join([records[1], records[0], *records[2:]]),
    ):
        with pytest.raises(DamagedBox) as refused:
            Box.read(wrong, 1)
        assert refused.value.code == "box-damaged"
    assert len(Box.read(whole, 1)) == 5


def test_tokens_and_ballots_have_one_length() -> None:
    for one, ballot in ((bytes(31), b"\0"), (bytes(33), b"\0"), (bytes(32), b""), (bytes(32), b"\0\0")):
        with pytest.raises(BadRecord):
            Box(1).put(one, ballot)
        with pytest.raises(BadRecord):
            Box.of({one: ballot}, 1)


def test_a_ballot_replaces_another_without_moving_anything() -> None:
    one = Box.of({token(place): bytes(20) for place in range(1024)}, 20)
    changed = one.put(token(7), b"\1" * 20)
    assert len(changed.content) == len(one.content) == 1024 * 52
    assert sum(ours != theirs for ours, theirs in zip(one, changed, strict=True)) == 1


@pytest.mark.parametrize("size", [0, 1, 2, 1023, 1024, 1025, 2048, 2049, 1_000_000, 67_000_000])
def test_parts_hold_about_a_thousand_ballots_at_most(size: int) -> None:
    bits = box.bits_for(size)
    assert size <= 1024 * 2**bits
    assert bits == 0 or size > 1024 * 2 ** (bits - 1)


def test_a_part_is_the_first_bits_of_a_token() -> None:
    assert box.part_of(b"\xff" * 32, 0) == 0
    parts = [box.part_of(token(one), 3) for one in range(400)]
    assert set(parts) == set(range(8))
    assert parts == [token(one)[0] >> 5 for one in range(400)]
    # Parts in order, put one after the other, are the box in order.
    whole = Box.of({token(one): b"" for one in range(400)}, 0)
    assert [box.part_of(one, 3) for one in whole.tokens()] == sorted(parts)
