"""The guide grid, past programmes and reminders, with remote keys only."""

import time

from playwright.sync_api import Page

from tests.stb_app.remote import (
    OpenTv,
    asked,
    current,
    detail,
    open_guide,
    press,
    state,
    wait_channel,
    wait_playing,
    walk,
)
from tests.stb_app.test_tv_focus import SPY
from tests.stb_app.tv_live import DAY_S, PROGRAMME_S
from tests.stb_app.tv_server import TvServer

NODES = "document.getElementsByTagName('*').length"


def test_guide_opens_at_the_channel_and_the_present(live: OpenTv) -> None:
    page = live("player=hlsjs")
    press(page, "ArrowUp")
    wait_channel(page, 17)
    open_guide(page)
    shown = detail(page)
    assert shown["channel"] == 8
    assert shown["start"] <= time.time() < shown["start"] + PROGRAMME_S
    text = page.locator(".guide").inner_text()
    for words in ("今天", "正在播出", "CCTV-1 综合", "农技轮播", shown["title"]):
        assert words in text
    page.wait_for_function("document.querySelector('.guide-line').className === 'guide-line'")
    assert page.evaluate("!document.querySelector('video').paused"), "the sound goes on below"
    press(page, "Escape")
    assert state(page)["screen"] == "live"


def test_left_and_right_take_the_neighbour_up_and_down_keep_the_time(live: OpenTv) -> None:
    page = live("player=hlsjs")
    open_guide(page)
    start = detail(page)["start"]
    walk(page, "ArrowRight")
    assert detail(page)["start"] == start + PROGRAMME_S
    walk(page, "ArrowLeft")
    walk(page, "ArrowLeft")
    assert detail(page)["start"] == start - PROGRAMME_S
    at = detail(page)["t"]
    walk(page, "ArrowDown", "ArrowDown")
    shown = detail(page)
    assert (shown["t"], shown["row"], shown["start"]) == (at, 2, start - PROGRAMME_S)
    page.wait_for_function("document.activeElement.className.indexOf('focus') > 0")


def test_a_week_back_and_ahead_and_no_further(live: OpenTv) -> None:
    page = live("player=hlsjs")
    open_guide(page)
    start = detail(page)["start"]
    for key, sign in (("[", -1), ("]", 1)):
        for _ in range(7):
            press(page, key)
        page.wait_for_function(f"CT.state().detail.start === {start + sign * 7 * DAY_S}")
        press(page, key)
        page.wait_for_function("CT.state().detail.title")
        assert abs(detail(page)["t"] - start) < 8 * DAY_S
        page.keyboard.press("g")
        page.wait_for_timeout(100)
        open_guide(page)
    assert detail(page)["blocks"] <= 24


