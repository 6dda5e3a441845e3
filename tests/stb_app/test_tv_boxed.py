"""The whole app on boxes with a player of their own: boot, zap, a film, back, and the hole."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page

from stb_app import bundle
from tests.stb_app.remote import SOLO, detail, eventually, start, state
from tests.stb_app.test_tv_players import BOXES, put_box
from tests.stb_app.tv_server import TvServer

PRESS = """fn => { const code = CT.keymaps[CT.profile].codes[fn][0];
  for (const type of ['keydown', 'keyup']) {
    const e = new KeyboardEvent(type, {bubbles: true, cancelable: true});
    for (const name of ['keyCode', 'which']) Object.defineProperty(e, name, {value: code});
    document.body.dispatchEvent(e); } }"""


def press(page: Page, *functions: str) -> None:
    """Press keys by what they mean, with the codes of the box's own remote."""
    for function in functions:
        page.evaluate(PRESS, function)
        page.wait_for_timeout(80)


def wait_on(page: Page, screen: str, what: str = "/vod/") -> None:
    """Wait until the app says that it plays, and the box plays what is meant."""
    page.wait_for_function(
        f"CT.state().screen === '{screen}' && CT.state().detail.state === 'playing'"
        f" && FAKE.running === 1 && FAKE.url.indexOf('{what}') > 0"
    )


def boot(page: Page, air: TvServer, box: str, **unkind: object) -> Page:
    put_box(page, box, **unkind)
    page.goto(f"{air.url}/tv/#keys={box}")
    page.wait_for_function("window.CT && CT.state().screen === 'live'")
    wait_on(page, "live", "/live/7/")
    return page


def see_through(page: Page, x: int, y: int) -> bool:
    """Say whether the video plane shows at a place of the screen."""
    shot = Image.open(io.BytesIO(page.screenshot(omit_background=True))).convert("RGBA")
    pixel = shot.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel[3] == 0


@pytest.mark.parametrize("box", BOXES)
def test_a_box_walks_through_the_app(air: TvServer, page: Page, box: str) -> None:
    boot(page, air, box)
    assert detail(page)["engine"] == box
    press(page, "up")
    wait_on(page, "live", "/live/8/")
    page.wait_for_function("!!CT.screens.player")
    start(page, SOLO, 12)
    wait_on(page, "player")
    page.wait_for_function("CT.state().detail.position_s > 12.5")
    assert detail(page)["duration_s"] == pytest.approx(60, abs=1)
    press(page, "ok")
    page.wait_for_function("CT.state().detail.state === 'paused' && FAKE.running === 0")
    press(page, "ok")
    wait_on(page, "player")
    press(page, "right", "right", "ok")
    page.wait_for_function("CT.state().detail.position_s > 31 && FAKE.at() > 31")
    for _ in range(3):
        if state(page)["screen"] == "player":
            press(page, "back")
    wait_on(page, "live", "/live/8/")
    assert state(page)["error"] is None
    assert page.evaluate("FAKE.running") == 1


def test_a_box_rewinds_live_by_a_list_that_is_late(air: TvServer, page: Page) -> None:
    boot(page, air, "ctc")
    press(page, *["left"] * 6, "ok")
    wait_on(page, "live", "timeshift_rel-")
    assert detail(page)["shifted"] is True
    press(page, "back")
    page.wait_for_function("!CT.state().detail.shifted && /index.m3u8/.test(FAKE.url)")


def test_the_volume_is_set_where_the_box_leaves_it_to_the_page(air: TvServer, page: Page) -> None:
    boot(page, air, "ctc")
    press(page, "volup", "voldown", "voldown", "volup", "volup", "volup")
    assert page.evaluate("FAKE.volume") == "100"
    press(page, "mute")
    assert page.evaluate("FAKE.muted") == 1
    assert "静音" in page.locator(".note").inner_text()
    press(page, "voldown")
    assert page.evaluate("[FAKE.volume, FAKE.muted]") == ["95", 0]
    assert "音量 95" in page.locator(".note").inner_text()


def test_video_shows_through_the_page_where_it_lies(air: TvServer, page: Page) -> None:
    boot(page, air, "ctc")
    assert eventually(page, lambda: see_through(page, 640, 300))
    press(page, "blue")  # the large text writes the root's classes anew
    assert see_through(page, 640, 300)
    press(page, "home")
    page.wait_for_function("CT.state().screen === 'home' && CT.state().focus")
    left, top, width, height = _window(page)
    assert see_through(page, left + width // 2, top + height // 2)
    assert not see_through(page, 20, 700), "beside the picture is the ground of the app"


def _window(page: Page) -> tuple[int, int, int, int]:
    """Return where home lets live go on, as the box was told."""
    page.wait_for_function("FAKE.running === 1 && FAKE.visible !== 'full'")
    left, top, width, height = page.evaluate("FAKE.visible")
    return left, top, width, height


def test_the_desktop_has_no_hole(air: TvServer, page: Page) -> None:
    page.goto(f"{air.url}/tv/#player=hlsjs")
    page.wait_for_function("CT.state().detail.state === 'playing'")
    assert not see_through(page, 640, 300)


def test_boot_of_a_box_needs_the_page_the_channels_and_its_player_beside_them(
    air: TvServer, page: Page
) -> None:
    """Three requests to interactive, of which the player's script waits for no other."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    put_box(page, "ipanel")
    page.route("**/api/v1/channels", lambda route: None)  # the request hangs
    page.goto(f"{air.url}/tv/#keys=ipanel")
    page.wait_for_function("!!CT.boxed.ipanel")
    page.unroute("**/api/v1/channels")
    page.route(re.compile(r"/live/|/more-|/api/v1/(?!channels$)"), lambda route: None)
    asked.clear()
    page.goto("about:blank")
    page.goto(f"{air.url}/tv/#keys=ipanel")
    page.wait_for_function("CT.state().screen === 'live' && !!CT.boxed.ipanel")
    needed = {"", bundle.later_name("box"), "channels"}
    assert needed <= {name.partition("#")[0] for name in asked}
    press(page, "up")
    page.wait_for_function("/CCTV-17/.test(document.querySelector('.air-name').textContent)")


def test_a_script_that_cannot_be_had_is_asked_for_again(air: TvServer, page: Page) -> None:
    air.county.faults += [("/tv/box-", "500")] * 2
    boot(page, air, "advance")
    assert detail(page)["engine"] == "advance"
