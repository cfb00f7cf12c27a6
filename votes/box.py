"""The ballot box: sorted records of equal size, with no trace of when or in what order they came."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from votes.errors import VotesError

TOKEN_BYTES = 32
# A part of 2^10 ballots is some tens of kilobytes: quickly rewritten, and enough to be lost among.
PART_BITS = 10


class DamagedBox(VotesError):  # noqa: N818 - it reads as what it says
    """Bytes that no box writes: cut, or not sorted by token, each once."""

    code = "box-damaged"


class BadRecord(VotesError):  # noqa: N818 - the same
    """A token or a ballot of another length than those of this box."""

    code = "box-bad-record"


@dataclass(frozen=True)
class Box:
    r"""Ballots under their tokens; two boxes that hold the same ballots are the same bytes.

    Parameters
    ----------
    ballot_size : int
        Bytes of a ballot, the same for all.
    content : bytes
        Records `token || ballot`, sorted by token; of bytes from outside, use `Box.read`.

    Examples
    --------
    >>> box = Box(1).put(bytes(32), b"\0").put(bytes(32), b"\1")
    >>> len(box), box.get(bytes(32))
    (1, b'\x01')
    """

    ballot_size: int
    content: bytes = b""

    @classmethod
    def read(cls, content: bytes, ballot_size: int) -> Box:
        """Read the content of a box.

        Raises
        ------
        DamagedBox
            If its length is no multiple of a record's, or its tokens do not strictly rise.
        """
        box = cls(ballot_size, content)
        if len(content) % box.record:
            raise DamagedBox(bytes=len(content), record=box.record)
        before = b""
        for place, token in enumerate(box.tokens()):
            if token <= before:
                raise DamagedBox(record=place)
            before = token
        return box

    @classmethod
    def of(cls, entries: Mapping[bytes, bytes], ballot_size: int) -> Box:
        """Make a box of tokens and their ballots.

        Raises
        ------
        BadRecord
        """
        box = cls(ballot_size)
        for token, ballot in entries.items():
            box.require(token, ballot)
        return cls(ballot_size, b"".join(token + entries[token] for token in sorted(entries)))

    @property
    def record(self) -> int:
        """Bytes of a record."""
        return TOKEN_BYTES + self.ballot_size

    def require(self, token: bytes, ballot: bytes) -> None:
        """Refuse a token or a ballot of another length.

        Raises
        ------
        BadRecord
        """
        if (len(token), len(ballot)) != (TOKEN_BYTES, self.ballot_size):
            raise BadRecord(token=len(token), ballot=len(ballot), expected=self.ballot_size)

    def tokens(self) -> Iterator[bytes]:
        """Yield the tokens, sorted."""
        for start in range(0, len(self.content), self.record):
            yield self.content[start : start + TOKEN_BYTES]

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        for start in range(0, len(self.content), self.record):
            middle = start + TOKEN_BYTES
            yield self.content[start:middle], self.content[middle : start + self.record]

    def __len__(self) -> int:
        return len(self.content) // self.record

    def _find(self, token: bytes) -> tuple[int, int]:
        """Return from where to where the record of a token stands; the two are equal if there is none."""

        def at(place: int) -> bytes:
            return self.content[place * self.record : place * self.record + TOKEN_BYTES]

        place = bisect_left(range(len(self)), token, key=at)
        start = place * self.record
        return start, start + self.record * (place < len(self) and at(place) == token)

    def get(self, token: bytes) -> bytes | None:
        """Return the ballot of a token, nothing if it has none."""
        start, end = self._find(token)
        return self.content[start + TOKEN_BYTES : end] if end > start else None

    def put(self, token: bytes, ballot: bytes) -> Box:
        """Return a box that also holds a ballot, in the place of an earlier one of the same token.

        Raises
        ------
        BadRecord
        """
        self.require(token, ballot)
        start, end = self._find(token)
        return Box(self.ballot_size, b"".join((self.content[:start], token, ballot, self.content[end:])))


def part_of(token: bytes, bits: int) -> int:
    r"""Return which part of a box is for a token: its first `bits` bits as a number.

    Examples
    --------
    >>> part_of(b"\xc0" + bytes(31), 3)
    6
    """
    return int.from_bytes(token) >> 8 * len(token) - bits


def bits_for(roll_size: int) -> int:
    """Return how many bits of a token choose its part, so that parts hold about 1,024 ballots at most.

    Examples
    --------
    >>> bits_for(1024), bits_for(1025), bits_for(1_000_000)
    (0, 1, 10)
    """
    return max(0, (roll_size - 1).bit_length() - PART_BITS)
