"""What channels' recordings take of the disk: hours counted, sizes read from a few indexes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from epg.channels.tables import Channel
from vod_server.recordings.folders import (
    channel_folder,
    hour_path,
    hours_of,
    parse_index,
    read_index,
)

#: So many hours of a channel are read to know what one takes; more would make the page slow.
SAMPLED_HOURS = 4


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """What one channel keeps.

    Args:
        channel: which.
        hours: folders of an hour it has.
        size_bytes: of all of them; exact for up to `SAMPLED_HOURS`, else estimated.
        estimated: whether it is.
        first_ms: the start of the oldest hour, None without any.
    """

    channel: Channel
    hours: int
    size_bytes: int
    estimated: bool
    first_ms: int | None


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What all channels keep, and what the disk still has; `free_bytes` None if unknown."""

    channels: list[ChannelUse]
    free_bytes: int | None

    @property
    def size_bytes(self) -> int:
        """Return what all channels keep."""
        return sum(one.size_bytes for one in self.channels)

    @property
    def share(self) -> int:
        """Return the recordings' part of what they could take, in percent."""
        room = self.size_bytes + (self.free_bytes or 0)
        return min(100, 100 * self.size_bytes // room) if room else 0


def disk_use(root: Path, channels: Iterable[Channel]) -> DiskUse:
    """Return what the channels keep below `root`, those that keep most first."""
    found = [_channel_use(root, channel) for channel in channels]
    found.sort(key=lambda one: (-one.size_bytes, one.channel.number))
    return DiskUse(found, _free_bytes(root))


def _channel_use(root: Path, channel: Channel) -> ChannelUse:
    folder = channel_folder(root, channel.id)
    hours = hours_of(folder)
    if not hours:
        return ChannelUse(channel, 0, 0, estimated=False, first_ms=None)
    # The newest hour is still being written: it would say too little of the others.
    closed = hours[:-1] or hours
    step = max(1, len(closed) // SAMPLED_HOURS)
    sampled = closed[::step][:SAMPLED_HOURS]
    sizes = [_hour_bytes(hour_path(folder, hour_ms)) for hour_ms in sampled]
    newest = _hour_bytes(hour_path(folder, hours[-1])) if closed is not hours else 0
    size_bytes = sum(sizes) * len(closed) // len(sizes) + newest
    estimated = len(closed) > len(sampled)
    return ChannelUse(channel, len(hours), size_bytes, estimated, hours[0])


def _hour_bytes(hour: Path) -> int:
    try:
        changed_ns = (hour / "index").stat().st_mtime_ns
    except OSError:
        return 0
    return _indexed_bytes(hour, changed_ns)


@lru_cache(maxsize=4096)
def _indexed_bytes(hour: Path, changed_ns: int) -> int:
    del changed_ns  # part of the key only: a closed hour is read once
    _, stored, _ = parse_index(read_index(hour))
    return sum(one.size_bytes for one in stored or ())


def _free_bytes(root: Path) -> int | None:
    here = root
    while not here.exists() and here != here.parent:
        here = here.parent
    try:
        return shutil.disk_usage(here).free
    except OSError:
        return None
