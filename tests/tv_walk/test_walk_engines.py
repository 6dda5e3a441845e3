"""The same walk in an engine of 2016, and in a Chromium that has unlearned what came after 2013."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from playwright.sync_api import Browser, CDPSession

from bench.tv_county import served
from tests.tv_walk import film
from tests.tv_walk.film import make_film_county
from tests.tv_walk.steps import STEPS

pytestmark = pytest.mark.e2e

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's own has the engine
PATIENCE_S = 20.0
LOOK = "(function () { try { var S = CT.state(); return !!(%s); } catch (e) { return false; } }())"
#: GStreamer's elements that a film needs, and the packages that hold them.
CODECS = {
    "souphttpsrc": "gstreamer1.0-plugins-good",
    "hlsdemux": "gstreamer1.0-plugins-bad",
    "tsdemux": "gstreamer1.0-plugins-bad",
    "avdec_h264": "gstreamer1.0-libav",
    "avdec_aac": "gstreamer1.0-libav",
}
#: The upright bars of the test picture, from the left.
BARS = ((255, 0, 0), (0, 255, 0), (255, 255, 0), (0, 0, 255), (255, 0, 255), (0, 255, 255))
#: What boxes do not have. `classList` and `requestAnimationFrame` stand on prototypes.
FORGET = """
['Promise', 'fetch', 'Map', 'Set', 'WeakMap', 'Symbol', 'Proxy', 'Reflect', 'IntersectionObserver',
 'requestAnimationFrame', 'webkitRequestAnimationFrame'].forEach(function (name) {
  Object.defineProperty(window, name, { value: undefined, configurable: true }); });
Object.assign = undefined;
Array.prototype.find = Array.prototype.includes = Array.from = undefined;
Object.defineProperty(Element.prototype, 'classList', { value: undefined });
Element.prototype.closest = Element.prototype.matches = undefined;
Object.defineProperty(KeyboardEvent.prototype, 'key', { value: undefined });
"""


def has_qtwebkit() -> bool:
    if not Path(PYTHON).exists():
        return False
    asked = [PYTHON, "-c", "import PyQt5.QtWebKitWidgets"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def lacks_codecs() -> list[str]:
    """Return the packages that QtWebKit needs to play HLS with H.264 and AAC and does not find."""
    if shutil.which("gst-inspect-1.0") is None:
        return ["gstreamer1.0-tools"]
    return [
        package
        for element, package in CODECS.items()
        if subprocess.run(["gst-inspect-1.0", "--exists", element], check=False).returncode
    ]


def walk_in_qtwebkit(url: str, steps: Sequence[tuple[str, str]], folder: Path) -> None:
    """Walk; a picture of every step is left in the folder."""
    if not has_qtwebkit():
        pytest.skip("QtWebKit is not installed: python3-pyqt5.qtwebkit")
    (folder / "steps.json").write_text(json.dumps(steps))
    done = subprocess.run(
        [PYTHON, HERE / "qtwebkit_walk.py", url, folder / "steps.json", folder],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list(folder.glob("*.png"))) == len(steps)


def test_qtwebkit_walks_the_whole_app(walked: tuple[str, str], tmp_path: Path) -> None:
    url, token = walked
    walk_in_qtwebkit(f"{url}/tv/#token={token}", STEPS, tmp_path)


@pytest.mark.media
def test_qtwebkit_plays_live_and_a_film(tmp_path: Path) -> None:
    """Live plays; a film plays, is paused, sought both ways, left and resumed."""
    if lacking := lacks_codecs():
        pytest.skip(f"QtWebKit has no codecs: {' '.join(lacking)}")
    shown = tmp_path / "shown"
    shown.mkdir()
    house = make_film_county(tmp_path)
    try:
        with served(house) as url:
            walk_in_qtwebkit(f"{url}/tv/", film.STEPS, shown)
    finally:
        house.engine.dispose()
    for number in film.PICTURED:
        assert shows_the_bars(shown / f"{number:02}.png"), f"step {number}: no picture"


def shows_the_bars(path: Path) -> bool:
    """Say whether a picture of 1280 by 720 is ffmpeg's testsrc2: most of its six bars are there.

    What moves before them hides some at times.
    """
    with Image.open(path) as image:
        pixels = image.convert("RGB")
    seen = [pixels.getpixel((107 + 213 * number, 300)) for number in range(len(BARS))]
    alike = [
        all(abs(a - b) < 60 for a, b in zip(cast("tuple[int, ...]", pixel), bar, strict=True))
        for pixel, bar in zip(seen, BARS, strict=True)
    ]
    return sum(alike) >= len(BARS) - 2


def test_chromium_without_what_came_later_walks_the_whole_app(
    chromium: Browser, walked: tuple[str, str]
) -> None:
    url, token = walked
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(FORGET)
    page = context.new_page()
    session = context.new_cdp_session(page)
    page.goto(f"{url}/tv/#token={token}")
    for number, (keys, until) in enumerate(STEPS):
        for key in keys.split():
            page.keyboard.press({"Up": "ArrowUp", "Down": "ArrowDown", "Left": "ArrowLeft",
                                 "Right": "ArrowRight"}.get(key, key))  # fmt: skip
            time.sleep(0.06)
        assert eventually(session, until), (number, keys, until, look(session, "JSON.stringify(S)"))
    assert look(session, "CT.lastError || ''") == ""
    assert look(session, "typeof Promise + typeof fetch + typeof Map") == "undefined" * 3
    context.close()


def look(session: CDPSession, what: str) -> object:
    """Ask the page by the debugger alone: the browser driver's own script needs Promise."""
    script = f"(function () {{ var S = window.CT && CT.state(); return {what}; }}())"
    reply = session.send("Runtime.evaluate", {"expression": script, "returnByValue": True})
    value: object = reply["result"].get("value")
    return value


def eventually(session: CDPSession, until: str) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        reply = session.send("Runtime.evaluate", {"expression": LOOK % until})
        if reply["result"].get("value") is True:
            return True
        time.sleep(0.05)
    return False