def test_past_programme_plays_from_its_start_and_back_returns(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs")
    open_guide(page)
    walk(page, "ArrowLeft")
    start = detail(page)["start"]
    press(page, "Enter")
    wait_playing(page)
    assert asked(air, f"start={start}&end={start + PROGRAMME_S}")
    assert current(page) < 10
    press(page, "i")
    words = page.locator(".times").inner_text()
    edges = [page.evaluate("s => CT.hourText(s)", at) for at in (start, start + PROGRAMME_S)]
    assert words.endswith("–".join(edges))
    assert words.startswith(edges[0] + ":0"), "the picture's own time of day"
    press(page, "ArrowRight")
    assert page.locator(".bubble").inner_text().startswith(edges[0])
    press(page, "Escape", "Escape")
    assert (state(page)["screen"], detail(page)["start"]) == ("guide", start)
    assert page.locator("video").count() == 1, "live's own, waiting"
    press(page, "Escape")
    wait_channel(page, 1)


def test_end_of_a_programme_offers_the_next_and_live(live: OpenTv) -> None:
    page = live("player=hlsjs")
    open_guide(page)
    walk(page, "ArrowLeft")
    walk(page, "ArrowLeft")
    start = detail(page)["start"]
    press(page, "Enter")
    wait_playing(page)
    page.wait_for_function("CT.state().detail.next")
    page.evaluate("() => { [...document.querySelectorAll('video')].pop().currentTime = 1799; }")
    page.wait_for_function("CT.state().detail.state === 'ended'")
    labels = page.locator(".dialog .button").all_inner_texts()
    assert labels == ["下一个节目", "重播", "回到直播"]
    press(page, "Enter")
    wait_playing(page)
    assert start < detail(page)["position_s"] + start < start + 60
    press(page, "End")
    wait_channel(page, 1)


def test_catchup_address_that_ran_out_is_asked_for_again(live: OpenTv, air: TvServer) -> None:
    assert air.county.live is not None
    page = live("player=hlsjs")
    open_guide(page)
    walk(page, "ArrowLeft")
    air.county.live.signature = 5
    press(page, "Enter")
    wait_playing(page)
    assert [path for path in asked(air, "start=") if "s=5" in path]


def test_running_programme_offers_live_and_start_over(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs")
    open_guide(page)
    press(page, "ArrowDown")
    page.wait_for_function("CT.state().detail.title")
    start = detail(page)["start"]
    press(page, "Enter")
    assert page.locator(".dialog .button").all_inner_texts() == ["看直播", "从头看", "返回"]
    press(page, "ArrowRight", "Enter")
    page.wait_for_function("CT.state().screen === 'live'")
    wait_channel(page, 17)
    assert asked(air, f"/live/8/index.m3u8?e=1&s=1&utc={start}")
    assert start <= detail(page)["at_s"] + 2 < start + 30


def test_grid_is_the_same_for_ten_channels_and_two_hundred(live: OpenTv, air: TvServer) -> None:
    assert air.county.live is not None
    counts = []
    for number in (10, 200):
        air.county.live.grow(number)
        page = live("player=hlsjs")
        page.wait_for_function(f"CT.channels.list.length === {number}")
        open_guide(page)
        for key in ("PageDown", "ArrowRight", "]", "[", "ArrowLeft"):
            walk(page, key)
        page.evaluate("CT.note('')")  # its line is made when it is first needed
        counts.append(page.evaluate(NODES))
        assert detail(page)["row"] == 6
    assert counts[0] == counts[1] <= 400


def test_guide_without_a_server_stays_usable(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs")
    page.wait_for_function("CT.screens.guide")
    air.county.faults.append(("/guide/rows", "500!"))
    press(page, "g")
    page.wait_for_function("/暂时取不到/.test(document.body.textContent)", timeout=20000)
    press(page, "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowDown", "Enter")
    assert state(page)["screen"] == "live"
    wait_channel(page, 31)
    assert state(page)["error"] is None


def test_odd_guides_break_nothing(live: OpenTv, air: TvServer, page: Page) -> None:
    """Overlaps, holes, a minute's programme, rubbish and one of twelve hours."""
    now = int(time.time()) // PROGRAMME_S * PROGRAMME_S
    made = [(now, now + 60), (now + 30, now + 120), (now + 900, now + 900), (now - 43200, now),
            (now + 3600, now + 4 * 3600)]  # fmt: skip
    items = [
        {"id": str(n), "title": f"节目{n}", "start": a, "stop": b} for n, (a, b) in enumerate(made)
    ]
    rows = {"rows": [{"channel": 7, "items": [*items, None, {"start": "x"}]}, {"channel": "?"}, 3]}
    page.route("**/guide/rows*", lambda route: route.fulfill(json=rows))
    live("player=hlsjs")
    page.wait_for_function("CT.screens.guide")
    press(page, "g")
    seen = set()
    for key in ["ArrowLeft"] * 4 + ["ArrowRight"] * 12 + ["ArrowDown"] * 4 + ["ArrowLeft"] * 3:
        press(page, key)
        seen.add(detail(page)["title"])
        assert page.locator(".guide-cell.focus").count() == 1
    assert {"节目0", "节目3", "节目4", None} <= seen
    assert state(page)["error"] is None


def test_nothing_reads_layout_in_list_and_guide(live: OpenTv, air: TvServer) -> None:
    assert air.county.live is not None
    air.county.live.grow(60)
    page = live("player=hlsjs")
    page.wait_for_function("CT.screens.guide")
    page.evaluate(SPY)
    press(page, "Escape", "Enter", *["ArrowDown"] * 9, "ArrowRight", "Escape")
    open_guide(page)
    press(page, *["ArrowDown"] * 7, *["ArrowRight"] * 6, "PageDown", "[", "ArrowLeft", "Escape")
    assert page.evaluate("window.reads") == []
