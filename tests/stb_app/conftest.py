"""A real Chromium and a small county server for the TV app's tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.stb_app import tv_live, tv_pictures
from tests.stb_app.remote import wait_playing
from tests.stb_app.tv_server import TvServer


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    tv_pictures.make_film(folder)
    return folder


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    tv_live.make_clip(folder)
    return folder


@pytest.fixture
def server(film: Path) -> Iterator[TvServer]:
    with TvServer(film) as running:
        yield running


@pytest.fixture
def air(server: TvServer, clip: Path) -> TvServer:
    """The county with five channels on air, each with a guide of two weeks."""
    server.county.live = tv_live.Air(clip)
    return server


@pytest.fixture
def live(air: TvServer, page: Page) -> Callable[[str], Page]:
    """Return ``open_live(options)``: the app booted as a box does, once its picture moves."""

    def open_live(options: str = "player=hlsjs") -> Page:
        page.goto("about:blank")
        page.goto(f"{air.url}/tv/#{options}")
        wait_playing(page)
        return page

    return open_live


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A television of 1280 x 720 with nothing remembered."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(15000)
    yield context.new_page()
    context.close()


@pytest.fixture
def tv(server: TvServer, page: Page) -> Callable[[str], Page]:
    """Return ``open_tv(options)``: the app's home, with ``#options``, once it shows its rows."""

    def open_tv(options: str = "") -> Page:
        page.goto("about:blank")
        page.goto(f"{server.url}/tv/#screen=home&{options}")
        page.wait_for_function("window.CT && CT.state().focus && CT.state().focus.row > 0")
        page.wait_for_function("CT.state().detail.rows > 0")
        return page

    return open_tv
