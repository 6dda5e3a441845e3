"""SegmentApp called as WSGI, over a local store and over one that is not a folder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from wsgiref.util import FileWrapper

import pytest

from core.errors import NotFoundError
from tests.vod_server.streams.delivery_site import (
    KEY,
    NOON,
    PAST,
    PICTURE,
    PLAYLIST,
    SCOPE,
    SEGMENT,
    Reply,
    fill,
    url,
)
from vod_server.streams.delivery import SegmentApp, in_front_of
from vod_server.streams.signing import expires_at

NOON_EXPIRES = expires_at(NOON.now(), 3600)


class RemoteBlobs:
    """A store that is no folder: the few methods that delivery needs, counting what it reads."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.largest_read = 0
        self.open_streams = 0

    def local_path(self, key: str) -> None:
        return None

    def size_bytes(self, key: str) -> int:
        if key not in self.files:
            raise NotFoundError("文件不存在")
        return len(self.files[key])

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        end = None if length is None else start + length
        return _Counted(self, self.files[key][start:end])


class _Counted(BytesIO):
    def __init__(self, store: RemoteBlobs, content: bytes) -> None:
        super().__init__(content)
        self.store = store
        store.open_streams += 1

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.store.largest_read = max(self.store.largest_read, len(piece))
        return piece

    def close(self) -> None:
        if not self.closed:
            self.store.open_streams -= 1
        super().close()


@pytest.fixture
def remote() -> RemoteBlobs:
    return RemoteBlobs({f"{SCOPE}/480p/s00000.ts": SEGMENT * 4, f"{SCOPE}/index.m3u8": PLAYLIST})


@pytest.fixture
def app(tmp_path: Path) -> SegmentApp:
    return SegmentApp(fill(tmp_path / "blobs"), KEY, NOON)


def call(app: Any, path: str, method: str = "GET", **environ: Any) -> Reply:
    seen: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        seen.extend((int(status[:3]), {name.lower(): value for name, value in headers}))

    base = {"REQUEST_METHOD": method, "PATH_INFO": path}
    body: Iterable[bytes] = app({**base, **environ}, start_response)
    try:
        return Reply(seen[0], seen[1], b"".join(body))
    finally:
        if hasattr(body, "close"):
            body.close()


def test_segment_of_a_good_address(app: SegmentApp) -> None:
    reply = call(app, url("480p/s00000.ts", expires=NOON_EXPIRES))
    assert (reply.status, reply.body) == (200, SEGMENT)
    assert reply.headers["content-type"] == "video/mp2t"
    assert reply.headers["content-length"] == str(len(SEGMENT))
    assert reply.headers["cache-control"] == "private, max-age=7200"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["accept-ranges"] == "bytes"


def test_address_dies_by_the_clock(app: SegmentApp) -> None:
    assert call(app, url("480p/s00000.ts", expires=int(NOON.now().timestamp()))).status == 200
    assert call(app, url("480p/s00000.ts", expires=int(NOON.now().timestamp()) - 1)).status == 410


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (url("480p/s00000.ts", key="00" * 32), 403),
        (url("480p/s00000.ts").replace("vod/7/a1b2c3", "vod/8/d4e5f6"), 403),
        (url("480p/s00000.ts").replace("/4", "/5", 1), 403),
        (url("480p/s00000.ts", expires=PAST), 410),
        (url("480p/s99999.ts"), 404),
        (url("480p"), 404),
        (url("480p/s00000.ts/more"), 404),
        (url("../../../sources/ab/abcdef"), 400),
        (url("480p/../../../8/d4e5f6/480p/s00000.ts"), 400),
        (url("./480p/s00000.ts"), 400),
        (url("480p//s00000.ts"), 400),
        (url("480p/s\x00.ts"), 400),
        (url("480p/s\xe4\xb8\xad.ts"), 400),
        ("/media/", 404),
        ("/media/x/1/vod/7", 404),
        ("/media/x/y/vod/7/a1b2c3/480p/s00000.ts", 403),
        ("/media/x/1/sources/ab/abcdef/z", 404),
        ("/img/7/a1b2c3/none.jpg", 404),
        ("/img/7/a1b2c3", 404),
        ("/img/7/../secret", 400),
        ("/img/../../x", 400),
    ],
)
def test_what_is_refused_and_how(app: SegmentApp, path: str, status: int) -> None:
    reply = call(app, path)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    problem = json.loads(reply.body)
    assert problem["status"] == status
    assert any("一" <= letter <= "鿿" for letter in problem["title"])


