"""What the server says of the box, the first screen, and falls told at most once an hour."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, press, state, wait_playing
from tests.stb_app.tv_box import PAIRED, UNPAIRED, BoxDesk
from tests.stb_app.tv_server import TvServer

HOUR_MS = 3_600_000


def test_the_box_is_asked_for_once_the_picture_moves(live: OpenTv, page: Page) -> None:
    desk = BoxDesk(page, PAIRED)
    live("player=hlsjs")
    page.wait_for_function("!!CT.box && CT.box.id === 12")
    assert len(desk.asked("GET", "/box")) == 1
    page.evaluate("window.told = []; CT.onBox(box => told.push(box.unread)); CT.askBox()")
    page.wait_for_timeout(300)
    desk.box = {**PAIRED, "unread": 3}
    page.evaluate("CT.askBox()")
    page.wait_for_function("told.length > 0")
    assert page.evaluate("told") == [3], "only what changed is told"
    assert page.evaluate("CT.load('box').unread") == 3


@pytest.mark.parametrize(
    "reply", [{}, {"id": "x", "keys": 3, "boot": [], "unread": "many"}, {"keys": {"ok": "13"}}]
)
def test_odd_replies_do_no_harm(tv: OpenTv, page: Page, reply: dict[str, Any]) -> None:
    BoxDesk(page, reply)
    tv("")
    page.evaluate("window.done = 0; CT.onBox(() => { done += 1; }); CT.box.name = 'x'; CT.askBox()")
    page.wait_for_function("done > 0")
    assert page.evaluate("[CT.box.id, CT.box.keys, CT.box.boot, CT.box.unread]") == [
        None, None, "live", 0,
    ]  # fmt: skip
    assert state(page)["error"] is None


def test_the_models_correction_serves_a_box_that_has_none_of_its_own(
    tv: OpenTv, page: Page
) -> None:
    desk = BoxDesk(page, {**UNPAIRED, "keys": {"up": [19]}})
    tv("keys=ctc")
    meaning = "[19, 20].map(code => CT.keys.decode(null, {keyCode: code})[0] || null)"
    page.evaluate("CT.askBox()")
    page.wait_for_function("CT.box.keys !== null")
    assert page.evaluate(meaning) == ["up", None]
    page.evaluate("CT.save('keys', {up: [20]}); CT.keys.correct(CT.load('keys'))")
    desk.box = {**UNPAIRED, "keys": {"up": [19]}, "unread": 1}
    page.evaluate("CT.askBox()")
    page.wait_for_function("CT.box.unread === 1")
    assert page.evaluate(meaning) == [None, "up"]


def test_a_correction_that_would_lock_everybody_out_is_refused(tv: OpenTv, page: Page) -> None:
    tv("keys=ctc")
    safe = "keys => CT.keysAreSafe(keys)"
    assert page.evaluate(safe, {"home": [13]}) is False, "OK would be gone"
    assert page.evaluate(safe, {"home": [13], "ok": [23]}) is True
    assert page.evaluate(safe, {"back": [4]}) is True
    assert page.evaluate(safe, {"info": [8, 640, 24, 399]}) is False


def test_models_have_short_names(tv: OpenTv, page: Page) -> None:
    tv("")
    for agent, model in {
        "Mozilla/5.0 (Linux; Android 4.4.2; EC6108V9 Build/KOT49H) Chrome/30.0.0.0": "EC6108V9",
        "Mozilla/5.0 (X11; Linux mips) AppleWebKit/535.7 Chrome/16 ZTE B700": "ZTE B700",
        "Mozilla/5.0 (Linux; U; Android 4.4.2; zh-cn; B860A Build/K) AppleWebKit/533.1": "B860A",
        "Mozilla/5.0 (SMART-TV; LINUX; Tizen 5.0) AppleWebKit/537.36": "Tizen 5.0",
        "Mozilla/5.0 (Linux; Android 9; MiBOX4 Build/PI) Chrome/80.0": "MiBOX4",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari": "Chrome 120",
        "": "unknown",
    }.items():
        assert page.evaluate("ua => CT.modelOf(ua)", agent) == model
    box = "window.Authentication = {CTCGetConfig: name => name === 'STBType' ? ' HG680-J ' : ''}"
    assert page.evaluate(f"{box}; CT.model()") == "HG680-J"


def test_falls_are_counted_and_told_once_an_hour(tv: OpenTv, page: Page) -> None:
    desk = BoxDesk(page)
    tv("")
    fall = "CT.guard(function () { throw new Error('oops ' + Math.random()); })()"
    page.evaluate(f"{fall}; {fall}; window.onerror('outside')")
    page.wait_for_function("CT.load('faults').count === 3")
    page.reload()
    page.wait_for_function("!!window.CT && !!CT.askBox")
    page.evaluate("CT.askBox()")
    page.wait_for_function("CT.load('faults') === null")
    [told] = desk.asked("POST", "/box/faults")
    assert (told["count"], told["last"], told["screen"]) == (3, "outside", "home")
    assert set(told) == {"version", "model", "count", "last", "screen"}
    page.evaluate(f"{fall}; CT.askBox(); CT.askBox()")
    page.evaluate(f"const now = CT.now; CT.now = () => now() + {HOUR_MS - 60_000}; CT.askBox()")
    page.wait_for_timeout(300)
    assert len(desk.asked("POST", "/box/faults")) == 1
    page.evaluate(f"const now = CT.now; CT.now = () => now() + {HOUR_MS}; CT.askBox()")
    page.wait_for_function("CT.load('faults') === null")
    assert len(desk.asked("POST", "/box/faults")) == 2


def test_a_server_that_refuses_is_not_told_again_at_once(tv: OpenTv, page: Page) -> None:
    desk = BoxDesk(page)
    desk.refuses = 500
    tv("")
    page.evaluate("CT.crash(new Error('x')); CT.askBox(); CT.askBox(); CT.askBox()")
    page.wait_for_timeout(500)
    assert len(desk.asked("POST", "/box/faults")) == 1
    assert page.evaluate("CT.load('faults').count") == 1


def test_a_screen_that_falls_all_the_time_does_not_wear_out_the_disk(
    tv: OpenTv, page: Page
) -> None:
    tv("")
    writes = page.evaluate("""() => { let n = 0; const save = CT.save;
      CT.save = (name, value) => { n += name === 'faults'; save(name, value); };
      for (let i = 0; i < 1020; i += 1) { window.onerror('again'); } return n; }""")
    assert writes == 40
    assert page.evaluate("CT.load('faults').count") == 1020


@pytest.mark.parametrize(("own", "place", "first"), [
    (None, "live", "live"), (None, "home", "home"), ("live", "home", "live"),
    ("home", "live", "home"),
])  # fmt: skip
def test_the_first_screen_is_the_viewers_choice_else_the_places(
    live: OpenTv, page: Page, own: str | None, place: str, first: str
) -> None:
    BoxDesk(page, {**UNPAIRED, "boot": place})
    live("player=hlsjs")
    page.evaluate("([own, place]) => { CT.save('boot', own); CT.save('box', {boot: place}); }",
                  [own, place])  # fmt: skip
    assert page.evaluate("CT.bootScreen()") == first
    page.reload()
    page.wait_for_function(f"window.CT && CT.state().screen === '{first}' && !!CT.screens.home")
    assert page.evaluate("CT.nav.depth()") == (1 if first == "live" else 2), "live lies below"
    if first == "home":
        press(page, "Escape")
        wait_playing(page)


def test_the_box_shows_what_it_remembers_before_any_answer(live: OpenTv, page: Page) -> None:
    live("player=hlsjs")
    page.route(re.compile("/api/v1/"), lambda route: None)  # no answer ever comes
    page.reload()
    page.wait_for_function("window.CT && CT.state().screen === 'live'")
    page.wait_for_function("/CCTV-1/.test(document.querySelector('.air-name').textContent)")


def test_a_first_boot_says_that_it_is_opening(air: TvServer, page: Page) -> None:
    page.route(re.compile("/api/v1/"), lambda route: None)
    page.goto(f"{air.url}/tv/#player=hlsjs")
    page.wait_for_function("/正在打开/.test((document.querySelector('.note') || {}).textContent)")


def test_a_disk_that_refuses_does_not_bring_yesterday_back(tv: OpenTv, page: Page) -> None:
    tv("")
    page.evaluate("CT.save('boot', 'live'); Storage.prototype.setItem = () => { throw 1; }; 0")
    page.evaluate("CT.save('boot', 'home')")
    assert page.evaluate("[CT.load('boot'), CT.bootScreen()]") == ["home", "home"]
