"""A channel's recording read as a timeline; the newest hour is looked at anew for every question.

The indexes are kept in memory: of an hour that is being written only what was appended is read, a
closed one is not read again. All instances of a process share what they have read.
"""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

from epg.timeline.index import count_after, number, parse_lines
from epg.timeline.model import Segment
from epg.timeline.names import HOUR_MS, hour_folder, hour_of
from epg.timeline.stretch import Slice, Stretch
from vod_server.recordings.folders import (
    INDEX,
    channel_folder,
    hour_path,
    hours_of,
    number_hour,
    parse_index,
    rebuild_hour,
)
from vod_server.recordings.memory import MAX_SEGMENTS, Hour, KeptHours, Stamp

#: No segment is longer, so one that reaches into an hour began in it or in the hour before.
LONGEST_MS = 120_000

#: Longer stretches are looked up by listing the folder, shorter ones hour by hour.
MANY_HOURS_MS = 48 * HOUR_MS

#: How often a channel's folder is listed to find an hour that nobody would look for.
LOOK_AROUND_S = 30.0

#: How often a closed hour is looked at again: it never changes, but it may be deleted.
CLOSED_LOOK_S = 1.0
#: Looks that are remembered for each channel.
MAX_LOOKS = 500


class RecordedTimeline:
    """A recording as `epg.timeline.model.Timeline`, which also tells its own edge.

    Args:
        root: folder of all recordings.
        channel_id: whose.
        target_duration_s: EXT-X-TARGETDURATION of the channel.
        not_before_ms: hours that begin earlier are not listed, though they may still lie there.
        looks_once: answer one question alone: how far the recording has come is looked up once.
    """

    def __init__(
        self,
        root: Path,
        channel_id: int,
        *,
        target_duration_s: int,
        not_before_ms: int,
        looks_once: bool = False,
    ) -> None:
        self._looks_once = looks_once
        self._looked: Segment | None = None
        self._target_duration_s = target_duration_s
        self._not_before_ms = hour_of(not_before_ms)
        self._hours = recorded_hours(root, channel_id)

    @property
    def target_duration_s(self) -> int:
        """Return EXT-X-TARGETDURATION in seconds."""
        return self._target_duration_s

    def between(self, from_ms: int, to_ms: int) -> Sequence[Segment]:
        """Return the finished segments that overlap `[from_ms, to_ms)`, in order."""
        first_ms = max(hour_of(from_ms - LONGEST_MS), self._not_before_ms)
        slices: list[Slice] = []
        for hour_ms in self._hours.between(first_ms, to_ms):
            hour = self._hours.get(hour_ms)
            if not hour.segments:
                continue
            # Of those that begin by `from_ms` only the last can reach beyond it.
            first = max(0, bisect_right(hour.starts, from_ms) - 1)
            first += hour.segments[first].end_ms <= from_ms
            last = bisect_left(hour.starts, to_ms)
            if first < last:
                slices.append(Slice(hour, first, last))
        return Stretch(slices)

    def edge_ms(self) -> int | None:
        """Return the end of the newest segment, None when there is none that is listed."""
        newest = self._newest()
        if newest is None or hour_of(newest.start_ms) < self._not_before_ms:
            return None
        return newest.end_ms

    def tail(self) -> Hashable:
        """Return a value that changes whenever a segment is added."""
        newest = self._newest()
        return None if newest is None else (newest.sequence, newest.start_ms)

    def _newest(self) -> Segment | None:
        if self._looked is None or not self._looks_once:
            self._looked = self._hours.newest()
        return self._looked


