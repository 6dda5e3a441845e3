"""Never dark: whatever the server does, each screen says so, answers keys and mends itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.stb_app import tv_live
from tests.stb_app.remote import current, load_rare, play, press, wait_past, wait_playing
from tests.stb_app.tv_server import TvServer
from tests.stb_app.tv_troubles import (
    FOCUS_SEEN,
    NETWORK,
    QUICK,
    WORDS,
    Troubles,
    dress_box,
    press_timed,
)

TOLD_MS = 6000  # 12 s of the app's real patience, at a quarter, doubled for a busy machine
WELL_MS = 20_000
ANSWER_MS = 1000
#: A failed request is a failed request to a screen: one kind of trouble visits all of them.
THOROUGH = "500"
BRIEF = ("home", "browse", "guide", "notices", "reader", "player")
SHOWS = "|".join(tv_live.SHOWS)
#: Nothing that was remembered fills the place of an answer.
FORGET = "['home', 'phrases', 'box'].forEach(name => CT.save(name, null)); CT.box.id = null"
#: Screen: how it is opened, what is read while the server is in trouble, and what when it is well.
MOMENTS = {
    "home": ("CT.nav.home()", "正在重试|暂时连不上", "水稻直播栽培"),
    "browse": ("CT.nav.open('browse', {})", "再试一次", "水稻直播栽培"),
    "search": ("CT.nav.open('search')", "按拼音的首字母", "大家在看"),
    "guide": ("CT.nav.guide()", "节目单暂时取不到", SHOWS),
    "notices": ("CT.nav.open('notices')", "再试一次", "下周三停水"),
    "reader": ("CT.nav.open('reader', {notice: 3, title: '通知'})", "再试一次", "上午八点"),
    "messages": ("CT.nav.open('messages')", "再试一次", "水费怎么交"),
    "ask": ("CT.nav.open('ask', {})", "再试一次", "药品什么时候到"),
    "series": ("CT.nav.open('series', {id: 1})", "再试一次", "第三讲"),
    "title": ("CT.nav.open('title', {card: {id: 9, title: '学习党章'}})", "再试一次", "王建国"),
    "history": ("CT.nav.open('history', {tab: 'history'})", "这里是本机记下的", "一氧化碳"),
    "pairing": ("CT.nav.open('pairing')", "再试一次", "482 913"),
    "player": (
        "CT.nav.open('player', {card: {id: 9, title: '学习党章'}, start_s: 0})",
        "正在重试|再试一次",
        "^(?!.*(再试|重试))",
    ),
    "settings": ("CT.nav.open('settings')", "文字大小", "文字大小"),
    "about": ("CT.nav.open('about')", "版本", "版本"),
    "tour": ("CT.nav.open('tour')", "换台", "换台"),
    "keytest": ("CT.nav.open('keytest')", "按键", "按键"),
}


@pytest.fixture
def troubles(air: TvServer) -> Troubles:
    air.county.library.history = [(17, 30.0, False)]
    return Troubles(air)


def boot(page: Page, troubles: Troubles, options: str = "token=secret") -> None:
    """Boot as a paired box and wait for a picture that moves and for all scripts."""
    page.set_viewport_size({"width": 640, "height": 360})  # less to paint
    page.goto(f"{troubles.server.url}/tv/#player=hlsjs&{options}")
    wait_playing(page)
    load_rare(page)
    page.evaluate(QUICK)


def wait_words(page: Page, words: str, limit_ms: int) -> None:
    page.wait_for_function(f"new RegExp('{words}', 's').test({WORDS})", timeout=limit_ms)


def leave(page: Page) -> None:
    """Go back to live television in five presses or fewer."""
    for _ in range(5):
        if page.evaluate("CT.nav.depth()") == 1:
            break
        press(page, "Escape")
    assert page.evaluate("CT.state().screen") == "live"


def visit(page: Page, troubles: Troubles, kind: str, name: str) -> None:
    """Open a screen while the server is in trouble; it says so, answers, and mends itself."""
    opening, in_trouble, well = MOMENTS[name]
    troubles.begin(kind)
    page.evaluate(FORGET)
    page.evaluate(opening)
    page.wait_for_function(f"CT.state().screen === '{name}'")
    assert press_timed(page, "ArrowDown") < ANSWER_MS, name
    wait_words(page, in_trouble, TOLD_MS)
    page.wait_for_function(FOCUS_SEEN)
    if name in ("home", "guide"):  # live goes on in the window, or below
        wait_past(page, current(page) + 0.4)
    troubles.end()
    wait_words(page, well, WELL_MS)
    page.wait_for_function(FOCUS_SEEN)
    if name == "player":
        wait_playing(page)
    leave(page)


@pytest.mark.parametrize("kind", NETWORK)
def test_every_screen_lives_through_a_server_in_trouble(
    page: Page, troubles: Troubles, kind: str
) -> None:
    boot(page, troubles)
    for name in MOMENTS if kind == THOROUGH else BRIEF:
        visit(page, troubles, kind, name)
    wait_playing(page)
    assert page.evaluate("CT.state().error") is None


@pytest.mark.parametrize("kind", ["gone", "slow", "500"])
def test_the_picture_goes_on_and_comes_at_boot(page: Page, troubles: Troubles, kind: str) -> None:
    boot(page, troubles)
    play(page)
    troubles.begin(kind)
    wait_past(page, current(page) + 1.5)
    assert press_timed(page, "Enter") < ANSWER_MS
    page.wait_for_function("CT.state().detail.state === 'paused'")
    press(page, "Enter")
    wait_playing(page)
    leave(page)
    press(page, "ArrowUp")
    page.wait_for_function("CT.state().detail.number === 17")
    wait_playing(page)
    assert page.evaluate("CT.state().error") is None
    page.reload()
    wait_playing(page)
    assert page.evaluate("[CT.state().screen, CT.state().detail.number]") == ["live", 17]


@pytest.mark.parametrize("kind", NETWORK)
def test_a_first_boot_without_an_answer_waits_and_goes_on(
    page: Page, troubles: Troubles, kind: str
) -> None:
    troubles.begin(kind)
    page.goto(f"{troubles.server.url}/tv/#player=hlsjs")
    page.wait_for_function("!!window.CT")
    page.evaluate(QUICK)
    page.wait_for_function(f"CT.state().screen === 'home' && /连不上/.test({WORDS})")
    page.wait_for_function(FOCUS_SEEN)
    assert press_timed(page, "ArrowDown") < ANSWER_MS
    page.evaluate("CT.touched = false")  # nobody is there
    troubles.end()
    page.wait_for_function("CT.state().screen === 'live'", timeout=WELL_MS)
    wait_playing(page)


def test_a_slow_server_is_told_of_within_twelve_seconds(page: Page, troubles: Troubles) -> None:
    boot(page, troubles)
    page.evaluate("CT.timeout_ms = undefined")
    troubles.begin("slow")
    page.evaluate(MOMENTS["notices"][0])
    wait_words(page, "再试一次", 12_000)


def test_a_box_that_was_revoked_goes_on_with_what_is_public(
    page: Page, troubles: Troubles, air: TvServer
) -> None:
    assert air.county.live is not None
    live = air.county.live
    private = {**live.channel(80, 80, "前柳村广播", "村"), "place": "前柳村"}
    troubles.private = private
    boot(page, troubles)
    press(page, "8", "0", "Enter")
    page.wait_for_function("CT.state().detail.number === 80")
    wait_playing(page)
    page.evaluate("CT.askBox()")
    page.wait_for_function("CT.box.id === 12")
    troubles.revoked = True
    page.evaluate("CT.askBox()")
    page.wait_for_function(f"/解除绑定/.test({WORDS})")
    page.wait_for_function("CT.state().detail.number === 1")
    wait_playing(page)
    page.evaluate("CT.nav.open('messages')")
    wait_words(page, "还没有绑定.*现在绑定", WELL_MS)
    page.wait_for_function(FOCUS_SEEN)
    leave(page)
    assert page.evaluate("CT.state().error") is None


def test_a_channel_that_is_taken_away_ends_with_a_word(
    page: Page, troubles: Troubles, air: TvServer
) -> None:
    assert air.county.live is not None
    boot(page, troubles, "")
    press(page, "ArrowUp")
    page.wait_for_function("CT.state().detail.number === 17")
    wait_playing(page)
    air.county.live.channels = [c for c in air.county.live.channels if c["number"] != 17]
    page.evaluate("CT.channels.load(() => {})")
    wait_words(page, "“CCTV-17 农业农村”现在看不了，换到CCTV-1 综合", WELL_MS)
    page.wait_for_function("CT.state().detail.number === 1")
    wait_playing(page)


@pytest.mark.parametrize("clock", ["a year ahead", "a year behind"])
def test_a_clock_wrong_by_a_year_tells_the_servers_time(
    page: Page, troubles: Troubles, clock: str
) -> None:
    dress_box(page, clock)
    boot(page, troubles)
    real_s = "(Date.now() - shift_ms) / 1000"
    assert page.evaluate(f"Math.abs(CT.now_s() - {real_s})") < 5
    on_air = "document.querySelector('.air-title').textContent"
    page.wait_for_function(f"/{SHOWS}/.test({on_air})")
    page.evaluate("CT.nav.guide()")
    page.wait_for_function(f"{real_s} - CT.state().detail.start < 1800")
    assert page.evaluate(f"{real_s} - CT.state().detail.start") >= 0
    leave(page)
    wait_playing(page)


def test_a_clock_that_is_set_meanwhile_loses_no_reminder(page: Page, troubles: Troubles) -> None:
    dress_box(page, "a year behind")
    boot(page, troubles, "")
    soon = int(page.evaluate("CT.now_s()")) + 3600
    page.evaluate(f"""CT.reminders.toggle({{id: 8}}, {{start: {soon}, title: '戏曲'}});
      shift_ms = 0; 0""")  # the box learned the time by itself: it is a year later at once
    assert page.evaluate("CT.now_s()") > soon
    page.wait_for_function("Math.abs(CT.now_s() - Date.now() / 1000) < 5", timeout=WELL_MS)
    page.wait_for_timeout(6000)
    assert page.evaluate("CT.load('reminders').length") == 1
