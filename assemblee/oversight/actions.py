"""The verbs of the guarantors' desk: a key is registered, a checkpoint is mailed, a bundle is verified."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.accounts.models import Account
from assemblee.db import database_now
from assemblee.draws import bundle
from assemblee.draws.models import Draw
from assemblee.journal import actions as journal
from assemblee.journal import keys, queries
from assemblee.journal.models import Checkpoint, Leaf, WitnessKey
from assemblee.mail import outbox
from assemblee.mandates.models import RoleHolding
from assemblee.oversight.models import CheckpointLetter
from assemblee.refusal import Refusal
from assemblee.security import Actor, Role

# Acts after which guarantors must hold a checkpoint; else one letter a day is enough.
MATTERS = (
    "draw-frozen",
    "lottery-published",
    "draw-held",
    "draw-cancelled",
    "draw-suspended",
    "draw-resumed",
    "consultation-opened",
    "consultation-cancelled",
    "consultation-counted",
    "count-contested",
    "witness-key-registered",
)
AT_LEAST_EVERY = timedelta(days=1)
LONGEST_VERIFICATION_SECONDS = 120

LETTER = """\
Bonjour,

gardez ce message : il montre l’état du journal d’Assemblée à cet instant. Si une ligne était un jour
réécrite, ce texte le prouverait. Depuis votre machine, vous pouvez aussi le contresigner :

    python3 assemblee-witness.py cosign {address} --log {key} --post

Hello,

keep this message: it shows the journal of Assemblée as it stands now. If a line were ever rewritten, this
text would prove it. From your machine, you can also cosign it with the command above.

{note}
"""


def register_key(session: Session, actor: Actor, text: str) -> WitnessKey:
    """Register the key by which a guarantor signs.

    Raises
    ------
    Refusal
        `account-unknown` for an actor without an account, or a refusal of `journal.actions.register_key`.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    return journal.register_key(session, actor, actor.account, text)


def due(session: Session) -> Checkpoint | None:
    """Return the checkpoint that guarantors should get now: after an act that matters, else once a day."""
    latest = queries.latest_checkpoint(session)
    last = session.scalar(select(CheckpointLetter).order_by(CheckpointLetter.checkpoint_size.desc()).limit(1))
    if latest is None or (last is not None and latest.size <= last.checkpoint_size):
        return None
    if last is None or database_now(session) - last.at >= AT_LEAST_EVERY:
        return latest
    matters = session.scalar(
        select(Leaf.position)
        .where(
            Leaf.position >= last.checkpoint_size,
            Leaf.position < latest.size,
            Leaf.event.in_(MATTERS),
        )
        .limit(1)
    )
    return None if matters is None else latest


def mail_checkpoint(session: Session, base_url: str) -> int:
    """Write the newest checkpoint to every guarantor, if it is due; a checkpoint is mailed once.

    Returns
    -------
    int
        How many letters were written.
    """
    latest = due(session)
    if latest is None:
        return 0
    session.add(CheckpointLetter(checkpoint_size=latest.size, at=database_now(session)))
    session.flush()
    addresses = session.scalars(
        select(Account.email)
        .join(RoleHolding, RoleHolding.account_id == Account.id)
        .where(RoleHolding.role == Role.GUARANTOR, Account.disabled_at.is_(None))
        .distinct()
        .order_by(Account.email)
    ).all()
    note = queries.signed_note(session, latest)
    for address in addresses:
        outbox.write(
            session,
            address,
            f"Journal : {latest.size} lignes · Journal: {latest.size} lines",
            LETTER.format(address=base_url, key=keys.verifier(session), note=note),
        )
    return len(addresses)


@dataclass(frozen=True)
class Verdict:
    """What a bundle's own program says of it: whether all holds, and its lines."""

    holds: bool
    lines: list[str]


def verify(session: Session, draw: Draw, language: str) -> Verdict:
    """Run a held draw's own verifier on its bundle, in another process and folder.

    Raises
    ------
    Refusal
        As `bundle.files`; `verifier-too-long`.
    """
    files = bundle.files(session, draw)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        command = [sys.executable, "-I", "-S", "verify.py", ".", "--lang", language]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                encoding="utf-8",
                timeout=LONGEST_VERIFICATION_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Refusal("verifier-too-long") from None
    return Verdict(done.returncode == 0, (done.stdout + done.stderr).splitlines())
