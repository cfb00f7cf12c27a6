"""The versions of the rules for petitions that a mandate has published."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assemblee.db import Base
from assemblee.journal import tree
from assemblee.petitions.rules.document import PetitionRules, read


@lru_cache(maxsize=64)
def _rules(document: str, number: int) -> PetitionRules:
    # Every signature asks, and reading checks each word of it.
    return read(json.loads(document), number)


class RulesVersion(Base):
    """One version of a mandate's rules for petitions; a petition keeps the one that it was written under."""

    __tablename__ = "petition_rules"
    __table_args__ = (UniqueConstraint("mandate_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    reason: Mapped[str]
    published_at: Mapped[datetime]

    @cached_property
    def rules(self) -> PetitionRules:
        """What the document says."""
        return _rules(json.dumps(self.document), self.number)

    @property
    def hash(self) -> str:
        """The SHA-256 of the document, as the journal knows it."""
        return hashlib.sha256(tree.canonical(self.document)).hexdigest()
