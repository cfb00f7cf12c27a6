"""The ceremony: freeze, pseudonyms, guarantors' parts, beacon, suspensions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    for column in (
        sa.Column("publication", sa.String(), nullable=True),
        sa.Column("alternates", sa.Integer(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("beacon", sa.JSON(), nullable=True),
        sa.Column("beacon_found", sa.JSON(), nullable=True),
        sa.Column("frozen_text", sa.String(), nullable=True),
        sa.Column("commitment", sa.String(), nullable=True),
        sa.Column("pool_root", sa.String(), nullable=True),
        sa.Column("sealed_rows", sa.LargeBinary(), nullable=True),
        sa.Column("result_text", sa.String(), nullable=True),
        sa.Column("last_leaf", sa.Integer(), nullable=True),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.Column("cosign_until", MOMENT, nullable=True),
        sa.Column("reveal_until", MOMENT, nullable=True),
        sa.Column("beacon_at", MOMENT, nullable=True),
    ):
        op.add_column("draw", column)
    op.drop_column("draw", "salt")
    op.add_column("outcome", sa.Column("alternates", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "volunteer", sa.Column("may_publish", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "draw_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_entry_draw_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_draw_entry_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_entry")),
        sa.UniqueConstraint("draw_id", "pseudonym", name=op.f("uq_draw_entry_draw_id_pseudonym")),
        sa.UniqueConstraint("draw_id", "volunteer_id", name=op.f("uq_draw_entry_draw_id_volunteer_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_draw_entry_volunteer_id"), "draw_entry", ["volunteer_id"], unique=False)
    op.create_table(
        "draw_guarantor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("bound_secret", sa.String(), nullable=True),
        sa.Column("cosigned_at", MOMENT, nullable=True),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("revealed_at", MOMENT, nullable=True),
        sa.Column("numbers", sa.JSON(), nullable=True),
        sa.Column("typed_at", MOMENT, nullable=True),
        sa.Column("cancel_note", sa.String(), nullable=True),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draw_guarantor_account_id")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_guarantor_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_guarantor")),
        sa.UniqueConstraint("draw_id", "account_id", name=op.f("uq_draw_guarantor_draw_id_account_id")),
        sa.UniqueConstraint("draw_id", "name", name=op.f("uq_draw_guarantor_draw_id_name")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_draw_guarantor_account_id"), "draw_guarantor", ["account_id"], unique=False)
    op.create_table(
        "draw_suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_suspension_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_suspension")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_draw_suspension_open",
        "draw_suspension",
        ["draw_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "draw_suspension_lift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("suspension_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["suspension_id"], ["draw_suspension.id"], name=op.f("fk_draw_suspension_lift_suspension_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_suspension_lift")),
        sa.UniqueConstraint(
            "suspension_id", "name", name=op.f("uq_draw_suspension_lift_suspension_id_name")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "draw_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("answer_until", MOMENT, nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_objection_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_objection")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_draw_objection_draw_id"), "draw_objection", ["draw_id"], unique=False)
    keep_earlier_draws()


def keep_earlier_draws() -> None:
    """Let draws made before the ceremony existed be read, and let those not yet held be frozen."""
    connection = op.get_bind()
    outcome = sa.table("outcome", sa.column("id"), sa.column("members", sa.JSON()))
    for number, members in connection.execute(sa.select(outcome.c.id, outcome.c.members)).all():
        connection.execute(
            outcome.update()
            .where(outcome.c.id == number)
            .values(members=[str(member) for member in members])
        )
    # People were numbered as volunteers are: their number goes on as their pseudonym in the draws held then.
    draw = sa.table("draw", sa.column("id"), sa.column("state"), sa.column("people", sa.JSON()))
    entry = sa.table(
        "draw_entry", sa.column("draw_id"), sa.column("volunteer_id"), sa.column("pseudonym")
    )
    held = sa.select(draw.c.id, draw.c.people).where(draw.c.state == "held")
    for number, people in connection.execute(held).all():
        rows = [{"draw_id": number, "volunteer_id": int(person), "pseudonym": person} for person in people]
        connection.execute(sa.insert(entry), rows)
    # Rehearsals of a lottery that is withdrawn would show numbers of people that the next one does not have.
    connection.execute(
        sa.text("DELETE FROM outcome WHERE draw_id IN (SELECT id FROM draw WHERE state = 'ready')")
    )
    connection.execute(
        sa.text(
            "UPDATE job SET state = 'cancelled' WHERE kind = 'draw-lottery' AND state IN ('waiting', 'running')"
        )
    )
    connection.execute(
        sa.text(
            "UPDATE draw SET state = 'feasible', lottery_text = NULL, lottery_hash = NULL, ready_at = NULL "
            "WHERE state = 'ready'"
        )
    )
