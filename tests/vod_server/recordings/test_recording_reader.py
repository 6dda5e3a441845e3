"""The recording read as a timeline, while it is written, damaged and deleted."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from epg.timeline.model import Recorded, Segment
from epg.timeline.window import Window, select
from tests.vod_server.recordings.recorded import CHANNEL, HOUR, MIDNIGHT, Recorder, everything
from vod_server.recordings import reader
from vod_server.recordings.memory import KeptHours
from vod_server.recordings.reader import RecordedTimeline
from vod_server.recordings.writer import ChannelWriter


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[ChannelWriter]:
    writer = ChannelWriter(tmp_path, CHANNEL)
    yield writer
    writer.close()


def timeline(root: Path, not_before_ms: int = 0) -> RecordedTimeline:
    return RecordedTimeline(root, CHANNEL, target_duration_s=3, not_before_ms=not_before_ms)


def all_of(root: Path) -> list[Segment]:
    return list(timeline(root).between(MIDNIGHT - 3 * HOUR, MIDNIGHT + 9 * HOUR))


def test_it_says_itself_how_far_it_has_come(tmp_path: Path) -> None:
    assert isinstance(timeline(tmp_path), Recorded)


def test_each_new_segment_is_seen_at_once(writer: ChannelWriter, tmp_path: Path) -> None:
    recorder = Recorder(writer, MIDNIGHT - 5000)
    read = timeline(tmp_path)
    written: list[Segment] = []
    assert read.edge_ms() is None
    tails = {read.tail()}
    for _ in range(8):
        written += recorder.record(1)
        assert all_of(tmp_path) == written
        assert read.edge_ms() == written[-1].end_ms
        tails.add(read.tail())
        assert read.tail() == read.tail()
    assert len(tails) == 9


def test_only_what_was_added_is_read(writer: ChannelWriter, tmp_path: Path) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    recorder.record(3)
    before = all_of(tmp_path)
    recorder.record(1)
    after = all_of(tmp_path)
    # Not equal ones made anew, but the very same.
    assert all(one is other for one, other in zip(before, after, strict=False))
    assert len(after) == 4


@pytest.mark.parametrize(
    ("from_s", "to_s", "starts_s"),
    [
        (0, 6, [0, 2, 4]),
        (1, 5, [0, 2, 4]),
        (2, 4, [2]),
        (1.999, 2.001, [0, 2]),
        (-50, 0.001, [0]),
        (-50, 0, []),
        (19.999, 99, [18]),
        (20, 99, []),
    ],
)
def test_what_overlaps_is_found(
    writer: ChannelWriter, tmp_path: Path, from_s: float, to_s: float, starts_s: list[int]
) -> None:
    Recorder(writer, MIDNIGHT).record(10)
    found = timeline(tmp_path).between(
        MIDNIGHT + round(from_s * 1000), MIDNIGHT + round(to_s * 1000)
    )
    assert [(s.start_ms - MIDNIGHT) // 1000 for s in found] == starts_s


def test_a_segment_reaches_over_the_hour(writer: ChannelWriter, tmp_path: Path) -> None:
    Recorder(writer, MIDNIGHT - 3000).record(3)
    found = timeline(tmp_path).between(MIDNIGHT, MIDNIGHT + 500)
    assert [s.start_ms - MIDNIGHT for s in found] == [-1000]


def test_hours_that_are_not_kept_are_not_listed(writer: ChannelWriter, tmp_path: Path) -> None:
    Recorder(writer, MIDNIGHT - 5000).record(6)
    read = timeline(tmp_path, MIDNIGHT + 1234)
    assert read.between(0, MIDNIGHT + HOUR)[0].start_ms == MIDNIGHT + 1000
    assert read.edge_ms() == MIDNIGHT + 7000
    assert timeline(tmp_path, MIDNIGHT + HOUR).edge_ms() is None


def test_the_newest_hour_is_found_after_a_long_silence(
    writer: ChannelWriter, tmp_path: Path
) -> None:
    Recorder(writer, MIDNIGHT).record(2)
    assert timeline(tmp_path).edge_ms() == MIDNIGHT + 4000
    _wait_for_another_mtime(tmp_path / "7" / "20260501")
    Recorder(writer, MIDNIGHT + 7 * HOUR, "run-2").record(2)
    assert timeline(tmp_path).edge_ms() == MIDNIGHT + 7 * HOUR + 4000
    _wait_for_another_mtime(tmp_path / "7")
    Recorder(writer, MIDNIGHT + 70 * HOUR, "run-3").record(2)
    assert timeline(tmp_path).edge_ms() == MIDNIGHT + 70 * HOUR + 4000


def _wait_for_another_mtime(folder: Path) -> None:
    """Wait until the file system gives a change another time than the last one's."""
    probe = folder.parent.parent / "probe"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        probe.touch()
        if probe.stat().st_mtime_ns > folder.stat().st_mtime_ns:
            return
        time.sleep(0.001)
    raise AssertionError("the clock of the file system stands")


