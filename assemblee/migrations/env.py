"""Alembic's entry point: always the connection that `migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from assemblee.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
    render_as_batch=False,
)
context.run_migrations()
