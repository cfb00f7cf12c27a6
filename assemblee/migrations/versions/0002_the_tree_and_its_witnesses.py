"""The nodes of the journal's tree, its signed checkpoints, and those who cosign them."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEYS = {
    "leaf": ("position",),
    "tree_node": ("level", "position"),
    "checkpoint": ("size",),
    "cosignature": ("checkpoint_size", "witness_key_id"),
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tree_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("level >= 1 AND position >= 0", name=op.f("ck_tree_node_place")),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_tree_node")),
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
        sqlite_strict=True,
    )
    op.create_table(
        "witness_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_witness_key_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness_key")),
        sa.UniqueConstraint("public_key", name=op.f("uq_witness_key_public_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_witness_key_active",
        "witness_key",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "cosignature",
        sa.Column("checkpoint_size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("witness_key_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_size"], ["checkpoint.size"], name=op.f("fk_cosignature_checkpoint_size")
        ),
        sa.ForeignKeyConstraint(
            ["witness_key_id"], ["witness_key.id"], name=op.f("fk_cosignature_witness_key_id")
        ),
        sa.PrimaryKeyConstraint("checkpoint_size", "witness_key_id", name=op.f("pk_cosignature")),
        sqlite_strict=True,
    )
    fill_nodes()
    if op.get_bind().dialect.name == "sqlite":
        for table, key in KEYS.items():
            for verb in ("UPDATE", "DELETE") if table != "leaf" else ():
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
                )
            # INSERT OR REPLACE deletes without waking the triggers on DELETE.
            same = " AND ".join(f"{column} = NEW.{column}" for column in key)
            op.execute(
                f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
    else:
        for table in KEYS:
            if table != "leaf":
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION leaf_is_append_only()"
                )


def fill_nodes() -> None:
    """Write the nodes over the leaves that are there already."""
    connection = op.get_bind()
    node = sa.table("tree_node", sa.column("level"), sa.column("position"), sa.column("hash"))
    hashes = [
        bytes.fromhex(digest)
        for digest in connection.scalars(sa.text("SELECT hash FROM leaf ORDER BY position"))
    ]
    level = 0
    while len(hashes) > 1:
        level += 1
        hashes = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(hashes[::2], hashes[1::2])
        ]
        connection.execute(
            sa.insert(node),
            [
                {"level": level, "position": position, "hash": digest.hex()}
                for position, digest in enumerate(hashes)
            ],
        )
