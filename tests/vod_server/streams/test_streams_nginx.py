"""The shipped nginx files, run by a real nginx, and that they agree with SegmentApp."""

from __future__ import annotations

import gzip
import http.client
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.front_door import (
    edge_local_conf,
    free_port,
    local_conf,
    shipped_gunicorn,
    shipped_nginx,
)
from tests.vod_server.streams.delivery_site import (
    KEY,
    LIVE_NAME,
    LIVE_SCOPE,
    PAST,
    PICTURE,
    PLAYLIST,
    SCOPE,
    SEGMENT,
    fill,
    live_url,
    record,
    request,
    url,
)

pytestmark = [
    pytest.mark.nginx,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]

WSGI_MODULE = f"""
import json
import os
from pathlib import Path

from core.blobs.local import LocalBlobs
from core.clock import SystemClock
from vod_server.streams.delivery import SegmentApp, in_front_of

def site(environ, start_response):
    length = sum(len(piece) for piece in iter(lambda: environ["wsgi.input"].read(65536), b""))
    seen = {{name: value for name, value in environ.items() if isinstance(value, str)}}
    body = json.dumps({{**seen, "length": length}}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]

app = in_front_of(
    SegmentApp(
        LocalBlobs(Path(os.environ["TEST_BLOBS"])),
        {KEY!r},
        SystemClock(),
        Path(os.environ["TEST_RECORDINGS"]),
    ),
    site,
)
"""


