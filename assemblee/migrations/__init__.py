"""The history of the tables, applied by `assemblee db upgrade`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from assemblee.db import Store
from assemblee.jobs import durable


def _config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(store: Store) -> None:
    """Bring a store to the newest version, the tables of the job machinery included."""
    settings = _config()
    with store.writing() as session:
        settings.attributes["connection"] = session.connection()
        command.upgrade(settings, "head")
    durable.migrate(store)


def current(store: Store) -> str | None:
    """Return the version that a store is at."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the version that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()
