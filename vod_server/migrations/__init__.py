"""The schema's history: bring a database up to date, and say whether it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

#: Key of the advisory lock, any number that nothing else in the database uses.
LOCK = 0x63756E746169

_HERE = Path(__file__).resolve().parent


def migrate(engine: Engine) -> None:
    """Bring the database up to the newest schema; safe when several processes start at once.

    All steps are one transaction, on both databases: a process killed half-way leaves the
    schema as it was. Those that come second wait, and find nothing to do.

    Args:
        engine: of `core.db.make_engine`.

    Raises:
        alembic.util.CommandError: the database is of a newer release than this code.
    """
    with engine.connect() as connection, _foreign_keys_off(connection), connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config = make_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _check_foreign_keys(connection)


def is_current(engine: Engine) -> bool:
    """Say whether the database has exactly the schema this code was written for."""
    heads = ScriptDirectory.from_config(make_config()).get_heads()
    with engine.connect().execution_options(read_only=True) as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def make_config() -> Config:
    """Return Alembic's configuration, made here: there is no file of it."""
    config = Config()
    # A per cent sign begins an interpolation in Alembic's options.
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild tables that others point at (https://sqlite.org/lang_altertable.html §7).

    The switch works only outside a transaction, hence below SQLAlchemy, which would begin one.
    """
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101 - narrows the type for mypy
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.execute("PRAGMA foreign_keys = OFF").close()
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys = ON").close()


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        msg = f"migration broke {len(broken)} foreign keys, first: {tuple(broken[0])}"
        raise RuntimeError(msg)
