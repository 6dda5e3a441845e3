"""Names of recorded segments and of their hours' folders. Pure.

They are written down in docs/architecture.md, "Recordings on disk".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# Thirteen digits reach from 2001 to 2286; longer or shorter ones are no instant of ours.
_SEGMENT = re.compile(r"([0-9]{13})-([0-9]{1,7})\.ts", re.ASCII)
_FOLDER = re.compile(r"([0-9]{8})/([0-9]{2})", re.ASCII)


def segment_name(start_ms: int, duration_ms: int) -> str:
    """Return a segment's file name, `<start_ms>-<duration_ms>.ts`."""
    return f"{start_ms}-{duration_ms}.ts"


def parse_segment_name(name: str) -> tuple[int, int] | None:
    """Return start and duration in milliseconds of a file name, None for any other file."""
    match = _SEGMENT.fullmatch(name)
    if match is None or int(match[2]) == 0:
        return None
    return int(match[1]), int(match[2])


def hour_of(instant_ms: int) -> int:
    """Return the start of the UTC hour an instant lies in, epoch milliseconds."""
    return instant_ms - instant_ms % HOUR_MS


@lru_cache(maxsize=4096)
def hour_folder(hour_ms: int) -> str:
    """Return the folder of an hour below its channel's, `YYYYMMDD/HH` in UTC."""
    return datetime.fromtimestamp(hour_ms / 1000, UTC).strftime("%Y%m%d/%H")


def parse_hour_folder(folder: str) -> int | None:
    """Return the start of the hour in epoch milliseconds, None for any other folder."""
    match = _FOLDER.fullmatch(folder)
    if match is None:
        return None
    try:
        at = datetime.strptime(f"{match[1]}{match[2]}+0000", "%Y%m%d%H%z")
    except ValueError:
        return None
    return int(at.timestamp()) * 1000


def segment_key(channel_id: int, start_ms: int, duration_ms: int) -> str:
    """Return a recorded segment's place below `/media/<sig>/<expires>/`, its scope first."""
    return f"live/{channel_id}/{hour_folder(hour_of(start_ms))}/{start_ms}-{duration_ms}.ts"


def retention_edge_ms(now_ms: int, retention_days: int) -> int:
    """Return the start of the oldest hour that is still listed.

    The hour the edge falls into is listed whole. Without any retention the last full hour is, so
    that a live playlist is never short of segments just after the hour.
    """
    return hour_of(now_ms - max(retention_days * DAY_MS, HOUR_MS))
