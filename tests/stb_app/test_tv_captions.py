"""Captions: drawn at their time, switched on and off, out of the way, on every player."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.stb_app.remote import SOLO, OpenTv, asked, detail, play, press, start, wait_playing
from tests.stb_app.test_tv_boxed import boot, wait_on
from tests.stb_app.test_tv_boxed import press as press_box
from tests.stb_app.test_tv_players import BOXES
from tests.stb_app.tv_captions import ENGLISH, TALK, apart, boxes, said, still_film
from tests.stb_app.tv_server import TvServer
from tests.tv_walk.pixels import contrast

HEAD = "WEBVTT\n\n"
COUNT_DRAWN = """() => { window.drawn = 0;
  const what = {subtree: true, attributes: true, characterData: true};
  new MutationObserver(list => { drawn += list.length; })
    .observe(document.querySelector('.captions'), what); }"""


def test_what_is_said_stands_at_its_time_and_is_drawn_once(tv: OpenTv) -> None:
    page = tv("")
    still_film(page, TALK)
    first, second = "冬天修剪苹果树，先看树势", "剪口离芽半个指头\n不要太近"
    page.evaluate(COUNT_DRAWN)
    order = {0: "", 1.999: "", 2: first, 5: first, 7.999: first, 8: "", 21: second,
             24: f"{second}\n（鸟叫）", 28: second, 30: "", 59: "谢谢大家", 60: ""}  # fmt: skip
    assert {at: said(page, at) for at in order} == order
    before = page.evaluate("drawn")
    for at in (59, 58, 41, 45, 59):
        assert said(page, at) == "谢谢大家"
    assert page.evaluate("drawn") - before <= 3, "words, direction and class, once"
    assert [said(page, at) for at in (3, 25, 1)] == [first, f"{second}\n（鸟叫）", ""], (
        "sought back"
    )


def test_a_clock_runs_only_while_the_film_does(tv: OpenTv) -> None:
    """At most four looks a second of its own, near a change; none in a pause or a long silence."""
    page = tv("")
    still_film(page, TALK)
    count = """([at, state]) => { let n = 0; const real = CT.later;
      CT.later = (f, ms) => { if (ms < 250) n = 99; n += 1; return 0; };
      Object.assign(film, {at, state}); captions.look(); CT.later = real; return n; }"""
    on = "playing"
    moments = [(1.7, on), (1.99, on), (10, on), (1.7, "paused"), (61, on)]
    looks = [page.evaluate(count, list(moment)) for moment in moments]
    assert looks == [1, 1, 0, 0, 0]
    page.evaluate(
        "Object.assign(film, {at: 1.9, state: 'playing'}); captions.look(); film.at = 2.2"
    )
    page.wait_for_function("captions.state().text.length > 0")


def test_words_are_marked_as_their_language_and_kept_from_the_reader(tv: OpenTv) -> None:
    page = tv("")
    page.evaluate("CT.save('captionLang', 'ug')")
    still_film(page, TALK.replace("谢谢大家", "رەھمەت!"), "zh-CN", "ug")
    plate = page.locator(".caption")
    for second, way in ((3, "ltr"), (41, "rtl"), (3, "ltr")):
        assert said(page, second)
        assert [plate.get_attribute(name) for name in ("lang", "dir")] == ["ug", way]
    node = page.locator(".captions")
    assert [node.get_attribute(name) for name in ("role", "aria-label", "aria-live")] == [
        "group", "字幕", "off",
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ["native", "hlsjs"])
def test_a_film_shows_its_captions_from_where_it_goes_on(
    tv: OpenTv, server: TvServer, engine: str
) -> None:
    server.county.captions[SOLO] = {"zh-CN": TALK}
    page = tv(f"player={engine}")
    if not page.evaluate("CT.players.usable().length"):
        pytest.skip(f"this Chromium has no {engine}")
    start(page, SOLO, 21)
    page.wait_for_function("/^剪口离芽半个指头\\n不要太近/.test(CT.state().detail.captions.text)")
    assert page.evaluate("CT.state().detail.position_s") >= 21, "nothing is said before the picture"
    wait_playing(page)
    page.evaluate("CT.nav.key(['pause'], 0)")
    page.wait_for_function("CT.state().detail.state === 'paused'")
    press(page, "[")
    assert page.locator(".captions").evaluate("n => getComputedStyle(n).visibility") == "hidden", (
        "another place is looked at"
    )
    page.wait_for_function(
        "CT.state().detail.target_s === null && !CT.state().detail.captions.text"
    )
    press(page, "Space")
    wait_playing(page)
    page.evaluate("document.querySelector('video').currentTime = 41")
    page.wait_for_function("CT.state().detail.captions.text === '谢谢大家'")
    assert len(asked(server, ".vtt")) == 1
    assert page.evaluate("CT.state().error") is None


@pytest.mark.parametrize("box", BOXES)
def test_captions_lie_over_the_hole_of_a_box(air: TvServer, page: Page, box: str) -> None:
    air.county.captions[SOLO] = {"zh-CN": TALK}
    boot(page, air, box)
    page.wait_for_function("!!CT.screens.player")
    start(page, SOLO, 21)
    wait_on(page, "player")
    page.wait_for_function("/^剪口/.test(CT.state().detail.captions.text)")
    press_box(page, "ok")
    page.wait_for_function("CT.state().detail.state === 'paused'")
    press_box(page, "yellow")
    assert detail(page)["captions"]["text"] == ""
    press_box(page, "yellow", "ok")
    press_box(page, "right", "right", "ok")
    page.wait_for_function("CT.state().detail.captions.text === '谢谢大家'")
    assert page.evaluate("CT.state().error") is None


def test_yellow_switches_them_and_it_is_remembered(tv: OpenTv, server: TvServer) -> None:
    server.county.captions[SOLO] = {"zh-CN": TALK}
    page = tv("")
    page.evaluate("CT.save('caption', 'off')")
    play(page, at_s=20)
    assert asked(server, ".vtt") == [], "nobody wants them"
    press(page, "F3")
    assert page.locator(".note").inner_text() == "字幕已打开"
    assert page.locator(".caption-word").inner_text() == "▼ 字幕：开"
    page.wait_for_function("/^剪口/.test(CT.state().detail.captions.text)")
    press(page, "F3")
    assert page.locator(".note").inner_text() == "字幕已关闭"
    assert page.locator(".caption-word").inner_text() == "▼ 字幕：关"
    assert detail(page)["captions"]["text"] == ""
    assert page.evaluate("CT.load('caption')") == "off"
    press(page, "F3")
    assert len(asked(server, ".vtt")) == 1, "they are here already"


def test_a_film_without_captions_says_so(tv: OpenTv) -> None:
    page = tv("")
    play(page)
    press(page, "F3")
    assert page.locator(".note").inner_text() == "这个节目没有字幕"
    assert page.evaluate("CT.captions.on()") is True
    assert page.locator(".caption-word").inner_text() == ""
    press(page, "ArrowDown", "ArrowUp")
    assert detail(page)["bar"] is True
    press(page, "ArrowDown")
    assert detail(page)["bar"] is False, "down hides the bar where it leads nowhere"


def test_down_leads_from_the_bar_to_what_can_be_chosen(tv: OpenTv, server: TvServer) -> None:
    server.county.captions[SOLO] = {"zh-CN": TALK, "en": ENGLISH}
    page = tv("")
    play(page, at_s=20)
    page.wait_for_function("!CT.state().detail.bar")
    press(page, "ArrowDown", "ArrowDown")
    assert page.locator(".player .button").all_inner_texts() == [
        "字幕：开", "语言：中文", "字幕大小：标准",
    ]  # fmt: skip
    page.wait_for_timeout(4500)
    assert detail(page)["bar"] is True, "who chooses is not hurried"
    press(page, "ArrowRight", "Enter")
    page.wait_for_function("/^Half a finger/.test(CT.state().detail.captions.text)")
    assert page.evaluate("document.activeElement.textContent") == "语言：English"
    press(page, "ArrowRight", "Enter")
    assert page.evaluate("CT.state().focus.label") == "字幕大小：大"
    assert page.locator(".captions.size1").count() == 1
    press(page, "ArrowLeft", "ArrowLeft", "Enter")
    assert page.evaluate("CT.state().focus.label") == "字幕：关"
    press(page, "Escape")
    assert (detail(page)["bar"], page.evaluate("CT.state().focus")) == (False, None)
    kept = page.evaluate("['caption', 'captionSize', 'captionLang'].map(CT.load)")
    assert kept == ["off", "big", "en"]
    press(page, "Escape")
    assert page.evaluate("CT.state().screen") == "home"


LONG = "一、看准主枝，留三到五个，方向要错开，下面的枝比上面的长，这样通风透光，果子又大又红"


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_captions_are_out_of_the_way(tv: OpenTv, server: TvServer, elder: bool) -> None:
    """At all sizes: inside the safe area, above bar and menu, below the sign of the pause."""
    server.county.captions[SOLO] = {"zh-CN": f"{HEAD}00:00.000 --> 01:00.000\n{LONG}\n"}
    page = tv("")
    if elder:
        press(page, "F4")
    play(page, at_s=5)
    page.wait_for_function("CT.state().detail.captions.text")
    heights = []
    for size in ("normal", "big", "huge"):
        page.evaluate(f"CT.save('captionSize', '{size}')")
        press(page, "F3", "F3", "Escape")
        assert detail(page)["bar"] is False
        words = boxes(page, ".caption")[".caption"]
        assert words is not None
        assert words["left"] >= 64
        assert words["right"] <= 1216
        assert words["top"] >= 36
        assert words["bottom"] <= 684
        font = page.locator(".caption").evaluate("n => parseFloat(getComputedStyle(n).fontSize)")
        heights.append(font)
        press(page, "Enter")
        page.wait_for_function("CT.state().detail.state === 'paused'")
        around = boxes(page, ".caption", ".seekbar", ".banner", ".badge")
        for name in (".seekbar", ".banner", ".badge"):
            assert apart(around[".caption"], around[name]), (size, name, around)  # type: ignore[arg-type]
        press(page, "ArrowDown")
        around = boxes(page, ".caption", ".live-menu", ".banner", ".badge")
        assert around[".badge"] is None
        for name in (".live-menu", ".banner"):
            assert apart(around[".caption"], around[name]), (size, name, around)  # type: ignore[arg-type]
        press(page, "Escape", "Enter")
        page.wait_for_function("CT.state().detail.state === 'playing'")
    assert heights == ([46, 58, 70] if elder else [36, 46, 58])


@pytest.mark.parametrize("ground", ["#fff", "#ff0", "#000"])
def test_they_can_be_read_on_any_picture(tv: OpenTv, ground: str) -> None:
    page = tv("")
    still_film(page, TALK)
    assert said(page, 3)
    page.evaluate("c => { document.querySelector('.screen').innerHTML = ''; "
                  "document.querySelector('#app').style.background = c; }", ground)  # fmt: skip
    box = page.locator(".caption").bounding_box()
    assert box is not None
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    plate = shot.crop(
        (
            int(box["x"]) + 12,
            int(box["y"]) + 6,
            int(box["x"] + box["width"]) - 12,
            int(box["y"]) + 50,
        )
    )
    colours = plate.getcolors(100_000)
    assert colours is not None
    behind = max(colours)[1]
    strokes = max((colour for _, colour in colours), key=sum)  # type: ignore[arg-type]
    assert strokes != (255, 255, 255)
    assert contrast(behind, strokes) >= 4.5  # type: ignore[arg-type]


def test_the_title_page_says_that_there_are_captions(tv: OpenTv, server: TvServer) -> None:
    server.county.captions[SOLO] = {"zh-CN": TALK}
    page = tv("")
    press(page, "ArrowDown", "Enter")
    expect(page.locator(".title-picture").get_by_text("有字幕")).to_be_visible()
    page.evaluate("CT.nav.replace('title', {card: {id: 1, title: '一课'}})")
    page.wait_for_function("/主讲/.test(document.querySelector('.title-meta').textContent)")
    expect(page.locator(".title-picture").get_by_text("有字幕")).to_be_hidden()
