"""Words of the TV app's tests: press keys, read the app's state, start a film."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.stb_app.tv_server import TvServer

OpenTv = Callable[[str], Page]
SOLO, LESSON = 9, 23  # 学习党章…; the first of six lessons of a series
STEP_MS = 60  # further apart than what counts as one press reported twice
_VIDEO = "[...document.querySelectorAll('video')].pop()"  # live waits below a film
_OPEN_PLAYER = """async ([id, at]) => {
  const card = await (await fetch('/api/v1/titles/' + id)).json();
  CT.nav.open('player', {card: card, start_s: at}); }"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(STEP_MS)


def state(page: Page) -> dict[str, Any]:
    value: dict[str, Any] = page.evaluate("CT.state()")
    return value


def focus(page: Page) -> tuple[int, int]:
    value = state(page)["focus"]
    return value["row"], value["index"]


def detail(page: Page) -> dict[str, Any]:
    value: dict[str, Any] = page.evaluate("CT.state().detail")
    return value


def pair(server: TvServer) -> str:
    """Give the server two begun titles of this box; returns the options that pair the box."""
    server.county.resume = {3: (41.0, "2026-11-20T01:00:00Z"), 9: (20.0, "2026-11-19T01:00:00Z")}
    return "token=secret"


def start(page: Page, number: int = SOLO, at_s: float = 0) -> None:
    """Open the player as the title page does."""
    page.evaluate(_OPEN_PLAYER, [number, at_s])


def current(page: Page) -> float:
    """Return the position of the picture on top in seconds."""
    return float(page.evaluate(f"{_VIDEO}.currentTime"))


def wait_past(page: Page, second: float) -> None:
    page.wait_for_function(f"{_VIDEO}.currentTime >= {second}")


def wait_playing(page: Page) -> None:
    """Wait until the app says so and the picture moves."""
    page.wait_for_function("CT.state().detail.state === 'playing'")
    wait_past(page, current(page) + 0.4)


def light(page: Page) -> float:
    """Return how bright the picture on top is, from 0 (dark, or no picture) to 255."""
    return float(
        page.evaluate(f"""() => {{ const video = {_VIDEO};
      const canvas = Object.assign(document.createElement('canvas'), {{width: 16, height: 9}});
      const draw = canvas.getContext('2d');
      if (video && video.readyState > 1) {{ draw.drawImage(video, 0, 0, 16, 9); }}
      const dots = draw.getImageData(0, 0, 16, 9).data;
      return Math.max(...dots.filter((_, n) => n % 4 < 3)); }}""")
    )


def stands_until_mended(page: Page, server: TvServer, told_in: str) -> None:
    """See the last picture stand in a server's trouble, told in a node; and go on without it."""
    page.wait_for_function("CT.state().detail.state === 'trouble'", timeout=60_000)
    stood = current(page)
    assert light(page) > 40
    assert page.evaluate(f"/正在重试/.test(document.querySelector('{told_in}').textContent)")
    server.county.faults.clear()
    wait_playing(page)
    assert current(page) > stood


def play(page: Page, number: int = SOLO, at_s: float = 0) -> None:
    start(page, number, at_s)
    wait_playing(page)


def eventually(page: Page, what: Callable[[], bool], *, limit_s: float = 20) -> bool:
    """Say whether something becomes true; a busy machine is given time."""
    for _ in range(int(limit_s * 10)):
        if what():
            return True
        page.wait_for_timeout(100)
    return False


def settle(page: Page) -> None:
    page.wait_for_timeout(100)


def advance_clock(page: Page, to_s: float) -> None:
    """Let the app believe that it is `to_s` now, and go on from there."""
    page.evaluate("""s => { const ahead = s * 1000 - new Date().getTime();
      CT.now = () => new Date().getTime() + ahead; }""", to_s)  # fmt: skip


def wait_channel(page: Page, number: int) -> None:
    """Wait until the picture of a channel moves."""
    page.wait_for_function(
        f"CT.state().detail.number === {number} && CT.state().detail.state === 'playing'"
    )
    wait_past(page, current(page) + 0.2)


def asked(server: TvServer, words: str) -> list[str]:
    return [path for _, path, _ in server.county.log if words in path]


def load_rare(page: Page) -> None:
    """Wait until the script of the seldom opened screens is there."""
    page.wait_for_function("window.CT && !!CT.rare")
    assert page.evaluate("new Promise(CT.rare)")


def open_guide(page: Page) -> None:
    """Press the guide key and wait until the grid shows what is on."""
    page.wait_for_function("CT.screens.guide")
    press(page, "g")
    page.wait_for_function("CT.state().screen === 'guide' && CT.state().detail.title")


def walk(page: Page, *keys: str) -> None:
    """Press keys and wait until the programme they lead to is known."""
    press(page, *keys)
    page.wait_for_function("CT.state().detail.title")
