"""The statements that tests send to SQLite, spelled for PostgreSQL, so that it can plan each of them once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, TextClause, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg as spoken
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.elements import ClauseElement, _IdentifiedClause

from assemblee.tables import METADATA

# Positions instead of names: what PREPARE takes.
DIALECT = spoken.dialect(paramstyle="numeric_dollar")
PLACE = re.compile(r"\$(\d+)")
# Written for one store in the first place, as text or in its own dialect: tests run it where it belongs.
# A savepoint is no question, and has no plan.
LEFT_OUT = (TextClause, ExecutableDDLElement, sqlite.Insert, _IdentifiedClause)


def spelled(statement: ClauseElement, values: Mapping[str, Any] | None = None) -> str:
    """Return a statement as PostgreSQL would be asked to prepare it with these values.

    Raises
    ------
    CompileError
        It cannot be said to PostgreSQL at all.
    """
    compiled: Any = statement.compile(dialect=DIALECT, column_keys=sorted(values) if values else None)
    # A list of values is spelled as long as it is; some are known by now only.
    parameters = compiled.construct_params(values, _check=False)
    return str(compiled._process_parameters_for_postcompile(parameters).statement)


class Recorder:
    """Writes down each distinct statement of this process, as a plugin of pytest.

    Parameters
    ----------
    folder : str
        Where each worker writes a file of its own.
    """

    def __init__(self, folder: str) -> None:
        self.file = Path(folder) / f"{os.getpid()}.jsonl"
        self._keys: set[object] = set()
        self._texts: set[str] = set()
        event.listen(Engine, "before_execute", self.see)

    def see(
        self,
        connection: Connection,
        statement: object,
        many: Sequence[Mapping[str, Any]],
        one: Mapping[str, Any],
        _options: object,
    ) -> None:
        """Take note of a statement, the first time that one of its shape is sent."""
        if connection.dialect.name != "sqlite" or not isinstance(statement, ClauseElement):
            return
        if isinstance(statement, LEFT_OUT):
            return
        values = many[0] if many else one
        key = statement._generate_cache_key()
        shape = (key.key if key else id(statement), *sorted(values))
        if shape in self._keys:
            return
        self._keys.add(shape)
        try:
            self._write(spelled(statement, values))
        except CompileError as failed:
            self._write(f"-- {failed}")

    def _write(self, text: str) -> None:
        if text not in self._texts:
            self._texts.add(text)
            with self.file.open("a", encoding="utf-8") as written:
                written.write(json.dumps(text) + "\n")


def recorded(folder: Path) -> list[str]:
    """Return each distinct statement that workers have written to a folder."""
    lines = (line for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines())
    return sorted({json.loads(line) for line in lines})


def problems(url: str, statements: Sequence[str]) -> Mapping[str, str]:
    """Return what a migrated PostgreSQL refuses to plan, with its reason."""
    return dict(_refused(url, statements))


def _refused(url: str, statements: Sequence[str]) -> Iterator[tuple[str, str]]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        for text in statements:
            try:
                _plan(connection, text)
            except psycopg.errors.UndefinedTable as failed:
                # The machinery of jobs keeps tables of its own, elsewhere on each store.
                name = re.search(r'relation "(\w+)"', str(failed))
                if name is None or name[1] in METADATA.tables:
                    yield text, str(failed)
            except psycopg.Error as failed:
                yield text, str(failed)


def _plan(connection: psycopg.Connection, text: str) -> None:
    places = max(map(int, PLACE.findall(text)), default=0)
    values = f"({', '.join(['NULL'] * places)})" if places else ""
    connection.execute(f"PREPARE one AS {text}".encode(), prepare=False)
    try:
        connection.execute(f"EXPLAIN EXECUTE one{values}".encode(), prepare=False)
    finally:
        connection.execute("DEALLOCATE one")
