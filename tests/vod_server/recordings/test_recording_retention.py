"""Which hours go, and a disk that really fills."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from core.blobs.space import free_bytes
from core.errors import StorageFullError
from epg.timeline.names import hour_folder
from tests.vod_server.recordings.recorded import (
    CHANNEL,
    HOUR,
    MIDNIGHT,
    Recorder,
    contents,
)
from vod_server.recordings.folders import hours_of
from vod_server.recordings.reader import RecordedTimeline
from vod_server.recordings.retention import (
    Keep,
    RecordedHour,
    Report,
    deletable,
    expire,
    expired,
    is_pinned,
)
from vod_server.recordings.writer import ChannelWriter

DAY = 24 * HOUR
NOW = MIDNIGHT + 30 * 60_000
PLENTY = 10**15


def hours(*ages_h: int) -> list[int]:
    """Return hours that began so many hours before midnight, oldest first."""
    return sorted(MIDNIGHT - age * HOUR for age in ages_h)


def test_hours_go_an_hour_after_they_are_not_listed_any_more() -> None:
    keeps = {1: Keep(1)}
    have = {1: hours(*range(30))}
    gone = [(MIDNIGHT - hour.hour_ms) // HOUR for hour in expired(have, keeps, NOW)]
    # Listed is what began 24 hours before this hour; 25 may still be fetched.
    assert gone == [29, 28, 27, 26]


def test_each_channel_keeps_its_own_time_and_an_unknown_one_a_day() -> None:
    have = {1: hours(0, 40, 200), 2: hours(0, 40, 200), 3: hours(0, 20, 40)}
    gone = expired(have, {1: Keep(7), 2: Keep(0)}, NOW)
    assert gone == [
        RecordedHour(MIDNIGHT - 200 * HOUR, 1),
        RecordedHour(MIDNIGHT - 200 * HOUR, 2),
        RecordedHour(MIDNIGHT - 40 * HOUR, 2),
        RecordedHour(MIDNIGHT - 40 * HOUR, 3),
    ]


def test_pinned_hours_stay() -> None:
    start = MIDNIGHT - 100 * HOUR
    keeps = {1: Keep(1, [(start + HOUR - 1, start + 2 * HOUR)])}
    have = {1: hours(101, 100, 99, 98)}
    gone = [(MIDNIGHT - hour.hour_ms) // HOUR for hour in expired(have, keeps, NOW)]
    assert gone == [101, 98]
    assert not is_pinned(start, [(start - HOUR, start), (start + HOUR, start + 2 * HOUR)])


def test_the_present_hour_never_goes_nor_what_lies_ahead() -> None:
    have = {1: hours(-5, -1, 0, 1)}
    assert deletable(have, {1: Keep(0)}, NOW) == [RecordedHour(MIDNIGHT - HOUR, 1)]
    # Just after the hour live playlists still list the one before.
    assert deletable(have, {1: Keep(0)}, MIDNIGHT + 60_000) == []


def test_when_the_disk_is_short_the_oldest_go_whosesoever_they_are() -> None:
    have = {1: hours(5, 3, 0), 2: hours(4, 2, 0)}
    ages = [((MIDNIGHT - h) // HOUR, c) for h, c in deletable(have, {}, NOW)]
    assert ages == [(5, 1), (4, 2), (3, 1), (2, 2)]


def record_hour(root: Path, channel_id: int, hour_ms: int, size_bytes: int = 1000) -> None:
    writer = ChannelWriter(root, channel_id)
    recorder = Recorder(writer, hour_ms, f"run-{hour_ms}")
    recorder.commit(recorder.finish(bytes(size_bytes)))
    writer.close()


def run(root: Path, keeps: dict[int, Keep], reserve_bytes: int = 0, now_ms: int = NOW) -> Report:
    return expire(
        root, keeps, now_ms=now_ms, reserve_bytes=reserve_bytes, measure_free=lambda _: PLENTY
    )


def test_expired_hours_are_deleted_with_their_empty_days(tmp_path: Path) -> None:
    for hour_ms in (MIDNIGHT - 30 * HOUR, MIDNIGHT - 23 * HOUR, MIDNIGHT):
        record_hour(tmp_path, 1, hour_ms)
    report = run(tmp_path, {1: Keep(1)})
    assert report.deleted == [(RecordedHour(MIDNIGHT - 30 * HOUR, 1), "expired")]
    assert hours_of(tmp_path / "1") == [MIDNIGHT - 23 * HOUR, MIDNIGHT]
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert names == [".incoming", ".lock", "20260430", "20260501"]
    assert run(tmp_path, {1: Keep(1)}).deleted == []


def test_what_a_killed_expiry_renamed_is_swept(tmp_path: Path) -> None:
    record_hour(tmp_path, 1, MIDNIGHT)
    gone = tmp_path / "1" / ".gone-20260101-00"
    gone.mkdir()
    (gone / "1-2.ts").write_bytes(b"x")
    run(tmp_path, {1: Keep(1)})
    assert not gone.exists()


def test_there_need_be_nothing_recorded(tmp_path: Path) -> None:
    assert run(tmp_path / "none", {}).deleted == []


def test_a_deleted_hour_is_gone_for_readers_at_once(tmp_path: Path) -> None:
    record_hour(tmp_path, CHANNEL, MIDNIGHT - 30 * HOUR)
    record_hour(tmp_path, CHANNEL, MIDNIGHT)
    timeline = RecordedTimeline(tmp_path, CHANNEL, target_duration_s=3, not_before_ms=0)
    assert len(timeline.between(0, NOW)) == 2
    run(tmp_path, {CHANNEL: Keep(1)})
    assert [s.start_ms for s in timeline.between(MIDNIGHT - 40 * HOUR, NOW)] == [MIDNIGHT]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of four megabytes."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=500", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_oldest_unpinned_hours_make_room_on_a_full_disk(small_disk: Path) -> None:
    for age, channel_id in ((9, 1), (8, 2), (7, 1), (6, 2), (0, 1)):
        record_hour(small_disk, channel_id, MIDNIGHT - age * HOUR, 600_000)
    pin = (MIDNIGHT - 9 * HOUR, MIDNIGHT - 9 * HOUR + 1000)
    keeps = {1: Keep(7, [pin]), 2: Keep(7)}
    report = expire(small_disk, keeps, now_ms=NOW, reserve_bytes=2_000_000, measure_free=free_bytes)
    ages = [((MIDNIGHT - hour.hour_ms) // HOUR, why) for hour, why in report.deleted]
    assert ages == [(8, "disk"), (7, "disk")]
    assert report.free_bytes >= 2_000_000
    assert not report.is_short
    assert hours_of(small_disk / "1") == [MIDNIGHT - 9 * HOUR, MIDNIGHT]
    # More cannot be had: what is left is pinned or on air.
    report = expire(small_disk, keeps, now_ms=NOW, reserve_bytes=PLENTY, measure_free=free_bytes)
    assert report.is_short
    assert hours_of(small_disk / "1") == [MIDNIGHT - 9 * HOUR, MIDNIGHT]


def test_recording_goes_on_on_a_full_disk_and_loses_nothing(small_disk: Path) -> None:
    record_hour(small_disk, CHANNEL, MIDNIGHT - 5 * HOUR, 1_000_000)
    timeline = RecordedTimeline(small_disk, CHANNEL, target_duration_s=3, not_before_ms=MIDNIGHT)
    with closing(ChannelWriter(small_disk, CHANNEL)) as writer:
        recorder = Recorder(writer, MIDNIGHT)
        files = [recorder.finish() for _ in range(3)]
        fill(small_disk / "filler")
        for file in files[:2]:
            recorder.commit(file)  # renaming takes no room; the index has to wait
        assert (small_disk / "7" / hour_folder(MIDNIGHT) / "index").read_bytes() == b""
        assert len(timeline.between(MIDNIGHT, NOW)) == 2
        report = expire(
            small_disk,
            {CHANNEL: Keep(7)},
            now_ms=NOW,
            reserve_bytes=900_000,
            measure_free=free_bytes,
        )
        assert [why for _, why in report.deleted] == ["disk"]
        recorder.commit(files[2])
        recorder.record(1)
        assert contents(small_disk) == [f"run-1/{number}" for number in range(4)]
        assert len(timeline.between(MIDNIGHT, NOW)) == 4


def fill(filler: Path) -> None:
    """Take all room there is."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_no_room_for_a_folder_is_said_and_the_file_stays(small_disk: Path) -> None:
    with closing(ChannelWriter(small_disk, CHANNEL)) as writer:
        recorder = Recorder(writer, MIDNIGHT - 2000)
        recorder.record(1)
        file = recorder.finish()
        crowd = small_disk / "crowd"
        crowd.mkdir()
        with suppress(OSError):
            for number in range(100_000):  # a file system has an end of names, too
                (crowd / str(number)).touch()
        with pytest.raises(StorageFullError):
            recorder.commit(file)
        assert file.exists()
        shutil.rmtree(crowd)
        recorder.commit(file)
        assert contents(small_disk) == ["run-1/0", "run-1/1"]
