"""The Merkle tree of RFC 6962 (section 2.1) and its proofs: pure hashing, no storage."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

import rfc8785

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
HASH_LENGTH = 32
# Beyond it, a reader in JavaScript would round.
LARGEST_INTEGER = 2**53 - 1

# A perfect subtree: its level and its place among those of its level; it covers 2^level leaves.
Place = tuple[int, int]
# How a hash of the stored tree is read.
Node = Callable[[Place], bytes]
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


def fingerprint(value: Canonical) -> str:
    """Return the SHA-256 of a value's one byte form, in hexadecimal.

    Raises
    ------
    NotCanonical
        As `canonical`.
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the hash over neighbouring perfect subtrees, the largest first; the hash of nothing for none."""
    if not peaks:
        return hashlib.sha256(b"").digest()
    *others, result = peaks
    for left in reversed(others):
        result = node_hash(left, result)
    return result


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
    return fold([digest for _size, digest in peaks])


def levels(hashes: list[bytes]) -> list[list[bytes]]:
    """Return the hashes of all perfect subtrees over leaf hashes, level by level, from the leaves up.

    Examples
    --------
    >>> [len(level) for level in levels([leaf_hash(b"")] * 7)]
    [7, 3, 1]
    """
    sha256 = hashlib.sha256
    levels = [hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        # Not through `node_hash`: a call for each node of a large log would double the time.
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([sha256(NODE_PREFIX + left + right).digest() for left, right in pairs])
    return levels


# Where the hashes of the stored tree stand.


def span(start: int, end: int) -> list[Place]:
    """Return the perfect subtrees that cover the leaves from `start` to before `end`, left to right.

    Parameters
    ----------
    start : int
        A multiple of the largest power of two that is at most `end - start`, as every split of RFC 6962 is.

    Examples
    --------
    >>> span(0, 7)
    [(2, 0), (1, 2), (0, 6)]
    """
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def neighbours(position: int) -> list[Place]:
    """Return the perfect subtrees that a leaf at a position merges with, from the lowest up.

    Examples
    --------
    >>> neighbours(7)
    [(0, 6), (1, 2), (2, 0)]
    """
    places = []
    level = 0
    while position >> level & 1:
        places.append((level, (position >> level) - 1))
        level += 1
    return places


def completed(position: int, digest: bytes, node: Node) -> list[tuple[Place, bytes]]:
    """Return the perfect subtrees that a leaf completes, from the lowest up, with their hashes."""
    subtrees = []
    for place in neighbours(position):
        digest = node_hash(node(place), digest)
        level = place[0] + 1
        subtrees.append(((level, position >> level), digest))
    return subtrees


def inclusion_path(position: int, size: int) -> list[list[Place]]:
    """Return, for each hash of an inclusion proof, the perfect subtrees that it covers.

    RFC 6962, section 2.1.1 (an *audit path*).

    Raises
    ------
    ValueError
        Unless `0 <= position < size`.
    """
    if not 0 <= position < size:
        raise ValueError((position, size))
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            path.append(span(middle, end))
            end = middle
        else:
            path.append(span(start, middle))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[list[Place]]:
    """Return, for each hash of a consistency proof, the perfect subtrees that it covers.

    RFC 6962, section 2.1.2.

    Raises
    ------
    ValueError
        Unless `1 <= old <= new`: from nothing, everything follows, so that a proof would show nothing.
    """
    if not 1 <= old <= new:
        raise ValueError((old, new))
    path = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(span(middle, end))
            end = middle
        else:
            path.append(span(start, middle))
            start = middle
    # A verifier knows the old root already, where the old tree is a subtree of the new one.
    if start:
        path.append(span(start, end))
    return path[::-1]


def assemble(path: Iterable[Sequence[Place]], node: Node) -> list[bytes]:
    """Return the hashes of a proof, read from the stored subtrees."""
    return [fold([node(place) for place in places]) for places in path]


# Checking a proof.


def includes(position: int, size: int, leaf: bytes, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether a proof shows that a leaf stands at a position of the tree with the expected root.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= position < size or any(len(digest) != HASH_LENGTH for digest in proof):
        return False
    place, last, result = position, size - 1, leaf
    for digest in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            result = node_hash(digest, result)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            result = node_hash(result, digest)
        place, last = place >> 1, last >> 1
    return last == 0 and result == expected


def extends(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the new tree begins with the whole old one.

    RFC 9162, section 2.1.4.2; a proof from nothing is refused.
    """
    if not 1 <= old <= new or any(len(digest) != HASH_LENGTH for digest in proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = hashes[0]
    for digest in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            found_old, found_new = node_hash(digest, found_old), node_hash(digest, found_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, digest)
        place, last = place >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root
