"""Changing the channel in Chromium: from the key to the first picture, against hls.js alone.

All play the same two channels of the same house in the same browser, one after the other, each in
a page of its own that is closed again, so that nobody is in another's way. The television runs the
whole app, once with the browser's own HLS and once without, when it plays by hls.js too; the
control is a page with nothing but hls.js as it comes, which at a key drops one player and makes
the next. The control plays twice a round: how far it is from itself is the noise.

The two channels differ in width, and every picture says its own: what is timed is the first
picture of the other channel, whoever shows it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

from bench.air import live, make_film, wait_until_recording
from bench.browser import chromium
from bench.front_door import CHECKOUT, free_port, shipped_gunicorn
from core.db import session_scope
from core.settings import Settings
from epg.channels import service
from epg.channels.model import SourceSpec
from vod_server.installing import prepare

ROUNDS = 4
ZAPS = 5  #: in a page; the first is not counted
RATE_BPS = 2_000_000
SIZES = ("854x480", "640x360")
GOAL_MS = 150
#: What plays must have settled before the next key.
SETTLED_MS = 1000
PATIENCE_MS = 30_000
HLS_JS = "hls.light-1.7.4.min.js"

#: Notes when a key went down, and when the first picture of another width was shown.
STOPWATCH = """
window.zap = {};
function zapWatch(zap) {
  document.querySelector('video').requestVideoFrameCallback(function (now, frame) {
    if (frame.width === zap.from) { zapWatch(zap); return; }
    zap.to = frame.width;
    zap.ms = window.performance.now() - zap.at;
  });
}
window.addEventListener('keydown', function () {
  window.zap = { at: window.performance.now(), from: document.querySelector('video').videoWidth };
  zapWatch(window.zap);
}, true);
"""

#: Makes a browser say that it cannot play HLS by itself.
WITHOUT_NATIVE = """
(function () {
  var real = HTMLMediaElement.prototype.canPlayType;
  HTMLMediaElement.prototype.canPlayType = function (type) {
    return /mpegurl/i.test(type) ? '' : real.call(this, type);
  };
}());
"""

BARE_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>hls.js alone</title>
<style>body{margin:0;background:#000}video{width:100%%;height:100%%}</style>
<video muted></video><script src="/hls.js"></script><script>
var urls = %s, on = 0, hls = null;
function play() {
  if (hls) { hls.destroy(); }
  hls = new Hls();
  hls.on('hlsError', function (name, data) { if (data.fatal) { window.failed = data.details; } });
  hls.loadSource(urls[on]);
  hls.attachMedia(document.querySelector('video'));
  document.querySelector('video').play().catch(function () {});
}
window.addEventListener('keydown', function () { on = 1 - on; play(); });
play();
</script>"""

PLAYS = "(() => { const v = document.querySelector('video'); return v && v.currentTime > 0.2 })()"
ON_AIR = "window.CT && CT.state().screen === 'live' && CT.state().detail.state === 'playing'"

NATIVE, BY_HLS_JS, ALONE, ALONE_AGAIN = (
    "television, native HLS",
    "television, hls.js",
    "hls.js alone",
    "hls.js alone, again",
)


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        home = folder / "var"
        ids = _make_house(home, [_film(folder, size) for size in SIZES])
        env = {"CUNTAI_HOME": str(home), "CUNTAI_LOG_LEVEL": "error"}
        port = free_port()
        stack.enter_context(shipped_gunicorn(folder, "vod_server.web.wsgi", port=port, env=env))
        stack.enter_context(live(home))
        wait_until_recording(home, set(ids), at_least=8)
        browser = stack.enter_context(chromium())
        base = f"http://127.0.0.1:{port}"
        rounds = [_round(browser, base, ids, number) for number in range(ROUNDS)]
    return {"name": "zap", "rows": _rows(rounds, load)}


def _film(folder: Path, size: str) -> Path:
    path = folder / f"{size}.ts"
    make_film(path, RATE_BPS, size)
    return path


def _make_house(home: Path, films: Sequence[Path]) -> list[int]:
    """Make an installation with a channel for each film and no other; return their ids."""
    house, _ = prepare(Settings(home=home), admin="admin", password="not-secret-here")
    now = house.clock.now()
    ids: list[int] = []
    with session_scope(house.sessions) as session:
        for number, film in enumerate(films, 1):
            channel = service.create_channel(session, name=film.stem, number=number, now=now)
            service.set_sources(session, channel, [SourceSpec("file", str(film))], now=now)
            session.flush()
            ids.append(channel.id)
    house.engine.dispose()
    return ids


