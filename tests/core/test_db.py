"""Engine, sessions and types behave alike on both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from core import db
from core.db import (
    SessionFactory,
    expect_one_row,
    make_engine,
    make_session_factory,
    read_scope,
    session_scope,
)
from core.errors import ConflictError
from core.jobs.service import enqueue
from core.jobs.tables import Job
from county.tables import Place
from tests.fakes import START
from vod_server.bootstrap import House
from vod_server.migrations.schema import metadata

ONLY_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.fixture
def engine(house: House) -> Engine:
    return house.engine


@pytest.fixture
def other(database_url: str) -> Iterator[SessionFactory]:
    """Return sessions of an engine of its own, as another process has it."""
    engine = make_engine(database_url)
    yield make_session_factory(engine)
    engine.dispose()


def jobs(session: Session) -> list[str]:
    return list(session.scalars(select(Job.kind).order_by(Job.id)))


def test_every_constraint_of_the_metadata_is_named() -> None:
    for table in metadata().tables.values():
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint!r}"
        assert all(index.name for index in table.indexes)


def test_an_instant_comes_back_in_utc_whatever_zone_it_came_in(sessions: SessionFactory) -> None:
    shanghai = timezone(timedelta(hours=8))
    with session_scope(sessions) as session:
        job = enqueue(session, "a", "s", now=datetime(2026, 5, 1, 0, 30, 1, 250, tzinfo=shanghai))
    with read_scope(sessions) as session:
        found = session.get_one(Job, job.id).created_at
    assert found == datetime(2026, 4, 30, 16, 30, 1, 250, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_instants_are_compared_as_instants(session: Session) -> None:
    enqueue(session, "a", "s", now=START)
    later = (START + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=-9)))
    assert len(session.scalars(select(Job).where(Job.created_at < later)).all()) == 1
    assert session.scalars(select(Job).where(Job.created_at > later)).all() == []


def test_a_naive_instant_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        enqueue(session, "a", "s", now=datetime(2026, 5, 1))  # noqa: DTZ001


def test_a_scope_commits_once_at_its_end(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        enqueue(session, "kept", "s", now=START)
    with read_scope(sessions) as session:
        assert jobs(session) == ["kept"]


def test_a_scope_that_raises_leaves_nothing(sessions: SessionFactory) -> None:
    def fail() -> None:
        with session_scope(sessions) as session:
            enqueue(session, "lost", "s", now=START)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with read_scope(sessions) as session:
        assert jobs(session) == []


def test_what_is_written_in_a_read_scope_is_not_kept(sessions: SessionFactory) -> None:
    with read_scope(sessions) as session:
        enqueue(session, "lost", "s", now=START)
    with read_scope(sessions) as session:
        assert jobs(session) == []


def test_foreign_keys_hold(session: Session) -> None:
    orphan = Place(parent_id=99, kind="town", code="x", name="x", path="x/")
    session.add(orphan)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_checks_hold(session: Session) -> None:
    job = enqueue(session, "a", "s", now=START)
    job.state = "lost"
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


@ONLY_SQLITE
def test_sqlite_is_set_up_for_many_readers_and_a_patient_writer(engine: Engine) -> None:
    with engine.connect() as connection:
        said = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert said == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": db.SQLITE_BUSY_TIMEOUT_MS,
        "synchronous": 1,
    }


def test_many_that_open_a_new_sqlite_file_at_once_all_get_it(tmp_path: Path) -> None:
    for number in range(20):
        url = f"sqlite:///{tmp_path}/{number}/new.db"
        assert at_once(6, partial(make_table, url)) == []


def make_table(url: str) -> None:
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS t (id INTEGER)"))
    finally:
        engine.dispose()


def at_once(count: int, run: Callable[[], None]) -> list[Exception]:
    """Run something in so many threads at once; return what was raised."""
    gate = threading.Barrier(count)
    faults: list[Exception] = []

    def one() -> None:
        gate.wait()
        try:
            run()
        except Exception as error:  # noqa: BLE001 - told by the caller's assert
            faults.append(error)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_two_writers_wait_for_each_other(sessions: SessionFactory, other: SessionFactory) -> None:
    gate = threading.Barrier(2)

    def write(factory: SessionFactory, name: str) -> None:
        gate.wait()
        for _ in range(25):
            with session_scope(factory) as session:
                # Read, then write: what a driver's late BEGIN makes fail on SQLite.
                session.scalars(select(Job)).first()
                enqueue(session, name, "s", now=START)

    threads = [
        threading.Thread(target=write, args=(factory, name))
        for factory, name in ((sessions, "a"), (other, "b"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_scope(sessions) as session:
        assert sorted(jobs(session)) == ["a"] * 25 + ["b"] * 25


def test_a_reader_waits_for_no_writer(sessions: SessionFactory, other: SessionFactory) -> None:
    with session_scope(sessions) as writer:
        enqueue(writer, "a", "s", now=START)
        began = time.monotonic()
        with read_scope(other) as reader:
            assert jobs(reader) == []
        assert time.monotonic() - began < 2
    with read_scope(other) as reader:
        assert jobs(reader) == ["a"]


def test_a_connection_that_read_can_write_again(sessions: SessionFactory) -> None:
    # The read-only mark belongs to the scope, not to the pooled connection.
    for name in ("a", "b"):
        with read_scope(sessions) as session:
            jobs(session)
        with session_scope(sessions) as session:
            enqueue(session, name, "s", now=START)
    with read_scope(sessions) as session:
        assert jobs(session) == ["a", "b"]


@ONLY_POSTGRESQL
def test_postgresql_is_spoken_by_psycopg_whatever_the_address_says(database_url: str) -> None:
    engine = make_engine(database_url.replace("+psycopg", ""))
    assert engine.driver == "psycopg"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("count", [0, 2])
def test_a_conditional_update_that_missed_is_a_conflict(count: int) -> None:
    expect_one_row(1, "不会说。")
    with pytest.raises(ConflictError, match="被改过"):
        expect_one_row(count, "已被改过。")
