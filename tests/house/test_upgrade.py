"""What an installation of the first release holds is still there after the upgrade."""

from __future__ import annotations

import json
from pathlib import Path

from alembic import command
from sqlalchemy import text

from assemblee import migrations
from assemblee.db import Store

MOMENT = "2026-11-01 10:00:00.000000"


def upgrade(store: Store, revision: str) -> None:
    settings = migrations._config()
    with store.writing() as session:
        settings.attributes["connection"] = session.connection()
        command.upgrade(settings, revision)


def test_draws_of_the_first_release_are_kept_or_can_be_frozen(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'old.sqlite'}")
    upgrade(store, "0001")
    people = json.dumps({"1": {"Genre": "Femmes"}, "2": {"Genre": "Hommes"}})
    with store.writing() as session:
        for statement in (
            f"""INSERT INTO mandate VALUES
                (1, 'val', 'Val', 'R', 'T', 9, '2026-01-01', '2031-01-01', 'Europe/Paris', '{MOMENT}')""",
            f"INSERT INTO pool VALUES (1, 1, 'P', 1, 0, 's', '{MOMENT}')",
            *(
                f"""INSERT INTO volunteer VALUES
                ({number}, 1, NULL, NULL, NULL, NULL, '{{}}', 'volunteer', '{MOMENT}', '{MOMENT}')"""
                for number in (1, 2)
            ),
        ):
            session.execute(text(statement))
        for number, state in enumerate(("prepared", "feasible", "ready", "held", "cancelled"), start=1):
            session.execute(
                text(
                    """INSERT INTO draw
                    (id, mandate_id, pool_id, title, size, rule, tickets, state, salt, quotas, people,
                     lottery_text, lottery_hash, prepared_at)
                    VALUES
                    (:number, 1, 1, 'T', 1, 'leximin', 10, :state, 's', '[]', :people, 'x', 'h', :moment)"""
                ),
                {"number": number, "state": state, "people": people, "moment": MOMENT},
            )
            session.execute(
                text(
                    "INSERT INTO outcome (draw_id, kind, seed, ticket, members, at) "
                    "VALUES (:number, :kind, '00', 1, '[2]', :moment)"
                ),
                {"number": number, "kind": "real" if state == "held" else "dry", "moment": MOMENT},
            )
        session.execute(
            text(
                """INSERT INTO leaf VALUES
                (0, :moment, NULL, 'e', '{}', :digest), (1, :moment, NULL, 'e', '{}', :digest)"""
            ),
            {"moment": MOMENT, "digest": "00" * 32},
        )
    upgrade(store, "head")
    with store.reading() as session:
        states = session.execute(text("SELECT id, state, lottery_text FROM draw ORDER BY id")).all()
        outcomes = session.execute(text("SELECT draw_id, members FROM outcome ORDER BY draw_id")).all()
        entries = session.execute(text("SELECT draw_id, volunteer_id, pseudonym FROM draw_entry")).all()
        nodes = session.execute(text("SELECT level, position FROM tree_node")).all()
    assert [tuple(row) for row in states] == [
        (1, "prepared", "x"),
        (2, "feasible", "x"),
        (3, "feasible", None),
        (4, "held", "x"),
        (5, "cancelled", "x"),
    ]
    assert [(draw, json.loads(members)) for draw, members in outcomes] == [
        (1, ["2"]),
        (2, ["2"]),
        (4, ["2"]),
        (5, ["2"]),
    ]
    assert [tuple(row) for row in entries] == [(4, 1, "1"), (4, 2, "2")]
    assert [tuple(row) for row in nodes] == [(1, 0)]
    store.dispose()


def test_addresses_that_stand_already_get_the_mailbox_that_they_lead_to(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'old.sqlite'}")
    upgrade(store, "0013")
    written = ("A.B+x@googlemail.com", "maire@mairie-épinal.fr", "=?utf-8?q?x?=@example.org", "jean@", None)
    with store.writing() as session:
        for number, email in enumerate(written, start=1):
            statement = """INSERT INTO account (id, email, is_operator, created_at)
                VALUES (:number, :email, 0, :moment)"""
            values = {"number": number, "email": email or "erased-5", "moment": MOMENT}
            session.execute(text(statement), values)
    upgrade(store, "head")
    with store.reading() as session:
        rows = session.execute(text("SELECT email, email_key FROM account ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        ("A.B+x@googlemail.com", "ab@gmail.com"),
        ("maire@xn--mairie-pinal-heb.fr", "maire@xn--mairie-pinal-heb.fr"),
        ("=?utf-8?q?x?=@example.org", "=?utf-8?q?x?=@example.org"),
        ("jean@", "jean@"),
        ("erased-5", "erased-5"),
    ]
    store.dispose()