@pytest.mark.parametrize("damage", ["gone", "empty", "garbage", "half", "zeros"])
def test_a_damaged_index_is_read_by_the_names(
    writer: ChannelWriter, tmp_path: Path, damage: str
) -> None:
    segments = Recorder(writer, MIDNIGHT - 3000).record(6)
    index = tmp_path / "7/20260501/00/index"
    text = index.read_bytes()
    index.unlink()
    if damage != "gone":
        index.write_bytes(
            {
                "empty": b"",
                "garbage": b"\xff" + text,
                "half": text[:11],
                "zeros": text[:60] + bytes(len(text) - 60) + b"\n",
            }[damage]
        )
    assert all_of(tmp_path) == segments
    assert timeline(tmp_path).edge_ms() == segments[-1].end_ms


def test_a_lost_index_of_the_hour_being_written_hides_nothing(
    writer: ChannelWriter, tmp_path: Path
) -> None:
    recorder = Recorder(writer, MIDNIGHT)
    segments = recorder.record(3)
    (tmp_path / "7/20260501/00/index").unlink()
    assert all_of(tmp_path) == segments
    segments += recorder.record(2)
    # The writer's own goes on without a head; its next start mends it.
    assert all_of(tmp_path) == segments
    writer.close()
    ChannelWriter(tmp_path, CHANNEL).close()
    assert all_of(tmp_path) == everything(tmp_path) == segments


def test_a_half_line_is_read_when_it_is_whole(writer: ChannelWriter, tmp_path: Path) -> None:
    segments = Recorder(writer, MIDNIGHT).record(3)
    index = tmp_path / "7/20260501/00/index"
    text = index.read_bytes()
    index.write_bytes(text[:-6])
    assert all_of(tmp_path) == segments[:2]
    with index.open("ab") as file:
        file.write(text[-6:])
    assert all_of(tmp_path) == segments


def test_a_deleted_hour_is_gone_and_the_rest_keeps_its_numbers(
    writer: ChannelWriter, tmp_path: Path
) -> None:
    segments = Recorder(writer, MIDNIGHT - 5000).record(3)
    segments += Recorder(writer, MIDNIGHT + 60_000, "run-2").record(3)
    kept = [s for s in segments if s.start_ms >= MIDNIGHT]
    assert kept[0].opens
    shutil.rmtree(tmp_path / "7/20260430")
    assert all_of(tmp_path) == kept
    shutil.rmtree(tmp_path / "7/20260501")
    assert timeline(tmp_path).edge_ms() is None
    assert all_of(tmp_path) == []


def test_the_text_of_the_architecture_is_read(tmp_path: Path) -> None:
    """An index whose head does not say whether the first one opens."""
    for hour, head, start_ms in (
        ("20260430/23", "cuntai-index 1 100 5", MIDNIGHT - 9000),
        ("20260501/00", "cuntai-index 1 101 5", MIDNIGHT),
    ):
        folder = tmp_path / "7" / hour
        folder.mkdir(parents=True)
        (folder / f"{start_ms}-2000.ts").write_bytes(b"12345")
        (folder / "index").write_text(f"{head}\n{start_ms} 2000 5\n")
    first, second = all_of(tmp_path)
    assert (first.sequence, first.discontinuity, first.opens) == (100, 5, False)
    assert (second.sequence, second.discontinuity, second.opens) == (101, 6, True)


def test_memory_has_an_end(
    writer: ChannelWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptHours(10)
    monkeypatch.setattr(reader, "_kept", kept)
    recorder = Recorder(writer, MIDNIGHT)
    for hour in range(6):
        recorder.start_ms = MIDNIGHT + hour * HOUR - 2000 * recorder.number
        recorder.record(4)
    assert len(all_of(tmp_path)) == 24
    assert kept._count <= 10
    assert kept._count == sum(len(hour.segments) for hour in kept._hours.values())


def test_readers_in_threads_see_whole_truths(writer: ChannelWriter, tmp_path: Path) -> None:
    recorder = Recorder(writer, MIDNIGHT - 100_000)
    recorder.record(10)
    stop = threading.Event()
    faults: list[str] = []

    def poll() -> None:
        last = 0
        while not stop.is_set():
            listing = select(timeline(tmp_path), Window(), MIDNIGHT)
            numbers = [s.sequence for s in listing.segments]
            if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
                faults.append(f"numbers {numbers}")
            if numbers[-1] < last:
                faults.append(f"{numbers[-1]} after {last}")
            last = numbers[-1]

    threads = [threading.Thread(target=poll) for _ in range(4)]
    for thread in threads:
        thread.start()
    recorder.record(150)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert len(all_of(tmp_path)) == 160
