"""The same walk in an engine of 2016, and in a Chromium that has unlearned what came after 2013."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession

from tests.tv_walk.steps import STEPS

pytestmark = pytest.mark.e2e

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's own has the engine
PATIENCE_S = 20.0
LOOK = "(function () { try { var S = CT.state(); return !!(%s); } catch (e) { return false; } }())"
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


def test_qtwebkit_walks_the_whole_app(walked: tuple[str, str], tmp_path: Path) -> None:
    if not has_qtwebkit():
        pytest.skip("QtWebKit is not installed: python3-pyqt5.qtwebkit")
    url, token = walked
    steps = tmp_path / "steps.json"
    steps.write_text(json.dumps(STEPS))
    done = subprocess.run(
        [PYTHON, HERE / "qtwebkit_walk.py", f"{url}/tv/#token={token}", steps, tmp_path],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list(tmp_path.glob("*.png"))) == len(STEPS)


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
