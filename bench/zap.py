"""Changing the channel in Chromium: from the key to the first picture, against hls.js alone.

Both play the same two channels of the same house. The television runs the whole app; the control
is a page with nothing but hls.js as it comes, which at a key drops one player and makes the next.
They take turns, each in a page of its own that is closed again, so that neither is in the other's
way. How far the control's first changes of each page are from its last is the noise.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

from bench.air import live, make_film, make_house, wait_until_recording
from bench.browser import chromium
from bench.front_door import CHECKOUT, free_port, shipped_gunicorn

ROUNDS = 3
ZAPS = 5  #: in a page; the first is not counted
CHANNELS = 2
RATE_BPS = 2_000_000
GOAL_MS = 150
#: What plays must have settled before the next key.
SETTLED_MS = 1000
PATIENCE_MS = 30_000
HLS_JS = "hls.light-1.7.4.min.js"

#: Notes when a key went down, and when the first picture of another stream was shown: another
#: stream has another address of its MediaSource.
STOPWATCH = """
window.zap = {};
function zapWatch(before) {
  var video = document.querySelector('video');
  if (!video || !video.src || video.src === before) {
    window.requestAnimationFrame(function () { zapWatch(before); });
    return;
  }
  video.requestVideoFrameCallback(function () {
    window.zap.ms = window.performance.now() - window.zap.at;
  });
}
window.addEventListener('keydown', function () {
  var video = document.querySelector('video');
  window.zap = { at: window.performance.now() };
  zapWatch(video ? video.src : '');
}, true);
"""

BARE_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>hls.js alone</title>
<style>body{margin:0;background:#000}video{width:100%%;height:100%%}</style>
<video muted></video><script src="/hls.js"></script><script>
var urls = %s, on = 0, hls = null;
function play() {
  if (hls) { hls.destroy(); }
  hls = new Hls();
  hls.loadSource(urls[on]);
  hls.attachMedia(document.querySelector('video'));
  document.querySelector('video').play().catch(function () {});
}
window.addEventListener('keydown', function () { on = 1 - on; play(); });
play();
</script>"""

PLAYS = "(() => { const v = document.querySelector('video'); return v && v.currentTime > 0.2 })()"


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        make_film(folder / "film.ts", RATE_BPS)
        home = folder / "var"
        make_house(home, folder / "film.ts", CHANNELS, wanted=True)
        env = {"CUNTAI_HOME": str(home), "CUNTAI_LOG_LEVEL": "error"}
        port = free_port()
        stack.enter_context(shipped_gunicorn(folder, "vod_server.web.wsgi", port=port, env=env))
        stack.enter_context(live(home))
        wait_until_recording(home, {1, 2}, at_least=8)
        browser = stack.enter_context(chromium())
        base = f"http://127.0.0.1:{port}"
        rounds = [(_television(browser, base), _bare(browser, base)) for _ in range(ROUNDS)]
    return {"name": "zap", "rows": _rows(rounds)}


def _rows(rounds: list[tuple[list[float], list[float]]]) -> list[dict[str, Any]]:
    ours = [ms for mine, _ in rounds for ms in mine]
    alone = [ms for _, bare in rounds for ms in bare]
    more = [statistics.median(mine) - statistics.median(bare) for mine, bare in rounds]
    half = (ZAPS - 1) // 2
    noise = [statistics.mean(bare[:half]) - statistics.mean(bare[half:]) for _, bare in rounds]
    middle = statistics.median(ours) - statistics.median(alone)
    return [
        _row("key → first picture, television", ours) | {"note": f"{len(ours)} changes"},
        _row("key → first picture, hls.js alone", alone) | {"note": f"{len(alone)} changes"},
        _row("television − hls.js alone", more)
        | {"value": middle, "goal": f"≤ +{GOAL_MS} ms", "met": middle <= GOAL_MS},
        _row("control: hls.js alone − itself", noise) | {"note": "the noise of this machine"},
    ]


def _row(what: str, values: list[float]) -> dict[str, Any]:
    middle = statistics.median(values)
    return {"what": what, "value": middle, "unit": "ms", "min": min(values), "max": max(values)}


def _television(browser: Browser, base: str) -> list[float]:
    """Change the channel up and down in the app; return the times, in ms."""
    page = _page(browser)
    page.goto(f"{base}/tv/")
    page.wait_for_function("window.CT && CT.state().screen === 'live'", timeout=PATIENCE_MS)
    return _zaps(page)


def _bare(browser: Browser, base: str) -> list[float]:
    """Do the same in the page with hls.js alone."""
    page = _page(browser)
    urls = [f"/live/{channel}/index.m3u8?v=1" for channel in (1, 2)]
    script = (CHECKOUT / "stb_app" / "vendor" / HLS_JS).read_text()

    def page_itself(route: Route) -> None:
        route.fulfill(body=BARE_PAGE % urls, content_type="text/html")

    def player(route: Route) -> None:
        route.fulfill(body=script, content_type="text/javascript")

    page.route("**/bare.html", page_itself)
    page.route("**/hls.js", player)
    page.goto(f"{base}/bare.html")
    return _zaps(page)


def _page(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(STOPWATCH)
    return page


def _zaps(page: Page) -> list[float]:
    found: list[float] = []
    for number in range(ZAPS):
        page.wait_for_function(PLAYS)
        page.wait_for_timeout(SETTLED_MS)
        page.keyboard.press("PageUp" if number % 2 else "PageDown")
        page.wait_for_function("window.zap.ms !== undefined")
        found.append(page.evaluate("window.zap.ms"))
    page.context.close()
    return found[1:]
