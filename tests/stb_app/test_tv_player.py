"""The player on a real film: pause, seek with preview, end, and addresses that run out."""

import io

import pytest
from PIL import Image

from tests.stb_app import tv_pictures
from tests.stb_app.remote import (
    LESSON,
    SOLO,
    OpenTv,
    current,
    detail,
    play,
    settle,
    stands_until_mended,
    start,
    wait_past,
    wait_playing,
)
from tests.stb_app.tv_server import TvServer


@pytest.mark.parametrize("engine", ["native", "hlsjs"])
def test_film_is_found_and_played_with_keys_only(tv: OpenTv, engine: str) -> None:
    page = tv(f"player={engine}")
    if not page.evaluate("CT.players.usable().length"):
        pytest.skip(f"this Chromium has no {engine}")
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
        settle(page)
    page.keyboard.press("Enter")
    wait_playing(page)
    assert detail(page)["engine"] == engine
    first = page.screenshot()
    page.wait_for_timeout(600)
    assert page.screenshot() != first, "the picture moves"
    page.keyboard.press("Enter")
    page.wait_for_function("CT.state().detail.state === 'paused'")
    still = current(page)
    page.wait_for_timeout(400)
    assert current(page) == still
    page.keyboard.press("Space")
    wait_playing(page)


def test_hlsjs_is_fetched_only_to_play(tv: OpenTv, server: TvServer) -> None:
    page = tv("player=hlsjs")
    assert not [path for _, path, _ in server.county.log if "vendor" in path]
    play(page)
    assert [path for _, path, _ in server.county.log if "vendor" in path] == [
        "/tv/vendor/hls.light-1.7.4.min.js"
    ]


def test_engine_without_promise_gets_the_old_hlsjs(tv: OpenTv, server: TvServer) -> None:
    page = tv("player=hlsjs")
    page.evaluate("() => { const real = CT.exists; CT.exists = n => n !== 'Promise' && real(n); }")
    play(page)
    assert [path for _, path, _ in server.county.log if "vendor" in path] == [
        "/tv/vendor/hls.light-0.14.17.min.js"
    ]


