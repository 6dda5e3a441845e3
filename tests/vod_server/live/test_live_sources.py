"""Every kind of source comes in: real senders, real ffmpeg, loopback only."""

from __future__ import annotations

import functools
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.vod_server.live.deck import (
    Deck,
    check_contiguous,
    check_stream,
    endless,
    on_deck,
    sender,
    streams_of,
    wait_until,
    wanted,
)
from tests.vod_server.media.clips import run

pytestmark = pytest.mark.media

#: How far a recording's time may run before the clock: what ffmpeg held back while it looked at a
#: source comes out at once, so a run's first segment is dated up to that much too late.
JITTER_MS = 2000


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    """Return a port nobody uses."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_comes_in(deck: Deck, *, mode: str = "copy", count: int = 3) -> None:
    """Check that a source is recorded as it is, in order and on time."""
    segments = deck.record(count)
    check_contiguous(segments)
    check_stream(deck, segments)
    assert streams_of(deck.file(segments[-1])) == {"video": "h264", "audio": "aac"}
    state = deck.airing.state()
    assert (state.state, state.mode, state.restarts) == ("on_air", mode, 0)
    assert state.bitrate_bps > 10_000
    assert state.ahead_ms < JITTER_MS, "its time does not run before the clock"


def test_udp_unicast(tmp_path: Path, clips: Path) -> None:
    url = f"udp://127.0.0.1:{free_port()}"
    target = [*endless(clips / "small.ts"), "-f", "mpegts", f"{url}?pkt_size=1316"]
    with sender(*target), on_deck(tmp_path, wanted(("udp", url))) as deck:
        check_comes_in(deck)
        first = deck.segments()[0]
        # Joined between two keyframes: the sound before the first picture is no part of it.
        assert first.duration_ms < 1200


def test_udp_multicast(tmp_path: Path, clips: Path) -> None:
    url = f"udp://@239.255.42.7:{free_port()}?localaddr=127.0.0.1"
    to = url.replace("@", "") + "&pkt_size=1316&ttl=0"
    with sender(*endless(clips / "small.ts"), "-f", "mpegts", to):
        if not _hears_multicast():
            pytest.skip("this machine's loopback carries no multicast")
        with on_deck(tmp_path, wanted(("udp", url))) as deck:
            check_comes_in(deck, count=2)


def _hears_multicast() -> bool:
    group, here = "239.255.42.8", "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hearing:
        hearing.bind((group, 0))
        member = socket.inet_aton(group) + socket.inet_aton(here)
        try:
            hearing.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            hearing.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(here))
            hearing.settimeout(2)
            hearing.sendto(b"here", hearing.getsockname())
            return hearing.recv(10) == b"here"
        except OSError:
            return False


def test_rtp(tmp_path: Path, clips: Path) -> None:
    url = f"rtp://127.0.0.1:{free_port()}"
    target = [*endless(clips / "small.ts"), "-f", "rtp_mpegts", url]
    with sender(*target), on_deck(tmp_path, wanted(("rtp", url))) as deck:
        check_comes_in(deck)


def test_srt_we_call(tmp_path: Path, clips: Path) -> None:
    url = f"srt://127.0.0.1:{free_port()}"
    target = [*endless(clips / "small.ts"), "-f", "mpegts", f"{url}?mode=listener"]
    given = f"{url}?mode=caller&latency=120000"
    with sender(*target), on_deck(tmp_path, wanted(("srt", given))) as deck:
        deck.wait(deck.segments, "the sender to listen")
        deck.record(2)
        assert streams_of(deck.file(deck.segments()[-1])) == {"video": "h264", "audio": "aac"}


def test_srt_we_are_called_with_the_passphrase(tmp_path: Path, clips: Path) -> None:
    url = f"srt://127.0.0.1:{free_port()}"
    secret = "passphrase=pass%40word-ok&pbkeylen=16"
    with on_deck(tmp_path, wanted(("srt", f"{url}?mode=listener&{secret}"))) as deck:
        deck.wait(lambda: deck.airing.pid, "the listener")
        time.sleep(0.5)  # callers give up soon; one that is too early would only call again
        caller = f"{url}?mode=caller&passphrase=pass@word-ok&pbkeylen=16&connect_timeout=30000"
        with sender(*endless(clips / "small.ts"), "-f", "mpegts", caller):
            check_comes_in(deck)


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Serve a folder; give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_hls_pull_is_not_dated_before_the_clock(tmp_path: Path, clips: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    hls = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "8", "-hls_flags", "delete_segments"]
    with web_server(site) as base, sender(*endless(clips / "small.ts"), *hls, site / "live.m3u8"):
        wait_until((site / "live3.ts").exists, "a playlist of some length")
        given = wanted(("hls", f"{base}/live.m3u8|User-Agent=box"))
        with on_deck(tmp_path, given, stall_s=20) as deck:
            check_comes_in(deck, count=5)


def test_a_transport_stream_over_http(tmp_path: Path, clips: Path) -> None:
    port = free_port(socket.SOCK_STREAM)
    url = f"http://127.0.0.1:{port}/live.ts"
    serve = [*endless(clips / "small.ts"), "-f", "mpegts", "-listen", "1", url]
    with sender(*serve), on_deck(tmp_path, wanted(("http", url))) as deck:
        deck.wait(deck.segments, "the server to listen")
        deck.record(3)
        assert deck.airing.state().ahead_ms < JITTER_MS


def test_a_film_over_http_is_paced(tmp_path: Path, clips: Path) -> None:
    with web_server(clips) as base, on_deck(tmp_path, wanted(("http", f"{base}/small.ts"))) as deck:
        segments = deck.record(3)
        assert segments[-1].end_ms < time.time() * 1000 + JITTER_MS


def test_a_folder_in_a_loop(tmp_path: Path, clips: Path) -> None:
    films = tmp_path / "inbox" / "it's 县里的片子"
    films.mkdir(parents=True)
    for name in ("一.ts", "it's two.ts"):
        short = ["-i", str(clips / "small.ts"), "-t", "2", "-c", "copy"]
        run("ffmpeg", "-v", "error", "-nostdin", *short, films / name)
    (films / "readme.txt").write_text("no film")
    with on_deck(tmp_path, wanted(("file", films.name))) as deck:
        segments = deck.record(5)  # over two seams
        assert deck.airing.state().restarts == 0
        check_stream(deck, segments)


def test_radio(tmp_path: Path, clips: Path) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / "small.ts")), radio=True)) as deck:
        check_contiguous(deck.record(3))
        assert streams_of(deck.file(deck.segments()[-1])) == {"audio": "aac"}


def test_sound_that_is_not_called_radio(tmp_path: Path, clips: Path) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / "sound.ts")))) as deck:
        check_contiguous(deck.record(3))
        assert streams_of(deck.file(deck.segments()[-1])) == {"audio": "aac"}


@pytest.mark.parametrize("name", ["hevc.ts", "mp2.ts"])
def test_what_boxes_cannot_play_is_encoded(tmp_path: Path, clips: Path, name: str) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / name)))) as deck:
        check_comes_in(deck, mode="encode", count=1)


def test_the_admin_may_insist_on_a_copy(tmp_path: Path, clips: Path) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / "mp2.ts"), "copy"))) as deck:
        deck.record(2)
        assert streams_of(deck.file(deck.segments()[-1])) == {"video": "h264", "audio": "mp2"}


def test_a_clock_card_moves_and_sounds(tmp_path: Path) -> None:
    with on_deck(tmp_path, wanted(("card", "clock?title=试播"))) as deck:
        check_comes_in(deck, mode="encode", count=2)
        last = deck.file(deck.segments()[-1])
        edge = ("-map", "0:v", "-vf", "crop=iw:14:0:ih-14", "-f", "framemd5", "-")
        frames = run("ffmpeg", "-v", "error", "-i", last, *edge)
        pictures = [line.split(",")[-1] for line in frames.splitlines() if line[0] != "#"]
        assert len(set(pictures)) > len(pictures) / 2, "its edge moves"
