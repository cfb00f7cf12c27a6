"""Petitions and their states, files, what guarantors said of them, crossings, and signatures."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assemblee.assemblies.terms.models import Term
from assemblee.db import Base
from assemblee.mandates.models import Mandate
from assemblee.petitions.rules.models import RulesVersion


class PetitionState(StrEnum):
    """How far a petition has come; in which of its phases it is then follows from the time."""

    DRAFT = "draft"
    SPONSORS = "sponsors"
    CHECK = "check"
    REFUSED = "refused"
    APPEAL = "appeal"
    OPEN = "open"
    REACHED = "reached"
    ANSWERED = "answered"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    MERGED = "merged"


# Where inhabitants can sign: sponsors are the first of those who do.
SIGNABLE = (PetitionState.SPONSORS, PetitionState.OPEN, PetitionState.REACHED)
# What everybody sees; a text that was not admitted is for its author and the guarantors.
PUBLIC = (
    PetitionState.OPEN,
    PetitionState.REACHED,
    PetitionState.ANSWERED,
    PetitionState.ARCHIVED,
    PetitionState.EXPIRED,
    PetitionState.MERGED,
)
# Nothing more comes of these; their signatures are erased after a time.
ENDED = (
    PetitionState.ARCHIVED,
    PetitionState.REFUSED,
    PetitionState.WITHDRAWN,
    PetitionState.EXPIRED,
    PetitionState.MERGED,
)
# What a petition can become from each state; from those that are not here, nothing any more.
STEPS = {
    PetitionState.DRAFT: {PetitionState.SPONSORS, PetitionState.WITHDRAWN, PetitionState.MERGED},
    PetitionState.SPONSORS: {
        PetitionState.CHECK,
        PetitionState.WITHDRAWN,
        PetitionState.EXPIRED,
        PetitionState.MERGED,
    },
    PetitionState.CHECK: {PetitionState.OPEN, PetitionState.REFUSED, PetitionState.WITHDRAWN},
    PetitionState.REFUSED: {PetitionState.APPEAL},
    PetitionState.APPEAL: {PetitionState.OPEN, PetitionState.REFUSED, PetitionState.WITHDRAWN},
    PetitionState.OPEN: {
        PetitionState.REACHED,
        PetitionState.WITHDRAWN,
        PetitionState.EXPIRED,
        PetitionState.MERGED,
    },
    PetitionState.REACHED: {PetitionState.ANSWERED, PetitionState.ARCHIVED},
    PetitionState.ANSWERED: {PetitionState.ARCHIVED},
}


class SignatureState(StrEnum):
    """Whether a signature counts, and if not, why."""

    PENDING = "pending"
    COUNTED = "counted"
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set-aside"
    DOUBLE = "double"


class Origin(StrEnum):
    """How a signature came."""

    ONLINE = "online"
    PAPER = "paper"


class Stage(StrEnum):
    """When a guarantor rules on a petition."""

    CHECK = "check"
    APPEAL = "appeal"


class Petition(Base):
    """One request, from its draft to the official answer.

    ``counted`` is the number of signatures that count, changed only while the row is locked; ``steps`` is how
    many steps were crossed. ``term_id`` is the assembly that a crossing opened; ``held_back`` is the code of
    what keeps it from opening. ``offered_to_id`` is the petition that its author would merge it into.
    ``sessions`` are the days that the assembly is to sit, as ISO dates.
    """

    __tablename__ = "petition"
    __table_args__ = (
        CheckConstraint("counted >= 0", name="counted"),
        CheckConstraint("steps >= 0", name="steps"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"), index=True)
    rules_id: Mapped[int] = mapped_column(ForeignKey("petition_rules.id"))
    # No foreign key: an account can be forgotten, and the petition stays.
    account_id: Mapped[int | None] = mapped_column(index=True)
    author: Mapped[str]
    title: Mapped[str]
    aim: Mapped[str]
    category: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    written_at: Mapped[datetime]
    check_by: Mapped[datetime | None]
    appeal_text: Mapped[str | None]
    appeal_by: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("petition.id"))
    offered_to_id: Mapped[int | None] = mapped_column(ForeignKey("petition.id"))
    counted: Mapped[int]
    steps: Mapped[int]
    term_id: Mapped[int | None] = mapped_column(ForeignKey("term.id"), unique=True)
    held_back: Mapped[str | None]
    sessions: Mapped[list[Any]]
    report_by: Mapped[date | None] = mapped_column(Date)
    report: Mapped[str | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    mandate: Mapped[Mandate] = relationship()
    version: Mapped[RulesVersion] = relationship()
    term: Mapped[Term | None] = relationship()
    rulings: Mapped[list[Ruling]] = relationship(order_by="Ruling.id", back_populates="petition")
    crossings: Mapped[list[Crossing]] = relationship(order_by="Crossing.number", back_populates="petition")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id", back_populates="petition")

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.state in PUBLIC


class Attachment(Base):
    """A file that an author adds to a petition."""

    __tablename__ = "petition_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    size: Mapped[int]
    sha256: Mapped[str]
    at: Mapped[datetime]

    petition: Mapped[Petition] = relationship(back_populates="attachments")


class Ruling(Base):
    """What a guarantor said of a petition, and why: one checks it, the others hear the appeal.

    ``ground`` is the place of a ground of refusal in the rules.
    """

    __tablename__ = "petition_ruling"
    __table_args__ = (
        UniqueConstraint("petition_id", "account_id"),
        Index(
            "uq_petition_ruling_check",
            "petition_id",
            unique=True,
            sqlite_where=text("stage = 'check'"),
            postgresql_where=text("stage = 'check'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    stage: Mapped[str]
    is_admitted: Mapped[bool]
    ground: Mapped[int | None]
    reason: Mapped[str]
    at: Mapped[datetime]
    leaf: Mapped[int]

    petition: Mapped[Petition] = relationship(back_populates="rulings")


class Crossing(Base):
    """A step that was reached: the database takes each once, whoever brings the signature."""

    __tablename__ = "petition_crossing"

    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted: Mapped[int]
    at: Mapped[datetime]
    leaf: Mapped[int]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]

    petition: Mapped[Petition] = relationship(back_populates="crossings")


class Signature(Base):
    """One person's support of a petition.

    ``email_mark`` and ``person_mark`` are keyed hashes of the canonical address, and of the folded name and
    place: they match people without showing them. ``slot`` tells apart those who share an address, where the
    rules let several do so. ``form_mark`` is that of the form it was written on, which serves once. ``nonce``
    is in the signer's links; ``salt`` hides them in the leaf. ``network`` is the part of an address that a
    household or a firm shares, kept for thirty days. ``instead_of_id`` is the signature that counts for this
    one, where somebody signed twice.
    """

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("petition_id", "email_mark", "slot"),
        UniqueConstraint("petition_id", "volunteer_id"),
        Index("ix_signature_petition_id_state", "petition_id", "state"),
        Index("ix_signature_petition_id_person_mark", "petition_id", "person_mark"),
        Index("ix_signature_network_asked_at", "network", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id"))
    origin: Mapped[str]
    state: Mapped[str]
    name: Mapped[str | None]
    email: Mapped[str | None]
    district: Mapped[str | None]
    place: Mapped[str | None]
    email_mark: Mapped[str | None]
    slot: Mapped[int]
    person_mark: Mapped[str | None]
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    form_mark: Mapped[str | None] = mapped_column(unique=True)
    is_sponsor: Mapped[bool]
    is_public: Mapped[bool]
    wants_news: Mapped[bool]
    language: Mapped[str]
    network: Mapped[str | None]
    seconds: Mapped[int | None]
    nonce: Mapped[str] = mapped_column(unique=True)
    salt: Mapped[str]
    asked_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    counted_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None]
    leaf: Mapped[int | None]
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("signature.id"))

    petition: Mapped[Petition] = relationship()

    @property
    def counts(self) -> bool:
        """Whether it is one of those that count."""
        return self.state == SignatureState.COUNTED
