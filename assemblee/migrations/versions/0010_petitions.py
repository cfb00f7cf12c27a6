"""Petitions: their rules, rulings, crossings, attachments and signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "petition_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_petition_rules_mandate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_rules")),
        sa.UniqueConstraint("mandate_id", "number", name=op.f("uq_petition_rules_mandate_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "petition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("rules_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("aim", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("check_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal_text", sa.String(), nullable=True),
        sa.Column("appeal_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("offered_to_id", sa.Integer(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=True),
        sa.Column("held_back", sa.String(), nullable=True),
        sa.Column("sessions", sa.JSON(), nullable=False),
        sa.Column("report_by", sa.Date(), nullable=True),
        sa.Column("report", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_petition_counted")),
        sa.CheckConstraint("steps >= 0", name=op.f("ck_petition_steps")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_petition_mandate_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["petition.id"], name=op.f("fk_petition_merged_into_id")),
        sa.ForeignKeyConstraint(["offered_to_id"], ["petition.id"], name=op.f("fk_petition_offered_to_id")),
        sa.ForeignKeyConstraint(["rules_id"], ["petition_rules.id"], name=op.f("fk_petition_rules_id")),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_petition_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
        sa.UniqueConstraint("term_id", name=op.f("uq_petition_term_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_petition_account_id"), "petition", ["account_id"], unique=False)
    op.create_index(op.f("ix_petition_mandate_id"), "petition", ["mandate_id"], unique=False)
    op.create_table(
        "petition_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_attachment_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_attachment")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_petition_attachment_petition_id"), "petition_attachment", ["petition_id"], unique=False
    )
    op.create_table(
        "petition_crossing",
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_crossing_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "number", name=op.f("pk_petition_crossing")),
        sqlite_strict=True,
    )
    op.create_table(
        "petition_ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("is_admitted", sa.Boolean(), nullable=False),
        sa.Column("ground", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_petition_ruling_account_id")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_ruling_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_ruling")),
        sa.UniqueConstraint(
            "petition_id", "account_id", name=op.f("uq_petition_ruling_petition_id_account_id")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_petition_ruling_check",
        "petition_ruling",
        ["petition_id"],
        unique=True,
        sqlite_where=sa.text("stage = 'check'"),
        postgresql_where=sa.text("stage = 'check'"),
    )
    op.create_table(
        "signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("email_mark", sa.String(), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("person_mark", sa.String(), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("form_mark", sa.String(), nullable=True),
        sa.Column("is_sponsor", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("wants_news", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Integer(), nullable=True),
        sa.Column("instead_of_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["instead_of_id"], ["signature.id"], name=op.f("fk_signature_instead_of_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_signature_petition_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_signature_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("form_mark", name=op.f("uq_signature_form_mark")),
        sa.UniqueConstraint("nonce", name=op.f("uq_signature_nonce")),
        sa.UniqueConstraint(
            "petition_id", "email_mark", "slot", name=op.f("uq_signature_petition_id_email_mark_slot")
        ),
        sa.UniqueConstraint(
            "petition_id", "volunteer_id", name=op.f("uq_signature_petition_id_volunteer_id")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_signature_network_asked_at", "signature", ["network", "asked_at"], unique=False)
    op.create_index(
        "ix_signature_petition_id_person_mark", "signature", ["petition_id", "person_mark"], unique=False
    )
    op.create_index("ix_signature_petition_id_state", "signature", ["petition_id", "state"], unique=False)
    op.create_index(op.f("ix_signature_volunteer_id"), "signature", ["volunteer_id"], unique=False)
