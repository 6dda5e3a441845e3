"""The station that all tests of players share, on air from the beginning of the run."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.players.station import Station, Use

_USE = pytest.StashKey[Use]()


def _wants_station(item: pytest.Item) -> bool:
    return "station" in getattr(item, "fixturenames", ())


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Put the station on air where a test of this run will use it: what it records takes time."""
    wanted = sum(_wants_station(item) for item in session.items)
    if not wanted or session.config.option.collectonly:
        return
    # Every worker of pytest-xdist collects the same tests; their folders lie side by side.
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    base = factory.getbasetemp()
    shared = base.parent if hasattr(session.config, "workerinput") else base
    session.config.stash[_USE] = Use(shared / "station", wanted)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Tell the station of every test that is through, with all its tries; skipped ones too."""
    try:
        return (yield)
    finally:
        use = item.config.stash.get(_USE, None)
        if use is not None and _wants_station(item):
            use.done(item.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Give the station back."""
    use = session.config.stash.get(_USE, None)
    if use is not None:
        use.close()


@pytest.fixture(scope="session")
def station(request: pytest.FixtureRequest) -> Station:
    """Return the station, once it is on air."""
    return request.config.stash[_USE].station()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder for a player's pictures, which are gone afterwards: there are many."""
    path = tmp_path / "pictures"
    path.mkdir()
    yield path
    for picture in path.iterdir():
        picture.unlink()