def test_picture_is_kept_for_a_year_and_needs_no_signature(app: SegmentApp) -> None:
    reply = call(app, "/img/7/a1b2c3/poster.jpg")
    assert (reply.status, reply.body) == (200, PICTURE)
    assert reply.headers["content-type"] == "image/jpeg"
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=300000-", 300_000, None), ("bytes=-7", -7, None)],
)
@pytest.mark.parametrize("software", ["gunicorn/23.0.0", "other"])
def test_range(app: SegmentApp, asked: str, start: int, end: int | None, software: str) -> None:
    reply = call(app, url("480p/s00000.ts"), HTTP_RANGE=asked, SERVER_SOFTWARE=software)
    expected = SEGMENT[start:end]
    assert (reply.status, reply.body) == (206, expected)
    assert reply.headers["content-length"] == str(len(expected))
    first = SEGMENT.index(expected) if start >= 0 else len(SEGMENT) - 7
    total = len(SEGMENT)
    assert reply.headers["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{total}"


def test_a_server_whose_wrapper_sends_to_the_end_gets_no_inner_range(app: SegmentApp) -> None:
    environ: dict[str, Any] = {"wsgi.file_wrapper": FileWrapper, "HTTP_RANGE": "bytes=5-9"}
    assert call(app, url("480p/s00000.ts"), **environ).body == SEGMENT[5:10]


def test_range_beyond_the_end(app: SegmentApp) -> None:
    reply = call(app, url("480p/s00000.ts"), HTTP_RANGE="bytes=300007-")
    assert reply.status == 416
    assert reply.headers["content-range"] == "bytes */300007"


def test_if_range_of_an_older_copy_sends_everything(app: SegmentApp) -> None:
    etag = call(app, url("480p/s00000.ts")).headers["etag"]
    asked = {"HTTP_RANGE": "bytes=0-9"}
    assert call(app, url("480p/s00000.ts"), HTTP_IF_RANGE=etag, **asked).status == 206
    assert call(app, url("480p/s00000.ts"), HTTP_IF_RANGE='"older"', **asked).status == 200


def test_known_copy_is_not_sent_again(app: SegmentApp) -> None:
    first = call(app, url("480p/s00000.ts"))
    by_tag = call(app, url("480p/s00000.ts"), HTTP_IF_NONE_MATCH=first.headers["etag"])
    by_date = call(
        app, url("480p/s00000.ts"), HTTP_IF_MODIFIED_SINCE=first.headers["last-modified"]
    )
    for reply in (by_tag, by_date):
        assert (reply.status, reply.body) == (304, b"")
        assert reply.headers["etag"] == first.headers["etag"]
        assert "content-length" not in reply.headers


@pytest.mark.parametrize(
    ("accept", "zipped"),
    [("gzip", True), ("deflate, gzip;q=0.5", True), ("*", True), ("", False), ("br", False),
     ("gzip;q=0", False), ("gzip; q=0.0", False), ("gzip;q=1.0", True)],
)  # fmt: skip
def test_playlist_is_packed_for_whom_it_is_wanted(
    app: SegmentApp, accept: str, zipped: bool
) -> None:
    reply = call(app, url("480p/index.m3u8"), HTTP_ACCEPT_ENCODING=accept)
    assert reply.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert reply.headers["vary"] == "Accept-Encoding"
    assert (reply.headers.get("content-encoding") == "gzip") is zipped
    assert (gzip.decompress(reply.body) if zipped else reply.body) == PLAYLIST
    assert int(reply.headers["content-length"]) == len(reply.body)


def test_segment_is_never_packed(app: SegmentApp) -> None:
    reply = call(app, url("480p/s00000.ts"), HTTP_ACCEPT_ENCODING="gzip")
    assert "content-encoding" not in reply.headers


def test_packed_and_plain_playlist_have_different_tags(app: SegmentApp) -> None:
    plain = call(app, url("480p/index.m3u8")).headers["etag"]
    packed = call(app, url("480p/index.m3u8"), HTTP_ACCEPT_ENCODING="gzip").headers["etag"]
    assert packed == f"W/{plain}"


@pytest.mark.parametrize("path", ["480p/s00000.ts", "480p/index.m3u8", "none.ts"])
@pytest.mark.parametrize("accept", ["gzip", ""])
def test_head_is_get_without_body(app: SegmentApp, path: str, accept: str) -> None:
    get = call(app, url(path), HTTP_ACCEPT_ENCODING=accept)
    head = call(app, url(path), "HEAD", HTTP_ACCEPT_ENCODING=accept)
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


def test_preflight_needs_no_signature(app: SegmentApp) -> None:
    reply = call(app, "/media/x/1/vod/7/a1b2c3/s.ts", "OPTIONS")
    assert reply.status == 204
    assert "Range" in reply.headers["access-control-allow-headers"]


def test_other_methods_are_refused(app: SegmentApp) -> None:
    reply = call(app, url("480p/s00000.ts"), "POST")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_remote_file_goes_out_in_small_pieces_and_is_closed(remote: RemoteBlobs) -> None:
    app = SegmentApp(remote, KEY, NOON)  # type: ignore[arg-type]  # only what delivery calls
    reply = call(app, url("480p/s00000.ts"))
    assert (reply.status, reply.body) == (200, SEGMENT * 4)
    assert 0 < remote.largest_read <= 256 * 1024
    assert remote.open_streams == 0
    part = call(app, url("480p/s00000.ts"), HTTP_RANGE="bytes=1000000-1000009")
    assert part.body == (SEGMENT * 4)[1_000_000:1_000_010]


def test_remote_client_that_leaves_does_not_keep_the_stream(remote: RemoteBlobs) -> None:
    app = SegmentApp(remote, KEY, NOON)  # type: ignore[arg-type]
    path = url("480p/s00000.ts")
    body = app({"REQUEST_METHOD": "GET", "PATH_INFO": path}, lambda *_: lambda _: None)
    next(iter(body))
    assert remote.open_streams == 1
    body.close()  # type: ignore[attr-defined]
    assert remote.open_streams == 0


def test_remote_playlist_has_a_tag_and_is_packed(remote: RemoteBlobs) -> None:
    app = SegmentApp(remote, KEY, NOON)  # type: ignore[arg-type]
    reply = call(app, url("index.m3u8"), HTTP_ACCEPT_ENCODING="gzip")
    assert gzip.decompress(reply.body) == PLAYLIST
    again = call(app, url("index.m3u8"), HTTP_IF_NONE_MATCH=reply.headers["etag"])
    assert again.status == 304
    assert call(app, url("none.ts")).status == 404
    assert remote.open_streams == 0


def test_in_front_of_gives_files_to_segments_and_the_rest_to_the_site(app: SegmentApp) -> None:
    def site(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"the site"]

    both = in_front_of(app, site)
    assert call(both, "/media/").status == 404
    assert call(both, "/img/7/a1b2c3/poster.jpg").body == PICTURE
    assert call(both, "/mediation").body == b"the site"
    assert call(both, "/").body == b"the site"
