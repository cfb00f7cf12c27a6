"""The mailbox that an address leads to, beside the address; domains of other letters in their encoded form."""

from __future__ import annotations

import re

import idna
import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As `mail.addresses` read them when this was written; what is written later follows what that says then.
LOCAL_PART = re.compile(r"[a-z0-9_&'*/+~-]+(?:\.[a-z0-9_&'*/+~-]+)*")
SAME_MAILBOX = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
IGNORED = {"gmail.com": ".", "proton.me": "._-"}
KEYED = ("account", "volunteer", "seat")
WRITTEN_TO = (*KEYED, "roll_entry", "signature")
CHUNK = 1_000


def upgrade() -> None:
    """Apply."""
    for table in KEYED:
        op.add_column(table, sa.Column("email_key", sa.String(), nullable=True))
        op.create_index(op.f(f"ix_{table}_email_key"), table, ["email_key"])
    connection = op.get_bind()
    for table in WRITTEN_TO:
        _encode(connection, table)
    for table in KEYED:
        _fill(connection, table)


def _rows(connection: sa.Connection, table: sa.TableClause, *conditions: sa.ColumnElement[bool]) -> list[sa.Row[tuple[int, str]]]:
    query = sa.select(table.c.id, table.c.email).where(table.c.email.is_not(None), *conditions)
    return list(connection.execute(query))


def _table(name: str) -> sa.TableClause:
    return sa.table(name, sa.column("id"), sa.column("email"), sa.column("email_key"))


def _encode(connection: sa.Connection, name: str) -> None:
    """Write the domains of other letters as mail servers know them (RFC 5891); what cannot be stays."""
    table = _table(name)
    for row in _rows(connection, table):
        local, _, domain = row.email.rpartition("@")
        if domain.isascii():
            continue
        try:
            encoded = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            continue
        address = f"{local}@{encoded}".lower()
        is_taken = connection.scalar(sa.select(table.c.id).where(table.c.email == address).limit(1))
        if name != "account" or is_taken is None:
            connection.execute(sa.update(table).where(table.c.id == row.id).values(email=address))


def _fill(connection: sa.Connection, name: str) -> None:
    table = _table(name)
    rows = _rows(connection, table)
    update = sa.update(table).where(table.c.id == sa.bindparam("row")).values(email_key=sa.bindparam("key"))
    for start in range(0, len(rows), CHUNK):
        connection.execute(
            update, [{"row": row.id, "key": _key(row.email)} for row in rows[start : start + CHUNK]]
        )


def _key(email: str) -> str:
    written = email.strip().lower()
    local, _, domain = written.rpartition("@")
    if not domain or not LOCAL_PART.fullmatch(local):
        return written
    domain = SAME_MAILBOX.get(domain, domain)
    plain = local.partition("+")[0]
    for ignored in IGNORED.get(domain, ""):
        plain = plain.replace(ignored, "")
    return f"{plain or local}@{domain}"