class Site:
    """Where the running site listens and lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nginx = free_port()
        self.gunicorn = free_port()
        self.edge = free_port()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not pytest's own folder: the shipped user, www-data, may not read below that one.
    path = Path(tempfile.mkdtemp(prefix="cuntai-nginx-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    fill(folder / "blobs")
    record(folder / "recordings")
    for name in ("app", "nginx", "edge"):
        (folder / name).mkdir()
    (folder / "app" / "echo_site.py").write_text(WSGI_MODULE)
    env = {"TEST_BLOBS": str(folder / "blobs"), "CUNTAI_WEB_WORKERS": "1"}
    env["TEST_RECORDINGS"] = str(folder / "recordings")
    local = local_conf(port=site.nginx, key=KEY, blobs=folder / "blobs", web_port=site.gunicorn)
    edge = edge_local_conf(port=site.edge, key=KEY, county_port=site.nginx)
    with (
        shipped_gunicorn(folder / "app", "echo_site:app", port=site.gunicorn, env=env),
        shipped_nginx(folder / "nginx", local, port=site.nginx),
        shipped_nginx(folder / "edge", edge, port=site.edge, main="nginx-edge.conf"),
    ):
        yield site


NEVER = "Fri, 31 Dec 2099 00:00:00 GMT"
OTHER_FILE = url("480p/s00000.ts").replace("vod/7/a1b2c3", "vod/8/d4e5f6")

# name: (method, path, request headers, status)
TABLE: dict[str, tuple[str, str, dict[str, str], int]] = {
    "segment": ("GET", url("480p/s00000.ts"), {}, 200),
    "head": ("HEAD", url("480p/s00000.ts"), {}, 200),
    "playlist": ("GET", url("480p/index.m3u8"), {}, 200),
    "packed": ("GET", url("480p/index.m3u8"), {"Accept-Encoding": "gzip"}, 200),
    "packed head": ("HEAD", url("480p/index.m3u8"), {"Accept-Encoding": "gzip"}, 200),
    "captions": ("GET", url("captions/zh-CN.vtt"), {"Origin": "http://tv"}, 200),
    "captions head": ("HEAD", url("captions/zh-CN.vtt"), {}, 200),
    "captions packed": ("GET", url("captions/zh-CN.vtt"), {"Accept-Encoding": "gzip"}, 200),
    "captions wrong key": ("GET", url("captions/zh-CN.vtt", key="00" * 32), {}, 403),
    "range": ("GET", url("480p/s00000.ts"), {"Range": "bytes=100-199"}, 206),
    "suffix": ("GET", url("480p/s00000.ts"), {"Range": "bytes=-100"}, 206),
    "open range": ("GET", url("480p/s00000.ts"), {"Range": "bytes=300000-"}, 206),
    "beyond": ("GET", url("480p/s00000.ts"), {"Range": "bytes=300007-"}, 416),
    "older copy": ("GET", url("480p/s00000.ts"), {"Range": "bytes=0-9", "If-Range": '"x"'}, 200),
    "newer copy": ("GET", url("480p/s00000.ts"), {"If-None-Match": '"x"'}, 200),
    "any copy": ("GET", url("480p/s00000.ts"), {"If-None-Match": "*"}, 304),
    "since": ("GET", url("480p/s00000.ts"), {"If-Modified-Since": NEVER}, 304),
    "wrong key": ("GET", url("480p/s00000.ts", key="00" * 32), {}, 403),
    "other scope": ("GET", OTHER_FILE, {}, 403),
    "other expiry": ("GET", url("480p/s00000.ts").replace("/41", "/42", 1), {}, 403),
    "short signature": ("GET", "/media/abc/4102441200/vod/7/a1b2c3/480p/s00000.ts", {}, 403),
    "long signature": ("GET", f"/media/{'a' * 99}/4102441200/vod/7/a1b2c3/s.ts", {}, 403),
    "no number": ("GET", url("480p/s00000.ts").replace("4102441200", "soon"), {}, 403),
    "expired": ("GET", url("480p/s00000.ts", expires=PAST), {}, 410),
    "expired and wrong": ("GET", url("x.ts", expires=PAST, key="00" * 32), {}, 403),
    "missing": ("GET", url("480p/s99999.ts"), {}, 404),
    "below a file": ("GET", url("480p/s00000.ts/x"), {}, 404),
    "outside": ("GET", "/media/x/1/sources/ab/abcdef", {}, 404),
    "bare": ("GET", "/media/", {}, 404),
    "picture": ("GET", "/img/7/a1b2c3/poster.jpg", {}, 200),
    "picture missing": ("GET", "/img/7/a1b2c3/none.jpg", {}, 404),
    "picture folder": ("GET", "/img/7/a1b2c3", {}, 404),
    "preflight": ("OPTIONS", url("480p/s00000.ts"), {"Origin": "http://tv"}, 204),
    "preflight unsigned": ("OPTIONS", "/media/x/1/vod/7/a1b2c3/s.ts", {}, 204),
    "preflight picture": ("OPTIONS", "/img/7/a1b2c3/poster.jpg", {}, 204),
    "recorded": ("GET", live_url(), {}, 200),
    "recorded head": ("HEAD", live_url(), {}, 200),
    "recorded range": ("GET", live_url(), {"Range": "bytes=100-199"}, 206),
    "recorded any copy": ("GET", live_url(), {"If-None-Match": "*"}, 304),
    "recorded packed": ("GET", live_url(), {"Accept-Encoding": "gzip"}, 200),
    "recorded wrong key": ("GET", live_url(key="00" * 32), {}, 403),
    "recorded other channel": ("GET", live_url().replace("live/7", "live/8"), {}, 403),
    "recorded by a title's": ("GET", url(LIVE_NAME).replace(SCOPE, LIVE_SCOPE), {}, 403),
    "recorded expired": ("GET", live_url(expires=PAST), {}, 410),
    "recorded missing": ("GET", live_url("20260501/02/1777600802000-2000.ts"), {}, 404),
    "recorded index": ("GET", live_url("20260501/02/index"), {}, 404),
    "recorded lock": ("GET", live_url(".lock"), {}, 404),
    "recorded folder": ("GET", live_url("20260501/02/"), {}, 404),
    "recorded other ending": ("GET", live_url("20260501/02/1777600802000-2000.mp4"), {}, 404),
    "recorded below": ("GET", live_url(LIVE_NAME + "/x"), {}, 404),
    "recorded line": ("GET", live_url(LIVE_NAME + "%0a"), {}, 404),
    "recorded no number": ("GET", live_url(scope="live/x"), {}, 404),
    "recorded preflight": ("OPTIONS", live_url(), {"Origin": "http://tv"}, 204),
    "post": ("POST", url("480p/s00000.ts"), {}, 405),
    "delete": ("DELETE", url("480p/s00000.ts"), {}, 405),
}  # fmt: skip

# What both must say in the same words, wherever one of them says it.
SAME = (
    "content-type",
    "content-range",
    "content-encoding",
    "vary",
    "etag",
    "last-modified",
    "access-control-allow-origin",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-expose-headers",
)


@pytest.mark.parametrize("name", TABLE)
def test_nginx_and_python_agree(site: Site, name: str) -> None:
    method, path, headers, status = TABLE[name]
    ours = request(site.gunicorn, path, method, **headers)
    theirs = request(site.nginx, path, method, **headers)
    assert (ours.status, theirs.status) == (status, status)
    if status in {405, 416}:
        return  # nginx has its own page for these
    assert {key: theirs.headers.get(key) for key in SAME} == {
        key: ours.headers.get(key) for key in SAME
    }
    if status >= 400:
        assert json.loads(theirs.body) == json.loads(ours.body)
    elif ours.headers.get("content-encoding") != "gzip":
        assert theirs.body == ours.body


CLIMBING = [
    "../../../../sources/ab/abcdef",
    "%2e%2e/%2e%2e/%2e%2e/sources/ab/abcdef",
    "..%2f..%2f..%2fsources/ab/abcdef",
    "480p/../../../8/d4e5f6/480p/s00000.ts",
    "%2e%2e%5c%2e%2e/x",
    "../../../../../../../../etc/passwd",
    "480p/%00s00000.ts",
    "480p/s00000.ts%00.jpg",
]


@pytest.mark.parametrize("rest", CLIMBING)
def test_climbing_path_gets_nothing(site: Site, rest: str) -> None:
    for port in (site.nginx, site.gunicorn, site.edge):
        reply = request(port, url(rest))
        assert 400 <= reply.status < 410
        assert reply.body not in {SEGMENT, b"an original nobody may fetch"}
    for port in (site.nginx, site.gunicorn):
        assert 400 <= request(port, f"/img/7/a1b2c3/{rest}").status < 410


def test_good_segment_and_its_headers(site: Site) -> None:
    reply = request(site.nginx, url("480p/s00000.ts"))
    assert (reply.status, reply.body) == (200, SEGMENT)
    assert reply.headers["content-type"] == "video/mp2t"
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["cache-control"].startswith("private, max-age=")


def test_playlist_is_packed(site: Site) -> None:
    reply = request(site.nginx, url("480p/index.m3u8"), Accept_Encoding="gzip")
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.body) == PLAYLIST


def test_picture_is_kept_for_a_year(site: Site) -> None:
    reply = request(site.nginx, "/img/7/a1b2c3/poster.jpg")
    assert reply.body == PICTURE
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_client_goes_on_at_the_other_door(site: Site) -> None:
    etag = request(site.nginx, url("480p/s00000.ts")).headers["etag"]
    part = request(site.gunicorn, url("480p/s00000.ts"), Range="bytes=9-19", If_Range=etag)
    assert (part.status, part.body) == (206, SEGMENT[9:20])


def test_everything_else_goes_to_gunicorn_with_who_asks(site: Site) -> None:
    reply = request(site.nginx, "/api/v1/home?x=1", X_Forwarded_For="6.6.6.6")
    seen = json.loads(reply.body)
    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == ("/api/v1/home", "x=1")
    assert seen["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert seen["HTTP_X_FORWARDED_PROTO"] == "http"
    assert seen["HTTP_HOST"] == f"127.0.0.1:{site.nginx}"


def test_large_part_of_an_upload_passes_and_a_large_form_does_not(site: Site) -> None:
    def send(path: str, size: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", site.nginx, timeout=30)
        try:
            connection.putrequest("PATCH", path)
            connection.putheader("Content-Length", str(size))
            connection.endheaders()
            if size <= 70_000_000 and path.startswith("/api/v1/uploads"):
                for _ in range(size // 1_000_000):
                    connection.send(bytes(1_000_000))
            reply = connection.getresponse()
            reply.read()
            return reply.status
        finally:
            connection.close()

    assert send("/api/v1/uploads/abc", 70_000_000) == 200
    assert send("/api/v1/titles", 70_000_000) == 413


XTREAM = ("/h7/household-key/3", "/timeshift/h7/household-key/60/2026-11-22:12-00/3.m3u8")


def test_logs_hold_no_signature_and_no_query(site: Site) -> None:
    address = url("480p/s00001.ts")  # missing: nginx must not log it as an error either
    for path in XTREAM:
        request(site.nginx, path)
    request(site.nginx, address, Referer="http://tv/?token=in-the-referrer")
    request(site.nginx, "/vod/7/index.m3u8?e=1&s=in-the-query")
    request(site.nginx, url("480p/s00001.ts", key="00" * 32))
    logs = _logs_with(site.folder / "nginx", "s00001.ts 403")
    assert "GET /media/-/-/vod/7/a1b2c3/480p/s00001.ts 404" in logs
    assert address.split("/")[2] not in logs
    assert "in-the-referrer" not in logs
    assert "household-key" not in logs
    assert "GET /timeshift/h7/-/60/2026-11-22:12-00/3.m3u8" in logs
    assert "in-the-query" not in logs


def _logs_with(folder: Path, last: str) -> str:
    """Return both logs once nginx has written the line that holds `last`."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        logs = "".join((folder / f"{name}.log").read_text() for name in ("access", "error"))
        if last in logs:
            return logs
        time.sleep(0.1)
    raise AssertionError(f"{last} never came into the log: {logs}")


