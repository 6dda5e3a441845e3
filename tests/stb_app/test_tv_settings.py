"""Settings, what the box tells of itself, pairing and the tour, with remote keys only."""

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, asked, detail, load_rare, press, state
from tests.stb_app.tv_box import PAIRED, BoxDesk
from tests.stb_app.tv_server import TvServer

TOUR_KEYS = ("ArrowUp", "Enter", "ArrowLeft", "Escape", "Home", "F4")


def go(page: Page, name: str) -> None:
    load_rare(page)
    page.evaluate(f"CT.nav.open('{name}')")


def line(page: Page, name: str) -> None:
    """Walk down to a line of the settings."""
    for _ in range(12):
        if state(page)["focus"]["label"] == name:
            return
        press(page, "ArrowDown")
    pytest.fail(f"no line {name}")


def test_each_line_shows_and_changes_its_value(tv: OpenTv, page: Page) -> None:
    BoxDesk(page, PAIRED)
    tv("")
    page.evaluate("CT.box.place = '柳河镇 · 前柳村'")
    go(page, "settings")
    before = detail(page)["values"]
    assert before == {
        "文字大小": "标准", "开机画面": "看电视", "语言": "中文", "字幕": "开", "字幕大小": "标准",
        "遥控器按键测试": "没有改动", "遥控器教学": "一分钟", "绑定机顶盒": "柳河镇 · 前柳村",
        "本机信息": "", "恢复默认": "",
    }  # fmt: skip
    changes = {"文字大小": "大字", "开机画面": "首页", "字幕": "关", "字幕大小": "大"}
    for name, value in changes.items():
        line(page, name)
        press(page, "ArrowRight")
        assert detail(page)["values"][name] == value
        shown = page.locator(".set-line.focus .set-value").text_content()
        assert shown == value, "the screen says what the state says"
    kept = page.evaluate("['elder', 'caption', 'captionSize', 'boot'].map(CT.load)")
    assert kept == [True, "off", "big", "home"]
    press(page, "ArrowLeft")
    assert detail(page)["values"]["字幕大小"] == "标准"


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("遥控器按键测试", "keytest"),
        ("遥控器教学", "tour"),
        ("绑定机顶盒", "pairing"),
        ("本机信息", "about"),
    ],
)
def test_lines_lead_on_and_back(tv: OpenTv, page: Page, name: str, screen: str) -> None:
    BoxDesk(page)
    tv("")
    go(page, "settings")
    line(page, name)
    press(page, "Enter")
    assert state(page)["screen"] == screen
    press(page, "Escape")
    assert state(page)["focus"]["label"] == name
    press(page, "Escape")
    assert state(page)["screen"] == "home"


