"""The TV app at the sizes of a large county, beside a null page in the same run (STB.md's table).

A thousand channels, thirty thousand titles, a guide of 200 channels and two weeks, five thousand
keys; and from the key to the picture on the glass with a processor six times slower.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from bench.browser import chromium, metrics, open_page, walk
from bench.null_pages import NULL_PAGE, ROWS_PAGE
from bench.tv_county import Size, make_county, served

SMALL, LARGE = Size(titles=60, channels=10, days=7), Size(titles=30_000, channels=1000, days=0)
GUIDE = Size(titles=60, channels=200, days=7)
ROUNDS = 5
SOAK_KEYS = 5000
SLOWER = 6

LIVE = "window.CT && CT.state().screen === 'live' && (CT.more(), !!CT.screens.home)"
#: How a screen is opened from live, and when it is ready to be walked.
SCREENS = {
    "channel list": ("CT.nav.top().key('ok', 0)", "CT.state().detail.list && CT.state().focus"),
    "guide": ("CT.nav.guide()", "CT.state().screen === 'guide'"),
    "home": ("CT.nav.open('home')", "CT.state().focus"),
    "browse": ("CT.nav.open('browse', {category: 'agri'})", "CT.state().focus"),
}
VERTICAL = ["ArrowDown"] * 12 + ["ArrowUp"] * 6
#: A grid is read along its lines; two of six keys leave a row.
ALONG = (["ArrowRight"] * 2 + ["ArrowDown"] + ["ArrowLeft"] * 2 + ["ArrowDown"]) * 3 + (
    ["ArrowRight"] * 2 + ["ArrowUp"] + ["ArrowLeft"] * 2 + ["ArrowUp"]
) * 3
#: The dearest way through it: each key but the first few brings another row.
ROWS = ["ArrowDown"] * 10 + ["ArrowUp"] * 10
#: From the first focus of a screen into what is walked.
INTO = {"browse": ["ArrowRight"]}
#: Notes for each key when the frame after it was on the glass (a double rAF).
PAINT_CLOCK = """
window.painted = [];
window.addEventListener('keydown', function () {
  var at = performance.now();
  requestAnimationFrame(function () { requestAnimationFrame(function () {
    window.painted.push(performance.now() - at); }); });
}, true);
"""


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        urls = {
            what: stack.enter_context(_county(folder / what, size))
            for what, size in (("small", SMALL), ("large", LARGE), ("guide", GUIDE))
        }
        null, least = (
            _put(folder / f"{name}.html", page)
            for name, page in (("null", NULL_PAGE), ("rows", ROWS_PAGE))
        )
        browser = stack.enter_context(chromium())
        rows = [
            *_sizes(browser, urls),
            *_guide(browser, urls),
            *_keys(browser, urls["large"], "channel list", VERTICAL, ("null page", null)),
            *_keys(browser, urls["large"], "browse", ALONG, ("null page", null)),
            *_keys(browser, urls["large"], "browse", ROWS, ("page of rows", least)),
            *_paint(browser, urls["large"], null),
            *_soak(browser, urls["large"]),
        ]
    return {"name": "television", "rows": rows}


def _put(path: Path, page: str) -> str:
    path.write_text(page)
    return path.as_uri()


@contextmanager
def _county(home: Path, size: Size) -> Iterator[str]:
    house = make_county(home, size)
    with served(house) as url:
        yield url
    house.engine.dispose()


def _open(browser: Browser, url: str, screen: str) -> tuple[Page, CDPSession]:
    page, session = open_page(browser, f"{url}/tv/", ready=LIVE)
    how, ready = SCREENS[screen]
    page.evaluate(f"() => {{ {how} }}")
    page.wait_for_function(ready)
    page.evaluate("CT.note('')")  # its node is made with the first note, wherever that comes
    return page, session


def _nodes(page: Page) -> int:
    return int(page.evaluate("document.getElementsByTagName('*').length"))


def _row(
    what: str, value: float, unit: str, goal: str, met: bool, note: str = ""
) -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit, "goal": goal, "met": met, "note": note}


def _sizes(browser: Browser, urls: dict[str, str]) -> list[dict[str, Any]]:
    """Return how many elements each screen holds, with ten channels and with a thousand."""
    rows = []
    for screen in SCREENS:
        counts = []
        for county in ("small", "large"):
            page, _ = _open(browser, urls[county], screen)
            counts.append(_nodes(page))
            page.context.close()
        met = max(counts) <= 400 and counts[0] == counts[1]
        note = f"10 channels: {counts[0]}, 1,000: {counts[1]}"
        rows.append(_row(f"elements, {screen}", counts[1], "", "≤ 400, the same", met, note))
    return rows


def _guide(browser: Browser, urls: dict[str, str]) -> list[dict[str, Any]]:
    """Return what a row's move in the guide costs with 200 channels, against with 10."""
    pages = {name: _open(browser, urls[name], "guide") for name in ("small", "guide")}
    keys = ["ArrowDown", "ArrowUp"] * 8
    for page, session in pages.values():
        walk(page, session, keys)
    ratios = []
    for _ in range(ROUNDS):
        small, large = (walk(*pages[name], keys).task_ms for name in ("small", "guide"))
        ratios.append(large / small)
    for page, _session in pages.values():
        page.context.close()
    middle = statistics.median(ratios)
    row = _row(
        "guide, a row's move: 200 ÷ 10 channels", middle, "×", "0.9–1.1 ×", 0.9 <= middle <= 1.1
    )
    return [row | {"min": min(ratios), "max": max(ratios)}]


