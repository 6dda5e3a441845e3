"""SegmentApp under a real gunicorn by the shipped deploy/gunicorn.conf.py: sendfile and ranges."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.front_door import free_port, shipped_gunicorn
from tests.vod_server.streams.delivery_site import KEY, PLAYLIST, SEGMENT, fill, request, url

WSGI_MODULE = f"""
import json
import os
import socket
from pathlib import Path

from core.blobs.local import LocalBlobs
from core.clock import SystemClock
from vod_server.streams.delivery import SegmentApp, in_front_of

# Count what really leaves by sendfile(2), in the server's own process.
calls = []
real = os.sendfile
def counted(out, source, offset, count):
    sent = real(out, source, offset, count)
    calls.append((offset, sent))
    return sent
os.sendfile = counted

def site(environ, start_response):
    body = json.dumps(calls).encode()
    calls.clear()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

app = in_front_of(
    SegmentApp(LocalBlobs(Path(os.environ["TEST_BLOBS"])), {KEY!r}, SystemClock()), site
)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("gunicorn")
    fill(folder / "blobs")
    (folder / "counting_site.py").write_text(WSGI_MODULE)
    port = free_port()
    env = {"TEST_BLOBS": str(folder / "blobs"), "CUNTAI_WEB_WORKERS": "1"}
    options = ["--access-logfile", "access.log"]
    app = "counting_site:app"
    with shipped_gunicorn(folder, app, port=port, env=env, options=options):
        yield port, folder


def _sendfile_calls(port: int, least_bytes: int = 0) -> list[tuple[int, int]]:
    """Take the server's list of (offset, sent); it is told a moment after the client has all."""
    calls: list[tuple[int, int]] = []
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        calls += json.loads(request(port, "/calls").body)
        if sum(sent for _, sent in calls) >= least_bytes:
            break
    return calls


def test_whole_segment_leaves_by_sendfile(server: tuple[int, Path]) -> None:
    port, _ = server
    _sendfile_calls(port)
    reply = request(port, url("480p/s00000.ts"))
    assert (reply.status, reply.body) == (200, SEGMENT)
    assert sum(sent for _, sent in _sendfile_calls(port, len(SEGMENT))) == len(SEGMENT)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-0", 0, 1), ("1000-200999", 1000, 201_000), ("-10", 299_997, 300_007)],
)
def test_range_leaves_by_sendfile(
    server: tuple[int, Path], asked: str, start: int, end: int
) -> None:
    port, _ = server
    _sendfile_calls(port)
    reply = request(port, url("480p/s00000.ts"), Range=f"bytes={asked}")
    assert (reply.status, reply.body) == (206, SEGMENT[start:end])
    calls = _sendfile_calls(port, end - start)
    assert calls[0][0] == start
    assert sum(sent for _, sent in calls) == end - start


def test_connection_stays_good_after_range_head_and_errors(server: tuple[int, Path]) -> None:
    port, _ = server
    for _ in range(2):
        assert request(port, url("480p/s00000.ts"), Range="bytes=5-9").body == SEGMENT[5:10]
        assert request(port, url("480p/s00000.ts"), "HEAD").body == b""
        assert request(port, url("none.ts"), "HEAD").body == b""
        assert request(port, url("480p/s00000.ts"), Range="bytes=999999-").status == 416


def test_playlist_is_packed(server: tuple[int, Path]) -> None:
    port, _ = server
    reply = request(port, url("480p/index.m3u8"), Accept_Encoding="gzip")
    assert gzip.decompress(reply.body) == PLAYLIST


def test_no_descriptor_is_left_open(server: tuple[int, Path]) -> None:
    port, folder = server
    request(port, url("480p/s00000.ts"))
    request(port, url("480p/s00000.ts"), Range="bytes=5-9")
    request(port, url("480p/s00000.ts"), "HEAD")
    request(port, url("480p/index.m3u8"), Accept_Encoding="gzip")
    blobs = str(folder / "blobs")
    for pid in _children_of_this_process():
        targets = [_target(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
        assert not [target for target in targets if target.startswith(blobs)]


XTREAM = [
    "/live/h7/household-key/3.ts",
    "/h7/household-key/3",
    "/timeshift/h7/household-key/60/2026-11-22:12-00/3.m3u8",
]


def test_access_log_holds_no_signature_and_no_query(server: tuple[int, Path]) -> None:
    port, folder = server
    address = url("480p/s00000.ts")
    request(port, address)
    for path in XTREAM:
        request(port, path)
    request(port, "/vod/7/index.m3u8?e=1&s=secret-signature")
    log = ""
    deadline = time.monotonic() + 20
    # A line is written after its reply has gone out.
    while "index.m3u8 200" not in log and time.monotonic() < deadline:
        log = (folder / "access.log").read_text()
    assert "GET /media/-/-/vod/7/a1b2c3/480p/s00000.ts 200 300007" in log
    assert "GET /vod/7/index.m3u8 200" in log
    assert address.split("/")[2] not in log
    assert "secret-signature" not in log
    assert "household-key" not in log
    assert "GET /live/h7/-/3.ts" in log


def _children_of_this_process() -> list[int]:
    """Return the processes below this one: gunicorn's arbiter and its workers."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except FileNotFoundError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = list(children.get(os.getpid(), []))
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""
