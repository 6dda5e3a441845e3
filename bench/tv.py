"""The TV app's first page and what a key costs, beside a null page in the same run (STB.md)."""

from __future__ import annotations

import gzip
import re
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request

from bench.api import make_house
from bench.browser import KeyCost, chromium, metrics, open_page, walk
from bench.front_door import free_port, shipped_gunicorn
from bench.null_pages import NULL_PAGE
from core.db import session_scope
from epg.channels.service import create_channel
from stb_app.bundle import bundle

ROUNDS = 7

#: Along a row and back, down the rows and up: what a viewer does all evening.
KEYS = (["ArrowRight"] * 12 + ["ArrowLeft"] * 6 + ["ArrowDown"] * 3 + ["ArrowUp"] * 3) * 2

#: The box boots to live; a key is measured on home, which has the most to do.
LIVE = "window.CT && CT.state().screen === 'live'"
HOME = "window.CT && CT.state().screen === 'home' && CT.state().focus"


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        house = make_house(folder / "var")
        with session_scope(house.sessions) as session:
            create_channel(session, name="县新闻综合", now=house.clock.now())
        house.engine.dispose()
        port = free_port()
        env = {"CUNTAI_HOME": str(folder / "var"), "CUNTAI_LOG_LEVEL": "error"}
        stack.enter_context(shipped_gunicorn(folder, "vod_server.web.wsgi", port=port, env=env))
        null = folder / "null.html"
        null.write_text(NULL_PAGE)
        browser = stack.enter_context(chromium())
        url = f"http://127.0.0.1:{port}/tv/"
        rows = _first_page(browser, url) + _keys(browser, url, null.as_uri())
    return {"name": "tv", "rows": rows}


def _row(
    what: str, value: float, unit: str, goal: str, met: bool, note: str = ""
) -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit, "goal": goal, "met": met, "note": note}


def _first_page(browser: Browser, url: str) -> list[dict[str, Any]]:
    asked: list[Request] = []
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - playwright marks it
    page.goto(url)
    page.wait_for_function(LIVE)
    # The picture itself may have begun by then: it is neither asked for by the app nor waited for.
    data = [
        r
        for r in asked
        if r.resource_type not in {"image", "media"} and not r.url.endswith("favicon.ico")
    ]
    foreign = sum(not r.url.startswith(url.removesuffix("tv/")) for r in asked)
    counters = _counters(page)
    html = bundle()["index.html"]
    scripts = b"".join(re.findall(rb"<script[^>]*>(.*?)</script>", html, re.DOTALL))
    page_kb, script_kb = len(gzip.compress(html, 9)) / 1000, len(gzip.compress(scripts, 9)) / 1000
    page.context.close()
    return [
        _row("first page, gz", page_kb, "KB", "≤ 30", page_kb <= 30),
        _row("its JavaScript, gz", script_kb, "KB", "≤ 20", script_kb <= 20),
        _row("requests to interactive", len(data), "", "≤ 3", len(data) <= 3),
        _row("third-party requests", foreign, "", "0", foreign == 0),
        _row("DOM nodes", counters["Nodes"], "", "≤ 400", counters["Nodes"] <= 400),
        _row(
            "JS heap",
            counters["JSHeapUsedSize"] / 1e6,
            "MB",
            "≤ 4",
            counters["JSHeapUsedSize"] <= 4e6,
        ),
    ]


def _counters(page: Page) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    return metrics(session)


def _keys(browser: Browser, url: str, null: str) -> list[dict[str, Any]]:
    ours: list[KeyCost] = []
    nulls: list[KeyCost] = []
    tv_page, tv_session = open_page(browser, f"{url}#screen=home", ready=HOME)
    null_page, null_session = open_page(browser, null, ready="true")
    for page, session in ((tv_page, tv_session), (null_page, null_session)):
        walk(page, session, KEYS)  # warm: posters are fetched and decoded once
    for _ in range(ROUNDS):
        ours.append(walk(tv_page, tv_session, KEYS))
        nulls.append(walk(null_page, null_session, KEYS))

    def row(
        what: str, goal: str, values: Sequence[float], met: Callable[[float], bool], note: str = ""
    ) -> dict[str, Any]:
        middle = statistics.median(values)
        spread = {"median": middle, "min": min(values), "max": max(values)}
        unit = "ms" if what.startswith("task time a key, ours") else ""
        return _row(what, middle, unit, goal, met(middle), note) | spread

    ratios = [mine.task_ms / none.task_ms for mine, none in zip(ours, nulls, strict=True)]
    null_ms = statistics.median(none.task_ms for none in nulls)
    return [
        row(
            "task time a key, ours",
            "≤ 4",
            [cost.task_ms for cost in ours],
            lambda ms: ms <= 4,
            f"null page {null_ms:.2f} ms",
        ),
        row("task time a key ÷ null page", "≤ 1.5 ×", ratios, lambda r: r <= 1.5),
        row("forced layouts a key", "0", [c.forced_layouts for c in ours], lambda n: n == 0),
        row(
            "style recalculations a key",
            "≤ 1",
            [c.recalcs for c in ours],
            lambda n: n <= 1,
            f"null page {statistics.median(c.recalcs for c in nulls):.2f}",
        ),
    ]
