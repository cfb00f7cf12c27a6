"""What each person of a frozen draw is told by mail: their number in it, and how to check it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.draws.models import Draw, DrawEntry, Publication
from assemblee.draws.queries import pool_leaves
from assemblee.journal import tree
from assemblee.mail import outbox
from assemblee.mail.letters import addressed
from assemblee.pools.models import Volunteer

SUBJECT = "Votre numéro dans le tirage · Your number in the draw"
LETTER = """\
Bonjour,

Le tirage au sort « {title} » est scellé : sa liste ne peut plus changer.
Votre numéro dans ce tirage est {pseudonym}. Il ne sert qu’à ce tirage ;
personne d’autre ne sait que c’est vous.

Gardez ce message. La preuve ci-dessous montre que vous êtes bien dans la liste publiée ;
docs/verify.md dit comment la vérifier.

Hello,

The draw “{title}” is frozen: its list cannot change any more.
Your number in this draw is {pseudonym}. It serves this draw only, and nobody else knows that it is you.

Keep this message. The proof below shows that you are in the published list; docs/verify.md says
how to check it.

{proof}
"""


def own_proof(draw: Draw, document: dict[str, Any], pseudonym: str, salt: str | None) -> dict[str, Any]:
    """Return a person's own proof (`docs/verify.md`, last section)."""
    return next(iter(_proofs(draw, document, {pseudonym: salt}).values()))


def _proofs(draw: Draw, document: dict[str, Any], salts: dict[str, str | None]) -> dict[str, dict[str, Any]]:
    levels = tree.levels([tree.leaf_hash(row) for row in pool_leaves(document)])
    size = len(levels[0])
    proofs = {}
    for position, row in enumerate(document["pool"]):
        if row["id"] in salts:
            proofs[row["id"]] = {
                "id": row["id"],
                "row": row,
                "position": position,
                "size": size,
                "proof": [
                    digest.hex()
                    for digest in tree.assemble(
                        tree.inclusion_path(position, size), lambda place: levels[place[0]][place[1]]
                    )
                ],
                "pool_root": draw.pool_root,
                **({"salt": salts[row["id"]]} if draw.publication == Publication.SEALED else {}),
            }
    return proofs


def tell_people(session: Session, draw: Draw, document: dict[str, Any]) -> None:
    """Write to everybody of a frozen draw who has an address."""
    rows = session.execute(
        select(DrawEntry.pseudonym, DrawEntry.salt, Volunteer.email, Volunteer.name)
        .join(Volunteer, Volunteer.id == DrawEntry.volunteer_id)
        .where(DrawEntry.draw_id == draw.id, Volunteer.email.is_not(None))
        .order_by(DrawEntry.pseudonym)
    ).all()
    proofs = _proofs(draw, document, {row.pseudonym: row.salt for row in rows})
    for row in rows:
        outbox.write(
            session,
            row.email,
            # The subject stays in the outbox once the letter has left.
            SUBJECT,
            addressed(
                LETTER.format(
                    title=draw.title,
                    pseudonym=row.pseudonym,
                    proof=json.dumps(proofs[row.pseudonym], indent=1),
                ),
                row.name,
            ),
        )
