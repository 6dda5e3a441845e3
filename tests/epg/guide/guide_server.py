"""A web server on loopback that gives guides, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class GuideServer:
    """What it gives, and what came in."""

    def __init__(self) -> None:
        self.body = b""
        self.etag = ""
        self.status = 200
        self.headers: dict[str, str] = {}
        #: Bytes after which it hangs up.
        self.cut: int | None = None
        self.asked: list[dict[str, str]] = []
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append({name.lower(): value for name, value in handler.headers.items()})
        if self.etag and handler.headers.get("If-None-Match") == self.etag:
            handler.send_response(304)
            handler.end_headers()
            return
        handler.send_response(self.status)
        handler.send_header("Content-Length", str(len(self.body)))
        if self.etag:
            handler.send_header("ETag", self.etag)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(self.body[: self.cut])


@contextmanager
def serving() -> Iterator[GuideServer]:
    """Run a server until the end of the block."""
    guide = GuideServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            guide.answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        guide.url = f"http://127.0.0.1:{server.server_port}/guide.xml"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield guide
        finally:
            server.shutdown()
            thread.join()
