"""A county with something on every screen, served from here, and a television that walks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bench.tv_county import Size, make_county, served
from tests.stb_app.remote import load_rare
from tests.tv_walk.content import add_content

CRAWLER = (Path(__file__).parent / "crawler.js").read_text(encoding="utf-8")
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Return the address of the county and the token of a paired box."""
    house = make_county(tmp_path_factory.mktemp("county") / "var", Size(channels=9, titles=40))
    token = add_content(house)
    with served(house) as url:
        yield url, token
    house.engine.dispose()


@pytest.fixture
def television(chromium: Browser, walked: tuple[str, str]) -> Iterator[Open]:
    """Return ``switch_on(options, elder)``: the paired box at live, its second script there."""
    url, token = walked
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(20_000)
    page = context.new_page()

    def switch_on(options: str = "", *, elder: bool = False) -> Page:
        page.goto(f"{url}/tv/#token={token}&{options}")
        page.wait_for_function("window.CT && CT.state().screen === 'live'")
        load_rare(page)
        if elder:
            page.evaluate("CT.elder || CT.nav.toggleElder()")
        page.evaluate(CRAWLER)
        return page

    yield switch_on
    context.close()
