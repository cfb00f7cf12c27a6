"""Nothing of the box stays in the files of the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from assemblee import db
from assemblee.config import Config
from assemblee.db import Store


@pytest.mark.only("sqlite")
def test_the_log_of_writes_is_emptied(store: Store) -> None:
    log = Path(f"{store.url.database}-wal")
    with store.writing() as session:
        session.execute(text("CREATE TABLE scratch (content TEXT) STRICT"))
        session.execute(text("INSERT INTO scratch VALUES ('a ballot that nobody may see again')"))
    assert b"nobody may see" in log.read_bytes()
    with store.writing() as session:
        session.execute(text("DELETE FROM scratch"))
    store.wipe("scratch")
    assert log.read_bytes() == b""
    assert b"nobody may see" not in Path(str(store.url.database)).read_bytes()


@pytest.mark.only("sqlite")
def test_a_reader_who_keeps_the_log_makes_the_wipe_fail(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_SECONDS", 0)
    hasty = Store.of(config)
    with store.reading() as session:
        session.execute(text("SELECT count(*) FROM mandate"))
        with hasty.writing() as writer:
            writer.execute(text("CREATE TABLE scratch (content TEXT) STRICT"))
        with pytest.raises(TimeoutError):
            hasty.wipe("scratch")
    hasty.wipe("scratch")
    hasty.dispose()


@pytest.mark.only("postgresql")
def test_tables_are_written_anew(store: Store) -> None:
    def file_of_table() -> str:
        with store.reading() as session:
            return str(session.scalar(text("SELECT pg_relation_filepath('box_part')")))

    before = file_of_table()
    store.wipe("box_part")
    assert file_of_table() != before
