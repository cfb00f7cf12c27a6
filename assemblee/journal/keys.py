"""The key of the log: one file in the instance folder, whose owner alone may read it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import cast

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal import notes
from assemblee.journal.models import Checkpoint
from assemblee.refusal import Refusal

FOLDER = "keys"
FILE = "journal.key"
PREFIX = "PRIVATE+KEY+"


def path_of(settings: Config) -> Path:
    """Return where the key of an installation's log stands."""
    return settings.instance / FOLDER / FILE


def create(settings: Config, seed: bytes | None = None) -> notes.Key:
    """Make the key of the log, or find the one that is there: a log has one for life.

    Where there is a database already, `of_log` does not make one too many.

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


def found(session: Session) -> tuple[notes.Key | None, str | None]:
    """Return the key by which this session's log is checked, or the code of why it cannot be had."""
    settings: Config | None = session.info.get("settings")
    if settings is None:
        return None, "journal-key-missing"
    try:
        return load(settings).key, None
    except Refusal as refused:
        return None, refused.code


def verifier(session: Session) -> notes.Key | None:
    """Return the key by which this session's log is checked, or None where it cannot be had."""
    return found(session)[0]


def of_log(store: Store) -> notes.Key:
    """Return the key of a store's log; make it where nothing was ever signed.

    Raises
    ------
    Refusal
        `journal-key-lost` where a checkpoint is signed by a key that is not there: another one would make
        another log of it to all who watch it. Or as `load`.
    """
    settings = cast(Config, store.settings)
    path = path_of(settings)
    if not path.exists() and store.is_made and _has_signed(store):
        raise Refusal("journal-key-lost", path=str(path))
    return create(settings)


def _has_signed(store: Store) -> bool:
    with store.reading() as session:
        has_table = inspect(session.connection()).has_table(Checkpoint.__tablename__)
        return has_table and session.scalar(select(Checkpoint.size).limit(1)) is not None
