"""Hours of recordings that a process has read and keeps in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from epg.timeline.stretch import Block

#: Segments kept in memory by a process, of all channels; some 300 bytes each.
MAX_SEGMENTS = 150_000

Stamp = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Hour(Block):
    """An hour as it was read.

    Args:
        stamp: what the file system said of it.
        taken: bytes of the index its segments came from; 0 when the names were asked.
    """

    stamp: Stamp
    taken: int


class KeptHours:
    """The hours a process holds in memory; the longest unused go when there are too many.

    Args:
        max_segments: how many segments they may have in all.
    """

    def __init__(self, max_segments: int) -> None:
        self._max = max_segments
        self._hours: OrderedDict[tuple[str, int], Hour] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int]) -> Hour | None:
        """Return an hour by its channel's folder and its start."""
        hour = self._hours.get(key)
        if hour is not None:
            with self._lock:
                if key in self._hours:
                    self._hours.move_to_end(key)
        return hour

    def put(self, key: tuple[str, int], hour: Hour) -> None:
        """Keep an hour in place of an older look at it."""
        with self._lock:
            old = self._hours.pop(key, None)
            self._count += len(hour.segments) - (len(old.segments) if old else 0)
            self._hours[key] = hour
            while self._count > self._max and len(self._hours) > 1:
                _, gone = self._hours.popitem(last=False)
                self._count -= len(gone.segments)
