"""What goes wrong with a source, an ffmpeg or a disk, and that it mends itself."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from epg.timeline.model import Segment
from tests.vod_server.live.deck import (
    Deck,
    check_contiguous,
    endless,
    fill,
    on_deck,
    sender,
    wanted,
)
from tests.vod_server.live.test_live_sources import free_port, web_server
from tests.vod_server.media.clips import ffprobe
from vod_server.live import airing, rotation, runs

pytestmark = pytest.mark.media


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let seconds do for half minutes."""
    monkeypatch.setattr(runs, "START_GRACE_S", 3.0)
    monkeypatch.setattr(rotation, "RETURN_S", 2.0)
    monkeypatch.setattr(rotation, "LONGEST_PAUSE_S", 1.0)
    monkeypatch.setattr(rotation, "LONGEST_NEAR_PAUSE_S", 1.0)


def source_of(deck: Deck) -> int | None:
    state = deck.airing.state()
    return state.source_id if state.state == "on_air" else None


def check_broken_once(segments: list[Segment], runs: int) -> None:
    """Check that numbers go on over the runs, and each of these but the first opens."""
    for one, other in itertools.pairwise(segments):
        assert other.sequence == one.sequence + 1
        assert other.discontinuity == one.discontinuity + other.opens
        assert other.start_ms > one.end_ms - 25
    assert sum(segment.opens for segment in segments[1:]) == runs - 1


def test_ffmpeg_is_killed(tmp_path: Path, clips: Path) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / "small.ts")))) as deck:
        deck.record(2)
        first = deck.airing.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        deck.wait(lambda: deck.airing.state().restarts == 1, "the end to be noticed")
        before = deck.segments()
        deck.record(2)
        assert deck.airing.pid != first
        assert deck.segments()[: len(before)] == before
        check_broken_once(deck.segments(), 2)


def test_a_silent_sender_is_given_up_and_returned_to(tmp_path: Path, clips: Path) -> None:
    """SIGSTOP: the socket stays open, nothing comes; UDP would wait for ever."""
    url = f"udp://127.0.0.1:{free_port()}"
    send = [*endless(clips / "small.ts"), "-f", "mpegts", f"{url}?pkt_size=1316"]
    given = wanted(("udp", url), ("file", str(clips / "large.ts")))
    with sender(*send) as sending, on_deck(tmp_path, given, stall_s=3) as deck:
        deck.wait(lambda: source_of(deck) == 1, "the preferred source")
        sending.send_signal(signal.SIGSTOP)
        deck.wait(lambda: source_of(deck) == 2, "the reserve")
        assert deck.airing.state().last_error == "3 秒没有新的画面"
        sending.send_signal(signal.SIGCONT)
        deck.wait(lambda: source_of(deck) == 1, "the return")
        deck.record(1)
        assert deck.airing.state().restarts == 1, "a return is no failure"
        check_broken_once(deck.segments(), 3)


def test_a_source_is_gone_for_a_while(tmp_path: Path, clips: Path) -> None:
    url = f"udp://127.0.0.1:{free_port()}"
    send = [*endless(clips / "small.ts"), "-f", "mpegts", f"{url}?pkt_size=1316"]
    with on_deck(tmp_path, wanted(("udp", url)), stall_s=3) as deck:
        with sender(*send):
            deck.record(2)
        deck.wait(lambda: deck.airing.state().state == "stalled", "the stall")
        deck.wait(lambda: deck.airing.state().restarts >= 1, "another try")
        before = deck.segments()
        with sender(*send):
            deck.record(2)
        assert deck.segments()[: len(before)] == before
        check_broken_once(deck.segments(), 2)


def test_other_codec_parameters_open_a_discontinuity(tmp_path: Path, clips: Path) -> None:
    """Two encoders one after the other on one port: ffmpeg goes on, boxes must be told."""
    url = f"udp://127.0.0.1:{free_port()}"
    with on_deck(tmp_path, wanted(("udp", url)), stall_s=20) as deck:
        for name in ("small.ts", "large.ts"):
            send = [*endless(clips / name), "-f", "mpegts", f"{url}?pkt_size=1316"]
            with sender(*send):
                deck.record(3)
        segments = deck.segments()
        heights = [height_of(deck.file(segment)) for segment in segments]
        changes = [n for n in range(1, len(heights)) if heights[n] != heights[n - 1]]
        assert len(changes) == 1
        # Cut off in the middle of a GOP, the last old pictures may share a segment with the new.
        assert any(segment.opens for segment in segments[changes[0] : changes[0] + 2])
        assert deck.airing.state().restarts == 0


def height_of(file: Path) -> int:
    return int(ffprobe(file, "-show_entries", "stream=height")["streams"][0]["height"])


