"""Flashed boxes: what is written for them, and how an app renews itself and finds back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stb_app import bundle, flashing
from tests.stb_app.tv_server import TvServer

pytestmark = pytest.mark.e2e

UP = "window.CT && CT.state && CT.state().focus"
RUNNING = "[CT_LOADER.running(), CT_LOADER.version()]"
Open = Callable[[], Page]


@pytest.fixture
def flashed(server: TvServer, page: Page) -> Open:
    """Return ``switch_on()``: a box whose flash holds today's app, from power off to its home."""
    for name, body in flashing.flash_files("").items():
        server.files[f"flash/{name}"] = body

    def switch_on() -> Page:
        page.goto("about:blank")
        page.goto(f"{server.url}/tv/flash/index.html#screen=home")
        page.wait_for_function(UP)
        page.wait_for_function("CT.update")
        return page

    return switch_on


def offer(server: TvServer, version: str, js: str, css: str = ".x{left:0}") -> None:
    """Let the server offer a version."""
    about = {"version": version, "js": f"app-{version}.js", "css": f"app-{version}.css"}
    news = {**about, "check": bundle.fnv1a(js + css)}
    server.files["version.json"] = json.dumps(news).encode()
    server.files[about["js"]] = js.encode()
    server.files[about["css"]] = css.encode()


def newer() -> str:
    return bundle.whole_script().replace(bundle.version(), "newer")


def fetch_update(page: Page) -> None:
    page.evaluate("CT.update.look()")
    page.wait_for_function("CT.update.waiting")


def test_an_update_is_tried_at_the_next_start_and_kept_once_it_has_run_well(
    server: TvServer, flashed: Open
) -> None:
    page = flashed()
    assert page.evaluate(RUNNING) == ["flashed", bundle.version()]
    offer(server, "newer", newer(), bundle.whole_style())
    fetch_update(page)
    page = flashed()
    assert page.evaluate(RUNNING) == ["next", "newer"]
    assert page.evaluate("CT.version") == "newer"
    page.evaluate("CT_LOADER.settle()")
    page = flashed()
    assert page.evaluate(RUNNING) == ["good", "newer"]


def test_an_update_that_never_runs_well_is_forgotten_after_two_starts(
    server: TvServer, flashed: Open
) -> None:
    page = flashed()
    offer(server, "newer", newer())
    fetch_update(page)
    assert [flashed().evaluate("CT_LOADER.running()") for _ in range(3)] == [
        "next",
        "next",
        "flashed",
    ]
    assert page.evaluate("CT_LOADER.wants('newer')") is False
    assert page.evaluate("CT_LOADER.wants('newest')") is True


@pytest.mark.parametrize("broken", ["window.CT = {}; throw new Error('x');", "function ("])
def test_an_update_that_cannot_start_gives_way_in_the_same_breath(
    server: TvServer, flashed: Open, broken: str
) -> None:
    page = flashed()
    offer(server, "broken", broken)
    fetch_update(page)
    page = flashed()
    assert page.evaluate(RUNNING) == ["flashed", bundle.version()]
    assert page.evaluate("CT_LOADER.wants('broken')") is False


def test_a_good_app_outlives_a_bad_update(server: TvServer, flashed: Open) -> None:
    page = flashed()
    offer(server, "newer", newer(), bundle.whole_style())
    fetch_update(page)
    flashed().evaluate("CT_LOADER.settle()")
    offer(server, "broken", "throw 1;")
    fetch_update(page)
    # What was flashed starts once in its place; the good one is there again after that.
    flashed()
    assert flashed().evaluate(RUNNING) == ["good", "newer"]


def test_what_came_spoiled_is_not_taken(server: TvServer, flashed: Open) -> None:
    page = flashed()
    offer(server, "newer", newer())
    server.files["app-newer.js"] = server.files["app-newer.js"][:-100]
    page.evaluate("CT.update.look()")
    page.wait_for_function("CT.update.waiting === false")
    assert flashed().evaluate("CT_LOADER.running()") == "flashed"


def test_a_box_without_room_goes_on_with_what_it_has(server: TvServer, flashed: Open) -> None:
    page = flashed()
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    taken = page.evaluate("CT_LOADER.offer({version: 'v', js: '', css: '', check: 0x811c9dc5})")
    assert taken is False


def test_a_box_flashed_anew_forgets_what_it_had_kept(server: TvServer, flashed: Open) -> None:
    page = flashed()
    offer(server, "newer", newer())
    fetch_update(page)
    text = server.files["flash/index.html"].decode().replace(bundle.version(), "reflashed")
    server.files["flash/index.html"] = text.encode()
    assert flashed().evaluate("CT_LOADER.running()") == "flashed"


def test_the_single_file_starts_by_itself(server: TvServer, page: Page) -> None:
    server.files["single.html"] = flashing.single_file("")
    page.goto(f"{server.url}/tv/single.html#screen=home")
    page.wait_for_function(UP)
    assert page.evaluate(RUNNING) == ["flashed", bundle.version()]


def test_the_same_source_gives_the_same_zip(tmp_path: Path) -> None:
    sizes = flashing.write_flash(tmp_path, "https://tv.example.cn")
    archive = next(tmp_path.glob("cuntai-stb-*.zip")).read_bytes()
    assert archive == flashing.zipped(flashing.flash_files("https://tv.example.cn"))
    assert sizes["zip"] == len(archive)
    with zipfile.ZipFile(BytesIO(archive)) as read:
        assert {"index.html", "app.js", "app.css"} <= set(read.namelist())
        assert b'"api": "https://tv.example.cn"' in read.read("index.html")
