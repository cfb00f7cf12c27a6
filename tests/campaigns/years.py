"""Five years of an invented mandate: every term full on its first day, or the vacancy explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from assemblee import config
from assemblee.cli import cli
from assemblee.db import Store
from tests.demo.test_building import lived


def test_five_years_are_lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSEMBLEE_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("ASSEMBLEE_DATABASE_URL", raising=False)
    said = CliRunner().invoke(cli, ["demo", "--no-serve"])
    assert said.exit_code == 0
    print(said.output)
    store = Store.of(config.load())
    with store.reading() as session:
        lived(session, 5)
    store.dispose()
