"""The store: one engine, read sessions, and one writing transaction per act."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any, ClassVar, Self

import psycopg
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    MetaData,
    ScalarSelect,
    Table,
    column,
    create_engine,
    event,
    make_url,
    select,
    table,
)
from sqlalchemy.dialects.sqlite.base import SQLiteDialect, SQLiteTypeCompiler
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as QueuePoolTimeout
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from assemblee import clock, plausible
from assemblee.config import Config
from assemblee.refusal import Refusal

BUSY_TIMEOUT_SECONDS = 30
# As many as a server's process has threads at most, each of which holds one: more would be opened and closed
# again at each request.
CONNECTIONS = 8
# Of our triggers and statements: they quote no value.
OWN_WORDS = (psycopg.ProgrammingError, psycopg.errors.RaiseException)
# Two who write the same at once meet at most once; a third time something else is wrong.
TRIES = 3
AUTOCOMMIT: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}
REPEATABLE: dict[str, Any] = {"isolation_level": "REPEATABLE READ"}


# The primary result codes of SQLite that say nothing of the statement (https://www.sqlite.org/rescode.html).
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
GONE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


def unavailable(error: BaseException) -> Refusal | None:
    """Return why the database cannot be used now, if that is what an error says, and not our fault."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = _of_sqlite(cause) if isinstance(cause, sqlite3.Error) else _of_others(cause)
    return Refusal(code, status=503) if code else None


def _of_sqlite(cause: sqlite3.Error) -> str | None:
    # An empty file is a database without a table.
    if str(cause).startswith(("no such table", "no such column")):
        return "database-not-migrated"
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    causes = {"database-busy": BUSY, "database-damaged": DAMAGED, "database-gone": GONE}
    return next((name for name, codes in causes.items() if code in codes), None)


def _of_others(cause: BaseException | None) -> str | None:
    causes = {
        "database-not-migrated": (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn),
        "database-busy": (
            QueuePoolTimeout,
            psycopg.errors.LockNotAvailable,
            psycopg.errors.TooManyConnections,
        ),
        "database-gone": (psycopg.OperationalError, psycopg.InterfaceError, DisconnectionError),
    }
    return next((name for name, kinds in causes.items() if isinstance(cause, kinds)), None)


class StrictTypes(SQLiteTypeCompiler):
    """Spell every type as one of the few that a STRICT table of SQLite takes."""

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:  # noqa: ANN401, N802 - the signature of SQLAlchemy
        """Render a string column."""
        del type_, kw
        return "TEXT"

    visit_DATETIME = visit_DATE = visit_JSON = visit_VARCHAR  # noqa: N815 - names that SQLAlchemy calls

    def visit_BIGINT(self, type_: Any, **kw: Any) -> str:  # noqa: ANN401, N802 - the same
        """Render a whole number."""
        del type_, kw
        return "INTEGER"

    visit_BOOLEAN = visit_BIGINT  # noqa: N815 - the same


SQLiteDialect.type_compiler_cls = StrictTypes


@event.listens_for(Table, "before_parent_attach")
def _make_strict(table: Table, _parent: object) -> None:
    table.dialect_options["sqlite"]["strict"] = True


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite gives naive values back, so the zone is restored here."""

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone and store it in UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment without a time zone cannot be stored"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        del dialect
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The tables of every room, with constraint names that both stores share."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


def _configure_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
        # SQLAlchemy's events own BEGIN, so the driver must not open transactions by itself.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # What was erased, or stood earlier in a ballot box, must not be read from free pages or an old log.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA journal_size_limit = 0")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes can lose an update or fail half-way.
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _configure_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - the same
        # A server that goes away says so or closes its end, which costs nothing to see; to ask it before each
        # transaction would cost a question each time.
        try:
            if connection.closed or _says_something(connection.fileno()):
                engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise DisconnectionError from None


def _says_something(descriptor: int) -> bool:
    with DefaultSelector() as waiting:
        waiting.register(descriptor, EVENT_READ)
        return bool(waiting.select(timeout=0))


def _without_values(context: ExceptionContext) -> None:
    """Leave of a server's words only which rule was broken: they quote what was written."""
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if not isinstance(error, psycopg.Error) or isinstance(error, psycopg.OperationalError):
        return
    own = error.diag.message_primary if isinstance(error, OWN_WORDS) else None
    kept = " ".join(part for part in (error.sqlstate, error.diag.constraint_name, own) if part)
    error.args = (kept,)
    if wrapped is not None:
        wrapped.args = (f"({type(error).__name__}) {kept}",)


