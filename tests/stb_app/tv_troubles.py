"""A county server in trouble: gone, slow, cut off, HTML, 500; and boxes with no disk or clock."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from playwright.sync_api import Page

from tests.stb_app.remote import STEP_MS
from tests.stb_app.tv_server import TvServer

#: What happens to everything below /api/ while it lasts.
NETWORK = ("gone", "slow", "half", "html", "500")
YEAR_MS = 365 * 86_400_000
SLOW_S = 10
#: A quarter of the app's own patience and pauses: a test need not wait the real ones.
QUICK = """CT.timeout_ms = 2000;
  CT.backoff = n => [250, 500, 1000, 2000, 3700, 7500, 15000][Math.min(n, 6)]; 0"""
#: Set before the app: what the box is like.
BOXES = {
    "full disk": "Storage.prototype.setItem = () => { throw new Error('full'); }; 0",
    "no disk": """Object.defineProperty(window, 'localStorage',
        {get() { throw new Error('denied'); }}); 0""",
    "a year ahead": f"CLOCK({YEAR_MS})",
    "a year behind": f"CLOCK({-YEAR_MS})",
}
_CLOCK = """window.shift_ms = %s;
  const Real = Date;
  window.Date = class extends Real {
    constructor(...given) {
      if (given.length) { super(...given); } else { super(Real.now() + shift_ms); } }
    static now() { return Real.now() + shift_ms; } };"""
_NO_LINGER = struct.pack("ii", 1, 0)
_NOTICE = {"id": 3, "title": "下周三停水", "place": "前柳村", "published_at": 1_794_000_000,
           "important": True, "pages": 0, "picture": None}  # fmt: skip
_FOUND = {"kind": "title", "id": 9, "name": "学习党章：入党为什么", "detail": "党课",
          "mark": [0, 2]}  # fmt: skip
_MESSAGE = {"id": 4, "text": "水费怎么交", "about": None, "asked_at": 1_794_000_000,
            "answer": "到村部", "answered_at": 1_794_100_000, "answered_by": "王会计",
            "seen": True}  # fmt: skip
_PHRASES = ["水费怎么交", "药品什么时候到"]
#: What the test county does not say itself: (verb, path) -> JSON.
_ALSO: dict[tuple[str, str], Any] = {
    ("GET", "notices"): {"items": [_NOTICE], "next": None},
    ("GET", "notices/3"): {**_NOTICE, "body": "周三上午八点到十点停水。", "pages": []},
    ("GET", "messages"): {"items": [_MESSAGE], "unread": 0, "phrases": _PHRASES},
    ("GET", "suggest"): {"items": [_FOUND], "next": "AB", "counts": {"title": 1}},
    ("GET", "search/popular"): {"items": [_FOUND]},
    ("POST", "pairing"): {"code": "482913", "secret": "s", "expires_s": 900, "url": "", "qr": None},
    ("GET", "pairing/s"): {"state": "waiting", "token": None, "place": ""},
}  # fmt: skip


class Troubles:
    """Plants troubles in a running county server; what was told of falls is kept."""

    def __init__(self, server: TvServer) -> None:
        self.server = server
        self.kind: str | None = None
        self.revoked = False
        self.where = "/api/"
        self.box: dict[str, Any] = {"id": 12, "place": "前柳村", "boot": "live"}
        self.private: dict[str, Any] | None = None  # a CHANNEL for paired boxes
        self.falls: list[dict[str, Any]] = []
        self._over = threading.Event()
        http = server._http
        county: Any = http.RequestHandlerClass
        http.RequestHandlerClass = type("Handler", (_Troubled, county), {"troubles": self})

    def begin(self, kind: str) -> None:
        """Let everything below `where` fail in this way."""
        self._over.clear()
        self.kind = kind

    def end(self) -> None:
        """Be well again; who waits for a slow answer is let go."""
        self.kind = None
        self._over.set()

    def wait_slow(self) -> None:
        self._over.wait(SLOW_S)


class _Troubled(BaseHTTPRequestHandler):
    """Comes before the county's handler."""

    troubles: Troubles
    _half = False
    _send: Callable[[int, str, bytes], None]

    def do_GET(self) -> None:
        self._meet(super().do_GET)  # type: ignore[misc]

    def do_PUT(self) -> None:
        self._meet(super().do_PUT)  # type: ignore[misc]

    def do_DELETE(self) -> None:
        self._meet(super().do_DELETE)  # type: ignore[misc]

    def do_POST(self) -> None:
        self._meet(lambda: self._send(404, "application/json", b"{}"))

    def _meet(self, well: Callable[[], None]) -> None:
        kind = self.troubles.kind if self.path.startswith(self.troubles.where) else None
        if kind == "gone":
            self._hang_up()
        elif kind in ("html", "500"):
            self._drain()
            self._send(500 if kind == "500" else 200, "text/html", b"<html>Gateway</html>")
        elif self.troubles.revoked and self.headers.get("Authorization"):
            self._drain()
            self._send(401, "application/problem+json", b"{}")
        elif kind == "half":
            self._answer_half(well)
        else:
            if kind == "slow":
                self.troubles.wait_slow()
            self._answer(well)

    def _answer(self, well: Callable[[], None]) -> None:
        path = self.path.partition("?")[0].removeprefix("/api/v1/")
        also = _ALSO.get((self.command, path))
        if (self.command, path) == ("GET", "box"):
            also = self.troubles.box if self.headers.get("Authorization") else {"id": None}
        live = self.troubles.server.county.live
        if path == "channels" and live and self.troubles.private:
            own = [self.troubles.private] if self.headers.get("Authorization") else []
            items = [{**c, "live_url": live.live_url(c["id"])} for c in [*live.channels, *own]]
            also = {"version": "2", "items": items}
        if (self.command, path) == ("POST", "box/faults"):
            self.troubles.falls.append(json.loads(self._drain()))
            self._send(204, "application/json", b"")
        elif also is None:
            well()
        else:
            self._drain()
            self._send(200, "application/json", json.dumps(also).encode())

    def _answer_half(self, well: Callable[[], None]) -> None:
        """Send the head and half of the body, then hang up."""
        wfile, halved = self.wfile, cast("Any", _Halved(self.wfile))
        self.wfile = halved
        self._answer(well)
        self.wfile = wfile
        self._hang_up(kindly=True)

    def _drain(self) -> bytes:
        length = self.headers.get("Content-Length")
        return self.rfile.read(int(length)) if length and self.command != "GET" else b""

    def _hang_up(self, *, kindly: bool = False) -> None:
        self._drain()
        self.close_connection = True
        if not kindly:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.connection.close()


