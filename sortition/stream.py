"""A reproducible stream of whole numbers from a seed; ``docs/draw.md`` says it byte by byte."""

from __future__ import annotations

import hashlib
import hmac

from sortition.errors import BadSeed

SEED_BYTES = 32


class Stream:
    """Whole numbers below a bound, from HMAC-SHA256 in counter mode with rejection.

    Attempt ``i`` (from 0, never reset within a stream) reads the bytes of
    ``HMAC-SHA256(seed, label || 00 || uint64be(i) || uint32be(j))`` for j = 0, 1, ...

    Parameters
    ----------
    seed : bytes
        32 bytes.
    label : str
        What the numbers are for, so that two uses of a seed share nothing.

    Raises
    ------
    BadSeed
        If the seed has another length.

    Examples
    --------
    >>> Stream(bytes(32), "panel").below(1000)
    271
    """

    def __init__(self, seed: bytes, label: str) -> None:
        if len(seed) != SEED_BYTES:
            raise BadSeed(found=len(seed), expected=SEED_BYTES)
        self.seed = seed
        self.label = label.encode()
        self.attempts = 0

    def below(self, bound: int) -> int:
        """Return the next number, each from 0 to ``bound - 1`` being equally likely."""
        bits = (bound - 1).bit_length()
        size = (bits + 7) // 8
        while True:
            number = int.from_bytes(self._bytes(size)) >> (8 * size - bits)
            if number < bound:
                return number

    def _bytes(self, size: int) -> bytes:
        prefix = self.label + b"\0" + self.attempts.to_bytes(8)
        self.attempts += 1
        blocks = -(-size // hashlib.sha256().digest_size)
        parts = (hmac.digest(self.seed, prefix + block.to_bytes(4), "sha256") for block in range(blocks))
        return b"".join(parts)[:size]


def shuffled(number: int, stream: Stream) -> list[int]:
    """Return the numbers from 0 to ``number - 1`` in a random order: time and again, one of those left."""
    rest = list(range(number))
    return [rest.pop(stream.below(len(rest))) for _ in range(number)]
