"""Which recorded hours go: those older than their channel keeps, and the oldest when a disk fills.

Whole hours only; never what is pinned, and never the hour a channel is being written in.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from epg.timeline.names import HOUR_MS, hour_folder, hour_of, retention_edge_ms
from vod_server.recordings.folders import GONE, channel_folder, hour_path, hours_of

#: What was listed a moment ago can still be fetched for an hour.
FETCHABLE_MS = HOUR_MS

#: What live playlists list of an hour that is just over.
LIVE_MS = HOUR_MS // 6

#: A channel that nobody knows any more: its recordings go after a day, in which a mistake shows.
UNKNOWN_DAYS = 1

Reason = Literal["expired", "disk"]


@dataclass(frozen=True, slots=True)
class Keep:
    """What of a channel is kept.

    Args:
        retention_days: how long.
        pins: stretches that are kept beyond it, `(start_ms, stop_ms)`.
    """

    retention_days: int
    pins: Sequence[tuple[int, int]] = ()


class RecordedHour(NamedTuple):
    """An hour of a channel, by its start in epoch milliseconds."""

    hour_ms: int
    channel_id: int


@dataclass(slots=True)
class Report:
    """What an expiry did.

    Args:
        deleted: hours and why they went.
        free_bytes: room on the disk at its end.
        is_short: whether that is less than the reserve, though nothing more may be deleted.
    """

    deleted: list[tuple[RecordedHour, Reason]] = field(default_factory=list)
    free_bytes: int = 0
    is_short: bool = False


def expire(
    root: Path,
    keeps: Mapping[int, Keep],
    *,
    now_ms: int,
    reserve_bytes: int,
    measure_free: Callable[[Path], int],
) -> Report:
    """Delete the hours that are not kept, then the oldest until the reserve is free.

    Args:
        root: folder of all recordings.
        keeps: by channel; the hours of others go after a day.
        now_ms: epoch milliseconds.
        reserve_bytes: free disk that recordings leave alone.
        measure_free: tells the free bytes below a folder (`core.blobs.space.free_bytes`).
    """
    report = Report()
    if not root.is_dir():
        return report
    channels = _channels(root)
    for channel_id in channels:
        _sweep(channel_folder(root, channel_id))
    hours = {channel_id: hours_of(channel_folder(root, channel_id)) for channel_id in channels}
    doomed = expired(hours, keeps, now_ms)
    for hour in doomed:
        _delete(root, hour)
        report.deleted.append((hour, "expired"))
    spared = set(doomed)
    report.free_bytes = measure_free(root)
    for hour in deletable(hours, keeps, now_ms):
        if report.free_bytes >= reserve_bytes:
            break
        if hour not in spared:
            _delete(root, hour)
            report.deleted.append((hour, "disk"))
            report.free_bytes = measure_free(root)
    report.is_short = report.free_bytes < reserve_bytes
    return report


def expired(
    hours: Mapping[int, Sequence[int]], keeps: Mapping[int, Keep], now_ms: int
) -> list[RecordedHour]:
    """Return the hours that are older than their channel keeps, oldest first. Pure.

    They have not been listed for an hour: a player may still fetch what it was told before.
    """

    def is_old(hour: RecordedHour) -> bool:
        edge_ms = retention_edge_ms(now_ms, _keep(keeps, hour).retention_days)
        return hour.hour_ms + FETCHABLE_MS < edge_ms

    return [hour for hour in deletable(hours, keeps, now_ms) if is_old(hour)]


def deletable(
    hours: Mapping[int, Sequence[int]], keeps: Mapping[int, Keep], now_ms: int
) -> list[RecordedHour]:
    """Return all hours that may go when they must, oldest first whosesoever they are. Pure.

    Args:
        hours: starts of the hours there are, by channel, oldest first.
        keeps: what is kept; pinned hours are left out.
        now_ms: the present hour is left out with what lies after it, where the clock was set back,
            and just after the hour the one before, which live playlists still list.
    """
    present_ms = hour_of(now_ms - LIVE_MS)
    found = [
        RecordedHour(hour_ms, channel_id)
        for channel_id, starts in hours.items()
        for hour_ms in starts
        if hour_ms < present_ms
    ]
    return sorted(hour for hour in found if not is_pinned(hour.hour_ms, _keep(keeps, hour).pins))


def is_pinned(hour_ms: int, pins: Iterable[tuple[int, int]]) -> bool:
    """Say whether a pin reaches into an hour. Pure."""
    return any(start_ms < hour_ms + HOUR_MS and stop_ms > hour_ms for start_ms, stop_ms in pins)


def _keep(keeps: Mapping[int, Keep], hour: RecordedHour) -> Keep:
    return keeps.get(hour.channel_id, Keep(UNKNOWN_DAYS))


def _channels(root: Path) -> list[int]:
    return sorted(int(path.name) for path in root.iterdir() if path.name.isdecimal())


def _delete(root: Path, hour: RecordedHour) -> None:
    """Remove an hour; for readers it is gone at once, whenever we are killed."""
    folder = channel_folder(root, hour.channel_id)
    path = hour_path(folder, hour.hour_ms)
    doomed = folder / f"{GONE}{hour_folder(hour.hour_ms).replace('/', '-')}"
    with suppress(FileNotFoundError):
        path.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
    with suppress(OSError):  # the day has other hours
        os.rmdir(path.parent)  # noqa: PTH106 - refuses a folder that is not empty


def _sweep(folder: Path) -> None:
    """Remove what an expiry that was killed had renamed already."""
    for path in folder.glob(f"{GONE}*"):
        shutil.rmtree(path, ignore_errors=True)
