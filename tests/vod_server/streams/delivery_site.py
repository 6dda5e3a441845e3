"""A small site of files and a client: shared by the delivery tests."""

from __future__ import annotations

import http.client
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.blobs.local import LocalBlobs
from vod_server.streams.signing import media_key, media_prefix

KEY = media_key("the delivery tests' own secret key")
SCOPE = "vod/7/a1b2c3"
OTHER_SCOPE = "vod/8/d4e5f6"
LIVE_SCOPE = "live/7"
LIVE_NAME = "20260501/02/1777600800000-2000.ts"
SEGMENT = random.Random(7).randbytes(300_007)  # no two places look alike
PLAYLIST = b"#EXTM3U\n" + b"#EXTINF:6.000000,\ns00000.ts\n" * 50
CAPTIONS = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n四看：看树势\n".encode()
PICTURE = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
FAR = 4_102_441_200  # 2099-12-31: the real clocks of nginx and gunicorn are always before it
PAST = 1_700_000_400


class FixedClock:
    """A clock that stands still."""

    def __init__(self, now: datetime) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant


NOON = FixedClock(datetime(2026, 5, 1, 12, tzinfo=UTC))


def url(rest: str, *, scope: str = SCOPE, expires: int = FAR, key: str = KEY) -> str:
    return media_prefix(key, scope, expires) + rest


def live_url(rest: str = LIVE_NAME, *, scope: str = LIVE_SCOPE, **fields: Any) -> str:
    return url(rest, scope=scope, **fields)


def record(root: Path) -> Path:
    """Record a segment of two channels; return the folder of recordings."""
    for channel in ("7", "8"):
        hour = root / channel / "20260501" / "02"
        hour.mkdir(parents=True)
        (root / channel / LIVE_NAME).write_bytes(SEGMENT)
        (hour / "index").write_text("cuntai-index 1 1 1 0\n1777600800000 2000 300007\n")
        (hour / "1777600802000-2000.mp4").write_bytes(SEGMENT)
        (root / channel / ".lock").touch()
    return root


def fill(root: Path) -> LocalBlobs:
    """Store the files of two titles."""
    store = LocalBlobs(root)
    for scope in (SCOPE, OTHER_SCOPE):
        store.put_bytes(f"{scope}/480p/index.m3u8", PLAYLIST)
        store.put_bytes(f"{scope}/480p/s00000.ts", SEGMENT)
    store.put_bytes(f"{SCOPE}/captions/zh-CN.vtt", CAPTIONS)
    store.put_bytes("images/7/a1b2c3/poster.jpg", PICTURE)
    store.put_bytes("sources/ab/abcdef", b"an original nobody may fetch")
    return store


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]  #: names in lower case
    body: bytes


def request(port: int, path: str, method: str = "GET", **headers: str) -> Reply:
    """Send one request as it is, without making the path tidy; `_` in a name becomes `-`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=names)
        reply = connection.getresponse()
        found = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(reply.status, found, reply.read())
    finally:
        connection.close()
