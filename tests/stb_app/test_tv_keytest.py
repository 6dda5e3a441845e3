"""The key test page: teaching a box its remote, and never locking anybody out."""

from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, detail, load_rare, press
from tests.stb_app.tv_box import PAIRED, BoxDesk
from tests.stb_app.tv_remotes import SEND, send
from tests.stb_app.tv_server import TvServer

GAP_MS = 500  # repeats within 450 ms of an answer are not the next one
#: The keys of the desktop profile that the test asks for, in its order; Up and OK come as others.
ANSWERS = (201, 40, 37, 39, 202, 27, 33, 34, 49, 36, 71, 115)


def begin(page: Page) -> None:
    load_rare(page)
    page.evaluate("CT.nav.open('keytest')")
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.stage === 'asking'")


def answer(page: Page, *codes: int) -> None:
    for code in codes:
        page.wait_for_timeout(GAP_MS)
        send(page, "keydown", code)
        send(page, "keyup", code)


def words(page: Page) -> str:
    return str(page.locator(".key-said").text_content())


def finish(page: Page) -> None:
    """Answer all twelve questions and press 保存."""
    begin(page)
    answer(page, *ANSWERS)
    page.wait_for_function("CT.state().detail.stage === 'summary'")
    assert detail(page)["keys"] == {"up": [201], "ok": [202]}
    answer(page, 202)  # the new keys hold already
    page.wait_for_function("CT.state().detail.stage === 'confirm'")


def test_keys_are_learnt_confirmed_and_told_to_the_server(tv: OpenTv, page: Page) -> None:
    desk = BoxDesk(page, PAIRED)
    tv("token=secret")
    finish(page)
    answer(page, 13)
    assert detail(page)["stage"] == "confirm", "the former OK key proves nothing"
    answer(page, 202)
    page.wait_for_function("CT.state().detail.stage === 'saved'")
    page.wait_for_function("/已经报告给县里/.test(document.querySelector('.key-said').textContent)")
    [sent] = desk.asked("PUT", "/box/keys")
    assert sent["profile"] == "desktop"
    assert sent["keys"] == {"up": [201], "ok": [202]}
    assert sent["model"].startswith("Chrome ")
    page.reload()
    page.wait_for_function("window.CT && CT.keys")
    meant = "[201, 202, 13].map(code => CT.keys.decode(null, {keyCode: code})[0])"
    assert page.evaluate(meant) == ["up", "ok", "ok"]


def test_keys_that_nobody_confirms_go_back(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    page.clock.install()
    finish_clocked(page)
    page.clock.run_for(16_000)
    assert detail(page)["stage"] == "intro"
    assert page.evaluate("[CT.load('keys'), CT.keys.decode(null, {keyCode: 202})]") == [None, []]
    assert "没有确认" in str(page.locator(".note").text_content())


def finish_clocked(page: Page) -> None:
    """As `finish`, where time stands still unless it is told to go on."""
    load_rare(page)
    page.evaluate("CT.nav.open('keytest')")
    page.evaluate("CT.nav.key(['ok'], 0)")
    for code in (*ANSWERS, 202):
        page.clock.run_for(GAP_MS)
        page.evaluate(SEND, {"type": "keydown", "code": code})
        page.evaluate(SEND, {"type": "keyup", "code": code})
    assert detail(page)["stage"] == "confirm"


def test_an_unpaired_box_keeps_its_keys_to_itself(tv: OpenTv, page: Page) -> None:
    desk = BoxDesk(page)
    tv("")
    finish(page)
    answer(page, 202)
    page.wait_for_function("CT.state().detail.stage === 'saved'")
    assert "只保存在这台机顶盒上" in words(page)
    assert desk.asked("PUT", "/box/keys") == []
    assert page.evaluate("CT.load('keys')") == {"up": [201], "ok": [202]}


def test_what_was_pressed_is_shown_and_conflicts_are_explained(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    begin(page)
    answer(page, 38)
    assert words(page) == "编号 38：【上】，没有问题"
    answer(page, 38)
    assert "编号 38：这个键刚才当作【上】了。请按【下】键" in words(page)
    answer(page, 115)
    assert words(page) == "编号 115：原来当作【蓝色】，现在改成【下】"
    assert page.locator(".key-progress").text_content() == "3/12"
    answer(page, 300)
    assert words(page) == "编号 300：学会了，这是【左】"
    answer(page, 27)
    assert "再按一次就退出" in words(page)
    answer(page, 27)
    page.wait_for_function("CT.state().screen === 'home'")
    assert page.evaluate("[CT.load('keys'), CT.keys.tap]") == [None, None]


def test_keys_a_remote_has_not_are_skipped(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    page.clock.install()
    load_rare(page)
    page.evaluate("CT.nav.open('keytest'); CT.nav.key(['ok'], 0)")
    page.clock.run_for(20_500)
    assert detail(page)["skipped"] == ["up"]
    assert words(page) == "这个键没有，跳过"
    page.clock.run_for(41_000)
    assert page.evaluate("CT.state().screen") == "home", "nobody is there"


def test_an_unknown_key_pressed_again_and_again_opens_the_test(live: OpenTv, page: Page) -> None:
    live("player=hlsjs")
    load_rare(page)
    for code in (231, 231):
        assert send(page, "keydown", code) is False
        send(page, "keyup", code)
        page.wait_for_timeout(300)
    assert "再按一次同一个键" in str(page.locator(".note").text_content())
    send(page, "keydown", 231)
    page.wait_for_function("CT.state().detail.stage === 'asking'")


def test_different_unknown_keys_do_not(live: OpenTv, page: Page) -> None:
    live("player=hlsjs")
    load_rare(page)
    for code in (231, 232, 233, 231):
        send(page, "keydown", code)
        page.wait_for_timeout(300)
    assert page.evaluate("CT.state().screen") == "live"


def test_the_test_can_be_asked_for_in_the_address(air: TvServer, page: Page) -> None:
    page.goto(f"{air.url}/tv/#player=hlsjs&screen=keytest")
    page.wait_for_function("CT.state().screen === 'keytest'")
    press(page, "Escape")
    page.wait_for_function("CT.state().screen === 'live'")
