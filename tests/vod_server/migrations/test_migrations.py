"""The migrations add up to the metadata, on both databases, whoever starts at once."""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from core.db import make_engine
from county.tables import AUDIT_GUARDS
from tests.databases import migrate_at
from vod_server.migrations import is_current, migrate
from vod_server.migrations.schema import metadata

#: PostgreSQL checks foreign keys as it goes and cannot switch them off.
ONLY_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def engine(blank_database_url: str) -> Iterator[Engine]:
    engine = make_engine(blank_database_url)
    yield engine
    engine.dispose()


def facts(engine: Engine) -> dict[str, Any]:
    """Return everything the database says of its schema, in an order of its own making."""
    look = inspect(engine)
    return {
        table: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"], c["default"])
                for c in look.get_columns(table)
            ],
            "key": look.get_pk_constraint(table),
            "points": sorted(map(str, look.get_foreign_keys(table))),
            "unique": sorted(map(str, look.get_unique_constraints(table))),
            "checks": sorted(map(str, look.get_check_constraints(table))),
            "indexes": sorted(map(str, look.get_indexes(table))),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def triggers(engine: Engine) -> list[tuple[Any, ...]]:
    by_dialect = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal",
    }
    with engine.connect() as connection:
        rows = connection.execute(text(by_dialect[engine.dialect.name])).all()
        return sorted(tuple(row) for row in rows)


def test_up_from_empty_equals_the_metadata(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []


def test_up_from_empty_equals_create_all_to_the_last_name(engine: Engine) -> None:
    # Autogenerate looks at neither checks nor the names of keys nor triggers.
    migrate(engine)
    migrated = facts(engine), triggers(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        metadata().drop_all(connection)
    assert facts(engine) == {}
    metadata().create_all(engine)
    assert (facts(engine), triggers(engine)) == migrated


def test_every_constraint_has_a_name_by_the_convention(engine: Engine) -> None:
    migrate(engine)
    for table, has in facts(engine).items():
        assert has["key"]["name"] == f"pk_{table}"
        for group, prefix in (("points", "fk"), ("unique", "uq"), ("checks", "ck")):
            for constraint in has[group]:
                assert f"'name': '{prefix}_{table}_" in constraint


def test_audit_guards_of_the_migration_are_those_of_the_code(engine: Engine) -> None:
    migrate(engine)
    names = {row[0] for row in triggers(engine)}
    said = " ".join(AUDIT_GUARDS[engine.dialect.name])
    assert names
    assert names == set(re.findall(r"CREATE TRIGGER (\w+)", said))


def test_a_database_is_current_only_after_the_last_version(engine: Engine) -> None:
    assert not is_current(engine)
    migrate(engine)
    assert is_current(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    assert not is_current(engine)


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    before = facts(engine)
    migrate(engine)
    assert facts(engine) == before


def test_huey_tables_are_none_of_our_business(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE huey_task (id INTEGER PRIMARY KEY)"))
    migrate(engine)
    assert "huey_task" in facts(engine)


def _migrate_when_told(url: str, gate: Any) -> None:
    gate.wait(timeout=60)
    migrate_at(url)


def test_processes_that_start_at_once_migrate_once(blank_database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(4)
    arguments = (blank_database_url, gate)
    processes = [spawn.Process(target=_migrate_when_told, args=arguments) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    engine = make_engine(blank_database_url)
    assert is_current(engine)
    engine.dispose()


def test_a_failed_version_leaves_the_schema_as_it_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ScriptDirectory.from_config

    def with_fault(config: Config) -> ScriptDirectory:
        directory = real(config)
        version: Any = directory.get_revision("0001")
        whole = version.module.upgrade

        def breaks_off() -> None:
            whole()
            raise InterruptedError

        version.module.upgrade = breaks_off
        return directory

    monkeypatch.setattr(ScriptDirectory, "from_config", with_fault)
    with pytest.raises(InterruptedError):
        migrate(engine)
    monkeypatch.undo()
    assert facts(engine) == {}
    migrate(engine)
    assert is_current(engine)


@ONLY_SQLITE
def test_foreign_keys_are_on_again_after_a_migration(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


@ONLY_SQLITE
def test_a_migration_that_breaks_a_foreign_key_is_refused(engine: Engine) -> None:
    migrate(engine)
    bare = create_engine(engine.url)  # without the foreign-key switch of make_engine
    with bare.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO role (id, person_id, place_id, kind) VALUES (1, 7, 7, 'party_member')"
            )
        )
    bare.dispose()
    with pytest.raises(RuntimeError, match="foreign keys"):
        migrate(engine)
