"""Which checkpoints were mailed to the guarantors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "checkpoint_letter",
        sa.Column("checkpoint_size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_size"], ["checkpoint.size"], name=op.f("fk_checkpoint_letter_checkpoint_size")
        ),
        sa.PrimaryKeyConstraint("checkpoint_size", name=op.f("pk_checkpoint_letter")),
        sqlite_strict=True,
    )
