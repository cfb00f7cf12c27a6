"""The key of the log: one file in the instance folder, whose owner alone may read it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import cast

from sqlalchemy.orm import Session

from assemblee.config import Config
from assemblee.journal import notes
from assemblee.refusal import Refusal

FOLDER = "keys"
FILE = "journal.key"
PREFIX = "PRIVATE+KEY+"


def path_of(settings: Config) -> Path:
    """Return where the key of an installation's log stands."""
    return settings.instance / FOLDER / FILE


def create(settings: Config, seed: bytes | None = None) -> notes.Key:
    """Make the key of the log, or find the one that is there: a log has one for life.

    Parameters
    ----------
    seed : bytes, optional
        32 bytes, for a log whose key must be known in advance, as in tests; else they are random.
    """
    path = path_of(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = seed or secrets.token_bytes(notes.KEY_LENGTH)
    made = notes.Signer.of(settings.origin, secret)
    # The form of Go's package `note`, whose tools can read it.
    line = f"{PREFIX}{made.name}+{made.key.id().hex()}+{notes.encode(bytes([notes.ED25519]) + secret)}\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return load(settings).key
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(line)
    return made.key


def load(settings: Config) -> notes.Signer:
    """Read the key of the log.

    Raises
    ------
    Refusal
        `journal-key-missing`, `journal-key-unreadable`, or `journal-key-name` where the log has another name:
        a log that changed its name would be another log to all who watch it.
    """
    path = path_of(settings)
    if not path.exists():
        raise Refusal("journal-key-missing", path=str(path))
    try:
        signer = _parse(path.read_text(encoding="utf-8").strip())
    except (ValueError, notes.MalformedError):
        raise Refusal("journal-key-unreadable", path=str(path)) from None
    if signer.name != settings.origin:
        raise Refusal("journal-key-name", path=str(path), name=signer.name, origin=settings.origin)
    return signer


def _parse(line: str) -> notes.Signer:
    name, key_id, secret = line.removeprefix(PREFIX).split("+", 2)
    signer = notes.Signer.of(name, notes.decode(secret)[1:])
    if signer.key.id().hex() != key_id:
        raise notes.MalformedError("key")
    return signer


def signer(session: Session) -> notes.Signer:
    """Return who signs for the log of this session's installation.

    Raises
    ------
    Refusal
        As `load`.
    """
    return load(cast(Config, session.info["settings"]))


def verifier(session: Session) -> notes.Key | None:
    """Return the key by which this session's log is checked, or None where it cannot be had."""
    settings: Config | None = session.info.get("settings")
    if settings is None:
        return None
    try:
        return load(settings).key
    except Refusal:
        return None
