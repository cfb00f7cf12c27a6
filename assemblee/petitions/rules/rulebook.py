"""The act by which a new version of the rules for petitions is published."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee.db import database_now
from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.petitions.rules.document import PetitionRules, read, write
from assemblee.petitions.rules.models import RulesVersion
from assemblee.petitions.rules.queries import latest
from assemblee.pools import queries as pools
from assemblee.refusal import Refusal
from assemblee.security import Actor


def publish(
    session: Session, actor: Actor, mandate: Mandate, rules: PetitionRules, reason: str
) -> RulesVersion:
    """Publish the version that follows the one that rules were read from; petitions keep theirs.

    Parameters
    ----------
    rules : PetitionRules
        Their number is that of the version they change, 0 if there is none.
    reason : str
        Why; only the first version needs none.

    Raises
    ------
    Refusal
        `petition-rules-invalid`, `petition-rules-reason-missing`, `petition-rules-changed` (somebody else has
        published meanwhile), `charter-missing` or `charter-body-unknown` (no body opens by a petition), or
        `pool-unknown`.
    """
    document = write(rules)
    read(document)
    before = latest(session, mandate.id)
    if rules.number != (before.number if before else 0):
        raise Refusal("petition-rules-changed")
    if before is not None and not reason.strip():
        raise Refusal("petition-rules-reason-missing", status=422)
    if rules.opening is not None:
        charters.current(session, mandate).opened_by("petition")
    for number in (rules.wave.pool, rules.wave.register):
        if number:
            pools.pool(session, mandate.id, number)
    version = RulesVersion(
        mandate_id=mandate.id,
        number=rules.number + 1,
        document=document,
        reason=reason.strip(),
        published_at=database_now(session),
    )
    session.add(version)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("petition-rules-changed") from None
    record(
        session,
        actor,
        "petition-rules-published",
        mandate=mandate.id,
        number=version.number,
        rules=version.hash,
        reason=tree.fingerprint(version.reason),
    )
    return version
