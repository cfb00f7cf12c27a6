"""Whose a voting code is while it is unused, so that one that never came can be replaced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "code_link",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["roll_entry.id"], name=op.f("fk_code_link_entry_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_code_link_consultation_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_code_link")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_code_link_consultation_id"), "code_link", ["consultation_id"])
