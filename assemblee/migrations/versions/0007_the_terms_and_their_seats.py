"""The terms of bodies, the seats in them, and how each came about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("freeze_by", sa.Date(), nullable=True),
        sa.Column("hold_by", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("parent_label", sa.String(), nullable=True),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("quotas", sa.JSON(), nullable=False),
        sa.Column("began_with", sa.JSON(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_term_days")),
        sa.CheckConstraint("size > 0", name=op.f("ck_term_size")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_term_draw_id")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_term_mandate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("draw_id", name=op.f("uq_term_draw_id")),
        sa.UniqueConstraint("mandate_id", "body", "number", name=op.f("uq_term_mandate_id_body_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "replacement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.String(), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_replacement_draw_id")),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_replacement_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement")),
        sa.UniqueConstraint("draw_id", "number", name=op.f("uq_replacement_draw_id_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_replacement_term_id"), "replacement", ["term_id"], unique=False)
    op.create_table(
        "rota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["term.id"], name=op.f("fk_rota_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota")),
        sa.UniqueConstraint("parent_id", "body", name=op.f("uq_rota_parent_id_body")),
        sqlite_strict=True,
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("public_name", sa.String(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("role_holding_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_seat_term_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_seat_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("term_id", "pseudonym", name=op.f("uq_seat_term_id_pseudonym")),
        sa.UniqueConstraint("term_id", "volunteer_id", name=op.f("uq_seat_term_id_volunteer_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_seat_volunteer_id"), "seat", ["volunteer_id"], unique=False)
    op.create_index(
        "uq_seat_place",
        "seat",
        ["term_id", "place"],
        unique=True,
        sqlite_where=sa.text("state IN ('accepted', 'sworn', 'sitting')"),
        postgresql_where=sa.text("state IN ('accepted', 'sworn', 'sitting')"),
    )
    op.create_table(
        "term_suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_term_suspension_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_suspension")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_term_suspension_open",
        "term_suspension",
        ["term_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "seat_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seat_change_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_change")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_seat_change_seat_id"), "seat_change", ["seat_id"], unique=False)
