"""When a sign-in was last used, so that one of the staff ends when nobody sits before it any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("sign_in", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
