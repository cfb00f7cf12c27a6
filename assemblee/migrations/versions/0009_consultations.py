"""Consultations: their roll, the ballot box, codes and sheets, the counted ballots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("guarantors", sa.Integer(), nullable=False),
        sa.Column("roll_source", sa.String(), nullable=False),
        sa.Column("roll_source_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("contested_for", sa.String(), nullable=True),
        sa.Column("rules_text", sa.String(), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("roll_size", sa.Integer(), nullable=True),
        sa.Column("marks", sa.Integer(), nullable=True),
        sa.Column("ballots", sa.Integer(), nullable=True),
        sa.Column("result_text", sa.String(), nullable=True),
        sa.Column("opened_leaf", sa.Integer(), nullable=True),
        sa.Column("counted_leaf", sa.Integer(), nullable=True),
        sa.CheckConstraint("guarantors > 0", name=op.f("ck_consultation_guarantors")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_consultation_times")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_consultation_mandate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_consultation_mandate_id"), "consultation", ["mandate_id"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_ballot_consultation_id")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "token", name=op.f("pk_ballot")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ballot_receipt"), "ballot", ["receipt"], unique=False)
    op.create_table(
        "box_part",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_box_part_consultation_id")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "number", name=op.f("pk_box_part")),
        sqlite_strict=True,
    )
    op.create_table(
        "count_start",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_count_start_account_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_count_start_consultation_id")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "account_id", name=op.f("pk_count_start")),
        sqlite_strict=True,
    )
    op.create_table(
        "sheet_entry",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("ballot", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sheet_entry_account_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_sheet_entry_consultation_id")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "digest", "account_id", name=op.f("pk_sheet_entry")),
        sqlite_strict=True,
    )
    op.create_table(
        "voting_code",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("is_sheet", sa.Boolean(), nullable=False),
        sa.Column("is_entered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_voting_code_consultation_id")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "digest", name=op.f("pk_voting_code")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "roll_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=True),
        sa.Column("blinded", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_roll_entry_consultation_id")
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_roll_entry_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_entry")),
        sa.UniqueConstraint(
            "consultation_id", "reference", name=op.f("uq_roll_entry_consultation_id_reference")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_roll_entry_consultation_id"), "roll_entry", ["consultation_id"], unique=False)
    op.create_index(op.f("ix_roll_entry_volunteer_id"), "roll_entry", ["volunteer_id"], unique=False)
    op.create_table(
        "named_ballot",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("ballot", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["roll_entry.id"], name=op.f("fk_named_ballot_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_named_ballot")),
        sqlite_strict=True,
    )