def _round(browser: Browser, base: str, ids: Sequence[int], number: int) -> dict[str, list[float]]:
    """Let each change the channel in a page of its own; who begins changes from round to round."""
    turns: list[tuple[str, Callable[[], Page]]] = [
        (ALONE, partial(_bare, browser, base, ids)),
        (NATIVE, partial(_television, browser, base, "native")),
        (ALONE_AGAIN, partial(_bare, browser, base, ids)),
        (BY_HLS_JS, partial(_television, browser, base, "hlsjs")),
    ]
    first = number % len(turns)
    return {what: _zaps(open_page()) for what, open_page in turns[first:] + turns[:first]}


def _rows(rounds: Sequence[Mapping[str, list[float]]], load: float) -> list[dict[str, Any]]:
    """Return the table: times, then differences of a round's medians."""
    middles = [{what: statistics.median(found) for what, found in one.items()} for one in rounds]
    controls = [(one[ALONE] + one[ALONE_AGAIN]) / 2 for one in middles]
    noise = [one[ALONE] - one[ALONE_AGAIN] for one in middles]
    loads = f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after"
    alone = [ms for one in rounds for what in (ALONE, ALONE_AGAIN) for ms in one[what]]
    rows = [_row("key → first picture, hls.js alone", alone) | {"note": f"{len(alone)} changes"}]
    for what in (NATIVE, BY_HLS_JS):
        times = [ms for one in rounds for ms in one[what]]
        more = [one[what] - control for one, control in zip(middles, controls, strict=True)]
        row = _row(f"{what} − hls.js alone", more)
        row |= {"goal": f"≤ +{GOAL_MS} ms", "met": row["value"] <= GOAL_MS, "note": loads}
        rows += [_row(f"key → first picture, {what}", times) | {"note": f"{len(times)} changes"}]
        rows += [row]
    return [*rows, _row("control: hls.js alone − itself", noise) | {"note": loads}]


def _row(what: str, values: list[float]) -> dict[str, Any]:
    middle = statistics.median(values)
    return {"what": what, "value": middle, "unit": "ms", "min": min(values), "max": max(values)}


def _television(browser: Browser, base: str, engine: str) -> Page:
    """Open the app on the live screen, made to play by this engine.

    Raises:
        RuntimeError: it plays by another one.
    """
    page = _page(browser)
    if engine != "native":
        page.add_init_script(WITHOUT_NATIVE)
    page.goto(f"{base}/tv/")
    page.wait_for_function(ON_AIR)
    used = page.evaluate("CT.state().detail.engine")
    if used != engine:
        raise RuntimeError(f"the television plays by {used}, not by {engine}")
    return page


def _bare(browser: Browser, base: str, ids: Sequence[int]) -> Page:
    """Open the page with hls.js alone."""
    page = _page(browser)
    urls = [f"/live/{channel}/index.m3u8?v=1" for channel in ids]
    script = (CHECKOUT / "stb_app" / "vendor" / HLS_JS).read_text()

    def page_itself(route: Route) -> None:
        route.fulfill(body=BARE_PAGE % urls, content_type="text/html")

    def player(route: Route) -> None:
        route.fulfill(body=script, content_type="text/javascript")

    page.route("**/bare.html", page_itself)
    page.route("**/hls.js", player)
    page.goto(f"{base}/bare.html")
    return page


def _page(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(STOPWATCH)
    return page


def _zaps(page: Page) -> list[float]:
    """Change the channel to and fro, close the page; return the times without the first, ms.

    Raises:
        RuntimeError: the pictures are not of the two channels in turn, or hls.js gave up.
    """
    widths = [int(size.partition("x")[0]) for size in SIZES]
    found: list[float] = []
    for number in range(ZAPS):
        page.wait_for_function(PLAYS)
        page.wait_for_timeout(SETTLED_MS)
        page.keyboard.press("PageDown" if number % 2 else "PageUp")
        page.wait_for_function("window.zap.ms !== undefined || window.failed")
        seen, failed = page.evaluate("[window.zap, window.failed]")
        if failed or [seen["from"], seen["to"]] != (widths[::-1] if number % 2 else widths):
            raise RuntimeError(f"change {number + 1} of {page.url}: {seen}, {failed}")
        found.append(seen["ms"])
    page.context.close()
    return found[1:]
