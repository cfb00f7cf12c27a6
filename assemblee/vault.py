"""What the installation keeps encrypted in its database: a stolen database alone does not hold the key."""

from __future__ import annotations

import hmac
import json
import secrets
from functools import lru_cache
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from assemblee.config import Config

NONCE_BYTES = 12


class UnreadableError(Exception):
    """Something was sealed under another secret, for another purpose, or was altered."""


def _key(session: Session, purpose: str) -> bytes:
    return _derived(cast(Config, session.info["settings"]).secret_key, purpose)


@lru_cache(maxsize=16)
def _derived(secret: str, purpose: str) -> bytes:
    derivation = HKDF(SHA256(), length=32, salt=None, info=f"assemblee {purpose}".encode())
    return derivation.derive(secret.encode())


def _cipher(session: Session, purpose: str) -> AESGCM:
    return AESGCM(_key(session, purpose))


def mark(session: Session, purpose: str, *parts: str) -> str:
    """Return a keyed hash by which two texts are known to be the same, without showing either."""
    content = json.dumps(parts, ensure_ascii=False).encode()
    return hmac.digest(_key(session, purpose), content, "sha256").hex()


def seal(session: Session, purpose: str, owner: str, plain: bytes) -> bytes:
    """Encrypt something for one owner, so that who can write rows cannot move it to another one."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(session, purpose).encrypt(nonce, plain, owner.encode())


def open_sealed(session: Session, purpose: str, owner: str, sealed: bytes) -> bytes:
    """Return what `seal` was given.

    Raises
    ------
    UnreadableError
    """
    nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return _cipher(session, purpose).decrypt(nonce, content, owner.encode())
    except InvalidTag:
        raise UnreadableError from None
