"""What the server says of the box itself, for one page: GET /box, pairing, keys and faults."""

import json
from typing import Any

from playwright.sync_api import Page, Route

UNPAIRED: dict[str, Any] = {
    "id": None, "name": "", "place": "", "boot": "live", "keys": None, "unread": 0, "notices": 0,
}  # fmt: skip
PAIRED = {**UNPAIRED, "id": 12, "name": "李大爷家", "place": "柳河镇 · 前柳村", "unread": 2}
_PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000001002c00000000010001000002024c01003b"
)


class BoxDesk:
    """Answers by docs/architecture.md ("HTTP API of the box") and remembers what it was asked."""

    def __init__(self, page: Page, box: dict[str, Any] | None = None) -> None:
        self.box = box or UNPAIRED
        self.log: list[tuple[str, str, Any]] = []
        self.pairing: dict[str, Any] | int = {"state": "waiting", "token": None, "place": ""}
        self.expires_s = 900
        self.codes = 0
        self.refuses = 0  # status with which everything is refused, 0: nothing is
        page.route(lambda url: "/api/v1/box" in url or "/api/v1/pairing" in url, self._answer)

    def asked(self, method: str, path: str) -> list[Any]:
        """Return the bodies of the requests to a path, oldest first."""
        return [body for how, where, body in self.log if how == method and where == path]

    def _answer(self, route: Route) -> None:
        request = route.request
        path = request.url.partition("/api/v1")[2].partition("?")[0]
        self.log.append((request.method, path, json.loads(request.post_data or "null")))
        if self.refuses:
            route.fulfill(status=self.refuses, body="<html>oops</html>")
        elif path == "/box":
            route.fulfill(json=self.box)
        elif path == "/box/keys":
            paired = request.headers.get("authorization")
            route.fulfill(status=202 if paired else 401, json={})
        elif path == "/box/faults":
            route.fulfill(status=204)
        elif path.endswith(".png"):
            route.fulfill(body=_PIXEL, content_type="image/gif")
        elif path == "/pairing":
            self.codes += 1
            route.fulfill(status=201, json=self._offer())
        elif isinstance(self.pairing, int):
            route.fulfill(status=self.pairing, json={})
        else:
            route.fulfill(json=self.pairing)

    def _offer(self) -> dict[str, Any]:
        code = str(482912 + self.codes)
        return {
            "code": code, "secret": f"s{self.codes}", "expires_s": self.expires_s,
            "url": f"https://tv.example/admin/boxes/pair?code={code}",
            "qr": f"/api/v1/pairing/{code}/qr.png",
        }  # fmt: skip
