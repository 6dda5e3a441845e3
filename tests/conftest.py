"""The test base: a house on a fresh database, on SQLite and on PostgreSQL alike.

Every test that asks for `database_url`, or for anything made of it (`house`, `sessions`,
`session`), runs once on each kind. `CUNTAI_TEST_DATABASES=sqlite` limits a run to one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from bench.browser import CHROMIUM
from bench.browser import chromium as running_chromium
from core.db import SessionFactory
from core.settings import RESERVED, Settings
from tests import databases, postgres
from tests.fakes import FakeClock
from vod_server.bootstrap import House, open_house

# A shared machine stalls now and then; that says nothing about the code.
hypothesis.settings.register_profile("cuntai", deadline=None, print_blob=True)
hypothesis.settings.load_profile("cuntai")
expect.set_options(timeout=20_000)

CHECKOUT = Path(__file__).resolve().parent.parent


#: Tests that wait for programs not ours: a browser, ffmpeg, a player, a server.
REAL_TIME = ("e2e", "media", "nginx", "players")
#: A shared machine may stall for seconds. What fails is tried again, and the summary says so (`R`):
#: a fault of ours fails every time.
TRIES_AGAIN = 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that live in real time be tried again."""
    for item in items:
        in_browser = "chromium" in getattr(item, "fixturenames", ())
        if in_browser or any(item.get_closest_marker(mark) for mark in REAL_TIME):
            item.add_marker(pytest.mark.flaky(reruns=TRIES_AGAIN, reruns_delay=1))


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_shell() -> Iterator[None]:
    """Keep `CUNTAI_*` and `PORT` of the developer's shell out of the tests."""
    with pytest.MonkeyPatch.context() as environ:
        for name in list(os.environ):
            if name == "PORT" or (name.startswith("CUNTAI_") and name not in RESERVED):
                environ.delenv(name)
        yield


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Return the project's shared folder (media, guide data) beside the checkout."""
    folder = Path(os.environ.get("CUNTAI_SHARED", CHECKOUT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared folder at {folder} (set CUNTAI_SHARED)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the run's one Chromium (a second Playwright in one process cannot start)."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    return databases.make_sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """Return this worker's PostgreSQL, or skip with the reason there is none."""
    reason = postgres.why_not()
    if reason is not None:
        pytest.skip(reason)
    with postgres.running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: postgres.Cluster) -> str:
    """Return the name of a migrated PostgreSQL database to copy."""
    databases.migrate_at(postgres_cluster.create("cuntai_template"))
    return "cuntai_template"


@pytest.fixture(params=databases.chosen_kinds(os.environ))
def database_kind(request: pytest.FixtureRequest) -> str:
    """Return `sqlite`, then `postgresql`.

    A test of one kind alone says `@pytest.mark.parametrize("database_kind", ["sqlite"],
    indirect=True)`.
    """
    kind = str(request.param)
    if kind not in databases.chosen_kinds(os.environ):
        pytest.skip(f"this run is not for {kind} ({databases.CHOICE})")
    return kind


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Return the address of a database of this test's own, migrated and empty of rows."""
    if database_kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield databases.copy_sqlite(template, tmp_path / "var" / "cuntai.db")
        return
    cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
    name: str = request.getfixturevalue("postgres_template")
    with databases.postgres_database(cluster, name) as url:
        yield url


@pytest.fixture
def blank_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Return the address of a database without any table."""
    if database_kind == "sqlite":
        yield databases.sqlite_url(tmp_path / "blank.db")
        return
    with databases.postgres_database(request.getfixturevalue("postgres_cluster")) as url:
        yield url


@pytest.fixture
def settings_overrides() -> dict[str, Any]:
    """Return settings that differ from the test house's; a test module may override this."""
    return {}


@pytest.fixture
def settings(tmp_path: Path, database_url: str, settings_overrides: dict[str, Any]) -> Settings:
    """Return the settings of the test's own house, below its temporary folder."""
    values = {"home": tmp_path / "var", "database_url": database_url, "disk_reserve_bytes": 0}
    return Settings.model_validate({**values, **settings_overrides})


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands at `tests.fakes.START` until it is moved."""
    return FakeClock()


@pytest.fixture
def house(settings: Settings, clock: FakeClock) -> Iterator[House]:
    """Return an installation: temporary home, migrated database, standing clock."""
    with closing_house(open_house(settings, clock=clock, create_secret=True)) as house:
        yield house


@contextmanager
def closing_house(house: House) -> Iterator[House]:
    """Close what a house has opened, at the end."""
    try:
        yield house
    finally:
        if "waker" in vars(house):
            house.waker.queue.storage.close()
        house.engine.dispose()


@pytest.fixture
def sessions(house: House) -> SessionFactory:
    """Return the house's maker of sessions."""
    return house.sessions


@pytest.fixture
def session(sessions: SessionFactory) -> Iterator[Session]:
    """Return an open unit of work.

    On SQLite it holds the one write lock from its first statement on: commit before another
    session, thread or process shall write.
    """
    with sessions() as session:
        yield session
        session.rollback()


@pytest.fixture
def child_environ(settings: Settings) -> dict[str, str]:
    """Return the environment for a child process that shall live in the test's house."""
    mine = {
        f"CUNTAI_{name.upper()}": str(getattr(settings, name)) for name in settings.model_fields_set
    }
    return {**os.environ, **mine, "PYTHONPATH": str(CHECKOUT)}
