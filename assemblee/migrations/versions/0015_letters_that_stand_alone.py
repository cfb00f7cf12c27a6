"""Letters are claimed, tried again or set aside one by one; tasks of the worker that fail are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    # SQLite adds no column that must be filled, so the table is made anew under its name.
    op.drop_index("ix_mail_due_at", "mail")
    op.rename_table("mail", "former_mail")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE former_mail RENAME CONSTRAINT pk_mail TO pk_former_mail")
        op.execute("ALTER SEQUENCE mail_id_seq RENAME TO former_mail_id_seq")
        number = "replace(gen_random_uuid()::text, '-', '')"
    else:
        number = "lower(hex(randomblob(16)))"
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("unsubscribe", sa.String(), nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("set_aside_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sqlite_strict=True,
    )
    op.execute(
        "INSERT INTO mail (id, message_id, recipient, subject, body, written_at, due_at, attempts, sent_at) "
        f"SELECT id, {number}, recipient, subject, body, due_at, due_at, 0, sent_at FROM former_mail"
    )
    op.drop_table("former_mail")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('mail_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM mail), false)")
    for name, columns, where in (
        ("ix_mail_waiting", ["due_at", "id"], "sent_at IS NULL AND set_aside_at IS NULL"),
        ("ix_mail_recipient", ["recipient"], "sent_at IS NULL"),
        ("ix_mail_sent_at", ["sent_at"], "sent_at IS NOT NULL"),
    ):
        op.create_index(name, "mail", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.add_column("worker", sa.Column("task", sa.String(), nullable=True))
    op.add_column("worker", sa.Column("task_since", MOMENT, nullable=True))
    op.create_table(
        "worker_task",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("first_failed_at", MOMENT, nullable=False),
        sa.Column("last_failed_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_task")),
        sqlite_strict=True,
    )
