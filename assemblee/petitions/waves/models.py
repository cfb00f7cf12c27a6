"""Waves of invitations to inhabitants of whom there are too few volunteers, and codes printed in letters."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assemblee.db import Base
from assemblee.petitions.petition.models import Petition
from assemblee.pools.models import Volunteer


class WaveState(StrEnum):
    """How far a wave has come."""

    NOT_NEEDED = "not-needed"
    PREPARED = "prepared"
    DRAWN = "drawn"


class Wave(Base):
    """The one wave of invitations for the assembly of a petition.

    ``reason`` is the code of why none was needed. ``document`` is what was published before the announced
    randomness came out, ``hash`` its SHA-256; ``secret`` makes the salts of its rows. ``pool_id`` and
    ``register_id`` have no foreign key: the rules named them, and they need not be there.
    """

    __tablename__ = "petition_wave"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"), unique=True)
    state: Mapped[str]
    reason: Mapped[str | None]
    pool_id: Mapped[int]
    register_id: Mapped[int]
    document: Mapped[str | None] = mapped_column(deferred=True)
    hash: Mapped[str | None]
    secret: Mapped[str] = mapped_column(deferred=True)
    strata: Mapped[list[Any]]
    beacon: Mapped[dict[str, Any]]
    beacon_at: Mapped[datetime | None]
    prepared_at: Mapped[datetime]
    leaf: Mapped[int]
    signature: Mapped[str | None]
    seed: Mapped[str | None]
    chosen: Mapped[list[Any]]
    drawn_at: Mapped[datetime | None]
    answer_until: Mapped[datetime | None]
    result_leaf: Mapped[int | None]

    petition: Mapped[Petition] = relationship()


class Candidate(Base):
    """The place of an inhabitant in the published rows of a wave, until it is drawn."""

    __tablename__ = "petition_wave_candidate"

    wave_id: Mapped[int] = mapped_column(ForeignKey("petition_wave.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)


class Invitation(Base):
    """An inhabitant whom a wave invites; ``code_mark`` is the keyed hash of the code in their letter."""

    __tablename__ = "petition_invitation"
    __table_args__ = (UniqueConstraint("wave_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("petition_wave.id"))
    place: Mapped[int]
    # None once the inhabitant was erased.
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    code_mark: Mapped[str | None] = mapped_column(unique=True)
    is_mailed: Mapped[bool]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    joined_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)

    wave: Mapped[Wave] = relationship()
    inhabitant: Mapped[Volunteer | None] = relationship(foreign_keys=[volunteer_id])
