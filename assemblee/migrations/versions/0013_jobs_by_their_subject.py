"""Jobs are found by their kind and subject, however many there have been."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_job_kind_subject", "job", ["kind", "subject"])
