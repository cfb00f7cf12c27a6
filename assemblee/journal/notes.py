"""Signed notes, checkpoints and cosignatures, as C2SP writes them: pure text and Ed25519, no storage.

`c2sp.org/signed-note`, `c2sp.org/tlog-checkpoint` and `c2sp.org/tlog-cosignature`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4
KEY_LENGTH = 32
SIGNATURE_LENGTH = 64
HASH_LENGTH = 32
MOST_SIGNATURES = 100
LONGEST_NOTE = 64 * 1024
# Small enough for the tables of both stores, and far beyond any log.
LARGEST_SIZE = 2**31 - 1
LARGEST_TIMESTAMP = 2**53 - 1
FIELD = 2**255 - 19
NAME = re.compile(r"[^\s+]+")
NUMBER = re.compile(r"0|[1-9][0-9]*")


class MalformedError(Exception):
    """A text that does not have the form it claims; its message is the part that is wrong."""


def decode(text: str) -> bytes:
    """Return the bytes of a base64 text that has the one form they have.

    Raises
    ------
    MalformedError
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("base64") from None
    if base64.b64encode(data).decode() != text:
        raise MalformedError("base64")
    return data


def encode(data: bytes) -> str:
    """Return bytes in base64."""
    return base64.b64encode(data).decode()


def _public(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)


@dataclass(frozen=True)
class Key:
    """A verifier key: the name of who signs, and an Ed25519 public key.

    Parameters
    ----------
    name : str
        Without white space and without `+`.
    public : bytes
        32 bytes.
    """

    name: str
    public: bytes

    def id(self, kind: int = ED25519) -> bytes:
        """Return the four bytes by which a signature line points to this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id().hex()}+{encode(bytes([ED25519]) + self.public)}"


def parse_key(text: str) -> Key:
    """Read a verifier key of an Ed25519 signer.

    Raises
    ------
    MalformedError
    """
    # The base64 part may hold a plus sign; name and id cannot.
    parts = text.split("+", 2)
    if len(parts) != 3 or not NAME.fullmatch(parts[0]):  # noqa: PLR2004 - name, id, key
        raise MalformedError("key")
    data = decode(parts[2])
    if len(data) != 1 + KEY_LENGTH or data[0] != ED25519:
        raise MalformedError("key")
    # RFC 8032 wants the one encoding of a point; the library also takes those with y beyond the field.
    if int.from_bytes(data[1:], "little") & (2**255 - 1) >= FIELD:
        raise MalformedError("key")
    key = Key(parts[0], data[1:])
    if parts[1] != key.id().hex():
        raise MalformedError("key")
    return key


@dataclass(frozen=True)
class NoteSignature:
    """One line under a note: who, the id of the key, and what the key made."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {encode(self.key_id + self.value)}"


def parse_signature(line: str) -> NoteSignature:
    """Read a signature line.

    Raises
    ------
    MalformedError
    """
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not NAME.fullmatch(parts[1]):  # noqa: PLR2004 - dash, name, signature
        raise MalformedError("signature")
    data = decode(parts[2])
    if len(data) <= 4:  # noqa: PLR2004 - the id of the key comes first
        raise MalformedError("signature")
    return NoteSignature(parts[1], data[:4], data[4:])


@dataclass(frozen=True)
class Note:
    """A text, each of its lines ended, and the signatures under it."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)


def parse_note(text: str) -> Note:
    """Read a signed note, strictly; whether its signatures hold is for `verifies` to say.

    Raises
    ------
    MalformedError
    """
    if len(text) > LONGEST_NOTE or any(ord(mark) < 32 and mark != "\n" for mark in text):  # noqa: PLR2004 - C0
        raise MalformedError("note")
    body, separator, lines = text.rpartition("\n\n")
    if not separator or not body or not lines.endswith("\n"):
        raise MalformedError("note")
    signatures = tuple(parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES:
        raise MalformedError("note")
    return Note(body + "\n", signatures)


def _holds(key: Key, signature: bytes, message: bytes) -> bool:
    try:
        _public(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def verifies(note: Note, key: Key) -> bool:
    """Whether a note bears exactly one signature of a key, and it holds."""
    own = [one for one in note.signatures if (one.name, one.key_id) == (key.name, key.id())]
    return len(own) == 1 and _holds(key, own[0].value, note.text.encode())


@dataclass(frozen=True)
class Signer:
    """A name and its private key."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str, seed: bytes) -> Signer:
        """Make a signer from the 32 bytes of a private key."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def key(self) -> Key:
        """What others need to check its signatures."""
        return Key(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Note:
        """Return a text as a note signed once."""
        value = self.private.sign(text.encode())
        return Note(text, (NoteSignature(self.name, self.key.id(), value),))

    def cosign(self, text: str, timestamp: int) -> NoteSignature:
        """Return the cosignature of a checkpoint at a moment, in seconds since 1970."""
        value = self.private.sign(cosigned(text, timestamp))
        return NoteSignature(self.name, self.key.id(COSIGNATURE), timestamp.to_bytes(8, "big") + value)


def cosigned(text: str, timestamp: int) -> bytes:
    """Return what a cosignature signs."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def cosignature_time(text: str, signature: NoteSignature, key: Key) -> int | None:
    """Return when a checkpoint was cosigned by a key, or None if this line does not show that it was."""
    if (signature.name, signature.key_id) != (key.name, key.id(COSIGNATURE)):
        return None
    if len(signature.value) != 8 + SIGNATURE_LENGTH:
        return None
    timestamp = int.from_bytes(signature.value[:8], "big")
    if timestamp > LARGEST_TIMESTAMP:
        return None
    return timestamp if _holds(key, signature.value[8:], cosigned(text, timestamp)) else None


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: which log, how many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_head(text: str) -> Head:
    """Read the text of a checkpoint; the length of the root is for its user to judge.

    Raises
    ------
    MalformedError
    """
    *lines, end = text.split("\n")
    if end or len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
        raise MalformedError("checkpoint")
    origin, size, root, *extensions = lines
    if not NUMBER.fullmatch(size) or len(size) > len(str(LARGEST_SIZE)) or int(size) > LARGEST_SIZE:
        raise MalformedError("checkpoint")
    return Head(origin, int(size), decode(root), tuple(extensions))
