"""Signatures on paper, the desk against fraud, and waves of invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "signing_code",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("code_mark", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_signing_code_mandate_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_signing_code_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_signing_code")),
        sa.UniqueConstraint("code_mark", name=op.f("uq_signing_code_code_mark")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_signing_code_mandate_id"), "signing_code", ["mandate_id"], unique=False)
    op.create_table(
        "petition_invalidation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("condition", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.Column("restored_by_id", sa.Integer(), nullable=True),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_reason", sa.String(), nullable=True),
        sa.Column("restored_leaf", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_petition_invalidation_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_invalidation_petition_id")
        ),
        sa.ForeignKeyConstraint(
            ["restored_by_id"], ["account.id"], name=op.f("fk_petition_invalidation_restored_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_invalidation")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_petition_invalidation_petition_id"), "petition_invalidation", ["petition_id"], unique=False
    )
    op.create_table(
        "petition_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("dice", sa.String(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid", sa.Integer(), nullable=True),
        sa.Column("middle", sa.Integer(), nullable=True),
        sa.Column("low", sa.Integer(), nullable=True),
        sa.Column("high", sa.Integer(), nullable=True),
        sa.Column("result_leaf", sa.Integer(), nullable=True),
        sa.CheckConstraint("size > 0 AND size <= population", name=op.f("ck_petition_sample_size")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_sample_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_sample")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_petition_sample_petition_id"), "petition_sample", ["petition_id"], unique=False)
    op.create_index(
        "uq_petition_sample_open",
        "petition_sample",
        ["petition_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "petition_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_petition_sheet_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_sheet")),
        sa.UniqueConstraint("code", name=op.f("uq_petition_sheet_code")),
        sa.UniqueConstraint("petition_id", "number", name=op.f("uq_petition_sheet_petition_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "petition_wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("hash", sa.String(), nullable=True),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("beacon", sa.JSON(), nullable=False),
        sa.Column("beacon_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(), nullable=True),
        sa.Column("seed", sa.String(), nullable=True),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_leaf", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_petition_wave_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_wave")),
        sa.UniqueConstraint("petition_id", name=op.f("uq_petition_wave_petition_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "petition_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("code_mark", sa.String(), nullable=True),
        sa.Column("is_mailed", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["joined_id"], ["volunteer.id"], name=op.f("fk_petition_invitation_joined_id")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_petition_invitation_volunteer_id")
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["petition_wave.id"], name=op.f("fk_petition_invitation_wave_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_invitation")),
        sa.UniqueConstraint("code_mark", name=op.f("uq_petition_invitation_code_mark")),
        sa.UniqueConstraint("wave_id", "place", name=op.f("uq_petition_invitation_wave_id_place")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_petition_invitation_joined_id"), "petition_invitation", ["joined_id"], unique=False
    )
    op.create_index(
        op.f("ix_petition_invitation_volunteer_id"), "petition_invitation", ["volunteer_id"], unique=False
    )
    op.create_table(
        "petition_paper_line",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["petition_sheet.id"], name=op.f("fk_petition_paper_line_sheet_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_petition_paper_line_signature_id")
        ),
        sa.PrimaryKeyConstraint("sheet_id", "line", name=op.f("pk_petition_paper_line")),
        sa.UniqueConstraint("signature_id", name=op.f("uq_petition_paper_line_signature_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "petition_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("invalidation_id", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("result_leaf", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invalidation_id"], ["petition_invalidation.id"], name=op.f("fk_petition_review_invalidation_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_review_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_review")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_petition_review_petition_id"), "petition_review", ["petition_id"], unique=False)
    op.create_index(
        "uq_petition_review_open",
        "petition_review",
        ["petition_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "petition_sampled_line",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("is_valid", sa.Boolean(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_petition_sampled_line_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["petition_sample.id"], name=op.f("fk_petition_sampled_line_sample_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_petition_sampled_line_signature_id")
        ),
        sa.PrimaryKeyConstraint("sample_id", "place", name=op.f("pk_petition_sampled_line")),
        sa.UniqueConstraint(
            "sample_id", "signature_id", name=op.f("uq_petition_sampled_line_sample_id_signature_id")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "petition_set_aside",
        sa.Column("invalidation_id", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invalidation_id"],
            ["petition_invalidation.id"],
            name=op.f("fk_petition_set_aside_invalidation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_petition_set_aside_signature_id")
        ),
        sa.PrimaryKeyConstraint("invalidation_id", "signature_id", name=op.f("pk_petition_set_aside")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_petition_set_aside_signature_id"), "petition_set_aside", ["signature_id"], unique=False
    )
    op.create_table(
        "petition_sheet_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_petition_sheet_reading_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["petition_sheet.id"], name=op.f("fk_petition_sheet_reading_sheet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_sheet_reading")),
        sa.UniqueConstraint(
            "sheet_id", "account_id", name=op.f("uq_petition_sheet_reading_sheet_id_account_id")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "petition_told_apart",
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_petition_told_apart_account_id")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["signature.id"], name=op.f("fk_petition_told_apart_other_id")),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_petition_told_apart_signature_id")
        ),
        sa.PrimaryKeyConstraint("signature_id", "other_id", name=op.f("pk_petition_told_apart")),
        sqlite_strict=True,
    )
    op.create_table(
        "petition_wave_candidate",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_petition_wave_candidate_volunteer_id")
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["petition_wave.id"], name=op.f("fk_petition_wave_candidate_wave_id")
        ),
        sa.PrimaryKeyConstraint("wave_id", "place", name=op.f("pk_petition_wave_candidate")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_petition_wave_candidate_volunteer_id"),
        "petition_wave_candidate",
        ["volunteer_id"],
        unique=False,
    )
    op.create_table(
        "petition_opinion",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("keeps", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_petition_opinion_account_id")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["petition_review.id"], name=op.f("fk_petition_opinion_review_id")
        ),
        sa.PrimaryKeyConstraint("review_id", "account_id", name=op.f("pk_petition_opinion")),
        sqlite_strict=True,
    )
