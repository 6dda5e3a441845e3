"""Home over live television: the window, the menu, the rows below, and the ways back to it."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, focus, press, state, wait_playing
from tests.stb_app.tv_server import TvServer

SCREEN_AREA = 1280 * 720
WATCH = """() => { window.breaks = 0; const video = document.querySelector('video');
  video.planted = true;
  ['emptied', 'pause'].forEach(n => video.addEventListener(n, () => { window.breaks += 1; })); }"""


def picture(page: Page) -> dict[str, float]:
    """Return where live's picture stands, in px."""
    box = page.locator("video").first.bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def go_home(page: Page) -> None:
    page.wait_for_function("CT.screens.home")
    press(page, "Home")
    page.wait_for_function("CT.state().screen === 'home' && CT.state().detail.rows > 0")


def unbroken(page: Page) -> bool:
    same: bool = page.evaluate("document.querySelector('video').planted === true && !window.breaks")
    return same


def test_picture_goes_on_in_the_window_without_a_break(live: OpenTv) -> None:
    page = live("player=hlsjs")
    page.evaluate(WATCH)
    go_home(page)
    assert state(page)["focus"]["label"] == "看电视"
    big = picture(page)
    assert big["width"] * big["height"] >= 0.4 * SCREEN_AREA
    press(page, "ArrowDown")
    small = picture(page)
    assert focus(page) == (1, 0)
    assert small["width"] < 300
    assert small["x"] + small["width"] <= 1216.5
    card = page.locator(".card.focus").bounding_box()
    assert card is not None
    assert small["y"] + small["height"] <= card["y"]
    press(page, "ArrowUp")
    assert picture(page) == big
    press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'live'")
    assert picture(page)["width"] == 1280
    wait_playing(page)
    assert unbroken(page)


def test_hole_shows_the_picture_and_nothing_of_live_covers_home(live: OpenTv) -> None:
    page = live("player=hlsjs")
    go_home(page)
    at = "([x, y]) => document.elementFromPoint(x, y).className"
    assert "window" in page.evaluate(at, [400, 330])
    node = "document.querySelector('.hole.big')"
    assert page.evaluate(f"getComputedStyle({node}).backgroundColor") == "rgba(0, 0, 0, 0)"
    page.wait_for_function("/CCTV-1/.test(document.querySelector('.window-name').textContent)")
    page.wait_for_function("document.querySelector('.window-now').textContent.length > 6")
    assert page.locator(".air.off").count() == 1, "live's own banner stays away"


def test_without_a_key_live_takes_the_screen_again(live: OpenTv) -> None:
    page = live("player=hlsjs")
    page.evaluate("CT.save('idle', 2)")
    go_home(page)
    for _ in range(3):
        page.wait_for_timeout(1200)
        press(page, "ArrowRight")
        assert state(page)["screen"] == "home", "every key starts the time anew"
    page.wait_for_function("CT.state().screen === 'live'")
    wait_playing(page)


def test_box_that_begins_at_home_has_live_in_its_window(air: TvServer, page: Page) -> None:
    page.goto(f"{air.url}/tv/#player=hlsjs&screen=home")
    page.wait_for_function("CT.state().screen === 'home' && CT.state().detail.window")
    page.wait_for_function("CT.state().detail.live.state === 'playing'")
    press(page, "Escape")
    assert (state(page)["screen"], state(page)["depth"]) == ("live", 1)


def test_menu_leaves_out_what_is_not_there_and_counts_what_is_new(live: OpenTv) -> None:
    page = live("player=hlsjs")
    page.wait_for_function("CT.screens.home")
    page.evaluate("""() => { delete CT.screens.notices; CT.screens.messages = () => null;
      CT.box = {unread: 3, notices: 0}; }""")
    go_home(page)
    heard = page.eval_on_selector_all(
        ".menu-item", "nodes => nodes.map(n => n.getAttribute('aria-label'))"
    )
    assert "消息 3 条新的" in heard
    assert not [words for words in heard if words.startswith("村务通知")]


