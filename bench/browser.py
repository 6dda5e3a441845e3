"""Measure a page in headless Chromium over the DevTools protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-precise-memory-info",
    "--autoplay-policy=no-user-gesture-required",
)

#: Long enough for a key's frame to be painted before the next key.
KEY_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class KeyCost:
    """What one key costs, as the mean of a walk."""

    task_ms: float
    layouts: float
    forced_layouts: float
    recalcs: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, url: str, *, ready: str) -> tuple[Page, CDPSession]:
    """Open a page at 1280 x 720 and wait until the script `ready` is true."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(url)
    page.wait_for_function(ready)
    time.sleep(1.0)
    return page, session


def metrics(session: CDPSession) -> dict[str, float]:
    """Return the counters of `Performance.getMetrics`."""
    found = session.send("Performance.getMetrics")["metrics"]
    return {row["name"]: float(row["value"]) for row in found}


def walk(page: Page, session: CDPSession, keys: Sequence[str]) -> KeyCost:
    """Press keys one by one and return what one of them costs.

    The time an idle page takes over as long is taken off. Forced layouts are those that happen
    inside the dispatch of a key event, seen in a trace.
    """
    before_idle = metrics(session)
    time.sleep(len(keys) * KEY_PAUSE_S)
    after_idle = metrics(session)
    idle_s = after_idle["TaskDuration"] - before_idle["TaskDuration"]
    before = metrics(session)
    for key in keys:
        page.keyboard.press(key)
        time.sleep(KEY_PAUSE_S)
    after = metrics(session)
    count = len(keys)
    return KeyCost(
        task_ms=(after["TaskDuration"] - before["TaskDuration"] - idle_s) * 1000 / count,
        layouts=(after["LayoutCount"] - before["LayoutCount"]) / count,
        forced_layouts=_forced_layouts(page, session, keys) / count,
        recalcs=(after["RecalcStyleCount"] - before["RecalcStyleCount"]) / count,
    )


def _forced_layouts(page: Page, session: CDPSession, keys: Sequence[str]) -> int:
    events: list[dict[str, Any]] = []
    done: list[bool] = []

    def collect(reply: dict[str, Any]) -> None:
        events.extend(reply["value"])

    def finish(reply: dict[str, Any]) -> None:
        del reply
        done.append(True)

    session.on("Tracing.dataCollected", collect)
    session.on("Tracing.tracingComplete", finish)
    session.send(
        "Tracing.start", {"categories": "devtools.timeline", "transferMode": "ReportEvents"}
    )
    for key in keys:
        page.keyboard.press(key)
        time.sleep(KEY_PAUSE_S)
    session.send("Tracing.end")
    while not done:
        page.wait_for_timeout(50)
    spans = [
        (event["tid"], event["ts"], event["ts"] + event.get("dur", 0))
        for event in events
        if event["name"] == "EventDispatch"
        and event.get("args", {}).get("data", {}).get("type", "").startswith("key")
    ]
    if not spans:
        raise RuntimeError("the trace holds no key events")
    return sum(
        any(tid == event["tid"] and start <= event["ts"] < end for tid, start, end in spans)
        for event in events
        if event["name"] == "Layout"
    )
