"""Uploads in a test: a database of its own, part files, a Flask client and a real gunicorn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db import Base, SessionFactory, make_engine, make_session_factory
from tests.fakes import FakeClock
from tests.vod_server.uploads.up_server import Server, add_people, make_app, running_server
from vod_server.media.uploads.model import UploadLimits
from vod_server.media.uploads.store import UploadStore
from vod_server.web.tus_requests import TusParts

MAX_BYTES = 50_000_000


@pytest.fixture
def up_sessions(blank_database_url: str) -> Iterator[SessionFactory]:
    """Both kinds of database, one after the other."""
    engine = make_engine(blank_database_url)
    Base.metadata.create_all(engine)
    sessions = make_session_factory(engine)
    add_people(sessions)
    yield sessions
    engine.dispose()


@pytest.fixture
def up_lite_sessions(tmp_path: Path) -> Iterator[SessionFactory]:
    """SQLite only, for what does not depend on the database."""
    engine = make_engine(f"sqlite:///{tmp_path / 'uploads.db'}")
    Base.metadata.create_all(engine)
    sessions = make_session_factory(engine)
    add_people(sessions)
    yield sessions
    engine.dispose()


@pytest.fixture
def up_store(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


@pytest.fixture
def up_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def up_limits() -> UploadLimits:
    return UploadLimits(max_bytes=MAX_BYTES, ttl_s=3600)


@pytest.fixture
def up_completed() -> list[str]:
    """Ids handed on, in order."""
    return []


@pytest.fixture
def up_parts(
    up_lite_sessions: SessionFactory,
    up_store: UploadStore,
    up_clock: FakeClock,
    up_limits: UploadLimits,
    up_completed: list[str],
) -> TusParts:
    return TusParts(
        sessions=up_lite_sessions,
        store=up_store,
        clock=up_clock,
        limits=up_limits,
        current_owner=lambda: 1,
        on_complete=lambda _session, upload: up_completed.append(upload.id),
    )


@pytest.fixture
def up_app(up_parts: TusParts) -> Flask:
    return make_app(lambda owner: replace(up_parts, current_owner=owner))


@pytest.fixture
def up_client(up_app: Flask) -> FlaskClient:
    return up_app.test_client()


@pytest.fixture
def up_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start real gunicorn servers on a home below the test's folder; all end with the test."""
    with ExitStack() as stack:

        def start(**environ: str) -> Server:
            return stack.enter_context(running_server(tmp_path / "home", environ))

        yield start


@pytest.fixture(scope="module")
def up_shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a module that neither kill nor configure it."""
    with running_server(tmp_path_factory.mktemp("shared") / "home", {}) as server:
        yield server