class RecordedHours:
    """The hours of one channel, kept in memory while their files stay as they were."""

    def __init__(self, root: Path, channel_id: int) -> None:
        self._folder = channel_folder(root, channel_id)
        self._channel_id = channel_id
        self._newest_ms: int | None = None
        self._edge_ms = 0
        self._listed: tuple[int, int] = (0, 0)
        self._listed_at = float("-inf")
        #: When closed hours were looked at last, monotonic seconds.
        self._closed: dict[int, float] = {}
        self._lock = threading.Lock()

    def between(self, first_ms: int, to_ms: int) -> Iterable[int]:
        """Return the hours that may lie there, from the hour `first_ms` on."""
        if to_ms - first_ms <= MANY_HOURS_MS:
            return range(first_ms, to_ms, HOUR_MS)
        return [hour for hour in hours_of(self._folder) if first_ms <= hour < to_ms]

    def get(self, hour_ms: int) -> Hour:
        """Return an hour, empty when there is none."""
        key = (str(self._folder), hour_ms)
        known = _kept.get(key)
        if known is not None and time.monotonic() < self._closed.get(hour_ms, 0.0):
            return known
        is_closed = self._newest_ms is not None and hour_ms < self._newest_ms
        stamp = self._stamp(hour_ms)
        if is_closed:
            self._remember(hour_ms)
        if known is not None and known.stamp == stamp:
            return known
        if not stamp:
            return _NOTHING
        hour = self._read(hour_ms, stamp, known)
        _kept.put(key, hour)
        return hour

    def _remember(self, hour_ms: int) -> None:
        """Note that a closed hour was looked at; that the next one was there before says it is."""
        if len(self._closed) > MAX_LOOKS:
            self._closed.clear()
        self._closed[hour_ms] = time.monotonic() + CLOSED_LOOK_S

    def newest(self) -> Segment | None:
        """Return the newest segment."""
        # One thread at a time: another's older look must not take the newest hour back.
        with self._lock:
            return self._newest()

    def _newest(self) -> Segment | None:
        self._look_for_newer()
        while self._newest_ms is not None:
            if segments := self.get(self._newest_ms).segments:
                self._edge_ms = segments[-1].end_ms
                return segments[-1]
            # It is new and still empty, or it was deleted.
            earlier = [hour for hour in hours_of(self._folder) if hour < self._newest_ms]
            self._newest_ms = earlier[-1] if earlier else None
        return None

    def _look_for_newer(self) -> None:
        """Find the newest hour: list the folder when a folder in it has come or gone."""
        # The next hour is looked for by its name where it must come soon: its folder may lie in a
        # new day's, which is not looked at yet.
        newest_ms = self._newest_ms
        if newest_ms is not None and self._edge_ms > newest_ms + HOUR_MS - LONGEST_MS:
            self._newest_ms = newest_ms + HOUR_MS * bool(self._stamp(newest_ms + HOUR_MS))
        now = time.monotonic()
        seen = self._folders_seen()
        if seen != self._listed or now - self._listed_at > LOOK_AROUND_S:
            hours = hours_of(self._folder)
            self._newest_ms = hours[-1] if hours else None
            self._listed, self._listed_at = seen, now

    def _folders_seen(self) -> tuple[int, int]:
        """Return when something came into, or went from, the channel's and the day's folder."""
        day = "" if self._newest_ms is None else hour_folder(self._newest_ms)[:8]
        try:
            channel_ns = os.stat(self._folder).st_mtime_ns  # noqa: PTH116
            return channel_ns, os.stat(f"{self._folder}/{day}").st_mtime_ns  # noqa: PTH116
        except FileNotFoundError:
            return (0, 0)

    def _stamp(self, hour_ms: int) -> Stamp:
        """Return what tells a changed hour from an unchanged one; empty when there is no hour."""
        path = f"{self._folder}/{hour_folder(hour_ms)}"
        try:
            stat = os.stat(f"{path}/{INDEX}")  # noqa: PTH116 - asked for with every poll
        except FileNotFoundError:
            pass
        else:
            return (stat.st_ino, stat.st_size)
        try:
            stat = os.stat(path)  # noqa: PTH116
        except FileNotFoundError:
            return ()
        return (stat.st_ino, stat.st_mtime_ns, 0)

    def _read(self, hour_ms: int, stamp: Stamp, known: Hour | None) -> Hour:
        """Read an hour, or only what was added to it since."""
        path = hour_path(self._folder, hour_ms)
        if known and known.taken and known.stamp[0] == stamp[0] and known.stamp[1] < stamp[1]:
            added = _added(path / INDEX, known.taken)
            lines = parse_lines(added)
            if lines is not None:
                entries, taken = lines
                more = number(self._channel_id, entries, count_after(known.segments[-1]))
                return Hour((*known.segments, *more), stamp, known.taken + taken)
        try:
            text = (path / INDEX).read_bytes()
        except FileNotFoundError:
            text = b""
        head, listed, taken = parse_index(text)
        if head is None or not listed:
            segments = rebuild_hour(self._folder, self._channel_id, hour_ms, head)
            return Hour(tuple(segments), stamp, 0)
        segments = number_hour(self._folder, self._channel_id, hour_ms, head, listed)
        return Hour(tuple(segments), stamp, taken)


def _added(index: Path, taken: int) -> bytes:
    with index.open("rb", buffering=0) as file:
        file.seek(taken)
        return file.read()


_NOTHING = Hour((), (), 0)


_kept = KeptHours(MAX_SEGMENTS)
_channels: dict[tuple[str, int], RecordedHours] = {}


def recorded_hours(root: Path, channel_id: int) -> RecordedHours:
    """Return the hours of a channel, the same for all who ask in this process."""
    key = (str(root), channel_id)
    found = _channels.get(key)
    return found or _channels.setdefault(key, RecordedHours(root, channel_id))
