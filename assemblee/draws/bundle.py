"""The bundle of a held draw: all that a stranger needs to replay it (`docs/verify.md`, section 9)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee.draws.models import Draw, DrawState
from assemblee.journal import bundles, keys, tree
from assemblee.journal.models import Checkpoint, Cosignature, Leaf, WitnessKey
from assemblee.refusal import Refusal
from sortition import protocol

STANDALONE = Path(__file__).resolve().parent.parent / "standalone"
PROGRAMS = ("verify.py", "pairing.py")

README = """\
TIRAGE AU SORT N° {number} — {title}

Ce dossier permet à chacun de refaire ce tirage au sort, sans nous croire.
Il faut Python 3.9 ou plus récent ; aucune connexion n’est utile. Dans ce dossier, tapez :

    python3 -I -S verify.py .

La dernière ligne dit si tout concorde. Comparez l’empreinte « commit » avec celle qui a été publiée avant le
tirage :

    {commitment}

DRAW No {number}

With this folder anyone can replay this draw by lot without believing us. It takes Python 3.9 or later, and no
network. In this folder, type the command above. The last line says whether everything agrees. Compare the
“commit” with the one that was published before the draw.
"""


def history(session: Session, draw: Draw) -> list[Leaf]:
    """Return the leaves of a frozen draw, first to last, each naming the one before it."""
    leaves = session.scalars(
        select(Leaf).where(
            Leaf.mandate_id == draw.mandate_id, Leaf.at >= draw.frozen_at, Leaf.position <= draw.last_leaf
        )
    )
    before = {leaf.position: leaf for leaf in leaves}
    chain: list[Leaf] = []
    position = draw.last_leaf
    while position is not None:
        chain.append(before[position])
        position = json.loads(chain[-1].body)["data"]["previous"]
    return chain[::-1]


def _until_held(leaves: list[Leaf]) -> list[Leaf]:
    end = next(place for place, leaf in enumerate(leaves) if leaf.event == "draw-held")
    return leaves[: end + 1]


def files(session: Session, draw: Draw) -> dict[str, bytes]:
    """Return the files of a held draw's bundle by name, ready for `verify.py`.

    Raises
    ------
    Refusal
        `draw-is-...` for a draw that is not held, `draw-not-frozen` for one held without a ceremony.
    """
    draw.require(DrawState.HELD)
    if draw.frozen_text is None:
        raise Refusal("draw-not-frozen", status=404)
    parts = sorted(draw.guarantors, key=lambda part: part.name.encode())
    leaves = _until_held(history(session, draw))
    checkpoint = _checkpoint(session, draw, leaves[-1].position + 1)
    documents: dict[str, Any] = {
        "signatures.json": {
            "notes": [{"guarantor": part.name, "note": part.note} for part in parts if part.note]
        },
        "reveals.json": {
            "reveals": [{"guarantor": part.name, "secret": part.secret} for part in parts if part.secret]
        },
        "beacon.json": draw.beacon_found,
        "log.json": bundles.log(session, leaves, checkpoint.size),
    }
    files = {name: tree.canonical(document) for name, document in documents.items()}
    files |= {
        "draw.json": draw.frozen_text.encode(),
        "lottery.json": str(draw.lottery_text).encode(),
        "result.json": str(draw.result_text).encode(),
        "checkpoint.txt": _signed(session, draw, checkpoint).encode(),
        "README.txt": README.format(number=draw.id, title=draw.title, commitment=draw.commitment).encode(),
    }
    files |= {name: (STANDALONE / name).read_bytes() for name in PROGRAMS}
    files["manifest.txt"] = _manifest(session, draw, files)
    return files


def _checkpoint(session: Session, draw: Draw, size: int) -> Checkpoint:
    """Return the checkpoint that most guarantors of the draw cosigned, the earliest from a size on."""
    keys_of_draw = [part.key for part in draw.guarantors]
    cosigned = (
        select(Cosignature.checkpoint_size, func.count().label("number"))
        .join(WitnessKey, WitnessKey.id == Cosignature.witness_key_id)
        .where(WitnessKey.key.in_(keys_of_draw))
        .group_by(Cosignature.checkpoint_size)
        .subquery()
    )
    return session.scalars(
        select(Checkpoint)
        .outerjoin(cosigned, cosigned.c.checkpoint_size == Checkpoint.size)
        .where(Checkpoint.size >= size)
        .order_by(func.coalesce(cosigned.c.number, 0).desc(), Checkpoint.size)
        .limit(1)
    ).one()


def _signed(session: Session, draw: Draw, checkpoint: Checkpoint) -> str:
    """Return a checkpoint with the cosignatures by the keys that the freeze names."""
    keys_of_draw = {part.key for part in draw.guarantors}
    lines = session.scalars(
        select(Cosignature.line)
        .join(WitnessKey, WitnessKey.id == Cosignature.witness_key_id)
        .where(Cosignature.checkpoint_size == checkpoint.size, WitnessKey.key.in_(keys_of_draw))
        .order_by(WitnessKey.name)
    )
    return checkpoint.note + "".join(f"{line}\n" for line in lines)


def _manifest(session: Session, draw: Draw, files: dict[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    text = f"{protocol.PROTOCOL}/bundle\ndraw {draw.id}\n" + "".join(lines)
    return str(keys.signer(session).sign(text)).encode()
