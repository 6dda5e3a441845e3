"""Shared by the tests of recordings: a recorder without ffmpeg."""

from __future__ import annotations

import os
from pathlib import Path

from epg.timeline.model import Segment
from vod_server.recordings.folders import channel_folder, hours_of, load_hour, rebuild_hour
from vod_server.recordings.writer import ChannelWriter

CHANNEL = 7
MIDNIGHT = 1_777_593_600_000  # 2026-05-01T00:00:00Z
HOUR = 3_600_000


class Recorder:
    """Writes files as ffmpeg's segment muxer does, and may commit them.

    Args:
        writer: the channel's.
        start_ms: instant of its first picture.
        run: the run's word.
    """

    def __init__(self, writer: ChannelWriter, start_ms: int, run: str = "run-1") -> None:
        self.writer = writer
        self.folder = writer.begin_run(run)
        self.start_ms = start_ms
        self.number = 0

    def finish(self, content: bytes = b"") -> Path:
        """Write the next file of two seconds and its line in the list."""
        number = self.number
        file = self.folder / f"{number}.ts"
        file.write_bytes(content or f"{self.folder.name}/{number}".encode())
        written_s = self.start_ms / 1000 + 2 * number + 2
        os.utime(file, (written_s, written_s))
        with (self.folder / "list.csv").open("a") as lines:
            lines.write(f"{number}.ts,{2 * number:.6f},{2 * number + 2:.6f}\n")
        self.number += 1
        return file

    def commit(self, file: Path, parameters: str = "h264") -> Segment:
        """Commit a finished file."""
        number = int(file.stem)
        return self.writer.commit(
            file,
            begin_s=2 * number,
            end_s=2 * number + 2,
            written_ms=self.start_ms + 2000 * number + 2000,
            parameters=parameters,
        )

    def record(self, count: int) -> list[Segment]:
        """Finish and commit so many segments."""
        return [self.commit(self.finish()) for _ in range(count)]


def everything(root: Path) -> list[Segment]:
    """Return all segments by the indexes; they must say what the names say."""
    folder = channel_folder(root, CHANNEL)
    found: list[Segment] = []
    for hour_ms in hours_of(folder):
        segments = load_hour(folder, CHANNEL, hour_ms)
        by_name = rebuild_hour(folder, CHANNEL, hour_ms)
        names = [(s.start_ms, s.duration_ms, s.size_bytes) for s in by_name]
        assert [(s.start_ms, s.duration_ms, s.size_bytes) for s in segments] == names
        found += segments
    return found


def contents(root: Path) -> list[str]:
    """Return what stands in the files of all segments, in order."""
    files = (root / segment.key.removeprefix("live/") for segment in everything(root))
    return [file.read_text() for file in files]