def test_edge_keeps_one_copy_for_all_signatures(site: Site) -> None:
    first = request(site.edge, url("480p/s00000.ts"))
    other = request(site.edge, url("480p/s00000.ts", expires=4_102_444_800))
    part = request(site.edge, url("480p/s00000.ts"), Range="bytes=100-199")
    assert (first.status, first.body) == (200, SEGMENT)
    assert (other.status, other.body, other.headers["x-cache"]) == (200, SEGMENT, "HIT")
    assert (part.status, part.body, part.headers["x-cache"]) == (206, SEGMENT[100:200], "HIT")


def test_edge_checks_each_signature_though_it_has_a_copy(site: Site) -> None:
    assert request(site.edge, url("480p/s00000.ts")).status == 200
    assert request(site.edge, url("480p/s00000.ts", key="00" * 32)).status == 403
    assert request(site.edge, url("480p/s00000.ts", expires=PAST)).status == 410
    assert json.loads(request(site.edge, url("x", expires=PAST)).body)["title"] == "已失效"


def test_recorded_segment_is_kept_by_players_and_by_the_edge(site: Site) -> None:
    for port in (site.nginx, site.gunicorn):
        reply = request(port, live_url())
        assert (reply.status, reply.body) == (200, SEGMENT)
        assert reply.headers["cache-control"].startswith("private, max-age=")
        assert reply.headers["cache-control"].endswith(", immutable")
    first = request(site.edge, live_url())
    other = request(site.edge, live_url(expires=4_102_444_800))
    assert (first.status, first.body) == (200, SEGMENT)
    assert (other.status, other.body, other.headers["x-cache"]) == (200, SEGMENT, "HIT")
    assert request(site.edge, live_url(key="00" * 32)).status == 403
    assert request(site.edge, live_url("20260501/02/index")).status == 404


