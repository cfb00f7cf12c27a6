"""What a file of people can hold: telephone, address, births and postcodes, flexible bounds of quotas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("volunteer", sa.Column("phone", sa.String(), nullable=True))
    op.add_column("volunteer", sa.Column("address", sa.String(), nullable=True))
    op.add_column("quota", sa.Column("minimum_flex", sa.Integer(), nullable=True))
    op.add_column("quota", sa.Column("maximum_flex", sa.Integer(), nullable=True))
    op.add_column("volunteer", sa.Column("sources", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("category", sa.Column("rule", sa.JSON(), nullable=True))
    op.add_column("draw", sa.Column("derived", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("pool", sa.Column("columns", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("pool", sa.Column("last_import", sa.JSON(), nullable=True))
    op.add_column("import_draft", sa.Column("kept_by", sa.Integer(), nullable=True))
    op.add_column(
        "import_draft", sa.Column("may_publish", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # A file waits a day at most; which column names people is then said once more.
    op.drop_column("import_draft", "id_column")
    op.add_column("import_draft", sa.Column("choices", sa.JSON(), nullable=False, server_default="{}"))
