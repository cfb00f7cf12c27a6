"""The Merkle tree of RFC 6962 (section 2.1): pure hashing, no storage."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import rfc8785

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
# Beyond it, a reader in JavaScript would round.
LARGEST_INTEGER = 2**53 - 1

Canonical = str | int | bool | None | Sequence["Canonical"] | Mapping[str, "Canonical"]


class NotCanonical(Exception):  # noqa: N818 - it reads as what it says
    """A value without a single byte form: a float, a huge integer, text not in NFC, a key not in ASCII."""


def _require_canonical(value: object) -> None:
    if isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            raise NotCanonical(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(repr(key))
            _require_canonical(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _require_canonical(item)
    elif value is not None and not (isinstance(value, int) and abs(value) <= LARGEST_INTEGER):
        raise NotCanonical(repr(value))


def canonical(value: Canonical) -> bytes:
    """Return the one byte form of a value (RFC 8785), of integers and NFC strings only.

    Raises
    ------
    NotCanonical
        On a float, a huge integer, a string that is not NFC, or a key that is not ASCII.

    Examples
    --------
    >>> canonical({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    _require_canonical(value)
    return rfc8785.dumps(value)


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """Return the Merkle tree hash over leaf hashes, in one pass.

    Parameters
    ----------
    hashes : iterable of bytes
        Leaf hashes of 32 bytes each, in order.

    Examples
    --------
    >>> root([]).hex()[:16]
    'e3b0c44298fc1c14'
    """
    # Perfect subtrees so far, largest first, as (leaves, hash): equal neighbours merge like a binary counter.
    peaks: list[tuple[int, bytes]] = []
    for digest in hashes:
        peak = (1, digest)
        while peaks and peaks[-1][0] == peak[0]:
            size, left = peaks.pop()
            peak = (2 * size, node_hash(left, peak[1]))
        peaks.append(peak)
    if not peaks:
        return hashlib.sha256(b"").digest()
    result = peaks.pop()[1]
    while peaks:
        result = node_hash(peaks.pop()[1], result)
    return result
