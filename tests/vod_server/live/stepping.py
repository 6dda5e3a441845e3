"""A clock that can be stepped while it runs, and a player that watches a house meanwhile."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from werkzeug.test import Client

from tests.lint_hls import Finding, Response, lint_live, must, watch_live
from tests.lint_hls.live_listing import Capture
from vod_server.bootstrap import House
from vod_server.web.app import make_wsgi

PATIENCE_S = 60.0


class SteppedClock:
    """A clock that runs, and that can be put forward or back; files bear its time, too.

    Args:
        start: what it tells first, aware.
    """

    def __init__(self, start: datetime) -> None:
        #: From which instant of the machine's clock on it is how far ahead of that, seconds.
        self._steps = [(0.0, start.timestamp() - time.time())]

    def now(self) -> datetime:
        """Return the present instant by this clock."""
        return datetime.fromtimestamp(self._told_s(time.time()), UTC)

    def step(self, seconds: float) -> None:
        """Put it forward, or back."""
        self._steps.append((time.time(), self._steps[-1][1] + seconds))

    def written_ms(self, file: Path) -> int:
        """Return when a file was written by this clock as it stood then, epoch milliseconds."""
        return round(self._told_s(file.stat().st_mtime) * 1000)

    def _told_s(self, real_s: float) -> float:
        return real_s + next(ahead_s for at_s, ahead_s in reversed(self._steps) if at_s <= real_s)


class Viewer:
    """Polls a channel's playlist and fetches its segments, and keeps what came."""

    def __init__(self, house: House, channel_id: int) -> None:
        self._client = Client(make_wsgi(house))
        self._url = f"http://localhost/live/{channel_id}/index.m3u8"
        self.seen = Capture(self._url)

    def fetch(self, url: str) -> Response:
        path = url.removeprefix("http://localhost")
        reply = self._client.get(path, headers={"Accept-Encoding": "gzip"})
        try:
            headers = {name.lower(): value for name, value in reply.headers}
            is_packed = headers.get("content-encoding") == "gzip"
            body = gzip.decompress(reply.data) if is_packed else reply.data
            return Response(reply.status_code, body, headers)
        finally:
            reply.close()

    def watch_until(self, condition: Callable[[], object], what: str) -> float:
        """Watch until a condition comes true; return how long it took, seconds."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < PATIENCE_S, f"it did not come: {what}"
            part = watch_live(self.fetch, self._url, seconds=0.4, poll_s=0.2, now=time.monotonic)
            self.seen.snapshots += part.snapshots
            for one, replies in part.fetched.items():
                self.seen.fetched.setdefault(one, []).extend(replies)
        return time.monotonic() - began

    def newest(self) -> str:
        """Return the address of the newest segment that was seen."""
        return self.seen.snapshots[-1].entries[-1].url

    def findings(self) -> list[Finding]:
        """Return what is wrong with all that was seen."""
        return must(lint_live(self.seen, copied=True))
