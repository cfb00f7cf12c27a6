"""A played site, which is built once and given anew to each test."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, select

from assemblee.accounts import actions as accounts
from assemblee.accounts.models import Account
from assemblee.assemblies.meetings.models import Document, LedgerLine, Meeting
from assemblee.assemblies.terms.models import Term
from assemblee.config import Config
from assemblee.consultations.models import Consultation, RollEntry
from assemblee.db import Base, Store
from assemblee.draws.models import Draw, Objection
from assemblee.journal import keys
from assemblee.once import SentForm
from assemblee.petitions.desk.models import Invalidation, Review
from assemblee.petitions.paper.models import Sample
from assemblee.petitions.petition.models import Petition, Signature
from assemblee.pools.models import ImportDraft, Pool, Volunteer
from tests import make, played
from tests.filling import Browser

# What a request may touch that does nothing: when a sign-in was used last; and where an attempt on a frozen
# draw is refused, which the journal notes, the hashes over its lines, their time, and which is a draw's last.
# What the play did last was done some time after noon, as long as the machine took: nothing may lie ahead.
AFTERWARDS = timedelta(minutes=10)
ASIDE = {"sign_in", "tree_node", "clock_reading"}
ASIDE_OF = {"draw": {"last_leaf"}}
LINES = {"leaf": "WHERE event != 'attempt-refused'"}


# Whose rows the numbers of an address are.
KINDS = {
    "account_id": Account,
    "document_id": Document,
    "draft_id": ImportDraft,
    "draw_id": Draw,
    "entry_id": RollEntry,
    "invalidation_id": Invalidation,
    "line_id": LedgerLine,
    "meeting_id": Meeting,
    "objection_id": Objection,
    "offered": Petition,
    "pool_id": Pool,
    "review_id": Review,
    "sample_id": Sample,
    "signature_id": Signature,
    "term_id": Term,
    "volunteer_id": Volunteer,
}


def act_at(app: Flask, address: str, method: str = "POST") -> tuple[str, dict[str, Any]]:
    """Return the endpoint of an address, and its parameters."""
    found: tuple[str, dict[str, Any]] = app.url_map.bind("localhost").match(address, method=method)
    return found


@dataclass(frozen=True)
class Template:
    """A played site in a file, and what it names."""

    path: Path
    words: played.Words
    tokens: dict[str, str | None]


class World:
    """A played site behind the application: who is signed in, and what is written."""

    def __init__(self, app: Flask, store: Store, template: Template) -> None:
        self.app, self.store = app, store
        self.words, self.tokens = template.words, template.tokens
        self._template = template.path
        self._watching = sqlite3.connect(str(store.url.database))
        self.restore()
        self._played = self.digests()

    def restore(self) -> None:
        """Let everything be as it was played."""
        with closing(sqlite3.connect(self._template)) as kept:
            kept.backup(self._watching)
        self._version = -1

    def close(self) -> None:
        """Let go of the database."""
        self._watching.close()

    def browser(self, who: str) -> Browser:
        """Return the browser of somebody who is signed in, with a second factor."""
        return Browser(self.app, self.tokens[who])

    def sign_in(self, browser: Browser, who: str) -> None:
        """Sign somebody in once more, with a second factor."""
        with self.store.writing() as session:
            token = accounts.open_session(session, accounts.ensure(session, played.PEOPLE[who]))
            make.prove(session, played.PEOPLE[who])
        browser.sign_in(token)

    def values(self, endpoint: str, argument: str) -> list[Any]:
        """Return what may stand in an address for one of its parameters, in the order of its rows."""
        named = {
            "mandate": ["amont", "val"],
            "step": [1, 2, 9],
            "token": ["nothing", self.words["guest"], self.words["member"], self.words["other"]],
            "verb": ["withdraw", "erase"],
        }
        if argument in named:
            return named[argument]
        votes = "consultations" in endpoint
        kind = (Consultation if votes else Petition) if argument == "number" else KINDS[argument]
        with self.store.reading() as session:
            return list(session.scalars(select(kind.id).order_by(kind.id)))

    def changes(self) -> dict[str, int]:
        """Return by how many rows each table has grown in which something was done."""
        now = self.digests()
        return {
            table: now[table][0] - rows
            for table, (rows, digest) in self._played.items()
            if now[table] != (rows, digest) and table != SentForm.__tablename__
        }

    def holds(self, words: str) -> bool:
        """Tell whether some words are written anywhere."""
        tables = (table.name for table in Base.metadata.sorted_tables)
        return any(
            words in repr(row) for name in tables for row in self._watching.execute(f"SELECT * FROM {name}")
        )

    def is_as_played(self) -> bool:
        """Tell whether nothing was done since the site was played."""
        # It changes whenever somebody has written; then all rows are read.
        version = self._watching.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return True
        if self.digests() != self._played:
            return False
        self._version = version
        return True

    def digests(self) -> dict[str, tuple[int, str]]:
        """Return of each table how many rows it has, and their hash."""
        return {
            table.name: self._digest(table)
            for table in Base.metadata.sorted_tables
            if table.name not in ASIDE
        }

    def _digest(self, table: Table) -> tuple[int, str]:
        columns = ", ".join(f'"{one}"' for one in table.c.keys() if one not in ASIDE_OF.get(table.name, ()))  # noqa: SIM118 - a collection of columns
        told = self._watching.execute(f"SELECT {columns} FROM {table.name} {LINES.get(table.name, '')}")
        rows = sorted(map(repr, told))
        return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


@pytest.fixture(scope="session")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Give a played site."""
    folder = tmp_path_factory.mktemp("played")
    path = folder / "assemblee.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Config(instance=folder, secret_key="s" * 48, database_url=f"sqlite:///{path}")
    keys.create(settings, make.LOG_SEED)
    store = Store.of(settings)
    words = played.play(store)
    tokens: dict[str, str | None] = {"nobody": None}
    with played.on(played.NOW, AFTERWARDS), store.writing() as session:
        for name, email in played.PEOPLE.items():
            if email:
                tokens[name] = accounts.open_session(session, accounts.ensure(session, email))
                make.prove(session, email)
    store.dispose()
    return Template(path, words, tokens)


@pytest.fixture
def world(app: Flask, store: Store, template: Template) -> Iterator[World]:
    """Give the played site, on the day that it was played to."""
    with played.on(played.NOW, AFTERWARDS):
        made = World(app, store, template)
        yield made
        made.close()
