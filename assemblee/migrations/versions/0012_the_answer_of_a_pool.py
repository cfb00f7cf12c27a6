"""Whether a panel of a pool exists, kept beside the hash of what it answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("pool", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "pool_check",
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_check_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_pool_check")),
        sqlite_strict=True,
    )
