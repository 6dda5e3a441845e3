"""A flashed box at power-on: with its server gone, with nothing remembered, without any storage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from stb_app import bundle, flashing
from tests.stb_app.remote import asked, press, state
from tests.stb_app.test_tv_flashing import RUNNING, newer, offer
from tests.stb_app.tv_server import TvServer

pytestmark = pytest.mark.e2e

ROWS = "window.CT && CT.state && CT.state().screen === 'home' && CT.state().detail.rows === 5"
LIVE = "window.CT && CT.state && CT.state().screen === 'live'"
LISTED = "[...document.querySelectorAll('.line')].some(n => /CCTV-17/.test(n.textContent))"
Open = Callable[..., Page]


def says(words: str) -> str:
    return f"/{words}/.test(document.body.textContent)"


@pytest.fixture(params=["folder", "single"])
def box(request: pytest.FixtureRequest, air: TvServer, page: Page) -> Open:
    """Return ``switch_on(options)``: a box whose flash holds a folder, or one file only."""
    return _box(air, page, request.param)


@pytest.fixture
def single(air: TvServer, page: Page) -> Open:
    return _box(air, page, "single")


def _box(server: TvServer, page: Page, kind: str) -> Open:
    files = flashing.flash_files("")
    if kind == "single":
        files = {"index.html": flashing.single_file("")}
    for name, body in files.items():
        server.files[f"flash/{name}"] = body

    def switch_on(options: str = "screen=home") -> Page:
        page.goto("about:blank")
        address = f"{server.url}/tv/flash/index.html#player=native&{options}"
        page.goto(address, wait_until="commit")  # pictures may never come
        return page

    return switch_on


def lose_server(page: Page, how: str = "silent") -> None:
    """Let nothing come from the server any more: refused, or without any answer."""

    def answer(route: Route) -> None:
        if "/tv/flash/" in route.request.url:  # what the box has in its flash
            route.continue_()
        elif how == "gone":
            route.abort()

    page.route("**/*", answer)


@pytest.mark.parametrize("how", ["silent", "gone"])
def test_yesterdays_channels_and_home_show_before_any_answer(box: Open, how: str) -> None:
    page = box()
    page.wait_for_function(ROWS)
    page.wait_for_function("CT.load('channels') && CT.load('home')")
    lose_server(page, how)
    box("")
    page.wait_for_function(LIVE)
    page.wait_for_function("/CCTV-/.test(document.querySelector('.air-name').textContent)")
    press(page, "Enter")
    page.wait_for_function(LISTED)
    box()
    page.wait_for_function(ROWS)
    assert state(page)["error"] is None


def test_the_first_power_on_without_a_server_says_that_it_tries(box: Open) -> None:
    page = box("about=blank")
    lose_server(page)
    page.evaluate("localStorage.clear()")
    box("")
    page.wait_for_function(f"document.body && {says('正在打开')}")
    page.wait_for_function("CT.state().screen === 'home'")
    page.wait_for_function(says("正在打开|正在取|正在连|正在重试|连不上"))
    press(page, "ArrowDown", "Enter", "Escape")
    assert state(page)["error"] is None


def test_a_page_from_the_boxs_own_disk_needs_no_server(tmp_path: Path, page: Page) -> None:
    (tmp_path / "single.html").write_bytes(flashing.single_file("http://127.0.0.1:9"))
    page.goto(f"{(tmp_path / 'single.html').as_uri()}#player=native")
    page.wait_for_function("window.CT && CT.state().screen === 'home'")
    page.wait_for_function(says("连不上|正在重试"))
    press(page, "Enter")
    assert state(page)["error"] is None


def test_storage_that_throws_does_not_keep_a_flashed_box_from_starting(
    box: Open, page: Page
) -> None:
    page.add_init_script("""Object.defineProperty(window, 'localStorage',
      {get() { throw new Error('denied'); }});""")
    box()
    page.wait_for_function(ROWS)
    assert page.evaluate(RUNNING) == ["flashed", bundle.version()]
    press(page, "F4", "Enter")
    assert (state(page)["elder"], state(page)["error"]) == (True, None)


def test_the_single_file_fetches_what_is_seldom_opened(single: Open, air: TvServer) -> None:
    page = single()
    page.wait_for_function(ROWS)
    assert page.evaluate("CT.screens.settings") is None
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function("CT.state().screen === 'settings'")
    assert asked(air, f"/tv/{bundle.later_name('rare')}")
    style = "getComputedStyle(document.querySelector('.set-line')).borderTopWidth"
    assert page.evaluate(style) != "0px", "it brought its own style"


def test_the_folder_has_everything_inside(air: TvServer, page: Page) -> None:
    _box(air, page, "folder")()
    page.wait_for_function(ROWS)
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function("CT.state().screen === 'settings'")
    assert not asked(air, "/tv/rare-")
    assert not asked(air, "/tv/more-")


def test_the_single_file_finds_the_players_on_its_server(single: Open, air: TvServer) -> None:
    page = single()
    page.wait_for_function(ROWS)
    name = "vendor/hls.light-0.14.17.min.js"
    assert page.evaluate(f"new Promise(done => CT.loadScript('{name}', done))")
    assert asked(air, f"/tv/{name}")


def test_without_a_server_settings_say_so_and_open_once_it_is_back(single: Open) -> None:
    page = single()
    page.wait_for_function(ROWS)
    lose_server(page, "gone")
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function(says("这一页要联网才能打开"))
    assert state(page)["screen"] == "home"
    page.unroute_all()
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function("CT.state().screen === 'settings'")


def test_a_script_that_does_not_come_is_not_waited_for_long(single: Open) -> None:
    page = single()
    page.wait_for_function(ROWS)
    lose_server(page)
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function(says("正在打开"))
    page.wait_for_function(says("网络不太顺畅"))
    press(page, "ArrowRight")
    assert (state(page)["screen"], state(page)["error"]) == ("home", None)


def renew_server(server: TvServer) -> None:
    """Let the server have another version, with another name for what is seldom opened."""
    del server.files[bundle.later_name("rare")]
    offer(server, "newer", newer(), bundle.whole_style())


def test_a_box_older_than_its_server_takes_the_new_app_and_starts_it(
    single: Open, air: TvServer
) -> None:
    page = single()
    page.wait_for_function(ROWS)
    renew_server(air)
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function("window.CT && CT.version === 'newer' && CT.state().focus")
    assert page.evaluate(RUNNING) == ["next", "newer"]
    lose_server(page)  # all is inside now
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function("CT.state().screen === 'settings'")


def test_an_older_box_without_room_says_what_is_the_matter(single: Open, air: TvServer) -> None:
    page = single()
    page.wait_for_function(ROWS)
    renew_server(air)
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    page.evaluate("CT.nav.open('settings')")
    page.wait_for_function(says("这一页要等机顶盒更新以后才能打开"))
    assert page.evaluate(RUNNING) == ["flashed", bundle.version()]


def test_the_page_says_where_it_asks() -> None:
    page = flashing.single_file("https://tv.example.cn").decode()
    assert json.dumps({"api": "https://tv.example.cn"}) in page
    assert bundle.later_name("rare") in page
    assert "{{" not in page
