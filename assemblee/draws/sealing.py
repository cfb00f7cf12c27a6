"""What a sealed draw hides from the public, and shows to its guarantors alone."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import pyrage

from assemblee.journal import notes

KIND = b"ssh-ed25519"
LENGTH_BYTES = 4


def _recipient(key: str) -> pyrage.ssh.Recipient:
    """Return a guarantor's signing key as OpenSSH writes it, which age encrypts to."""
    fields = (KIND, notes.parse_key(key).public)
    blob = b"".join(len(field).to_bytes(LENGTH_BYTES) + field for field in fields)
    return pyrage.ssh.Recipient.from_str(f"{KIND.decode()} {base64.b64encode(blob).decode()}")


def seal(content: bytes, keys: Iterable[str]) -> bytes:
    """Encrypt a file so that each of several guarantors can open it with their own key.

    The format is that of age (age-encryption.org/v1), with one `ssh-ed25519` recipient a guarantor.

    Parameters
    ----------
    content : bytes
    keys : iterable of str
        Verifier keys.
    """
    return bytes(pyrage.encrypt(content, [_recipient(key) for key in keys]))