def test_reset_asks_first_and_can_be_taken_back(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    page.evaluate("CT.save('boot', 'home'); CT.save('keys', {up: [19]}); CT.nav.toggleElder()")
    page.evaluate("CT.save('caption', 'off'); CT.save('captionSize', 'huge')")
    go(page, "settings")
    line(page, "恢复默认")
    press(page, "Enter")
    assert state(page)["focus"]["label"] == "不恢复"
    press(page, "Escape")
    assert page.evaluate("CT.load('boot')") == "home"
    press(page, "Enter", "ArrowRight", "Enter")
    assert page.evaluate("['boot', 'keys', 'lang', 'caption'].map(CT.load)") == [None] * 4
    assert detail(page)["values"]["字幕大小"] == "标准"
    assert state(page)["elder"] is False
    assert page.evaluate("CT.keys.decode(null, {keyCode: 19})") == []
    press(page, "Enter")  # OK takes the offer up
    assert page.evaluate("['boot', 'keys'].map(CT.load)") == ["home", {"up": [19]}]
    assert page.evaluate("['caption', 'captionSize'].map(CT.load)") == ["off", "huge"]
    assert state(page)["elder"] is True
    assert page.evaluate("CT.keys.decode(null, {keyCode: 19})") == ["up"]


def test_about_tells_the_box_and_measures_the_network(tv: OpenTv, page: Page) -> None:
    desk = BoxDesk(page, PAIRED)
    tv("")
    page.evaluate("CT.askBox()")
    page.wait_for_function("CT.box.id === 12")
    go(page, "about")
    facts = dict(detail(page)["facts"])
    assert facts["机顶盒编号"] == "12  ·  李大爷家"
    assert facts["地点"] == "柳河镇 · 前柳村"
    assert facts["版本"] == page.evaluate("CT.version")
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.ms > 0")
    assert "毫秒" in str(page.locator(".about-result").text_content())
    desk.refuses = 503
    press(page, "Enter")
    page.wait_for_function("!CT.state().detail.testing")
    assert "毫秒" in str(page.locator(".about-result").text_content()), "an answer is an answer"


def test_pairing_shows_a_code_and_takes_the_token(live: OpenTv, air: TvServer, page: Page) -> None:
    desk = BoxDesk(page)
    live("player=hlsjs")
    go(page, "pairing")
    page.wait_for_function("CT.state().detail.stage === 'waiting'")
    assert page.locator(".pair-code").text_content() == "482 913"
    picture = page.locator(".pair-qr").evaluate("node => node.style.backgroundImage")
    assert "/api/v1/pairing/482913/qr.png" in picture
    assert str(page.locator(".pair-clock").text_content()).startswith(("还有 15:00", "还有 14:"))
    before = len(asked(air, "/channels"))
    desk.box = PAIRED
    desk.pairing = {"state": "paired", "token": "fresh", "place": "柳河镇 · 前柳村"}
    page.wait_for_function("CT.state().detail.stage === 'paired'")
    assert page.locator(".empty-heading").text_content() == "已绑定：柳河镇 · 前柳村"
    page.wait_for_function("CT.box.id === 12")
    page.wait_for_function("Object.keys(localStorage).some(k => /^ct.token@/.test(k))")
    press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'live'")
    assert len(asked(air, "/channels")) > before
    with_token = [path for _, path, token in air.county.log if token == "Bearer fresh"]
    assert any("/channels" in path for path in with_token)
    go(page, "pairing")
    assert detail(page)["stage"] == "bound"
    assert state(page)["focus"]["label"] == "返回"
    press(page, "ArrowRight", "Enter")
    page.wait_for_function("CT.state().detail.stage === 'waiting'")


def test_a_code_that_ran_out_gives_way_to_another(tv: OpenTv, page: Page) -> None:
    desk = BoxDesk(page)
    desk.expires_s = 2
    tv("")
    go(page, "pairing")
    page.wait_for_function("CT.state().detail.stage === 'expired'")
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.code === '482914'")
    desk.expires_s = 900
    desk.pairing = 404
    page.wait_for_function("CT.state().detail.stage === 'expired'")


def test_pairing_without_a_server_says_so_and_tries_again(tv: OpenTv, page: Page) -> None:
    desk = BoxDesk(page)
    desk.refuses = 500
    tv("")
    go(page, "pairing")
    page.wait_for_function("CT.state().detail.stage === 'trouble'")
    desk.refuses = 0
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.stage === 'waiting'")


def test_the_tour_waits_for_each_key_and_answers_wrong_ones_kindly(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    go(page, "tour")
    assert detail(page)["steps"] == len(TOUR_KEYS)
    for n, key in enumerate(TOUR_KEYS):
        page.wait_for_function(f"CT.state().detail.step === {n} && CT.state().detail.says === ''")
        press(page, "7")
        assert "不要紧" in detail(page)["says"]
        press(page, key)
        assert detail(page)["step"] == n + 1
        assert "不要紧" not in detail(page)["says"]
    page.wait_for_function("CT.state().detail.done")
    assert state(page)["elder"] is True, "the blue key has shown what it does"
    press(page, "ArrowRight", "Enter")
    assert detail(page)["step"] == 0
    press(page, "Escape")
    assert state(page)["screen"] == "home"


def test_a_remote_without_a_home_key_is_not_asked_for_it(tv: OpenTv, page: Page) -> None:
    tv("keys=hbbtv")
    go(page, "tour")
    assert detail(page)["steps"] == len(TOUR_KEYS) - 1


def offers(page: Page) -> int:
    """Return how often the tour has been offered on this box, some minutes after the start."""
    before = page.evaluate("CT.load('tour') || 0")
    for _ in range(12):
        page.clock.run_for(5_000)
        page.wait_for_timeout(100)
        if page.evaluate("CT.load('tour') || 0") > before:
            assert "第一次使用" in str(page.locator(".note").text_content())
            break
    return int(page.evaluate("CT.load('tour') || 0"))


def test_the_tour_is_offered_twice_and_taken_up_by_ok(live: OpenTv, page: Page) -> None:
    page.clock.install()
    for told in (1, 2, 2):
        live("player=hlsjs")
        page.wait_for_function("!!CT.keys.strange")
        assert offers(page) == told
    page.evaluate("CT.save('tour', 0)")
    live("player=hlsjs")
    page.wait_for_function("!!CT.keys.strange")
    assert offers(page) == 1
    press(page, "Enter")
    assert state(page)["screen"] == "tour"
    assert page.evaluate("CT.load('tour')") == 2


def test_the_tour_is_not_offered_to_who_presses_keys(live: OpenTv, page: Page) -> None:
    page.clock.install()
    live("player=hlsjs")
    page.wait_for_function("!!CT.keys.strange")
    press(page, "i")
    assert offers(page) == 0
