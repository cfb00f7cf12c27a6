"""Reads of the rules for petitions: the version in force, and earlier ones."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.petitions.rules.document import PetitionRules
from assemblee.petitions.rules.models import RulesVersion
from assemblee.refusal import Refusal


def rules_of(version: RulesVersion) -> PetitionRules:
    """Return the rules of a version."""
    return version.rules


def latest(session: Session, mandate_id: int) -> RulesVersion | None:
    """Return the version in force, if there is one."""
    return session.scalar(
        select(RulesVersion)
        .where(RulesVersion.mandate_id == mandate_id)
        .order_by(RulesVersion.number.desc())
        .limit(1)
    )


def versions(session: Session, mandate_id: int) -> list[RulesVersion]:
    """Return every version, newest first."""
    return list(
        session.scalars(
            select(RulesVersion)
            .where(RulesVersion.mandate_id == mandate_id)
            .order_by(RulesVersion.number.desc())
        )
    )


def current(session: Session, mandate_id: int) -> RulesVersion:
    """Return the version in force.

    Raises
    ------
    Refusal
        `petition-rules-missing`.
    """
    version = latest(session, mandate_id)
    if version is None:
        raise Refusal("petition-rules-missing", status=404)
    return version