def test_arrows_seek_with_a_preview_and_commit_by_themselves(tv: OpenTv) -> None:
    page = tv("")
    play(page)
    at = current(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(120)
    page.keyboard.press("ArrowRight")
    target = detail(page)["target_s"]
    assert target == pytest.approx(at + 20, abs=2)
    assert current(page) < at + 5, "nothing moves before the choice is made"
    assert page.locator(".bubble").inner_text() == page.evaluate("s => CT.clock(s)", target)
    page.wait_for_function("CT.state().detail.target_s === null", timeout=4000)
    wait_past(page, target - 0.5)
    wait_playing(page)


def test_ok_commits_and_back_forgets_the_seek(tv: OpenTv) -> None:
    page = tv("")
    play(page)
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("Escape")
    assert detail(page)["target_s"] is None
    page.wait_for_timeout(1500)
    assert current(page) < 9
    page.keyboard.press("]")
    settle(page)
    target = detail(page)["target_s"]
    page.keyboard.press("Enter")
    wait_past(page, target - 0.5)
    assert target > 28


def test_held_arrow_seeks_in_growing_steps(tv: OpenTv) -> None:
    steps = tv("").evaluate("[0, 3, 4, 9, 10, 19, 20, 99].map(CT.seekStep)")
    assert steps == [10, 10, 20, 20, 30, 30, 60, 60]


@pytest.mark.parametrize(
    ("second", "sheet", "column", "row"),
    [(0, 0, 0, 0), (1.99, 0, 0, 0), (2, 0, 1, 0), (10, 0, 0, 1), (39.9, 0, 4, 3), (40, 1, 0, 0),
     (58, 1, 4, 1), (500, 1, 4, 1), (-1, 0, 0, 0)],
)  # fmt: skip
def test_sprite_tiles_are_numbered_row_by_row_across_sheets(
    tv: OpenTv, second: float, sheet: int, column: int, row: int
) -> None:
    sprite = {"urls": ["a", "b"], "columns": 5, "rows": 4, "count": 30, "interval_s": 2,
              "tile_width": 160, "tile_height": 90}  # fmt: skip
    at = tv("").evaluate("([s, t]) => CT.spriteTile(s, t)", [sprite, second])
    assert (at["url"], at["column"], at["row"]) == ("ab"[sheet], column, row)


@pytest.mark.parametrize("at_s", [20, 46])  # the second lands in the last, smaller sheet
def test_preview_draws_the_very_tile(tv: OpenTv, at_s: float) -> None:
    page = tv("")
    play(page, at_s=at_s)

    def drawn() -> bool:
        """Press, and look: a sheet that came too late for this preview is there for the next."""
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)
        target_s, box = detail(page)["target_s"], page.locator(".tile").bounding_box()
        if target_s is None or box is None:
            return False
        assert (box["width"], box["height"]) == (328, 188)  # 320 x 180 and its edge
        picture = Image.open(io.BytesIO(page.screenshot()))
        pixel = picture.getpixel((int(box["x"]) + 30, int(box["y"]) + 30))
        number = int(target_s // tv_pictures.SPRITE_INTERVAL_S)
        return bool(pixel[0] == pytest.approx(number * 8, abs=6))  # type: ignore[index]

    assert any(drawn() for _ in range(4))


@pytest.mark.parametrize("engine", ["native", "hlsjs"])
def test_address_that_ran_out_is_renewed_and_play_goes_on(
    tv: OpenTv, server: TvServer, engine: str
) -> None:
    page = tv(f"player={engine}")
    if not page.evaluate("CT.players.usable().length"):
        pytest.skip(f"this Chromium has no {engine}")
    server.county.titles[SOLO]["playback_url"] = f"/vod/{SOLO}/index.m3u8?s=old"
    start(page, at_s=22)
    page.wait_for_timeout(700)
    del server.county.titles[SOLO]["playback_url"]
    wait_playing(page)
    assert 22 <= current(page) < 30


def test_film_of_a_broken_server_ends_in_a_choice_not_in_the_dark(
    tv: OpenTv, server: TvServer
) -> None:
    page = tv("")
    page.evaluate("() => { CT.backoff = () => 50; }")
    server.county.faults.append(("^/vod/", "500!"))
    start(page)
    page.wait_for_function("/暂时放不出来/.test(document.body.textContent)")
    server.county.faults.clear()
    page.keyboard.press("Enter")
    wait_playing(page)
    page.keyboard.press("Escape")
    settle(page)
    page.keyboard.press("Escape")
    assert page.evaluate("CT.state().screen") == "home"


def test_the_last_picture_of_a_film_stays_until_there_is_more(tv: OpenTv, server: TvServer) -> None:
    page = tv("player=hlsjs")
    page.evaluate("() => { CT.backoff = () => 300; }")
    play(page)
    server.county.faults.append(("^/vod/.*ts", "500!"))
    # Little is held after this.
    page.evaluate("document.querySelector('video:last-of-type').currentTime = 28")
    stands_until_mended(page, server, "body")


def test_not_ready_yet_says_so_and_back_works(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    server.county.titles[SOLO]["playback_url"] = None
    start(page)
    page.wait_for_function("/正在准备，请稍后/.test(document.body.textContent)")
    page.keyboard.press("Escape")
    assert page.evaluate("CT.state().screen") == "home"


def test_end_offers_next_episode_replay_and_back(tv: OpenTv) -> None:
    page = tv("")
    play(page, number=LESSON, at_s=57.5)
    page.wait_for_function("CT.state().detail.state === 'ended'")
    assert page.locator(".dialog .button").all_inner_texts() == ["下一集", "重播", "返回"]
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("Enter")
    wait_playing(page)
    assert current(page) < 10
    assert detail(page)["id"] == LESSON
    page.evaluate("() => { document.querySelector('video').currentTime = 59; }")
    page.wait_for_function("CT.state().detail.state === 'ended'")
    page.keyboard.press("Enter")
    page.wait_for_function(f"CT.state().detail.id === {LESSON + 1}")
    wait_playing(page)


def test_leaving_ends_the_picture_and_asks_nothing_more(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    play(page)
    page.keyboard.press("End")
    settle(page)
    assert page.locator("video").count() == 0
    page.wait_for_timeout(500)
    server.county.log.clear()
    page.wait_for_timeout(1500)
    assert server.county.log == []


def test_banner_comes_and_goes_with_up_and_by_itself(tv: OpenTv) -> None:
    page = tv("")
    play(page)
    page.wait_for_function("CT.state().detail.bar === false")
    page.keyboard.press("ArrowUp")
    assert detail(page)["bar"] is True
    assert page.locator(".banner-title").inner_text() == "学习党章：入党为什么"
    settle(page)
    page.keyboard.press("ArrowDown")
    assert detail(page)["bar"] is False
    settle(page)
    page.keyboard.press("i")
    page.wait_for_function("CT.state().detail.bar === false")
