"""Live television when something fails: a dead channel, an old address, a lost server."""

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import (
    OpenTv,
    asked,
    current,
    press,
    stands_until_mended,
    state,
    wait_channel,
    wait_past,
    wait_playing,
)
from tests.stb_app.tv_server import TvServer


def test_a_dead_channel_says_so_and_the_keys_still_work(live: OpenTv, air: TvServer) -> None:
    assert air.county.live is not None
    page = live("player=hlsjs")
    page.evaluate("() => { CT.backoff = () => 100; }")
    air.county.live.dead.add(8)
    press(page, "ArrowUp")
    page.wait_for_function("/没有信号/.test(document.querySelector('.badge').textContent)")
    press(page, "ArrowUp")
    wait_channel(page, 31)
    air.county.live.dead.clear()
    press(page, "ArrowDown")
    wait_channel(page, 17)


def test_an_address_that_ran_out_is_asked_for_again(live: OpenTv, air: TvServer) -> None:
    assert air.county.live is not None
    page = live("player=hlsjs")
    air.county.live.signature = 2
    press(page, "ArrowUp")
    wait_channel(page, 17)
    assert asked(air, "/live/8/index.m3u8?e=1&s=2")


@pytest.mark.parametrize("fault", ["500!", "html!"])
def test_the_picture_goes_on_while_the_api_is_gone(live: OpenTv, air: TvServer, fault: str) -> None:
    page = live("player=hlsjs")
    air.county.faults.append(("/api/", fault))
    press(page, "ArrowUp")
    wait_channel(page, 17)
    press(page, "ArrowLeft", "ArrowLeft", "Escape", "3", "1", "Enter")
    wait_channel(page, 31)
    assert state(page)["error"] is None


def test_live_runs_on_through_a_gap_of_the_server(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs")
    page.evaluate("() => { CT.backoff = () => 300; }")
    air.county.faults.append(("^/live/", "500!"))
    before = current(page)
    wait_past(page, before + 1)
    page.wait_for_function("/正在重试/.test(document.body.textContent)", timeout=40000)
    air.county.faults.clear()
    wait_playing(page)


def test_the_last_picture_of_live_stays_until_there_is_more(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs")
    page.evaluate("() => { CT.backoff = () => 300; }")
    air.county.faults.append(("^/live/", "500!"))
    stands_until_mended(page, air, ".badge")


def test_live_works_without_its_second_half(air: TvServer, page: Page) -> None:
    page.route("**/more-*.js", lambda route: route.abort())
    page.goto(f"{air.url}/tv/#player=hlsjs")
    wait_playing(page)
    press(page, "Home", "ArrowUp", "g")
    wait_channel(page, 17)
    assert (state(page)["screen"], state(page)["error"]) == ("live", None)
    page.unroute("**/more-*.js")
    press(page, "Home")
    page.wait_for_function("CT.state().screen === 'home'", timeout=20000)


def test_channels_of_yesterday_show_while_the_server_is_gone(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs")
    air.county.faults.append(("/api/", "500!"))
    page.reload()
    wait_playing(page)
    assert state(page)["screen"] == "live"


def test_channels_that_come_late_bring_live_to_who_waits(air: TvServer, page: Page) -> None:
    air.county.faults += [("/api/v1/channels", "500")] * 2
    page.goto(f"{air.url}/tv/#player=hlsjs")
    page.wait_for_function("CT.state().screen === 'home'")
    page.wait_for_function("CT.state().screen === 'live'", timeout=20000)
    wait_playing(page)
