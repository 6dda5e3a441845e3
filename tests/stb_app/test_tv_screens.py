"""What home and the title pages show, in both text sizes."""

import json

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, focus, pair, press, state
from tests.stb_app.tv_server import TvServer


def test_continue_watching_comes_first_newest_first(tv: OpenTv, server: TvServer) -> None:
    page = tv(pair(server))
    page.wait_for_function("CT.state().detail.rows === 6")
    assert page.locator(".row-name").nth(0).inner_text() == "继续看"
    assert state(page)["focus"]["label"] == "玉米密植高产示范田"
    assert ("GET", "/api/v1/home", "Bearer secret") in server.county.log
    assert "token" not in page.url


def test_nothing_begun_no_such_row(tv: OpenTv) -> None:
    assert "继续看" not in tv("").locator("#app").inner_text()


def test_title_page_shows_the_title_and_offers_to_play(tv: OpenTv) -> None:
    page = tv("")
    press(page, "ArrowDown", "Enter")
    page.wait_for_function("document.querySelector('.title-summary').textContent.length > 9")
    text = page.locator(".title").inner_text()
    for words in ("学习党章：入党为什么", "党课", "主讲 王建国", "必修 0.5 学时"):
        assert words in text
    assert state(page)["detail"]["buttons"].startswith("播放|收藏")


def test_begun_title_offers_to_go_on_first(tv: OpenTv, server: TvServer) -> None:
    page = tv(pair(server))
    page.wait_for_function("CT.state().detail.rows === 6")
    press(page, "Enter")
    assert state(page)["detail"]["buttons"].startswith("继续播放 00:41|从头播放|收藏")
    assert state(page)["focus"]["label"] == "继续播放 00:41"


def test_series_lists_its_episodes_and_walks_between_them(tv: OpenTv) -> None:
    page = tv("")
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.episodes === 6")
    press(page, "ArrowDown")
    assert focus(page) == (1, 1), "the list opens at this episode"
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    assert state(page)["focus"]["label"] == "第六讲 储粮防霉"
    press(page, "Enter")
    assert page.locator(".title-name").inner_text() == "第六讲 储粮防霉"
    press(page, "Escape")
    assert state(page)["screen"] == "home"


def test_title_without_rendition_says_it_is_being_prepared(tv: OpenTv, server: TvServer) -> None:
    server.county.titles[9]["playback_url"] = None
    page = tv("")
    press(page, "ArrowDown", "Enter")
    page.wait_for_function("/正在准备，请稍后/.test(CT.state().detail.buttons)")
    del server.county.titles[9]["playback_url"]
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.buttons.indexOf('播放|') === 0")


def test_elder_size_is_kept_and_everything_fits(tv: OpenTv, page: Page) -> None:
    tv("")
    press(page, "F4")
    assert state(page)["elder"] is True
    page.reload()
    page.wait_for_function("window.CT && CT.state().detail.rows === 5")
    assert state(page)["elder"] is True
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    sizes = page.evaluate("""() =>
      Array.from(document.querySelectorAll('.card-title, .row-name, .button'))
      .map(n => parseFloat(getComputedStyle(n).fontSize))""")
    assert min(sizes) >= 36
    box = page.locator(".focus").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 684


@pytest.mark.parametrize("elder", [False, True])
def test_ten_foot_sizes(tv: OpenTv, page: Page, elder: bool) -> None:
    page.add_init_script(f"localStorage.setItem('ct.elder', '{json.dumps(elder)}')")
    tv("")
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.episodes === 6")
    small = page.evaluate("""() => Array.from(document.querySelectorAll('#app div'))
      .filter(n => n.firstChild && n.firstChild.nodeType === 3 && n.firstChild.nodeValue)
      .map(n => [n.className, parseFloat(getComputedStyle(n).fontSize)]).filter(e => e[1] < 28)""")
    assert small == []
    heights = page.evaluate("""() => Array.from(document.querySelectorAll('[role=button]'))
      .map(n => n.offsetHeight).filter(h => h > 0)""")
    assert min(heights) >= 80
    lowest = page.evaluate("""() => Math.max(
      ...Array.from(document.querySelectorAll('.title [role=button]'))
      .map(n => n.getBoundingClientRect().bottom))""")
    assert lowest <= 690


def test_same_picture_at_1080(tv: OpenTv, page: Page) -> None:
    small = tv("").locator(".focus").bounding_box()
    page.set_viewport_size({"width": 1920, "height": 1080})
    big = tv("").locator(".focus").bounding_box()
    assert small is not None
    assert big is not None
    for name in ("x", "y", "width", "height"):
        assert big[name] == pytest.approx(small[name] * 1.5, abs=1.5)


def test_missing_poster_shows_the_title_on_a_colour(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    covers = page.locator(".card .cover")
    assert covers.nth(0).evaluate("n => /tint[0-5]/.test(n.className)")
    texts = set(
        page.locator(".cover-text").evaluate_all(
            "nodes => nodes.map(node => node.getAttribute('data-words'))"
        )
    )
    missing = [
        c["title"] for r in server.county.rows[:2] for c in r["items"][:5] if not c["poster"]
    ]
    assert missing
    assert set(missing) <= texts