class _Halved:
    """A socket's file that loses half of each body."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        head = data.startswith(b"HTTP/")
        return int(self._file.write(data if head else data[: len(data) // 2]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def dress_box(page: Page, box: str) -> None:
    """Make the page's box one of `BOXES` before the app starts."""
    script = BOXES[box]
    if script.startswith("CLOCK"):
        script = _CLOCK % script[6:-1]
    page.add_init_script(script)


def press_timed(page: Page, key: str) -> float:
    """Press a key; returns the ms until something on the page changed, as the page saw it."""
    page.evaluate("""() => { window.keyed = null; window.answered = null;
      document.addEventListener('keydown', () => { keyed = performance.now(); },
        {capture: true, once: true});
      const seer = new MutationObserver(() => { if (keyed === null) { return; }
        answered = performance.now() - keyed; seer.disconnect(); });
      seer.observe(document.body, {subtree: true, childList: true, attributes: true,
        characterData: true}); }""")  # fmt: skip
    page.keyboard.press(key)
    page.wait_for_function("answered !== null", timeout=5000)
    page.wait_for_timeout(STEP_MS)  # sooner the next press would count as the same one told twice
    return float(page.evaluate("answered"))


#: Whether the real focus stands on something that is seen, or its screen's whole picture.
FOCUS_SEEN = """() => { const at = document.activeElement;
  if (!at || at === document.body || !CT.nav.top().node.contains(at)) { return false; }
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  return box.width > 0 && box.height > 0 && box.left > -1 && box.top > -1 &&
    box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1 &&
    style.visibility !== 'hidden' && style.display !== 'none'; }"""
#: What the viewer can read of the screen on top, notes included.
WORDS = """(() => [CT.nav.top().node, ...document.querySelectorAll('.note')]
  .map(node => node.innerText).join(' '))()"""
