"""Digits: the number of a channel on live and in its lists, a place in every other list.

Browsing, series, notices and the reader have theirs in their own tests.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, detail, load_rare, pair, press, state
from tests.stb_app.tv_box import BoxDesk
from tests.stb_app.tv_server import TvServer


def digits(page: Page) -> list[str]:
    """Return what stands in the box of digits: the number, and what it names."""
    return str(page.locator(".digits:not(.off)").inner_text()).split("\n")


def at(page: Page) -> int:
    index: int = state(page)["focus"]["index"]
    return index


def test_in_the_channel_list_they_name_a_channel(live: OpenTv) -> None:
    page = live("player=hlsjs")
    page.evaluate("new Promise(CT.more)")
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.list")
    press(page, "3", "1")
    assert digits(page) == ["31", "省卫视"]
    press(page, "Enter")
    assert (detail(page)["list"], detail(page)["number"]) == (False, 31)


def test_in_the_guide_they_lead_to_a_channels_row(live: OpenTv) -> None:
    page = live("player=hlsjs")
    page.evaluate("new Promise(CT.more)")
    page.evaluate("CT.nav.guide()")
    page.wait_for_function("CT.state().screen === 'guide'")
    press(page, "5", "1")
    assert digits(page) == ["51", "青禾县新闻综合"]
    press(page, "Enter")
    assert detail(page)["row"] == 3
    press(page, "8", "Enter")
    assert digits(page) == ["8", "没有这个频道"]
    assert detail(page)["row"] == 3


def test_among_the_settings_they_name_a_line(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    load_rare(page)
    page.evaluate("CT.nav.open('settings')")
    press(page, "3")
    assert digits(page) == ["3", "语言"]
    press(page, "Enter")
    assert at(page) == 2
    assert page.evaluate("CT.language()") == "zh", "OK took the place, it changed nothing"
    press(page, "9", "9", "Enter")
    assert digits(page) == ["99", "没有第 99 个"]
    assert at(page) == 2
    press(page, "4", "Escape")
    assert state(page)["screen"] == "settings", "Back takes the number away first"
    assert page.locator(".digits:not(.off)").count() == 0
    press(page, "F4", "1", "Enter")  # the other size of letters: the digits go on
    assert at(page) == 0


@pytest.mark.parametrize("name", ["history", "favourites"])
def test_in_mine_they_name_a_card(tv: OpenTv, server: TvServer, name: str) -> None:
    server.county.library.favourites = [("title", 9), ("title", 10), ("title", 12)]
    page = tv(pair(server))
    page.evaluate(f"CT.nav.open('{name}', {{tab: 'favourites'}})")
    page.wait_for_function("CT.state().detail.tab === 'favourites' && CT.state().detail.count > 2")
    press(page, "3", "Enter")
    assert state(page)["focus"]["row"] == 1
    assert state(page)["focus"]["label"] == server.county.titles[12]["title"]


def test_the_key_for_the_former_channel(live: OpenTv) -> None:
    page = live("player=hlsjs")
    page.evaluate("CT.keys.correct({last: [10190]})")
    press(page, "ArrowUp")
    page.wait_for_function("CT.state().detail.number === 17")
    for number in (1, 17):
        page.evaluate("CT.nav.key(CT.keys.decode(null, {keyCode: 10190}), 0)")
        page.wait_for_function(f"CT.state().detail.number === {number}")
