"""Before a channel is written on: make the indexes say what the names say."""

from __future__ import annotations

import os
from pathlib import Path

from epg.timeline.index import Head, Stored, format_head, format_line, head_of
from epg.timeline.model import Segment
from epg.timeline.names import segment_name
from vod_server.recordings.folders import (
    INDEX,
    files_of,
    hour_path,
    hours_of,
    load_hour,
    parse_index,
    read_index,
    rebuild_hour,
)

#: A power cut can reach back over the hour's edge, a killed process cannot.
CHECKED_HOURS = 2


def mend(folder: Path, channel_id: int) -> Segment | None:
    """Mend a channel's indexes and return its newest segment, None when there is none.

    The newest hours are compared with their names, file by file; of the older ones only a missing
    index is made anew. The caller holds the channel's lock.
    """
    hours = hours_of(folder)
    for hour_ms in hours[:-CHECKED_HOURS]:
        if not (hour_path(folder, hour_ms) / INDEX).exists():
            _write(folder, hour_ms, rebuild_hour(folder, channel_id, hour_ms))
    for hour_ms in hours[-CHECKED_HOURS:]:
        _check(folder, channel_id, hour_ms)
    for hour_ms in reversed(hours):
        if segments := load_hour(folder, channel_id, hour_ms):
            return segments[-1]
    return None


def _check(folder: Path, channel_id: int, hour_ms: int) -> None:
    path = hour_path(folder, hour_ms)
    text = read_index(path)
    head, listed, taken = parse_index(text)
    sizes = _drop_torn(path, listed or [])
    names = {segment_name(stored.start_ms, stored.duration_ms) for stored in listed or []}
    whole = listed is not None and taken == len(text) and names == sizes.keys()
    if not whole:
        _write(folder, hour_ms, rebuild_hour(folder, channel_id, hour_ms, _still_true(head, sizes)))


def _still_true(head: Head | None, sizes: dict[str, int]) -> Head | None:
    """Keep a head as long as there is anything it can be the head of."""
    return head if sizes else None


def _drop_torn(path: Path, listed: list[Stored]) -> dict[str, int]:
    """Remove what a power cut left empty or short; return the sizes of the rest by name."""
    told = {segment_name(stored.start_ms, stored.duration_ms): stored for stored in listed}
    kept: dict[str, int] = {}
    for name, size_bytes in files_of(path):
        if not name.endswith(".ts"):
            continue
        if size_bytes == 0 or (name in told and told[name].size_bytes != size_bytes):
            (path / name).unlink(missing_ok=True)
        else:
            kept[name] = size_bytes
    return kept


def _write(folder: Path, hour_ms: int, segments: list[Segment]) -> None:
    """Replace an hour's index at once; readers see the old one or the new one."""
    if not segments:
        return
    path = hour_path(folder, hour_ms)
    draft = path / f".{INDEX}"
    lines = [format_head(head_of(segments[0])), *map(format_line, segments)]
    draft.write_bytes(b"".join(lines))
    os.replace(draft, path / INDEX)  # noqa: PTH105 - the pair of names says it best
