"""Consultations, their roll, the ballot box, and the ballots once they are counted."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assemblee.db import Base
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Volunteer


class ConsultationState(StrEnum):
    """What has been done to a consultation; whether it is open follows from the time."""

    DRAFT = "draft"
    SETTLED = "settled"
    COUNTED = "counted"
    CONTESTED = "contested"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """Where a consultation stands at a moment."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    CONTESTED = "contested"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    """Whether ballots bear a name."""

    SECRET = "secret"  # noqa: S105 - how a vote is taken
    OPEN = "open"


class VotingMeans(StrEnum):
    """How somebody who is marked on the roll takes part."""

    DEVICE = "device"
    CODE = "code"
    COUNTER = "counter"
    NAMED = "named"


class Consultation(Base):
    """One question to a roll of people.

    ``rules`` are those that the organisers write; ``rules_text`` is ``rules.json`` of `docs/consultations.md`
    as it was settled, with the roll and the key of the tokens, and never changes. ``sealed_key`` is the
    private half of that key, encrypted, and goes once the ballots are counted. ``arguments`` are texts for
    and against: rows of a side, a title and a text.
    """

    __tablename__ = "consultation"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="times"),
        CheckConstraint("guarantors > 0", name="guarantors"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"), index=True)
    title: Mapped[str]
    explanation: Mapped[str]
    arguments: Mapped[list[Any]]
    rules: Mapped[dict[str, Any]]
    mode: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    guarantors: Mapped[int]
    roll_source: Mapped[str]
    roll_source_id: Mapped[int]
    state: Mapped[str]
    written_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    contested_for: Mapped[str | None]
    rules_text: Mapped[str | None] = mapped_column(deferred=True)
    sealed_key: Mapped[bytes | None] = mapped_column(deferred=True)
    roll_size: Mapped[int | None]
    marks: Mapped[int | None]
    ballots: Mapped[int | None]
    result_text: Mapped[str | None] = mapped_column(deferred=True)
    opened_leaf: Mapped[int | None]
    counted_leaf: Mapped[int | None]

    mandate: Mapped[Mandate] = relationship()
    starts: Mapped[list[CountStart]] = relationship(order_by="CountStart.at", back_populates="consultation")

    def phase(self, now: datetime) -> Phase:
        """Return where it stands: open or closed is computed from the time, never by a worker."""
        if self.state != ConsultationState.SETTLED:
            return Phase(self.state)
        if now < self.opens_at:
            return Phase.ANNOUNCED
        return Phase.OPEN if now < self.closes_at else Phase.CLOSED

    @property
    def decides_nothing(self) -> bool:
        """Whether it was counted below the quorum."""
        return self.result_text is not None and not json.loads(self.result_text)["quorum_met"]

    @property
    def is_secret(self) -> bool:
        """Whether ballots bear no name."""
        return self.mode == Mode.SECRET


class RollEntry(Base):
    """One person who may vote, and whether they have; never what, and never when.

    ``reference`` names the person within the installation, such as `volunteer-12`, and ``salt`` hides it in
    the published roll. ``blinded`` is the hash of what their device asked to be signed, so that it may ask
    again after a broken connection. ``name`` and ``email`` are those of somebody whom no pool knows.
    """

    __tablename__ = "roll_entry"
    __table_args__ = (UniqueConstraint("consultation_id", "reference"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    reference: Mapped[str]
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    name: Mapped[str | None]
    email: Mapped[str | None]
    nonce: Mapped[str]
    salt: Mapped[str]
    means: Mapped[str | None]
    blinded: Mapped[str | None]

    consultation: Mapped[Consultation] = relationship()
    volunteer: Mapped[Volunteer | None] = relationship()

    @property
    def address(self) -> str | None:
        """Where the person can be written to."""
        return self.volunteer.email if self.volunteer else self.email

    @property
    def known_as(self) -> str | None:
        """The person's name, for those who may know it."""
        return self.volunteer.name if self.volunteer else self.name


class BoxPart(Base):
    """A part of the ballot box while people vote: tokens and ballots in the order of the tokens.

    A row for each ballot would keep the order in which they came, whatever its columns say: both stores show
    it to who asks. A part is one value, written anew with each ballot (`votes.box`).
    """

    __tablename__ = "box_part"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes]


class VotingCode(Base):
    """A code that stands for a token, known by its hash alone: sent to somebody, or printed on a sheet.

    Nothing leads from a code that has served to a person (`CodeLink`); `is_entered` is kept for sheets only,
    which nobody is given by name.
    """

    __tablename__ = "voting_code"
    __table_args__ = ({"sqlite_with_rowid": False},)

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    is_sheet: Mapped[bool]
    is_entered: Mapped[bool] = mapped_column(default=False)


class CodeLink(Base):
    """Whose a code is, until it is used, so that one that never came can be replaced and counts no more.

    ``sealed`` is encrypted with the installation's secret. The row goes within the hour after its code has
    served, together with all others of that hour: from then on nothing leads from the person to the ballot.
    """

    __tablename__ = "code_link"

    entry_id: Mapped[int] = mapped_column(ForeignKey("roll_entry.id"), primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    sealed: Mapped[bytes]
    given_at: Mapped[datetime]


class SheetEntry(Base):
    """What one person read on a paper ballot, until a second one reads the same."""

    __tablename__ = "sheet_entry"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    ballot: Mapped[bytes]


class NamedBallot(Base):
    """The ballot of somebody in a consultation whose mode is open."""

    __tablename__ = "named_ballot"

    entry_id: Mapped[int] = mapped_column(ForeignKey("roll_entry.id"), primary_key=True)
    token: Mapped[bytes]
    ballot: Mapped[bytes]

    entry: Mapped[RollEntry] = relationship()


class Ballot(Base):
    """A counted ballot: one row each, a byte for each answer, in the order of the tokens."""

    __tablename__ = "ballot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    token: Mapped[str] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(index=True)
    position: Mapped[int]
    cells: Mapped[bytes]


class CountStart(Base):
    """A guarantor's word that the count may start."""

    __tablename__ = "count_start"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime]
    leaf: Mapped[int]

    consultation: Mapped[Consultation] = relationship(back_populates="starts")
