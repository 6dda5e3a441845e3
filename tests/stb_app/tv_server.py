"""A small server for the TV app's tests: the real bundle, canned API replies, faults on demand."""

import json
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from stb_app.bundle import bundle
from tests.stb_app import tv_pictures
from tests.stb_app.tv_county import County

Reply = tuple[int, str, bytes]
JSON = "application/json"
NOW_ETAG = '"now-1"'
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".ts": "video/mp2t"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    county: County
    files: dict[str, bytes]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Stay quiet."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.county.log.append(("GET", self.path, self.headers.get("Authorization", "")))
        fault = self.county.fault(path)
        if fault == "slow":
            time.sleep(3)
        self._send(*(FAULTS[fault] if fault in FAULTS else self._route(path)))

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")
        self.county.log.append(("PUT", self.path, self.headers.get("Authorization", "")))
        if self.path.startswith("/api/v1/reminders/"):
            self._send(*self._remind(self.path, wanted=True))
            return
        if self._changed("PUT"):
            return
        found = re.fullmatch(r"/api/v1/titles/(\d+)/resume", self.path)
        if not found or not self.headers.get("Authorization"):
            self._send(401, "application/problem+json", b"{}")
            return
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.county.resume[int(found[1])] = (body["position_s"], at)
        self._send(204, JSON, b"")

    def _route(self, path: str) -> Reply:
        if path.startswith("/api/v1/"):
            return self._api(path.removeprefix("/api/v1/").split("/"))
        if path.startswith("/tv/"):
            name = path.removeprefix("/tv/") or "index.html"
            content = self.files.get(name)
            return (
                (200, TYPES.get(Path(name).suffix, "text/plain"), content) if content else NOT_FOUND
            )
        if path.startswith("/img/"):
            return 200, "image/jpeg", self._picture(path)
        if path.startswith("/live/") and self.county.live is not None:
            return self.county.live.media(path, urlsplit(self.path).query)
        return self._film(path) if path.startswith("/vod/") else NOT_FOUND

    def do_DELETE(self) -> None:
        self.county.log.append(("DELETE", self.path, self.headers.get("Authorization", "")))
        if not self._changed("DELETE"):
            self._send(*self._remind(self.path, wanted=False))

    def _changed(self, method: str) -> bool:
        paired = bool(self.headers.get("Authorization"))
        path = self.path.removeprefix("/api/v1/")
        taken = paired and self.county.library.change(method, path)
        if taken:
            self._send(204, JSON, b"")
        return taken

    def _remind(self, path: str, *, wanted: bool) -> Reply:
        found = re.fullmatch(r"/api/v1/reminders/(\d+)/(\d+)", path)
        if not found or not self.headers.get("Authorization") or self.county.live is None:
            return 401, "application/problem+json", b"{}"
        place = int(found[1]), int(found[2])
        (self.county.live.reminders.add if wanted else self.county.live.reminders.discard)(place)
        return 204, JSON, b""

    def _live_api(self, name: str) -> Reply | None:
        """Answer what channels and guide are asked; None where the question is another's."""
        live = self.county.live
        if live is None:
            return _json({"version": "0", "items": []}) if name == "channels" else None
        if name == "now" and self.headers.get("If-None-Match") == NOW_ETAG:
            return 304, JSON, b""
        value = live.reply(name, urlsplit(self.path).query)
        return None if value is None else _json(value)

    def _api(self, parts: list[str]) -> Reply:
        county = self.county
        live = self._live_api("/".join(parts))
        if live is not None:
            return live
        args = dict(parse_qsl(urlsplit(self.path).query))
        paired = bool(self.headers.get("Authorization"))
        said = county.library.get("/".join(parts), args, paired=paired)
        if said is None and len(parts) == 2 and parts[1].isdecimal():
            said = county.known(parts[0], int(parts[1]))
        return NOT_FOUND if said is None else _json(said)

    def _picture(self, path: str) -> bytes:
        found = re.search(r"sprite-(\d+)", path)
        if found:
            return tv_pictures.sprite_sheet(int(found[1]))
        return tv_pictures.poster(int(path.split("/")[2]))

    def _film(self, path: str) -> Reply:
        name = path.rsplit("/", 1)[1]
        if name.endswith(".vtt"):
            body = self.county.captions[int(path.split("/")[2])][name.removesuffix(".vtt")]
            return 200, "text/vtt; charset=utf-8", body.encode()
        if not name.endswith(".m3u8"):
            return 200, TYPES[".ts"], (self.county.film / name).read_bytes()
        if urlsplit(self.path).query != f"s={self.county.signature}":
            return 410, "application/problem+json", b"{}"
        return 200, "application/vnd.apple.mpegurl", (self.county.film / name).read_bytes()

    def _send(self, status: int, kind: str, body: bytes) -> None:
        with suppress(ConnectionError):  # the browser left
            self.send_response(status)
            if status == 304:
                self.send_header("ETag", NOW_ETAG)
            elif status != 204:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if urlsplit(self.path).path == "/api/v1/now":
                    self.send_header("ETag", NOW_ETAG)
            self.end_headers()
            self.wfile.write(body)


def _json(value: object) -> Reply:
    return 200, JSON, json.dumps(value, ensure_ascii=False).encode()


NOT_FOUND: Reply = (404, "application/problem+json", b'{"status":404}')
FAULTS: dict[str | None, Reply] = {
    "html": (200, "text/html", b"<html><body>Gateway</body></html>"),
    "500": (500, "text/html", b"oops"),
    "403": (403, "application/problem+json", b"{}"),
    "404": NOT_FOUND,
    "cut": (200, JSON, b'{"rows": [{"id"'),
    "shape": (200, JSON, b'{"rows": [null, 3, {"items": "x"}, {"items": [{"id": {}}, null]}]}'),
}


class TvServer:
    """The county's server on a free port of the loopback; use as a context manager."""

    def __init__(self, film: Path) -> None:
        self.county = County(film)
        self.files = bundle()
        kind = type("Handler", (_Handler,), {"county": self.county, "files": self.files})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> "TvServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
