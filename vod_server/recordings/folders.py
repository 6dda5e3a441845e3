"""A channel's folder of recordings: which hours there are, and what one of them holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from epg.timeline.index import (
    Count,
    Head,
    Stored,
    count_after,
    entries_of_names,
    number,
    parse_head,
    parse_lines,
    rebuild,
)
from epg.timeline.model import Segment
from epg.timeline.names import hour_folder, parse_hour_folder

INDEX = "index"
INCOMING = ".incoming"
LOCK = ".lock"
#: What an hour's folder is renamed to before it is deleted.
GONE = ".gone-"


def channel_folder(root: Path, channel_id: int) -> Path:
    """Return the folder of a channel's recordings."""
    return root / str(channel_id)


def hour_path(folder: Path, hour_ms: int) -> Path:
    """Return the folder of an hour below its channel's."""
    return folder / hour_folder(hour_ms)


def hours_of(folder: Path) -> list[int]:
    """Return the hours a channel has a folder of, oldest first; epoch milliseconds."""
    hours: list[int] = []
    for day in _folders(folder):
        for hour in _folders(Path(day.path)):
            hour_ms = parse_hour_folder(f"{day.name}/{hour.name}")
            if hour_ms is not None:
                hours.append(hour_ms)
    return sorted(hours)


def _folders(folder: Path) -> Iterator[os.DirEntry[str]]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.isdecimal() and entry.is_dir():
                yield entry


def files_of(path: Path) -> list[tuple[str, int]]:
    """Return name and size in bytes of what lies in an hour's folder; nothing when it is gone."""
    found: list[tuple[str, int]] = []
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(path) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # deleted while we look
                found.append((entry.name, entry.stat().st_size))
    return found


def parse_index(text: bytes) -> tuple[Head | None, list[Stored] | None, int]:
    """Read an index as far as it is whole.

    Returns:
        Its head, None when that is damaged; its segments, None when a line is; and how many bytes
        these take, so that what is appended later can be read alone.
    """
    line, newline, rest = text.partition(b"\n")
    head = parse_head(line) if newline else None
    lines = parse_lines(rest) if head else None
    if lines is None:
        return head, None, 0
    return head, lines[0], len(line) + 1 + lines[1]


def read_index(path: Path) -> bytes:
    """Return the text of an hour's index, empty when there is none."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return (path / INDEX).read_bytes()
    return b""


def head_at(folder: Path, hour_ms: int) -> Head | None:
    """Return the head of an hour's index, None when it is lost or damaged."""
    return parse_index(read_index(hour_path(folder, hour_ms)))[0]


def load_hour(folder: Path, channel_id: int, hour_ms: int) -> list[Segment]:
    """Return the numbered segments of an hour by its index, or by the names when that is lost."""
    path = hour_path(folder, hour_ms)
    head, entries, _ = parse_index(read_index(path))
    if head is None or entries is None:
        return rebuild_hour(folder, channel_id, hour_ms, head)
    return number_hour(folder, channel_id, hour_ms, head, entries)


def number_hour(
    folder: Path, channel_id: int, hour_ms: int, head: Head, entries: list[Stored]
) -> list[Segment]:
    """Return the segments that an hour's index says."""
    count = Count(head.sequence, head.discontinuity)
    if head.opens is None:
        before = count_before(folder, channel_id, hour_ms)
        count = Count(*head[:2], before.end_ms if before else None)
    return number(channel_id, entries, count, head.opens)


def rebuild_hour(
    folder: Path, channel_id: int, hour_ms: int, head: Head | None = None
) -> list[Segment]:
    """Return the segments of an hour by the names of its files.

    Args:
        folder: the channel's.
        channel_id: whose it is.
        hour_ms: the hour's start.
        head: what is still known of its index.
    """
    entries = entries_of_names(files_of(hour_path(folder, hour_ms)))
    before = None
    if head is None or head.opens is None:
        before = count_before(folder, channel_id, hour_ms)
    after = None
    if head is None and before is None:
        later = [hour for hour in hours_of(folder) if hour > hour_ms]
        after = head_at(folder, later[0]) if later else None
    return rebuild(channel_id, entries, before=before, own=head, after=after)


def count_before(folder: Path, channel_id: int, hour_ms: int) -> Count | None:
    """Return the count after the last segment before an hour, None when there is none."""
    for earlier in reversed([hour for hour in hours_of(folder) if hour < hour_ms]):
        if segments := load_hour(folder, channel_id, earlier):
            return count_after(segments[-1])
    return None