def test_every_entry_of_the_menu_is_reached_and_none_is_a_dead_end(live: OpenTv) -> None:
    page = live("player=hlsjs")
    go_home(page)
    seen: set[tuple[int, int]] = set()
    leads: dict[tuple[int, int], set[tuple[int, int]]] = {}
    todo = [focus(page)]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        for key in ("up", "down", "left", "right"):
            page.evaluate("([r, i]) => CT.nav.top().board.focus(r, i)", list(here))
            page.evaluate("key => CT.nav.key([key], 0)", key)
            to = focus(page)
            leads.setdefault(here, set()).add(to)
            if to[0] == 0:
                todo.append(to)
    count = page.evaluate("CT.nav.top().board.rows[0].count")
    assert seen == {(0, i) for i in range(count)}
    assert any(to[0] == 1 for found in leads.values() for to in found)


def test_live_is_at_most_five_presses_of_back_away(live: OpenTv) -> None:
    page = live("player=hlsjs")
    go_home(page)
    page.evaluate("""async () => { CT.nav.open('browse');
      const card = await (await fetch('/api/v1/titles/23')).json();
      CT.nav.open('title', {card: card}); CT.nav.open('series', {id: 1});
      CT.nav.open('title', {card: card}); CT.nav.open('player', {card: card, start_s: 0}); }""")
    page.wait_for_function("CT.state().screen === 'player'")
    wait_playing(page)
    page.wait_for_function("CT.state().detail.state === 'playing'")
    presses = 0
    while state(page)["screen"] != "live":
        press(page, "Escape")
        presses += 1
    assert presses <= 5


def test_trouble_of_the_picture_is_said_beneath_it(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs")
    go_home(page)
    assert air.county.live is not None
    air.county.faults.append(("/live/", "500!"))
    page.evaluate("CT.nav.window().tune(CT.channels.list[1])")
    page.wait_for_function(
        "/网络不太顺畅|没有信号/.test(document.querySelector('.window-now').textContent)",
        timeout=20000,
    )
    assert state(page)["screen"] == "home"
    air.county.faults.clear()
    page.wait_for_function("CT.state().detail.live.state === 'playing'", timeout=20000)


def test_channel_kept_has_a_star_and_a_group_of_its_own(live: OpenTv) -> None:
    page = live("player=hlsjs")
    page.wait_for_function("CT.favourites")
    page.wait_for_function("!CT.state().detail.banner")
    press(page, "Escape")
    page.wait_for_function("CT.state().detail.menu")
    labels: list[str] = page.eval_on_selector_all(
        ".live-buttons .button", "nodes => nodes.map(n => n.textContent)"
    )
    press(page, *["ArrowRight"] * labels.index("收藏"), "Enter")
    assert page.evaluate("CT.favourites.has('channel', 7)")
    assert state(page)["detail"]["menu"] is False
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.list")
    assert page.locator(".line-star:not(.off)").count() == 1
    press(page, "ArrowLeft")
    assert page.locator(".list-head").inner_text().startswith("收藏")
    assert state(page)["focus"]["count"] == 1


@pytest.mark.parametrize("elder", [False, True])
def test_home_keeps_to_the_sizes_and_counts(live: OpenTv, page: Page, elder: bool) -> None:
    page.add_init_script(f"localStorage.setItem('ct.elder', '{str(elder).lower()}')")
    live("player=hlsjs")
    go_home(page)
    assert page.evaluate("document.getElementsByTagName('*').length") <= 400
    boxes: list[dict[str, Any]] = page.eval_on_selector_all(
        ".menu-item", "nodes => nodes.map(n => n.getBoundingClientRect().toJSON())"
    )
    assert min(box["height"] for box in boxes) >= 80
    assert max(box["right"] for box in boxes) <= 1216.5
    small = page.evaluate("""() => Array.from(document.querySelectorAll('.home div'))
      .filter(n => n.firstChild && n.firstChild.nodeType === 3 && n.firstChild.nodeValue)
      .map(n => [n.className, parseFloat(getComputedStyle(n).fontSize)])""")
    least = 36 if elder else 28
    assert [entry for entry in small if entry[1] < least] == []
