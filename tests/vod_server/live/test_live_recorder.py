"""One run of ffmpeg: how it cuts, what it lists, how it ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vod_server.live.deck import check_contiguous, check_stream, on_deck, wait_until, wanted
from vod_server.live.fitting import Plan, output_arguments
from vod_server.live.recorder import Finished, Recorder, command

pytestmark = pytest.mark.media


def record_of(folder: Path, *inputs: str) -> Recorder:
    folder.mkdir()
    outputs = output_arguments(Plan("copy", "copy"), "file")
    return Recorder(folder, inputs, outputs, segment_s=1.0)


@pytest.fixture
def looped(tmp_path: Path, clips: Path) -> Iterator[Recorder]:
    recorder = record_of(tmp_path / "run", "-re", "-stream_loop", "-1", "-i", f"{clips}/small.ts")
    try:
        yield recorder
    finally:
        recorder.kill()


def take(recorder: Recorder, found: list[Finished], count: int) -> None:
    """Wait for so many segments in all."""

    def enough() -> bool:
        found.extend(recorder.finished())
        return len(found) >= count

    wait_until(enough, f"{count} segments")


def test_a_file_loop_becomes_one_stream_over_its_seam(tmp_path: Path, clips: Path) -> None:
    with on_deck(tmp_path, wanted(("file", str(clips / "small.ts")))) as deck:
        segments = deck.record(5)  # the clip has four seconds
        check_contiguous(segments)
        check_stream(deck, segments)
        assert [abs(s.duration_ms - 1000) < 130 for s in segments] == [True] * 5
        drift_ms = time.time() * 1000 - segments[-1].end_ms
        assert -200 < drift_ms < 20_000, "it is dated when it was on air"


def test_a_segment_is_given_out_once_and_only_when_it_is_whole(looped: Recorder) -> None:
    found: list[Finished] = []
    take(looped, found, 3)
    assert [one.file.name for one in found[:3]] == ["0.ts", "1.ts", "2.ts"]
    assert all(one.is_whole for one in found)
    assert [one.begin_s for one in found[1:3]] == [one.end_s for one in found[:2]]
    sizes = [one.file.stat().st_size for one in found]
    wait_until(looped.finished, "another")
    assert [one.file.stat().st_size for one in found] == sizes


def test_asked_to_end_it_finishes_what_it_writes(looped: Recorder) -> None:
    found: list[Finished] = []
    take(looped, found, 1)
    assert looped.newest_file()[0] == f"{len(found)}.ts", "the next one is being written"
    looped.ask_to_end()
    wait_until(lambda: looped.has_ended, "its end")
    found += looped.finished()
    files = sorted(looped.folder.glob("*.ts"), key=lambda file: int(file.stem))
    assert [one.file for one in found] == files
    assert found[-1].end_s > found[-1].begin_s
    assert all(one.is_whole for one in found)


def test_kill_ends_it_even_when_it_hangs(looped: Recorder) -> None:
    os.kill(looped.pid, signal.SIGSTOP)
    looped.ask_to_end()
    assert not looped.has_ended
    looped.kill()
    assert looped.has_ended


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (("-i", "/no/such/film.ts"), "找不到文件"),
        (("-i", "http://127.0.0.1:9/live.ts"), "信号源拒绝连接"),
        (("-f", "mpegts", "-i", "/etc/hostname"), "收到的不是可以播放的信号"),
    ],
)
def test_it_says_in_plain_words_why_it_ended(
    tmp_path: Path, inputs: tuple[str, ...], words: str
) -> None:
    recorder = record_of(tmp_path / "run", *inputs)
    try:
        wait_until(lambda: recorder.has_ended, "its end")
        assert recorder.finished() == []
        assert recorder.complaint() == words
    finally:
        recorder.kill()


def test_a_complaint_shows_no_secret(tmp_path: Path) -> None:
    url = "rtmp://127.0.0.1:9/live/stream?token=sesame"
    recorder = record_of(tmp_path / "run", "-unknown-option", url, "-i", url)
    try:
        wait_until(lambda: recorder.has_ended, "its end")
        assert "sesame" not in recorder.complaint([url])
    finally:
        recorder.kill()


def test_a_torn_file_is_told_from_a_whole_one(tmp_path: Path) -> None:
    for size_bytes, is_whole in ((188 * 3, True), (188 * 3 + 100, False)):
        file = tmp_path / f"{size_bytes}.ts"
        file.write_bytes(bytes(size_bytes))
        assert Finished(file, 0.0, 1.0).is_whole is is_whole
    assert not Finished(tmp_path / "none.ts", 0.0, 1.0).is_whole


def test_sound_alone_is_cut_at_the_wanted_length_and_pictures_a_little_earlier() -> None:
    def cut_s(*outputs: str) -> str:
        whole = command(Path("/run"), ["-i", "x"], outputs, segment_s=2.0)
        return whole[whole.index("-segment_time") + 1]

    assert (cut_s("-vn"), cut_s("-c:v", "copy")) == ("2", "1.75")