def _keys(
    browser: Browser, url: str, screen: str, keys: Sequence[str], control: tuple[str, str]
) -> list[dict[str, Any]]:
    """Return what a key costs in a list without end, against a page that does the least, in turn.

    Args:
        browser: what measures.
        url: the county's address.
        screen: one of `SCREENS`.
        keys: the walk.
        control: the name and address of the other page.
    """
    name, address = control
    mine, none = _open(browser, url, screen), open_page(browser, address, ready="true")
    for key in INTO.get(screen, ()):
        mine[0].keyboard.press(key)
    walk(*mine, keys)
    walk(*none, keys)
    pairs = [(walk(*mine, keys), walk(*none, keys)) for _ in range(ROUNDS)]
    mine[0].context.close()
    none[0].context.close()
    ours = [cost for cost, _ in pairs]
    over = [cost.task_ms / least.task_ms for cost, least in pairs]
    where = f"{screen}, rows" if keys is ROWS else screen
    return [
        _spread(
            f"task time a key, {where}", [c.task_ms for c in ours], "ms", "≤ 4", lambda v: v <= 4
        ),
        _spread(f"task time a key ÷ {name}, {where}", over, "×", "≤ 1.5 ×", lambda v: v <= 1.5),
        _spread(
            f"forced layouts a key, {where}",
            [c.forced_layouts for c in ours],
            "",
            "0",
            lambda v: v == 0,
        ),
        _spread(
            f"style recalculations a key, {where}",
            [c.recalcs for c in ours],
            "",
            "≤ 1",
            lambda v: v <= 1,
        ),
    ]


def _spread(
    what: str, values: Sequence[float], unit: str, goal: str, met: Callable[[float], bool]
) -> dict[str, Any]:
    middle = statistics.median(values)
    return _row(what, middle, unit, goal, met(middle)) | {"min": min(values), "max": max(values)}


def _paint(browser: Browser, url: str, null: str) -> list[dict[str, Any]]:
    """Return the time from a key to its frame with a slow processor, less the null page's."""
    pages = [_open(browser, url, "channel list"), open_page(browser, null, ready="true")]
    for page, session in pages:
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.evaluate(PAINT_CLOCK)
    for _ in range(ROUNDS):
        for page, _session in pages:
            for key in VERTICAL:
                page.keyboard.press(key)
                page.wait_for_timeout(120)
    ours, none = (_p95(page.evaluate("window.painted")) for page, _ in pages)
    for page, _session in pages:
        page.context.close()
    more, note = ours - none, f"{ours:.0f} ms, null page {none:.0f} ms"
    return [
        _row(f"key → paint at {SLOWER} ×, p95, over null", more, "ms", "≤ 20", more <= 20, note)
    ]


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _soak(browser: Browser, url: str) -> list[dict[str, Any]]:
    """Return how much memory thousands of keys leave behind."""
    page, session = _open(browser, url, "home")
    _press(page, 500)
    before = _heap(session)
    _press(page, SOAK_KEYS)
    after = _heap(session)
    error = page.evaluate("CT.state().error")
    page.context.close()
    if error:
        raise RuntimeError(error)
    grown = after - before
    return [
        _row("JS heap after the soak", after, "MB", "≤ 4", after <= 4),
        _row(f"growth over {SOAK_KEYS} keys", grown, "MB", "≤ 0.5", grown <= 0.5),
    ]


#: Keys as they come from a thumb: through lists and screens and back, never the same way twice.
_SOAK = """count => { let seed = 7;
  const keys = ['up','down','left','right','down','right','ok','back','pagedown','chup'];
  for (let n = 0; n < count; n += 1) { seed = (seed * 1103515245 + 12345) % 2147483648;
    CT.nav.key([keys[seed % keys.length]], 0); } }"""


def _press(page: Page, count: int) -> None:
    for _ in range(count // 100):
        page.evaluate(_SOAK, 100)
        page.wait_for_timeout(60)


def _heap(session: CDPSession) -> float:
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    return metrics(session)["JSHeapUsedSize"] / 1e6