def test_a_source_that_cannot_be_cut_is_encoded(tmp_path: Path, clips: Path) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / "uncut.ts"))), stall_s=3) as deck:
        deck.record(2)
        state = deck.airing.state()
        assert state.mode == "encode"
        assert max(segment.duration_ms for segment in deck.segments()) < 3500


def test_a_file_served_at_once_is_no_live_signal(
    tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vod_server.live.inputs._PACED", [])
    monkeypatch.setattr(airing, "LONGEST_LEAD_S", 2.0)
    with web_server(clips) as base, on_deck(tmp_path, wanted(("http", f"{base}/small.ts"))) as deck:
        deck.wait(lambda: deck.airing.state().restarts, "it to be given up")
        assert "这是文件" in deck.airing.state().last_error
        deck.wait(lambda: deck.airing.state().restarts > 1, "another try")
        assert deck.segments() == [], "nothing is dated into the future"


def test_a_missing_file_is_looked_for_and_found(
    tmp_path: Path, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_deck(tmp_path, wanted(("file", "later.ts"))) as deck:
        deck.wait(lambda: deck.airing.state().restarts >= 3, "three tries")
        assert deck.airing.state().last_error == "没有文件 later.ts。"
        assert capsys.readouterr().out.count("live.fail") == 1, "it is said once"
        shutil.copy(clips / "small.ts", tmp_path / "inbox" / "later.ts")
        deck.record(1)


def test_trouble_of_the_system_is_the_channels_alone(
    tmp_path: Path, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with on_deck(tmp_path, wanted(("file", str(clips / "small.ts")))) as deck:
        with monkeypatch.context() as broken:
            broken.setattr(subprocess, "Popen", refuse)
            deck.wait(lambda: deck.airing.state().restarts >= 2, "failures")
            assert "系统出错" in deck.airing.state().last_error
        deck.record(1)


def test_a_hole_in_the_signal_is_a_gap_and_no_longer_target(tmp_path: Path, clips: Path) -> None:
    """For some seconds nothing arrives, in the middle of a segment; the sender's time goes on."""
    at, to = free_port(), free_port()
    send = [*endless(clips / "small.ts"), "-f", "mpegts", f"udp://127.0.0.1:{at}?pkt_size=1316"]
    given = wanted(("udp", f"udp://127.0.0.1:{to}"))
    with sender(*send), Relay(at, to) as relay, on_deck(tmp_path, given, stall_s=20) as deck:
        deck.record(2)
        before = len(deck.segments())
        relay.is_open.clear()
        until = time.monotonic() + 4
        deck.wait(lambda: time.monotonic() > until, "four seconds")
        relay.is_open.set()
        deck.record(3)
        segments = deck.segments()
        assert max(segment.duration_ms for segment in segments) < 2500
        assert [segment.opens for segment in segments[before:]].count(True) == 1
        state = deck.airing.state()
        assert (state.needed_target_s, state.restarts) == (0, 0)


class Relay(threading.Thread):
    """Passes datagrams on from one port to another while it is open."""

    def __init__(self, at: int, to: int) -> None:
        super().__init__()
        self.is_open = threading.Event()
        self.is_open.set()
        self._to = ("127.0.0.1", to)
        self._ended = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", at))
        self._socket.settimeout(0.2)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._ended = True
        self.join()
        self._socket.close()

    def run(self) -> None:
        while not self._ended:
            with suppress(OSError):
                packet = self._socket.recv(2000)
                if self.is_open.is_set():
                    self._socket.sendto(packet, self._to)


def test_a_full_disk_loses_nothing_finished_and_ends_with_it(small_disk: Path, clips: Path) -> None:
    with on_deck(small_disk, wanted(("file", str(clips / "small.ts")))) as deck:
        deck.record(2)
        filler = fill(small_disk)
        deck.wait(lambda: deck.full, "the full disk to be noticed")
        before = deck.segments()
        filler.unlink()
        deck.record(2)
        assert deck.segments()[: len(before)] == before
        for segment in deck.segments():
            assert deck.file(segment).stat().st_size % 188 == 0
        check_numbers(deck.segments())


def check_numbers(segments: list[Segment]) -> None:
    numbers = [segment.sequence for segment in segments]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_the_end_keeps_the_segment_that_was_being_written(tmp_path: Path, clips: Path) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / "small.ts")))) as deck:
        deck.record(2)
        time.sleep(0.5)  # no proof, but something to be written
        deck.airing.ask_to_end()
        deck.wait(lambda: not deck.airing.is_running, "ffmpeg's end")
        before = deck.segments()
        deck.airing.close(time.monotonic())
        assert len(deck.segments()) >= len(before)
        check_contiguous(deck.segments())
        assert not list((deck.writer.folder / ".incoming").glob("*/*.ts"))