def test_recorded_segments_come_and_go_at_once(site: Site) -> None:
    """No open file is kept: what appears is served, what expires makes room."""
    name = "20260501/02/1777600900000-2000.ts"
    file = site.folder / "recordings" / "7" / name
    for _ in range(3):
        assert request(site.nginx, live_url(name)).status == 404
        file.write_bytes(SEGMENT)
        assert request(site.nginx, live_url(name)).body == SEGMENT
        file.unlink()
    assert request(site.nginx, live_url(name)).status == 404


def test_edge_packs_playlists_itself_and_passes_the_rest_on(site: Site) -> None:
    packed = request(site.edge, url("480p/index.m3u8"), Accept_Encoding="gzip")
    plain = request(site.edge, url("480p/index.m3u8"))
    assert gzip.decompress(packed.body) == plain.body == PLAYLIST
    assert packed.headers["access-control-allow-origin"] == "*"
    seen = json.loads(request(site.edge, "/api/v1/home").body)
    assert seen["HTTP_HOST"] == f"127.0.0.1:{site.edge}"
    assert request(site.edge, "/img/7/a1b2c3/poster.jpg").body == PICTURE
    assert request(site.edge, "/img/7/a1b2c3/poster.jpg").headers["x-cache"] == "HIT"


@pytest.mark.parametrize("example", ["nginx-local.conf.example", "nginx-edge-local.conf.example"])
def test_example_has_what_the_test_site_has(example: str) -> None:
    text = (Path(__file__).parents[3] / "deploy" / example).read_text()
    ours = (
        edge_local_conf(port=1, key="k", county_port=2)
        if "edge" in example
        else local_conf(port=1, key="k", blobs=Path("/b"), web_port=2)
    )
    county = () if "edge" in example else ("$cuntai_blobs", "$cuntai_recordings")
    for word in ("$cuntai_media_key", "upstream cuntai_", "include nginx-", "access_log", *county):
        assert word in text
        assert word in ours
