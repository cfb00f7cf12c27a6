"""The archive of a counted consultation: what a stranger needs to recount it (`docs/consultations.md`)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

import votes
from assemblee.consultations import counting, queries
from assemblee.consultations.models import Consultation, Phase
from assemblee.journal import bundles, tree
from assemblee.journal import queries as journal_queries
from assemblee.journal.models import Checkpoint, Leaf

PROGRAM = Path(votes.__file__).parent / "verify.py"
README = """\
CONSULTATION N° {number} — {title}

Ce dossier permet à chacun de recompter ce vote, sans nous croire.
Il faut Python 3.9 ou plus récent ; aucune connexion n’est utile. Dans ce dossier, tapez :

    python3 -I -S verify.py .

La dernière ligne dit si tout concorde. Votre bulletin est une ligne de ballots.csv : cherchez-y le code de
votre reçu.

CONSULTATION No {number}

With this folder anyone can recount this vote without believing us. It takes Python 3.9 or later, and no
network. In this folder, type the command above. The last line says whether everything agrees. Your ballot is
a line of ballots.csv: look there for the code of your receipt.
"""


def files(session: Session, consultation: Consultation) -> dict[str, bytes]:
    """Return the files of a counted consultation's archive by name.

    Raises
    ------
    Refusal
        `consultation-is-...`.
    """
    queries.require_phase(session, consultation, Phase.COUNTED)
    leaves = [
        journal_queries.leaf(session, position or 0)
        for position in (consultation.opened_leaf, consultation.counted_leaf)
    ]
    checkpoint = _checkpoint(session, leaves[-1])
    return {
        "rules.json": str(consultation.rules_text).encode(),
        "ballots.csv": _ballots(session, consultation).encode(),
        "roll.csv": _roll(session, consultation).encode(),
        "result.json": str(consultation.result_text).encode(),
        "log.json": tree.canonical(bundles.log(session, leaves, checkpoint.size)),
        "checkpoint.txt": journal_queries.signed_note(session, checkpoint).encode(),
        "README.txt": README.format(number=consultation.id, title=consultation.title).encode(),
        "verify.py": PROGRAM.read_bytes(),
    }


def _checkpoint(session: Session, last: Leaf) -> Checkpoint:
    """Return the first checkpoint that covers a leaf: the count makes one."""
    return session.scalars(
        select(Checkpoint).where(Checkpoint.size > last.position).order_by(Checkpoint.size).limit(1)
    ).one()


def _ballots(session: Session, consultation: Consultation) -> str:
    width = len(queries.rules(consultation).columns)
    lines = [",".join(["receipt", "token", *map(str, range(1, width + 1))])]
    lines += [
        ",".join([ballot.receipt, ballot.token, *map(str, ballot.cells)])
        for ballot in queries.ballots(session, consultation)
    ]
    return "\n".join(lines) + "\n"


def _roll(session: Session, consultation: Consultation) -> str:
    lines = ["commitment,marked"]
    lines += [
        f"{line.hex()},{int(is_marked)}" for line, is_marked in counting.roll_lines(session, consultation)
    ]
    return "\n".join(lines) + "\n"
