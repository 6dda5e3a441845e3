"""The database: engine, declarative base with named constraints, one scope per unit of work."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Update,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.errors import ConflictError

#: Every constraint has a name, so that a migration can speak of it on any database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

SessionFactory = sessionmaker[Session]

#: How long a SQLite writer waits for another before it gives up.
SQLITE_BUSY_TIMEOUT_MS = 15_000


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database whichever it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes; store UTC (SQLite has no zone, so it is dropped there)."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "naive datetime; an instant needs its zone"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant, aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str) -> Engine:
    """Return an engine for SQLite (WAL, busy timeout, foreign keys on) or PostgreSQL.

    Args:
        url: an SQLAlchemy address; `postgresql://` is read as psycopg 3.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    else:
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    del record
    # We say BEGIN ourselves: the driver's own late BEGIN makes readers that turn into writers
    # fail with "database is locked" without waiting for the busy timeout.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")
    _switch_to_wal(cursor)
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    """Switch a file to WAL; of several that open a new one, SQLite lets some fail unwaited."""
    deadline = time.monotonic() + SQLITE_BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_immediate(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("read_only", False):
        connection.exec_driver_sql("BEGIN")
    elif (wait_ms := options.get("lock_wait_ms")) is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(wait_ms)}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")


def make_session_factory(engine: Engine) -> SessionFactory:
    """Return the maker of sessions; objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def session_scope(factory: SessionFactory) -> Iterator[Session]:
    """Open a unit of work: committed once at the end, rolled back when anything is raised."""
    with factory() as session, session.begin():
        yield session


@contextmanager
def hurried_scope(factory: SessionFactory, *, wait_ms: int = 200) -> Iterator[Session]:
    """Open a unit of work that gives up soon when another holds what it would change.

    Args:
        factory: maker of sessions.
        wait_ms: how long it waits for a lock.

    Raises:
        OperationalError: (SQLAlchemy's) another unit of work did not let go.
    """
    with factory() as session, session.begin():
        connection = session.connection(execution_options={"lock_wait_ms": wait_ms})
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(wait_ms)}")
        yield session


@contextmanager
def read_scope(factory: SessionFactory) -> Iterator[Session]:
    """Open a session that only reads: on SQLite it takes no write lock and never waits for one.

    What was read stays readable afterwards.
    """
    with factory() as session:
        session.connection(execution_options={"read_only": True})
        try:
            yield session
        finally:
            # Detached first: the rollback would forget what was read of the objects.
            session.expunge_all()
            session.rollback()


def is_row_id(number: int) -> bool:
    """Say whether a number from outside can be a row's id; the databases fail on larger ones."""
    return 0 < number < 2**31


def changed_rows(session: Session, statement: Update) -> int:
    """Run a conditional UPDATE and return how many rows were in the expected state."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 - narrows the type for mypy
    return int(result.rowcount)


def expect_one_row(row_count: int, message: str) -> None:
    """Check a conditional UPDATE's row count.

    Raises:
        ConflictError: no row was in the expected state any more.
    """
    if row_count != 1:
        raise ConflictError(message)