class Store:
    """One database and the two ways to talk to it.

    Parameters
    ----------
    url : str
        `sqlite:///path` or `postgresql://...` (psycopg 3 is chosen for the latter).
    settings : Config, optional
        Those of the installation, which its sessions carry as `session.info["settings"]`: the journal finds
        its key by them.
    """

    def __init__(self, url: str, settings: Config | None = None) -> None:
        try:
            address = make_url(url)
        except (ArgumentError, ValueError):
            raise Refusal("config-database-url") from None
        if address.get_backend_name() not in {"sqlite", "postgresql"}:
            raise Refusal("config-database-url")
        if address.get_backend_name() == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        self.url = address
        # Without the first an error shows what was written, without the second what stood there already.
        self.engine = create_engine(address, pool_size=CONNECTIONS, hide_parameters=True)
        event.listen(self.engine, "handle_error", _without_values)
        if self.is_sqlite:
            _configure_sqlite(self.engine)
        else:
            _configure_postgresql(self.engine)
        self.settings = settings
        self._info = {"settings": settings}
        self._writer = self.engine.execution_options(writing=True)
        # On PostgreSQL each question sees what was committed before it, with or without a transaction, which
        # costs two more; SQLite keeps to what the first question saw.
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(**AUTOCOMMIT)

    @classmethod
    def of(cls, settings: Config) -> Self:
        """Open the store of an installation."""
        return cls(settings.database_url, settings)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the default store."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def is_made(self) -> bool:
        """Whether there can be something in it: to ask SQLite makes a file where there is none."""
        return not self.is_sqlite or Path(self.url.database or "").exists()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that writes nothing."""
        with Session(self._reader, autoflush=False, info=self._info) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a session that writes nothing, and all of whose questions see the same moment."""
        still = self.engine if self.is_sqlite else self.engine.execution_options(**REPEATABLE)
        with Session(still, autoflush=False, info=self._info) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open the one transaction of an act: committed at the end, or rolled back whole."""
        with Session(self._writer, expire_on_commit=False, info=self._info) as session, session.begin():
            yield session

    def retrying(self, act: Callable[[Session], None]) -> None:
        """Let an act write; if somebody else wrote the same at the same moment, again, so that it finds it.

        Raises
        ------
        IntegrityError
            Every time.
        """
        for _ in range(TRIES - 1):
            try:
                with self.writing() as session:
                    act(session)
            except IntegrityError:
                continue
            return
        with self.writing() as session:
            act(session)

    def wipe(self, *tables: str) -> None:
        """Leave no earlier version of the rows of some tables in the files of the database.

        On SQLite free pages are zeroed at once, so that only the log of writes is left to empty.

        Raises
        ------
        TimeoutError
            Readers kept the log in use for as long as a writer would wait for them.
        """
        with self.engine.connect().execution_options(**AUTOCOMMIT) as connection:
            if self.is_sqlite:
                is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                if is_busy:
                    raise TimeoutError
                return
            for table in tables:
                connection.exec_driver_sql(f"VACUUM FULL {table}")

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


class _ShiftedDateTime(UTCDateTime):
    """A moment that the database gives, as the process is shifted."""

    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        found = super().process_result_value(value, dialect)
        return None if found is None else read_moment(found)


class DatabaseNow(FunctionElement[datetime]):
    """The time of the database, to be asked for within a statement.

    It is the time of the statement, not that of the transaction, which may have waited for a lock since it
    began.
    """

    inherit_cache = True
    type = _ShiftedDateTime()


@compiles(DatabaseNow, "postgresql")
def _clock_timestamp(*_: object, **__: object) -> str:
    return "clock_timestamp()"


@compiles(DatabaseNow, "sqlite")
def _current_timestamp(*_: object, **__: object) -> str:
    return "CURRENT_TIMESTAMP"


NOW = select(DatabaseNow())
# The last time that was believed; its table is one of the journal (`ClockReading`).
READING = table(
    "clock_reading", column("id"), column("noted_at", UTCDateTime()), column("accepted_at", UTCDateTime())
)


def _noted(name: str) -> ScalarSelect[datetime | None]:
    return select(READING.c[name]).where(READING.c.id == 1).scalar_subquery()


NOTED = (_noted("noted_at"), _noted("accepted_at"))
WATCHED = select(DatabaseNow(), *NOTED)


def read_moment(value: datetime) -> datetime:
    """Return a moment that the database gave, in UTC, as the process is shifted."""
    return value.astimezone(UTC) + clock.jump() + clock.shift()


def is_postgresql(session: Session) -> bool:
    """Tell whether a session writes to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def database_now(session: Session) -> datetime:
    """Return the time of the database, by which deadlines are judged, as the process is shifted.

    Raises
    ------
    Refusal
        `clock-in-doubt`, to who would write by it.
    """
    if not session.get_bind().get_execution_options().get("writing", False):
        return session.execute(NOW).scalar_one()
    now, noted, word = session.execute(WATCHED).one()
    require_plausible(now, noted, word)
    return now


def require_plausible(now: datetime, noted: datetime | None, word: datetime | None) -> None:
    """Refuse to go by a time of the database that cannot be believed.

    Parameters
    ----------
    now : datetime
        As the process is shifted.
    noted, word : datetime or None
        The columns `NOTED`.

    Raises
    ------
    Refusal
        `clock-in-doubt`.
    """
    if not plausible.is_plausible(now - clock.shift(), noted, word):
        raise Refusal("clock-in-doubt", status=503)
